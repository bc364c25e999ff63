#include "proxy_handshake.hpp"

#include "banana/bounds.hpp"
#include "text.hpp"

#include <openssl/evp.h>
#include <algorithm>
#include <array>
#include <string_view>

namespace banana {
namespace asio = boost::asio;

namespace {

using MaybeError = std::optional<NetworkError>;

constexpr std::size_t kSocksFieldLimit = 255;
constexpr char kSocksVersion = 5;

NetworkError proxy_error(NetworkFailure failure, std::string_view detail) {
    return {Phase::proxy, failure, sanitize(detail, Lines::single, bounds::kNetworkErrorTextBytes)};
}

// RFC 1928 section 6.
std::string_view socks_reply(unsigned char code) {
    static constexpr std::array<std::string_view, 9> kReplies{"succeeded",
                                                              "general SOCKS server failure",
                                                              "connection not allowed by ruleset",
                                                              "network unreachable",
                                                              "host unreachable",
                                                              "connection refused",
                                                              "TTL expired",
                                                              "command not supported",
                                                              "address type not supported"};
    return code < kReplies.size() ? kReplies[code] : "unassigned reply";
}

asio::awaitable<MaybeError> read_exactly(ByteLayer& layer, char* buffer, std::size_t size) {
    while (size > 0) {
        const std::size_t count = co_await layer.read_some(buffer, size);
        if (count == 0) {
            co_return error_of(layer, Phase::proxy);
        }
        buffer += count;
        size -= count;
    }
    co_return MaybeError();
}

// Sends, then reads an answer of `size` octets.
asio::awaitable<MaybeError> ask(ByteLayer& layer, std::string_view question, char* answer, std::size_t size) {
    const bool sent = co_await layer.write(question);
    if (!sent) {
        co_return error_of(layer, Phase::proxy);
    }
    co_return co_await read_exactly(layer, answer, size);
}

asio::awaitable<MaybeError> log_in(ByteLayer& layer, const ProxyServer& proxy) {
    const std::string_view password = proxy.password.reveal();
    if (proxy.user.size() > kSocksFieldLimit || password.size() > kSocksFieldLimit) {
        co_return proxy_error(NetworkFailure::proxy_authentication, "SOCKS5 login too long");
    }
    std::string login(1, '\x01');
    login += static_cast<char>(proxy.user.size());
    login += proxy.user;
    login += static_cast<char>(password.size());
    login += password;
    std::array<char, 2> answer{};
    MaybeError error = co_await ask(layer, login, answer.data(), answer.size());
    if (!error && answer[1] != 0) {
        error = proxy_error(NetworkFailure::proxy_authentication, "SOCKS5 login refused");
    }
    co_return error;
}

asio::awaitable<MaybeError> agree_on_method(ByteLayer& layer, const ProxyServer& proxy) {
    constexpr char kNone = 0;
    constexpr char kPassword = 2;
    const std::string_view greeting =
        proxy.has_credentials ? std::string_view("\x05\x02\x00\x02", 4) : std::string_view("\x05\x01\x00", 3);
    std::array<char, 2> choice{};
    MaybeError error = co_await ask(layer, greeting, choice.data(), choice.size());
    if (error) {
        co_return error;
    }
    if (choice[0] != kSocksVersion) {
        co_return proxy_error(NetworkFailure::proxy_malformed, std::string_view(choice.data(), choice.size()));
    }
    if (choice[1] == kPassword && proxy.has_credentials) {
        co_return co_await log_in(layer, proxy);
    }
    if (choice[1] != kNone) {
        co_return proxy_error(NetworkFailure::proxy_authentication, "SOCKS5 method not acceptable");
    }
    co_return MaybeError();
}

std::string socks_request(const std::string& host, const std::optional<asio::ip::address>& address,
                          std::uint16_t port) {
    std::string request("\x05\x01\x00", 3);
    if (address && address->is_v4()) {
        const auto octets = address->to_v4().to_bytes();
        request += '\x01';
        request.append(octets.begin(), octets.end());
    } else if (address) {
        const auto octets = address->to_v6().to_bytes();
        request += '\x04';
        request.append(octets.begin(), octets.end());
    } else {
        request += '\x03';
        request += static_cast<char>(host.size());
        request += host;
    }
    request += static_cast<char>(port >> 8U);
    request += static_cast<char>(port & 0xFFU);
    return request;
}

// The address that the proxy bound: read to get past it.
asio::awaitable<MaybeError> skip_bound_address(ByteLayer& layer, char type) {
    constexpr std::size_t kPortSize = 2;
    std::array<char, kSocksFieldLimit + kPortSize> bound{};
    std::size_t size = type == 1 ? 4 : 16;
    if (type == 3) {
        MaybeError error = co_await read_exactly(layer, bound.data(), 1);
        if (error) {
            co_return error;
        }
        size = static_cast<unsigned char>(bound[0]);
    }
    co_return co_await read_exactly(layer, bound.data(), size + kPortSize);
}

std::string_view socks4_reply(unsigned char code) {
    constexpr unsigned char kNoIdentd = 92;
    constexpr unsigned char kOtherUser = 93;
    return code == kNoIdentd || code == kOtherUser ? "the user is not confirmed by identd" : "rejected or failed";
}

asio::awaitable<MaybeError> open_socks4_tunnel(ByteLayer& layer, const ProxyServer& proxy, std::string host,
                                               std::optional<asio::ip::address> address, std::uint16_t port) {
    // 4a: an address that cannot be, and the name behind it.
    static constexpr std::array<unsigned char, 4> kNameFollows{0, 0, 0, 1};
    if (!address && proxy.scheme == ProxyScheme::socks4) {
        co_return proxy_error(NetworkFailure::proxy_refused, "SOCKS4: the host has no IPv4 address");
    }
    std::string request("\x04\x01", 2);
    request += static_cast<char>(port >> 8U);
    request += static_cast<char>(port & 0xFFU);
    const auto octets = address ? address->to_v4().to_bytes() : kNameFollows;
    request.append(octets.begin(), octets.end());
    request += proxy.user;
    request += '\0';
    if (!address) {
        request += host;
        request += '\0';
    }
    std::array<char, 8> reply{};
    MaybeError error = co_await ask(layer, request, reply.data(), reply.size());
    if (error) {
        co_return error;
    }
    constexpr char kGranted = 90;
    if (reply[0] != 0) {
        co_return proxy_error(NetworkFailure::proxy_malformed, std::string_view(reply.data(), reply.size()));
    }
    if (reply[1] != kGranted) {
        const std::string words = "SOCKS4: " + std::string(socks4_reply(static_cast<unsigned char>(reply[1])));
        co_return proxy_error(NetworkFailure::proxy_refused, words);
    }
    co_return MaybeError();
}

// 407 as the RFC has it; tinyproxy answers 401 to a wrong password.
NetworkError refusal(std::string_view status) {
    const bool asks_login = status.starts_with("407") || status.starts_with("401");
    return proxy_error(asks_login ? NetworkFailure::proxy_authentication : NetworkFailure::proxy_refused, status);
}

}  // namespace

NetworkError error_of(const ByteLayer& layer, Phase phase) {
    const auto& failure = layer.failure();
    if (!failure) {
        return {phase, NetworkFailure::closed};
    }
    return {phase, failure->failure, sanitize(failure->detail, Lines::single, bounds::kNetworkErrorTextBytes)};
}

std::string proxy_authorization(const ProxyServer& proxy) {
    const std::string plain = proxy.user + ":" + std::string(proxy.password.reveal());
    std::string encoded(4 * ((plain.size() + 2) / 3) + 1, '\0');
    const int length =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                        reinterpret_cast<const unsigned char*>(plain.data()), static_cast<int>(plain.size()));
    encoded.resize(static_cast<std::size_t>(length));
    return "Basic " + encoded;
}

