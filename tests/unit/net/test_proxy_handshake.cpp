// What is said to a proxy, octet by octet, and what its answers mean. Expected octets: RFC 9110, 1928, 1929, and what
// PySocks sends for SOCKS4.
#include "proxy_handshake.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <cstring>
#include <deque>
#include <string>

using namespace banana;
namespace asio = boost::asio;

BOOST_AUTO_TEST_SUITE(test_proxy_handshake)

namespace {

using namespace std::string_literals;

// A peer whose answers are known beforehand, one read each; then it closes.
class ScriptedLayer final : public ByteLayer {
public:
    explicit ScriptedLayer(std::deque<std::string> answers) : answers_(std::move(answers)) {}

    asio::awaitable<std::size_t> read_some(char* buffer, std::size_t size) override {
        if (answers_.empty()) {
            co_return 0;
        }
        std::string& next = answers_.front();
        const std::size_t count = std::min(size, next.size());
        std::memcpy(buffer, next.data(), count);
        next.erase(0, count);
        if (next.empty()) {
            answers_.pop_front();
        }
        co_return count;
    }

    asio::awaitable<bool> write(std::string_view octets) override {
        sent += octets;
        co_return true;
    }

    std::string sent;

private:
    std::deque<std::string> answers_;
};

struct Said {
    std::string sent;
    std::optional<NetworkError> error;
};

Said tunnel(const char* url, std::deque<std::string> answers, const std::string& host = "api.example.net",
            const std::optional<asio::ip::address>& address = std::nullopt) {
    const std::optional<ProxyServer> proxy = parse_proxy(url);
    BOOST_REQUIRE(proxy.has_value());
    ScriptedLayer layer(std::move(answers));
    asio::io_context io;
    Said said;
    const auto run = [&]() -> asio::awaitable<void> {
        if (is_socks(proxy->scheme)) {
            said.error = co_await open_socks_tunnel(layer, *proxy, host, address, 443);
        } else {
            said.error = co_await open_http_tunnel(layer, *proxy, host + ":443");
        }
    };
    asio::co_spawn(io, run(), asio::detached);
    io.run();
    said.sent = layer.sent;
    return said;
}

void expect(const Said& said, NetworkFailure failure, std::string_view detail = {}) {
    BOOST_REQUIRE(said.error.has_value());
    BOOST_CHECK(said.error->phase == Phase::proxy);
    BOOST_TEST(static_cast<int>(said.error->failure) == static_cast<int>(failure));
    BOOST_TEST(said.error->detail == detail);
}

}  // namespace

