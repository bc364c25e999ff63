#include "openssl_reason.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace banana {
namespace {

// OpenSSL 3 keeps these calls, but advises against them: it loads the tables by itself, at each program's first look at
// its queue of errors, where that has not been switched off (OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS).
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

bool load_tables() {
    for (const auto load : {ERR_load_ERR_strings, ERR_load_CRYPTO_strings, ERR_load_BIO_strings, ERR_load_PEM_strings,
                            ERR_load_ASN1_strings, ERR_load_X509_strings, ERR_load_X509V3_strings, ERR_load_EVP_strings,
                            ERR_load_RSA_strings, ERR_load_EC_strings, ERR_load_DH_strings, ERR_load_DSA_strings,
                            ERR_load_BN_strings, ERR_load_OBJ_strings, ERR_load_RAND_strings, ERR_load_PKCS12_strings,
                            ERR_load_OSSL_STORE_strings, ERR_load_SSL_strings}) {
        load();
    }
    return true;
}

#pragma GCC diagnostic pop

}  // namespace

std::string openssl_reason(unsigned long code) {
    static const bool loaded = load_tables();
    const char* const words = loaded ? ERR_reason_error_string(code) : nullptr;
    return words != nullptr ? words : "";
}

}  // namespace banana