asio::awaitable<MaybeError> open_http_tunnel(ByteLayer& layer, const ProxyServer& proxy, std::string host_and_port) {
    std::string request = "CONNECT " + host_and_port + " HTTP/1.1\r\nHost: " + host_and_port + "\r\n";
    if (proxy.has_credentials) {
        request += "Proxy-Authorization: " + proxy_authorization(proxy) + "\r\n";
    }
    request += "\r\n";
    const bool sent = co_await layer.write(request);
    if (!sent) {
        co_return error_of(layer, Phase::proxy);
    }
    constexpr std::string_view kProtocol = "HTTP/";
    std::string answer;
    std::array<char, 2048> buffer{};
    while (answer.find("\r\n\r\n") == std::string::npos) {
        const std::size_t count = co_await layer.read_some(buffer.data(), buffer.size());
        answer.append(buffer.data(), count);
        if (count == 0 && (answer.empty() || layer.failure())) {
            co_return error_of(layer, Phase::proxy);
        }
        const bool foreign = !answer.starts_with(std::string_view(kProtocol).substr(0, answer.size()));
        if (count == 0 || foreign || answer.size() > bounds::kProxyAnswerBytes) {
            co_return proxy_error(NetworkFailure::proxy_malformed, answer);
        }
    }
    const std::string status_line = answer.substr(0, answer.find("\r\n"));
    const std::size_t space = status_line.find(' ');
    const std::string status = space == std::string::npos ? std::string() : status_line.substr(space + 1);
    if (!status.starts_with('2')) {
        co_return refusal(status);
    }
    co_return MaybeError();
}

std::optional<asio::ip::address> address_for_socks(ProxyScheme scheme,
                                                   const std::vector<asio::ip::address>& addresses) {
    const bool only_v4 = scheme == ProxyScheme::socks4 || scheme == ProxyScheme::socks4a;
    const auto found = std::find_if(addresses.begin(), addresses.end(), [only_v4](const asio::ip::address& address) {
        return !only_v4 || address.is_v4();
    });
    return found == addresses.end() ? std::nullopt : std::optional(*found);
}

asio::awaitable<MaybeError> open_socks_tunnel(ByteLayer& layer, const ProxyServer& proxy, std::string host,
                                              std::optional<asio::ip::address> address, std::uint16_t port) {
    if (proxy.scheme == ProxyScheme::socks4 || proxy.scheme == ProxyScheme::socks4a) {
        co_return co_await open_socks4_tunnel(layer, proxy, std::move(host), address, port);
    }
    if (host.size() > kSocksFieldLimit) {
        co_return proxy_error(NetworkFailure::proxy_refused, "host name too long for SOCKS5");
    }
    MaybeError error = co_await agree_on_method(layer, proxy);
    if (error) {
        co_return error;
    }
    const std::string request = socks_request(host, address, port);
    std::array<char, 4> reply{};
    error = co_await ask(layer, request, reply.data(), reply.size());
    if (error) {
        co_return error;
    }
    if (reply[0] != kSocksVersion) {
        co_return proxy_error(NetworkFailure::proxy_malformed, std::string_view(reply.data(), reply.size()));
    }
    if (reply[1] != 0) {
        const std::string words = "SOCKS5: " + std::string(socks_reply(static_cast<unsigned char>(reply[1])));
        co_return proxy_error(NetworkFailure::proxy_refused, words);
    }
    co_return co_await skip_bound_address(layer, reply[3]);
}

}  // namespace banana
