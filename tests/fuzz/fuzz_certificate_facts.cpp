// Whatever OpenSSL takes for a certificate gives texts that are bounded and can be shown.
#include "certificate_facts.hpp"

#include <openssl/err.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

namespace {

bool can_be_shown(std::string_view text) {
    constexpr std::size_t kMost = 4096;
    return text.size() <= kMost &&
           std::none_of(text.begin(), text.end(), [](char c) { return (c >= '\0' && c < ' ') || c == '\x7F'; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const unsigned char* at = data;
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(d2i_X509(nullptr, &at, static_cast<long>(size)),
                                                                  &X509_free);
    ERR_clear_error();
    if (!certificate) {
        return 0;
    }
    const banana::CertificateFacts facts = banana::certificate_facts(certificate.get());
    if (!can_be_shown(facts.subject) || !can_be_shown(facts.issuer) ||
        !std::all_of(facts.names.begin(), facts.names.end(), can_be_shown)) {
        std::abort();
    }
    return 0;
}
