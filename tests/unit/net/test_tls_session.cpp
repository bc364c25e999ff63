// The client's side of TLS against OpenSSL's server, octets handed over in memory.
#include "certificate_authority.hpp"
#include "tls_session.hpp"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <array>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <string>

#include "support/temporary_folder.hpp"

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_tls_session)

namespace {

using Clock = std::chrono::system_clock;

// A server that holds one connection; what it writes and reads are strings.
class Server {
public:
    explicit Server(const world::TlsIdentity& identity)
        : context_(::SSL_CTX_new(::TLS_server_method()), ::SSL_CTX_free),
          in_(::BIO_new(::BIO_s_mem())),
          out_(::BIO_new(::BIO_s_mem())) {
        BIO* chain = ::BIO_new_mem_buf(identity.chain_pem.data(), static_cast<int>(identity.chain_pem.size()));
        X509* leaf = ::PEM_read_bio_X509(chain, nullptr, nullptr, nullptr);
        ::SSL_CTX_use_certificate(context_.get(), leaf);
        ::X509_free(leaf);
        while (X509* more = ::PEM_read_bio_X509(chain, nullptr, nullptr, nullptr)) {
            ::SSL_CTX_add_extra_chain_cert(context_.get(), more);
        }
        ::BIO_free(chain);
        BIO* key =
            ::BIO_new_mem_buf(identity.private_key_pem.data(), static_cast<int>(identity.private_key_pem.size()));
        EVP_PKEY* secret = ::PEM_read_bio_PrivateKey(key, nullptr, nullptr, nullptr);
        ::SSL_CTX_use_PrivateKey(context_.get(), secret);
        ::EVP_PKEY_free(secret);
        ::BIO_free(key);
        ssl_.reset(::SSL_new(context_.get()));
        ::SSL_set_bio(ssl_.get(), in_, out_);
        ::SSL_set_accept_state(ssl_.get());
    }

    // Takes what the client sent; returns what there is for it.
    std::string exchange(const std::string& octets) {
        ::BIO_write(in_, octets.data(), static_cast<int>(octets.size()));
        std::array<char, 4096> plain{};
        const int count = ::SSL_read(ssl_.get(), plain.data(), static_cast<int>(plain.size()));
        received.append(plain.data(), count > 0 ? static_cast<std::size_t>(count) : 0U);
        return output();
    }

    std::string say(const std::string& plain) {
        ::SSL_write(ssl_.get(), plain.data(), static_cast<int>(plain.size()));
        return output();
    }

    std::string received;

private:
    std::string output() {
        std::string octets(::BIO_ctrl_pending(out_), '\0');
        if (!octets.empty()) {
            ::BIO_read(out_, octets.data(), static_cast<int>(octets.size()));
        }
        return octets;
    }

    std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
    std::unique_ptr<SSL, void (*)(SSL*)> ssl_{nullptr, ::SSL_free};
    BIO* in_;  // of `ssl_`, as the next one
    BIO* out_;
};

TlsSession::Step shake_hands(TlsSession& client, Server& server) {
    constexpr int kMostRounds = 10;
    TlsSession::Step step = client.handshake();
    for (int round = 0; round < kMostRounds && step == TlsSession::Step::need_input; ++round) {
        client.feed(server.exchange(client.take_output()));
        step = client.handshake();
    }
    client.feed(server.exchange(client.take_output()));  // with what the server says next: tickets of TLS 1.3
    return step;
}

struct Fixture {
    test::TemporaryFolder folder;
    world::CertificateAuthority authority{"Session Root"};
    LoadedTrust trusted = load_trust({Trust::Store::bundle, folder.write("root.pem", authority.certificate_pem())});

