// The HTTP client against scripted peers on loopback sockets.
#include "http_client.hpp"

#include "banana/bounds.hpp"
#include "response_reader.hpp"
#include "web_url.hpp"

#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <boost/test/unit_test.hpp>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

using namespace banana;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using asio::ip::tcp;

BOOST_TEST_DONT_PRINT_LOG_VALUE(NetworkFailure)
BOOST_TEST_DONT_PRINT_LOG_VALUE(Phase)

namespace {

// Answers the n-th request with the n-th script; each connection is served until it ends.
class Peer {
public:
    explicit Peer(std::vector<std::string> answers, bool close_after_each = true, bool stay_silent = false)
        : answers_(std::move(answers)),
          close_(close_after_each),
          silent_(stay_silent),
          acceptor_(io_, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)),
          thread_([this] { serve(); }) {}
    ~Peer() {
        stop_ = true;
        boost::system::error_code ignored;
        tcp::socket wake(io_);
        wake.connect(acceptor_.local_endpoint(), ignored);
        thread_.join();
    }
    [[nodiscard]] std::string url(const std::string& path = "/") const {
        return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + path;
    }
    std::vector<std::string> requests() {
        const std::lock_guard lock(mutex_);
        return requests_;
    }

private:
    void serve() {
        while (!stop_) {
            tcp::socket socket(io_);
            boost::system::error_code error;
            acceptor_.accept(socket, error);
            bool open = !error && !stop_;
            while (open) {
                asio::streambuf buffer;
                asio::read_until(socket, buffer, "\r\n\r\n", error);
                if (error) {
                    break;
                }
                std::string answer;
                {
                    const std::lock_guard lock(mutex_);
                    requests_.emplace_back(asio::buffers_begin(buffer.data()), asio::buffers_end(buffer.data()));
                    answer = answers_[std::min(requests_.size() - 1, answers_.size() - 1)];
                }
                asio::write(socket, asio::buffer(answer), error);
                while (silent_ && !stop_ && !error) {
                    char octet = 0;
                    socket.read_some(asio::buffer(&octet, 1), error);
                }
                open = !close_;
            }
        }
    }

    std::vector<std::string> answers_;
    bool close_;
    bool silent_;
    std::atomic<bool> stop_{false};
    asio::io_context io_;
    tcp::acceptor acceptor_;
    std::mutex mutex_;
    std::vector<std::string> requests_;
    std::thread thread_;
};

Exchange fetch(const std::string& url, ExchangeOptions options = {}, const char* key = nullptr,
               NameOverrides overrides = {}) {
    asio::io_context io;
    HttpClient client(io.get_executor(), std::move(overrides));
    HttpRequest request;
    request.url = url;
    if (key != nullptr) {
        request.bearer.emplace(key);
    }
    Exchange result;
    asio::co_spawn(io, client.exchange(request, std::move(options)),
                   [&](const std::exception_ptr&, Exchange exchange) { result = std::move(exchange); });
    io.run();
    return result;
}

std::string ok(const std::string& body, const std::string& headers = {}) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + headers + "\r\n" + body;
}

}  // namespace

