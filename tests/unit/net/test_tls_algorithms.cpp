// What is left out of OpenSSL's algorithms changes no connection: the same greeting is sent, the keys and signatures of
// every kind of certificate are read.
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

BOOST_AUTO_TEST_SUITE(test_tls_algorithms, *boost::unit_test::fixture([] { start_tls(); }))

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
using Certificate = std::unique_ptr<X509, Deleter<::X509_free>>;
using Context = std::unique_ptr<SSL_CTX, Deleter<::SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, Deleter<::SSL_free>>;

// One with all of OpenSSL's algorithms.
OSSL_LIB_CTX* whole_library() {
    static const Library whole(::OSSL_LIB_CTX_new());
    return whole.get();
}

// As the program's sessions are set up.
Context client_context(OSSL_LIB_CTX* library) {
    Context context(::SSL_CTX_new_ex(library, nullptr, ::TLS_client_method()));
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    return context;
}

// The suites of a client's greeting.
std::vector<std::string> suites(OSSL_LIB_CTX* library) {
    const Context context = client_context(library);
    const Session session(::SSL_new(context.get()));
    const std::unique_ptr<STACK_OF(SSL_CIPHER), void (*)(STACK_OF(SSL_CIPHER)*)> offered(
        ::SSL_get1_supported_ciphers(session.get()), [](STACK_OF(SSL_CIPHER) * stack) { sk_SSL_CIPHER_free(stack); });
    std::vector<std::string> names;
    for (int index = 0; index < sk_SSL_CIPHER_num(offered.get()); ++index) {
        names.emplace_back(::SSL_CIPHER_get_name(sk_SSL_CIPHER_value(offered.get(), index)));
    }
    return names;
}

// How many octets a client's greeting has: suites, groups and signatures each have theirs in it.
int greeting_size(OSSL_LIB_CTX* library) {
    const Context context = client_context(library);
    const Session session(::SSL_new(context.get()));
    ::SSL_set_tlsext_host_name(session.get(), "upstream.example");
    BIO* const sent = ::BIO_new(::BIO_s_mem());
    ::SSL_set_bio(session.get(), ::BIO_new(::BIO_s_mem()), sent);
    ::SSL_set_connect_state(session.get());
    ::SSL_do_handshake(session.get());  // wants an answer
    return static_cast<int>(BIO_pending(sent));
}

struct Kind {
    const char* type;
    const char* curve = nullptr;
    const char* hash = nullptr;  // of the signature
};

Key new_key(const Kind& kind) {
    const std::unique_ptr<EVP_PKEY_CTX, Deleter<::EVP_PKEY_CTX_free>> maker(
        ::EVP_PKEY_CTX_new_from_name(whole_library(), kind.type, nullptr));
    ::EVP_PKEY_keygen_init(maker.get());
    if (kind.curve != nullptr) {
        ::EVP_PKEY_CTX_set_group_name(maker.get(), kind.curve);
    }
    EVP_PKEY* key = nullptr;
    ::EVP_PKEY_generate(maker.get(), &key);
    return Key(key);
}

// A certificate of its own signature, as a server sends it.
std::vector<unsigned char> certificate_of(const Kind& kind) {
    const Key key = new_key(kind);
    const Certificate made(::X509_new_ex(whole_library(), nullptr));
    ::ASN1_INTEGER_set(::X509_get_serialNumber(made.get()), 1);
    ::X509_gmtime_adj(X509_getm_notBefore(made.get()), 0);
    ::X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
    ::X509_set_pubkey(made.get(), key.get());
    const std::unique_ptr<EVP_MD, Deleter<::EVP_MD_free>> hash(
        kind.hash == nullptr ? nullptr : ::EVP_MD_fetch(whole_library(), kind.hash, nullptr));
    ::X509_sign(made.get(), key.get(), hash.get());
    unsigned char* octets = nullptr;
    const int size = ::i2d_X509(made.get(), &octets);
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

BOOST_AUTO_TEST_CASE(a_clients_greeting_is_as_long_as_openssls) {
    BOOST_TEST(greeting_size(nullptr) > 100);
    BOOST_TEST(greeting_size(nullptr) == greeting_size(whole_library()));
}

BOOST_AUTO_TEST_CASE(certificates_of_every_kind_are_read_and_verified) {
    for (const Kind kind :
         {Kind{"RSA", nullptr, "SHA1"}, Kind{"RSA", nullptr, "SHA224"}, Kind{"RSA", nullptr, "SHA256"},
          Kind{"RSA", nullptr, "SHA384"}, Kind{"RSA", nullptr, "SHA512"}, Kind{"RSA-PSS", nullptr, "SHA256"},
          Kind{"EC", "P-256", "SHA256"}, Kind{"EC", "P-384", "SHA384"}, Kind{"EC", "P-521", "SHA512"}, Kind{"ED25519"},
          Kind{"ED448"}}) {
        const std::string name = std::string(kind.type) + (kind.hash == nullptr ? "" : std::string(" ") + kind.hash);
        const std::vector<unsigned char> der = certificate_of(kind);
        BOOST_TEST_REQUIRE(!der.empty(), name);
        const unsigned char* at = der.data();
        const Certificate read(::d2i_X509(nullptr, &at, static_cast<long>(der.size())));
        BOOST_TEST_REQUIRE(read != nullptr, name);
        EVP_PKEY* const key = ::X509_get0_pubkey(read.get());
        BOOST_TEST((key != nullptr && ::EVP_PKEY_is_a(key, kind.type) == 1), name);
        BOOST_TEST(::X509_verify(read.get(), key) == 1, name);
    }
}

BOOST_AUTO_TEST_SUITE_END()
