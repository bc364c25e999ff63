#include "tls_algorithms.hpp"

#ifdef BANANA_STATIC_OPENSSL

#include <openssl/core.h>
#include <openssl/core_dispatch.h>
#include <openssl/provider.h>
#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

// OpenSSL's own set of algorithms; a program that has the library inside can build on it.
extern "C" OSSL_provider_init_fn ossl_default_provider_init;

namespace banana {
namespace {

OSSL_FUNC_provider_query_operation_fn* all_algorithms = nullptr;

// OpenSSL's list of the suites that it offers has AES and ChaCha20 alone: Aria, Camellia, SM4 and DES are in none of
// them, nor are the ways of encrypting disks, keys and streams.
bool serves_tls(std::string_view names) {
    static constexpr std::array<std::string_view, 7> kOthers{"WRAP", "CFB", "OFB", "XTS", "OCB", "SIV", "CTS"};
    const bool is_offered = names.find("AES-") != std::string_view::npos ||
                            names.find("aes-") != std::string_view::npos || names.starts_with("ChaCha20") ||
                            names == "NULL";
    return is_offered && std::none_of(kOthers.begin(), kOthers.end(), [&](std::string_view other) {
               return names.find(other) != std::string_view::npos;
           });
}

// A certificate's key, and the one of a server of our own (the embedded world's), in the forms that RFC 5280 and
// RFC 5958 give them.
bool reads_key(std::string_view properties) {
    const auto has = [&](std::string_view part) { return properties.find(part) != std::string_view::npos; };
    return has("structure=SubjectPublicKeyInfo") || has("structure=PrivateKeyInfo") || has("input=pem");
}

// Those of an array with an end that are wanted.
template <typename Wanted>
std::vector<OSSL_ALGORITHM> some_of(const OSSL_ALGORITHM* next, Wanted wanted) {
    std::vector<OSSL_ALGORITHM> some;
    for (; next->algorithm_names != nullptr; ++next) {
        if (wanted(*next)) {
            some.push_back(*next);
        }
    }
    some.push_back(*next);  // the end
    return some;
}

const OSSL_ALGORITHM* algorithms_for(void* context, int operation, int* may_not_keep) {
    const OSSL_ALGORITHM* const all = all_algorithms(context, operation, may_not_keep);
    if (all == nullptr) {
        return all;
    }
    if (operation == OSSL_OP_CIPHER) {
        static const std::vector<OSSL_ALGORITHM> kCiphers =
            some_of(all, [](const OSSL_ALGORITHM& cipher) { return serves_tls(cipher.algorithm_names); });
        return kCiphers.data();
    }
    if (operation == OSSL_OP_DECODER) {
        static const std::vector<OSSL_ALGORITHM> kDecoders =
            some_of(all, [](const OSSL_ALGORITHM& decoder) { return reads_key(decoder.property_definition); });
        return kDecoders.data();
    }
    return all;
}

int start_provider(const OSSL_CORE_HANDLE* handle, const OSSL_DISPATCH* from_core, const OSSL_DISPATCH** functions,
                   void** context) {
    const OSSL_DISPATCH* all = nullptr;
    if (ossl_default_provider_init(handle, from_core, &all, context) != 1) {
        return 0;
    }
    static std::vector<OSSL_DISPATCH> ours;
    for (; all->function_id != 0; ++all) {
        ours.push_back(*all);
        if (all->function_id == OSSL_FUNC_PROVIDER_QUERY_OPERATION) {
            all_algorithms = OSSL_FUNC_provider_query_operation(all);
            ours.back().function = reinterpret_cast<void (*)()>(&algorithms_for);
        }
    }
    ours.push_back(*all);  // the end
    *functions = ours.data();
    return all_algorithms != nullptr ? 1 : 0;
}

}  // namespace

void use_tls_algorithms() noexcept {
    constexpr const char* kName = "banana-tls";
    if (OSSL_PROVIDER_add_builtin(nullptr, kName, &start_provider) == 1) {
        OSSL_PROVIDER_load(nullptr, kName);  // where it fails, OpenSSL uses its own set
    }
}

}  // namespace banana

#else

namespace banana {

void use_tls_algorithms() noexcept {}

}  // namespace banana

#endif