BOOST_AUTO_TEST_CASE(bodies_in_each_framing) {
    const std::vector<std::pair<std::string, std::string>> all{
        {ok("hello"), "hello"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nT: 1\r\n\r\n", "hello"},
        {"HTTP/1.0 200 OK\r\n\r\nuntil the end", "until the end"},
        {"HTTP/1.1 204 No Content\r\n\r\n", ""},
        {"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + ok("late"), "late"},
    };
    for (const auto& [answer, body] : all) {
        Peer peer({answer});
        const Exchange exchange = fetch(peer.url());
        BOOST_REQUIRE_MESSAGE(exchange.ok(), answer);
        BOOST_TEST(exchange.response->body == body);
        BOOST_TEST(exchange.response->body_complete);
        BOOST_TEST(exchange.times.total->count() > 0);
    }
}

BOOST_AUTO_TEST_CASE(answers_that_are_none) {
    const std::vector<std::pair<std::string, NetworkFailure>> all{
        {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", NetworkFailure::closed},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", NetworkFailure::closed},
        {"", NetworkFailure::closed},
        {"HTTP/1.1 200", NetworkFailure::closed},
        {"SSH-2.0-OpenSSH\r\n\r\n", NetworkFailure::malformed_response},
        {"HTTP/1.1 200 OK\r\nX: " + std::string(2 * bounds::kHttpHeaderBytes, 'x') + "\r\n\r\n",
         NetworkFailure::header_limit},
        {ok(std::string(bounds::kHttpBodyBytes + 1, 'x')), NetworkFailure::body_limit},
        {"HTTP/1.1 200 OK\r\n\r\n" + std::string(bounds::kHttpBodyBytes + 1, 'x'), NetworkFailure::body_limit},
        {ok("x", "Content-Encoding: br\r\n"), NetworkFailure::unexpected_encoding},
        {ok("xx", "Content-Encoding: gzip\r\n"), NetworkFailure::unexpected_encoding},
    };
    for (const auto& [answer, failure] : all) {
        Peer peer({answer});
        const Exchange exchange = fetch(peer.url());
        BOOST_REQUIRE_MESSAGE(exchange.error, answer.substr(0, 60));
        BOOST_TEST(exchange.error->failure == failure, answer.substr(0, 60));
        BOOST_TEST(exchange.error->phase == Phase::response);
    }
}

BOOST_AUTO_TEST_CASE(a_peer_that_never_answers_costs_the_limit_and_no_more) {
    for (const std::string& answer : {std::string(), std::string("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe")}) {
        Peer peer({answer}, true, true);
        ExchangeOptions options;
        options.timeout = 200ms;
        const Exchange exchange = fetch(peer.url(), std::move(options));  // without a limit it would be for ever
        BOOST_REQUIRE(exchange.error);
        BOOST_TEST(exchange.error->failure == NetworkFailure::timed_out);
        BOOST_TEST(exchange.response.has_value() == !answer.empty());
    }
}

BOOST_AUTO_TEST_CASE(redirects_within_the_origin_carry_the_key) {
    Peer peer({"HTTP/1.1 301 Moved\r\nLocation: /there/\r\nContent-Length: 2\r\n\r\nhi", ok("done")}, false);
    const Exchange exchange = fetch(peer.url("/here?x=1"), {}, "a-made-up-secret");
    BOOST_REQUIRE(exchange.ok());
    BOOST_TEST(exchange.response->body == "done");
    BOOST_TEST(exchange.requests_sent == 2);
    BOOST_REQUIRE(exchange.redirects.size() == 1U);
    BOOST_TEST(exchange.redirects.front().same_origin);
    BOOST_TEST(exchange.key_sent);
    for (const std::string& request : peer.requests()) {
        BOOST_TEST(request.find("Authorization: Bearer a-made-up-secret\r\n") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(the_key_stands_in_a_second_header_only_where_the_first_is_sent) {
    Peer peer({"HTTP/1.1 522 \r\nContent-Length: 0\r\n\r\n"});
    ExchangeOptions options;
    options.key_header = true;
    const Exchange exchange = fetch(peer.url(), options, "a-made-up-secret");
    BOOST_REQUIRE(exchange.ok());
    BOOST_TEST(exchange.response->reason.empty());  // a status without a name gets none
    BOOST_TEST(peer.requests().front().find("X-API-Key: a-made-up-secret\r\n") != std::string::npos);
    Peer proxy({ok("from the proxy")});
    options.proxy = proxy.url("");
    BOOST_TEST(fetch("http://127.0.0.1:9/", options, "a-made-up-secret").ok());
    BOOST_TEST(proxy.requests().front().find("X-API-Key") == std::string::npos);
    Peer without({ok("")});
    BOOST_TEST(fetch(without.url(), {}, "a-made-up-secret").ok());
    BOOST_TEST(without.requests().front().find("X-API-Key") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(redirects_elsewhere_and_in_circles_end) {
    Peer other({ok("never asked")});
    Peer peer({"HTTP/1.1 302 Found\r\nLocation: " + other.url("/steal") + "\r\nContent-Length: 0\r\n\r\n"});
    const Exchange away = fetch(peer.url(), {}, "a-made-up-secret");
    BOOST_REQUIRE(away.error);
    BOOST_TEST(away.error->failure == NetworkFailure::redirect_other_origin);
    BOOST_TEST(other.requests().empty());
    Peer circle({"HTTP/1.1 307 Again\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n",
                 "HTTP/1.1 307 Again\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"});
    BOOST_TEST(fetch(circle.url()).error->failure == NetworkFailure::redirect_loop);
    Peer cookie(
        {"HTTP/1.1 302 Check\r\nSet-Cookie: passed=1; Path=/\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", ok("in")});
    BOOST_TEST(fetch(cookie.url()).ok());
    BOOST_TEST(cookie.requests().back().find("Cookie: passed=1\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_key_is_not_sent_in_the_clear_to_a_proxy) {
    Peer proxy({ok("from the proxy")});
    ExchangeOptions options;
    options.proxy = proxy.url("");
    const Exchange exchange = fetch("http://127.0.0.1:9/", std::move(options), "a-made-up-secret");
    BOOST_REQUIRE(exchange.ok());
    BOOST_TEST(!exchange.key_sent);
    BOOST_TEST(proxy.requests().front().starts_with("GET http://127.0.0.1:9/ HTTP/1.1\r\n"));
    BOOST_TEST(proxy.requests().front().find("secret") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(names_can_be_answered_without_the_name_service) {
    Peer peer({ok("here")});
    const auto port = static_cast<std::uint16_t>(parse_web_url(peer.url())->port);
    const Exchange exchange =
        fetch("http://api.example.net/x", {}, nullptr, {{"api.example.net", {"127.0.0.1", port}}});
    BOOST_REQUIRE(exchange.ok());
    BOOST_TEST(exchange.peer_address == "127.0.0.1");
    BOOST_TEST(peer.requests().front().find("Host: api.example.net\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(connections_that_fail) {
    const Exchange refused = fetch("http://127.0.0.1:1/");
    BOOST_TEST(refused.error->failure == NetworkFailure::refused);
    BOOST_TEST(refused.error->phase == Phase::tcp);
    BOOST_REQUIRE(refused.attempts.size() == 1U);
    BOOST_TEST(refused.attempts.front().failure.value() == NetworkFailure::refused);
    ExchangeOptions patient;
    patient.connect_retries = 2;
    BOOST_TEST(fetch("http://127.0.0.1:1/", std::move(patient)).connect_retries == 2);
    BOOST_TEST(fetch("gopher://x/").error->failure == NetworkFailure::invalid_url);
    BOOST_TEST(fetch("https://localhost:1/").error->failure == NetworkFailure::refused);
    Peer plain({ok("x")});
    const Exchange text = fetch("https" + plain.url().substr(4), {});
    BOOST_TEST(text.error->phase == Phase::tls);
}

BOOST_AUTO_TEST_CASE(gzip_that_nobody_asked_for) {
    constexpr std::string_view kHello(
        "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\x07\x00\x86\xa6\x10"
        "\x36\x05\x00\x00\x00",
        25);
    BOOST_TEST(inflate_body(kHello, true, 100).value_or("") == "hello");
    BOOST_TEST(!inflate_body(kHello, true, 4).has_value());
    // Cut short, it gives what came; a wrong checksum or length is damage: urllib3 1.26 raises DecodeError.
    BOOST_TEST(inflate_body(kHello.substr(0, 20), true, 100).value_or("") == "hello");
    for (const std::size_t place : {19U, 24U}) {
        std::string damaged(kHello);
        damaged[place] = static_cast<char>(damaged[place] ^ 1);
        BOOST_TEST(!inflate_body(damaged, true, 100).has_value());
        BOOST_TEST(inflate_body(std::string(kHello) + damaged, true, 100).value_or("") == "hello");
        Peer peer({ok(damaged, "Content-Encoding: gzip\r\n")});
        BOOST_TEST((fetch(peer.url()).error->failure == NetworkFailure::unexpected_encoding));
    }
    BOOST_TEST(!inflate_body("no gzip at all", true, 100).has_value());
    Peer peer({ok(std::string(kHello), "Content-Encoding: gzip\r\n")});
    BOOST_TEST(fetch(peer.url()).response->body == "hello");
    // Several members in a row, and what is none behind them.
    BOOST_TEST(inflate_body(std::string(kHello) + std::string(kHello), true, 100).value_or("") == "hellohello");
    BOOST_TEST(!inflate_body(std::string(kHello) + std::string(kHello), true, 9).has_value());
    BOOST_TEST(inflate_body(std::string(kHello) + "xxxx", true, 100).value_or("") == "hello");
    const std::string_view bare = kHello.substr(10, 7);
    BOOST_TEST(inflate_body(bare, false, 100).value_or("") == "hello");
    BOOST_TEST(inflate_body("\x78\x9c" + std::string(bare), false, 100).value_or("") == "hello");
    // What is no coding at all leaves the body as it is, for urllib3 too.
    for (const char* coding : {"utf-8", "none"}) {
        Peer plain({ok("hello", "Content-Encoding: " + std::string(coding) + "\r\n")});
        BOOST_TEST(fetch(plain.url()).response->body == "hello");
    }
}