BOOST_AUTO_TEST_CASE(connect_of_http) {
    const Said said = tunnel("http://p:1", {"HTTP/1.1 200 Connection", " established\r\n", "Via: x\r\n\r\n"});
    BOOST_TEST(!said.error.has_value());
    BOOST_TEST(said.sent == "CONNECT api.example.net:443 HTTP/1.1\r\nHost: api.example.net:443\r\n\r\n");
    const Said login = tunnel("http://me:p%40ss@p:1", {"HTTP/1.0 200 OK\r\n\r\n"});
    BOOST_TEST(!login.error.has_value());
    BOOST_TEST(login.sent.find("\r\nProxy-Authorization: Basic bWU6cEBzcw==\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(refusals_of_http) {
    expect(tunnel("http://p:1", {"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"}),
           NetworkFailure::proxy_authentication, "407 Proxy Authentication Required");
    expect(tunnel("http://p:1", {"HTTP/1.1 503 No way\r\n\r\n"}), NetworkFailure::proxy_refused, "503 No way");
    // No blank line ends it, and no proxy speaks so.
    expect(tunnel("http://p:1", {"HTTP/1.1 200 OK\r\n"}), NetworkFailure::proxy_malformed,
           "HTTP/1.1 200 OK ");  // a line end is one blank
    expect(tunnel("http://p:1", {"SSH-2.0-x\r\n"}), NetworkFailure::proxy_malformed, "SSH-2.0-x ");
    expect(tunnel("http://p:1", {}), NetworkFailure::closed);
    BOOST_TEST((tunnel("http://p:1", {"HTTP/1.1 200 OK\r\nX: " + std::string(1'000'000, 'x')}).error->failure ==
                NetworkFailure::proxy_malformed));
}

BOOST_AUTO_TEST_CASE(socks5) {
    const Said by_name = tunnel("socks5h://p:1", {"\x05\x00"s, "\x05\x00\x00\x01"s, "\x7f\x00\x00\x01\x00\x50"s});
    BOOST_TEST(!by_name.error.has_value());
    BOOST_TEST((by_name.sent == "\x05\x01\x00"s
                                "\x05\x01\x00\x03\x0f"
                                "api.example.net\x01\xbb"s));
    const asio::ip::address six = asio::ip::make_address("2001:db8::1");
    const Said by_address = tunnel("socks5://p:1", {"\x05\x00\x05\x00\x00\x03\x01z\x00\x50"s}, "api.example.net", six);
    BOOST_TEST(!by_address.error.has_value());
    BOOST_TEST((by_address.sent.substr(3) ==
                "\x05\x01\x00\x04\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x01\xbb"s));
    const Said login =
        tunnel("socks5h://me:pw@p:1", {"\x05\x02"s, "\x01\x00"s, "\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"s});
    BOOST_TEST(!login.error.has_value());
    BOOST_TEST((login.sent.substr(0, 11) == "\x05\x02\x00\x02\x01\x02me\x02pw"s));
}

BOOST_AUTO_TEST_CASE(refusals_of_socks5) {
    expect(tunnel("socks5h://p:1", {"\x05\xff"s}), NetworkFailure::proxy_authentication,
           "SOCKS5 method not acceptable");
    expect(tunnel("socks5h://me:pw@p:1", {"\x05\x02\x01\x01"s}), NetworkFailure::proxy_authentication,
           "SOCKS5 login refused");
    expect(tunnel("socks5h://p:1", {"\x05\x00\x05\x05\x00\x01"s}), NetworkFailure::proxy_refused,
           "SOCKS5: connection refused");
    expect(tunnel("socks5h://p:1", {"\x05\x00\x05\x40\x00\x01"s}), NetworkFailure::proxy_refused,
           "SOCKS5: unassigned reply");
    expect(tunnel("socks5h://p:1", {"HT"}), NetworkFailure::proxy_malformed, "HT");
    expect(tunnel("socks5h://p:1", {"\x05"s}), NetworkFailure::closed);
    expect(tunnel("socks5h://p:1", {}, std::string(300, 'h')), NetworkFailure::proxy_refused,
           "host name too long for SOCKS5");
}

BOOST_AUTO_TEST_CASE(socks4) {
    const std::string granted = "\x00\x5a\x00\x00\x00\x00\x00\x00"s;
    const asio::ip::address four = asio::ip::make_address("192.0.2.7");
    BOOST_TEST((tunnel("socks4://me@p:1", {granted}, "h", four).sent == "\x04\x01\x01\xbb\xc0\x00\x02\x07me\x00"s));
    BOOST_TEST((tunnel("socks4a://p:1", {granted}).sent == "\x04\x01\x01\xbb\x00\x00\x00\x01\x00"s
                                                           "api.example.net\x00"s));
    expect(tunnel("socks4://p:1", {}), NetworkFailure::proxy_refused, "SOCKS4: the host has no IPv4 address");
    expect(tunnel("socks4a://p:1", {"\x00\x5b\x00\x00\x00\x00\x00\x00"s}), NetworkFailure::proxy_refused,
           "SOCKS4: rejected or failed");
    expect(tunnel("socks4a://p:1", {"\x00\x5d\x00\x00\x00\x00\x00\x00"s}), NetworkFailure::proxy_refused,
           "SOCKS4: the user is not confirmed by identd");
}

BOOST_AUTO_TEST_CASE(the_address_that_a_socks_proxy_is_told) {
    const asio::ip::address six = asio::ip::make_address("2001:db8::1");
    const asio::ip::address four = asio::ip::make_address("192.0.2.7");
    BOOST_TEST((address_for_socks(ProxyScheme::socks5, {six, four}) == six));
    BOOST_TEST((address_for_socks(ProxyScheme::socks4, {six, four}) == four));
    BOOST_TEST(!address_for_socks(ProxyScheme::socks4, {six}).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