    [[nodiscard]] world::TlsIdentity identity(const char* name, world::ChainShape shape,
                                              std::chrono::hours age = std::chrono::hours(1),
                                              std::chrono::hours left = std::chrono::hours(100)) const {
        world::LeafRequest request;
        request.names = {name};
        request.not_before = Clock::now() - age;
        request.not_after = Clock::now() + left;
        request.shape = shape;
        return authority.issue(request);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_good_chain_carries_both_ways, Fixture) {
    Server server(identity("api.example.net", world::ChainShape::intermediate));
    TlsSession client("api.example.net", trusted, true, nullptr);
    BOOST_REQUIRE((shake_hands(client, server) == TlsSession::Step::done));
    BOOST_TEST(client.facts().verified);
    BOOST_TEST(client.facts().version == "TLSv1.3");
    BOOST_TEST(client.facts().chain.size() == 2U);
    BOOST_TEST(!client.error().has_value());

    BOOST_TEST(client.write("GET / HTTP/1.1\r\n\r\n"));
    server.exchange(client.take_output());
    BOOST_TEST(server.received == "GET / HTTP/1.1\r\n\r\n");

    const std::string answer = server.say("HTTP/1.1 200 OK\r\n\r\n");
    std::array<char, 100> buffer{};
    std::size_t count = 0;
    client.feed(answer.substr(0, 5));  // a record comes in pieces
    BOOST_TEST((client.read(buffer.data(), buffer.size(), count) == TlsSession::Step::need_input));
    client.feed(answer.substr(5));
    BOOST_TEST((client.read(buffer.data(), buffer.size(), count) == TlsSession::Step::done));
    BOOST_TEST(std::string(buffer.data(), count) == "HTTP/1.1 200 OK\r\n\r\n");
    client.feed_end();
    BOOST_TEST((client.read(buffer.data(), buffer.size(), count) != TlsSession::Step::need_input));
}

BOOST_FIXTURE_TEST_CASE(what_does_not_pass_is_named_and_still_shown, Fixture) {
    struct Case {
        world::TlsIdentity identity;
        NetworkFailure failure;
    };
    const Case cases[] = {
        {identity("other.example.net", world::ChainShape::direct), NetworkFailure::tls_hostname},
        {identity("api.example.net", world::ChainShape::self_signed), NetworkFailure::tls_self_signed},
        {identity("api.example.net", world::ChainShape::missing_intermediate), NetworkFailure::tls_untrusted},
        {identity("api.example.net", world::ChainShape::direct, std::chrono::hours(100), std::chrono::hours(-10)),
         NetworkFailure::tls_expired},
        {identity("api.example.net", world::ChainShape::direct, std::chrono::hours(-10)),
         NetworkFailure::tls_not_yet_valid},
    };
    for (const Case& one : cases) {
        Server server(one.identity);
        TlsSession client("api.example.net", trusted, true, nullptr);
        BOOST_TEST((shake_hands(client, server) == TlsSession::Step::failed));
        BOOST_REQUIRE(client.error().has_value());
        BOOST_CHECK(client.error()->phase == Phase::tls);
        BOOST_TEST(static_cast<int>(client.error()->failure) == static_cast<int>(one.failure));
        BOOST_TEST(!client.facts().verified);
        BOOST_TEST(!client.facts().chain.empty());
    }
}

BOOST_FIXTURE_TEST_CASE(another_store_may_see_it_otherwise, Fixture) {
    const world::CertificateAuthority stranger("Stranger");
    const LoadedTrust other = load_trust({Trust::Store::bundle, folder.write("other.pem", stranger.certificate_pem())});
    Server server(identity("api.example.net", world::ChainShape::direct));
    TlsSession client("api.example.net", trusted, true, &other);
    BOOST_REQUIRE((shake_hands(client, server) == TlsSession::Step::done));
    BOOST_TEST(client.facts().second_opinion.has_value());
    BOOST_TEST(!client.facts().second_opinion.value_or(true));
}

BOOST_FIXTURE_TEST_CASE(a_peer_that_speaks_no_tls, Fixture) {
    for (const auto& [octets, failure] : {std::pair{"HTTP/1.1 400 Bad Request\r\n\r\n", NetworkFailure::tls_plain_text},
                                          std::pair{"", NetworkFailure::tls_handshake}}) {
        TlsSession client("api.example.net", trusted, true, nullptr);
        BOOST_TEST((client.handshake() == TlsSession::Step::need_input));
        BOOST_TEST(!client.take_output().empty());
        client.feed(octets);
        client.feed_end();
        BOOST_TEST((client.handshake() == TlsSession::Step::failed));
        BOOST_REQUIRE(client.error().has_value());
        BOOST_TEST(static_cast<int>(client.error()->failure) == static_cast<int>(failure));
    }
}

BOOST_AUTO_TEST_SUITE_END()
