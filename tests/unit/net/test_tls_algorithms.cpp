// What is left out of OpenSSL's algorithms changes no connection: the same suites are offered, keys of every kind read.
// A program that brings OpenSSL along (BANANA_STATIC) leaves something out; else both sides here are the same.
#include "tls_algorithms.hpp"

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <string>
#include <vector>

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_tls_algorithms, *boost::unit_test::fixture([] { use_tls_algorithms(); }))

namespace {

template <auto Free>
struct Deleter {
    template <typename Object>
    void operator()(Object* object) const {
        Free(object);
    }
};
using Library = std::unique_ptr<OSSL_LIB_CTX, Deleter<::OSSL_LIB_CTX_free>>;
using Key = std::unique_ptr<EVP_PKEY, Deleter<::EVP_PKEY_free>>;

// One with all of OpenSSL's algorithms.
OSSL_LIB_CTX* whole_library() {
    static const Library whole(::OSSL_LIB_CTX_new());
    return whole.get();
}

// The suites of a client's greeting, as the program's sessions set them up.
std::vector<std::string> suites(OSSL_LIB_CTX* library) {
    const std::unique_ptr<SSL_CTX, Deleter<::SSL_CTX_free>> context(
        ::SSL_CTX_new_ex(library, nullptr, ::TLS_client_method()));
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    const std::unique_ptr<SSL, Deleter<::SSL_free>> session(::SSL_new(context.get()));
    const std::unique_ptr<STACK_OF(SSL_CIPHER), void (*)(STACK_OF(SSL_CIPHER)*)> offered(
        ::SSL_get1_supported_ciphers(session.get()), [](STACK_OF(SSL_CIPHER) * stack) { sk_SSL_CIPHER_free(stack); });
    std::vector<std::string> names;
    for (int index = 0; index < sk_SSL_CIPHER_num(offered.get()); ++index) {
        names.emplace_back(::SSL_CIPHER_get_name(sk_SSL_CIPHER_value(offered.get(), index)));
    }
    return names;
}

// A certificate's form of a new public key.
std::vector<unsigned char> public_key(const char* type, const char* curve) {
    const Key key(curve != nullptr ? ::EVP_PKEY_Q_keygen(whole_library(), nullptr, type, curve)
                  : std::string(type).starts_with("RSA")
                      ? ::EVP_PKEY_Q_keygen(whole_library(), nullptr, type, std::size_t{2048})
                      : ::EVP_PKEY_Q_keygen(whole_library(), nullptr, type));
    unsigned char* octets = nullptr;
    const int size = ::i2d_PUBKEY(key.get(), &octets);
    std::vector<unsigned char> der(octets, octets + (size > 0 ? size : 0));
    ::OPENSSL_free(octets);
    return der;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_client_offers_what_openssl_offers) {
    const std::vector<std::string> ours = suites(nullptr);
    const std::vector<std::string> all = suites(whole_library());
    BOOST_TEST(all.size() > 20);
    BOOST_TEST(ours == all, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(keys_of_every_kind_are_read) {
    struct Kind {
        const char* type;
        const char* curve = nullptr;
    };
    for (const Kind kind : {Kind{"RSA"}, Kind{"EC", "P-256"}, Kind{"EC", "P-384"}, Kind{"EC", "P-521"}, Kind{"ED25519"},
                            Kind{"ED448"}, Kind{"X25519"}}) {
        const std::vector<unsigned char> der = public_key(kind.type, kind.curve);
        BOOST_TEST_REQUIRE(!der.empty(), kind.type);
        const unsigned char* at = der.data();
        const Key read(::d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
        BOOST_TEST(read != nullptr, kind.type);
        BOOST_TEST((read && ::EVP_PKEY_is_a(read.get(), kind.type) == 1), kind.type);
    }
}

BOOST_AUTO_TEST_SUITE_END()
