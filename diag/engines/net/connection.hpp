// One connection to an origin: name, TCP race, proxy, TLS; then octets.
#pragma once

#include "banana/http.hpp"
#include "http_client.hpp"
#include "name_lookup.hpp"
#include "proxy_settings.hpp"
#include "tls_trust.hpp"
#include "watchdog.hpp"
#include "web_url.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

namespace banana {

class ConnectRace;
class ByteLayer;
class SocketLayer;

// How to get to an origin. All of it outlives the connection.
struct ConnectionPlan {
    const WebUrl* target = nullptr;
    const ProxyServer* proxy = nullptr;  // null: direct
    const LoadedTrust* trust = nullptr;  // null store only where `verify` is false
    bool verify = true;
    const LoadedTrust* second_trust = nullptr;
};

// Writes phase times, attempts, TLS facts and the peer's address into the record as it goes.
class Connection {
public:
    Connection(boost::asio::any_io_executor executor, NameLookup& names, const NameOverrides& overrides,
               Watchdog& watchdog, Exchange& record);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // Each false or 0 with `failure()` set; read_some gives 0 without a failure at the end of the stream.
    boost::asio::awaitable<bool> open(ConnectionPlan plan);
    // In place of open(): a plain connection that an earlier exchange has left open.
    void adopt(boost::asio::ip::tcp::socket socket);
    // A plain, direct connection for a later exchange; none where TLS or a proxy is in use.
    std::optional<boost::asio::ip::tcp::socket> release();
    boost::asio::awaitable<bool> write(std::string_view octets, Phase phase);
    boost::asio::awaitable<std::size_t> read_some(char* buffer, std::size_t size, Phase phase);
    [[nodiscard]] const std::optional<NetworkError>& failure() const { return failure_; }

    // The socket's own peer is a loopback address and no proxy stands between.
    [[nodiscard]] bool reaches_loopback_directly() const { return loopback_ && !proxied_; }

    // Waits until every address tried before the winning one has answered or had `grace` since its start.
    boost::asio::awaitable<void> wait_for_earlier_attempts(std::chrono::milliseconds grace);
    // Puts the attempts, as they stand now, into the record.
    void note_attempts();

private:
    void use(boost::asio::ip::tcp::socket socket);
    boost::asio::awaitable<bool> dial(std::string host, std::uint16_t port, bool is_proxy);
    boost::asio::awaitable<bool> pass_proxy(ConnectionPlan plan);
    boost::asio::awaitable<bool> start_tls(std::string host, ConnectionPlan plan, bool with_proxy);
    boost::asio::awaitable<NameAnswer> addresses_of(std::string host);
    bool fail(Phase phase, NetworkFailure failure, std::string detail = {});
    bool fail_from_layer(Phase phase);

    boost::asio::any_io_executor executor_;
    NameLookup& names_;
    const NameOverrides& overrides_;
    Watchdog& watchdog_;
    Exchange& record_;
    std::shared_ptr<ConnectRace> race_;
    std::unique_ptr<ByteLayer> layer_;
    SocketLayer* plain_ = nullptr;  // `layer_`, while nothing lies above it
    std::optional<NetworkError> failure_;
    bool loopback_ = false;
    bool proxied_ = false;
};

}  // namespace banana
