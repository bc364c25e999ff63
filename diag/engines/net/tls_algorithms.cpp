#include "tls_algorithms.hpp"

#include <openssl/core.h>
#include <openssl/core_dispatch.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#ifdef BANANA_STATIC_OPENSSL

// OpenSSL's own set of algorithms; a program that has the library inside can build on it.
extern "C" OSSL_provider_init_fn ossl_default_provider_init;

#endif

namespace banana {
namespace {

#ifdef BANANA_STATIC_OPENSSL

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

// Whether the first of an algorithm's names, which a colon ends, is one of these.
template <std::size_t Count>
bool is_one_of(std::string_view names, const std::array<std::string_view, Count>& wanted) {
    const std::string_view first = names.substr(0, names.find(':'));
    return std::find(wanted.begin(), wanted.end(), first) != wanted.end();
}

// A certificate's key, of a kind that signs, in the form that RFC 5280 gives it.
bool reads_key(std::string_view names, std::string_view properties) {
    static constexpr std::array<std::string_view, 6> kKinds{"RSA",     "RSA-PSS", "EC",
                                                            "ED25519", "ED448",   "SubjectPublicKeyInfo"};
    return properties.find("structure=SubjectPublicKeyInfo") != std::string_view::npos && is_one_of(names, kKinds);
}

// Hashes of suites, of certificates and of the random numbers; SHAKE-256 is within Ed448.
bool is_hash(std::string_view names) {
    return names.starts_with("SHA1:") || names.starts_with("SHA2-") || names.starts_with("MD5") ||
           names.starts_with("SHAKE-256:");
}

// Keys of certificates and of the key exchange.
bool is_key(std::string_view names) {
    static constexpr std::array<std::string_view, 10> kKinds{"RSA",   "DSA",    "RSA-PSS", "EC", "ED25519",
                                                             "ED448", "X25519", "X448",    "DH", "HMAC"};
    return is_one_of(names, kKinds);
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
    switch (operation) {
        case OSSL_OP_CIPHER: {
            static const std::vector<OSSL_ALGORITHM> kCiphers =
                some_of(all, [](const OSSL_ALGORITHM& cipher) { return serves_tls(cipher.algorithm_names); });
            return kCiphers.data();
        }
        case OSSL_OP_DIGEST: {
            static const std::vector<OSSL_ALGORITHM> kHashes =
                some_of(all, [](const OSSL_ALGORITHM& hash) { return is_hash(hash.algorithm_names); });
            return kHashes.data();
        }
        case OSSL_OP_KEYMGMT: {
            static const std::vector<OSSL_ALGORITHM> kKeys =
                some_of(all, [](const OSSL_ALGORITHM& key) { return is_key(key.algorithm_names); });
            return kKeys.data();
        }
        case OSSL_OP_DECODER: {
            static const std::vector<OSSL_ALGORITHM> kDecoders = some_of(all, [](const OSSL_ALGORITHM& decoder) {
                return reads_key(decoder.algorithm_names, decoder.property_definition);
            });
            return kDecoders.data();
        }
        default: return all;
    }
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

void use_some_algorithms() noexcept {
    constexpr const char* kName = "banana-tls";
    if (OSSL_PROVIDER_add_builtin(nullptr, kName, &start_provider) == 1) {
        OSSL_PROVIDER_load(nullptr, kName);  // where it fails, OpenSSL uses its own set
    }
}

#else

void use_some_algorithms() noexcept {}

#endif

}  // namespace

void start_tls() noexcept {
    // Nobody's file changes what this program does; reading it takes longer than many a run's own work. Ciphers by the
    // names that OpenSSL had before its version 3 are for encrypted files of keys, and 2 million instructions.
    // The words for errors are a fortieth of a healthy run's instructions and 100 KB: openssl_reason() loads them.
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ADD_ALL_CIPHERS |
                            OPENSSL_INIT_NO_ADD_ALL_DIGESTS | OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS,
                        nullptr);
    // Of the hashes by such names, those that a certificate's signature is made with: OpenSSL asks by name for them.
    for (const EVP_MD* hash : {EVP_md5(), EVP_sha1(), EVP_sha224(), EVP_sha256(), EVP_sha384(), EVP_sha512()}) {
        EVP_add_digest(hash);
    }
    use_some_algorithms();
}

}  // namespace banana
