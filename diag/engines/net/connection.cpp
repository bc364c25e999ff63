#include "connection.hpp"

#include "banana/bounds.hpp"
#include "byte_layer.hpp"
#include "connect_race.hpp"
#include "platform.hpp"
#include "proxy_handshake.hpp"
#include "text.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <string>
#include <utility>

namespace banana {
namespace asio = boost::asio;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;

namespace {

void add(std::optional<Milliseconds>& phase, Clock::time_point since) {
    phase = phase.value_or(Milliseconds{0}) + Milliseconds(Clock::now() - since);
}

NetworkFailure failure_of_name(const boost::system::error_code& error) {
    if (error == asio::error::timed_out) {
        return NetworkFailure::name_timeout;
    }
    if (platform::is_exhaustion(error)) {
        return NetworkFailure::local_resources;
    }
    const bool unknown = !error || error == asio::error::host_not_found || error == asio::error::no_data;
    return unknown ? NetworkFailure::name_not_found : NetworkFailure::name_temporary;
}

}  // namespace

Connection::Connection(asio::any_io_executor executor, NameLookup& names, const NameOverrides& overrides,
                       Watchdog& watchdog, Exchange& record)
    : executor_(std::move(executor)), names_(names), overrides_(overrides), watchdog_(watchdog), record_(record) {}

Connection::~Connection() {
    if (race_) {
        race_->close();
    }
}

bool Connection::fail(Phase phase, NetworkFailure failure, std::string detail) {
    failure_ = NetworkError(phase, failure, sanitize(detail, Lines::single, bounds::kNetworkErrorTextBytes));
    return false;
}

bool Connection::fail_from_layer(Phase phase) {
    failure_ = error_of(*layer_, phase);
    return false;
}

asio::awaitable<bool> Connection::open(ConnectionPlan plan) {
    const WebUrl& target = *plan.target;
    proxied_ = plan.proxy != nullptr;
    const std::string host = proxied_ ? plan.proxy->host : target.host;
    const std::uint16_t port = proxied_ ? plan.proxy->port : target.port;
    bool ready = co_await dial(host, port, proxied_);
    if (ready && proxied_) {
        const Clock::time_point started = Clock::now();
        ready = co_await pass_proxy(plan);
        add(record_.times.proxy, started);
    }
    if (ready && target.secure()) {
        ready = co_await start_tls(target.host, plan, false);
    }
    co_return ready;
}

asio::awaitable<NameAnswer> Connection::addresses_of(std::string host) {
    NameAnswer answer;
    const auto override = overrides_.find(host);
    const std::string& wanted = override == overrides_.end() ? host : override->second.address;
    if (wanted.empty()) {
        answer.error = asio::error::host_not_found;
        co_return answer;
    }
    boost::system::error_code not_numeric;
    const asio::ip::address literal = asio::ip::make_address(wanted, not_numeric);
    if (!not_numeric) {
        answer.addresses.push_back(literal);
        co_return answer;
    }
    const Clock::time_point started = Clock::now();
    answer = co_await names_.find(wanted, watchdog_);
    add(record_.times.name, started);
    co_return answer;
}

asio::awaitable<bool> Connection::dial(std::string host, std::uint16_t port, bool is_proxy) {
    const NameAnswer names = co_await addresses_of(host);
    if (names.error || names.addresses.empty()) {
        const NetworkFailure failure = failure_of_name(names.error);
        co_return is_proxy&& failure != NetworkFailure::local_resources
            ? fail(Phase::proxy, NetworkFailure::proxy_unreachable, host + ": " + names.error.message())
            : fail(Phase::name, failure, names.error.message());
    }
    const auto override = overrides_.find(host);
    if (override != overrides_.end() && override->second.port != 0) {
        port = override->second.port;
    }
    record_.name_overridden = override != overrides_.end();
    const Clock::time_point started = Clock::now();
    race_ = std::make_shared<ConnectRace>(executor_, names.addresses, port);
    std::optional<tcp::socket> socket = co_await race_->run(watchdog_);
    add(record_.times.tcp, started);
    note_attempts();
    if (!socket) {
        const NetworkFailure failure = race_->failure();
        const bool silent = failure == NetworkFailure::connect_timeout;
        const std::string words = silent ? "connect timed out" : race_->failure_detail();
        co_return is_proxy&& failure != NetworkFailure::local_resources
            ? fail(Phase::proxy, NetworkFailure::proxy_unreachable, words)
            : fail(Phase::tcp, failure, words);
    }
    use(std::move(*socket));
    co_return true;
}

void Connection::use(tcp::socket socket) {
    boost::system::error_code ignored;
    const asio::ip::address peer = socket.remote_endpoint(ignored).address();
    record_.peer_address = peer.to_string();
    loopback_ = peer.is_loopback() || (peer.is_v6() && peer.to_v6().is_v4_mapped() &&
                                       asio::ip::make_address_v4(asio::ip::v4_mapped, peer.to_v6()).is_loopback());
    auto layer = std::make_unique<SocketLayer>(std::move(socket), watchdog_);
    plain_ = layer.get();
    layer_ = std::move(layer);
}

void Connection::adopt(tcp::socket socket) {
    use(std::move(socket));
}

std::optional<tcp::socket> Connection::release() {
    if (plain_ == nullptr || proxied_) {
        return std::nullopt;
    }
    return plain_->release();
}

asio::awaitable<bool> Connection::start_tls(std::string host, ConnectionPlan plan, bool with_proxy) {
    const Clock::time_point started = Clock::now();
    plain_ = nullptr;
    TlsSession session(host, *plan.trust, plan.verify, with_proxy ? nullptr : plan.second_trust);
    auto tls = std::make_unique<TlsLayer>(std::move(layer_), std::move(session));
    TlsLayer& handshaking = *tls;
    layer_ = std::move(tls);
    const bool agreed = co_await handshaking.handshake();
    if (with_proxy) {
        if (!agreed) {
            const bool rejected = plan.verify && handshaking.facts().rejected.has_value();
            co_return fail(Phase::proxy, rejected ? NetworkFailure::proxy_untrusted : NetworkFailure::proxy_unreachable,
                           "TLS: " + (layer_->failure() ? layer_->failure()->detail : std::string()));
        }
        co_return true;
    }
    add(record_.times.tls, started);
    record_.tls = handshaking.facts();
    co_return agreed || fail_from_layer(Phase::tls);
}

asio::awaitable<bool> Connection::pass_proxy(ConnectionPlan plan) {
    const ProxyServer& proxy = *plan.proxy;
    const WebUrl& target = *plan.target;
    std::optional<NetworkError> error;
    if (is_socks(proxy.scheme)) {
        std::optional<asio::ip::address> address;
        if (!resolves_names(proxy.scheme) || target.host_is_numeric()) {
            const NameAnswer names = co_await addresses_of(target.host);
            if (names.error || names.addresses.empty()) {
                co_return fail(Phase::name, failure_of_name(names.error), names.error.message());
            }
            address = address_for_socks(proxy.scheme, names.addresses);
        }
        error = co_await open_socks_tunnel(*layer_, proxy, target.host, address, target.port);
    } else {
        if (proxy.scheme == ProxyScheme::https) {
            const bool agreed = co_await start_tls(proxy.host, plan, true);
            if (!agreed) {
                co_return false;
            }
        }
        // To a plain http target the request itself is addressed to the proxy.
        if (target.secure()) {
            error = co_await open_http_tunnel(*layer_, proxy, target.host_and_port());
        }
    }
    failure_ = std::move(error);
    co_return !failure_;
}

asio::awaitable<bool> Connection::write(std::string_view octets, Phase phase) {
    const bool written = co_await layer_->write(octets);
    co_return written || fail_from_layer(phase);
}

asio::awaitable<std::size_t> Connection::read_some(char* buffer, std::size_t size, Phase phase) {
    const std::size_t count = co_await layer_->read_some(buffer, size);
    if (count == 0 && layer_->failure()) {
        fail_from_layer(phase);
    }
    co_return count;
}

asio::awaitable<void> Connection::wait_for_earlier_attempts(std::chrono::milliseconds grace) {
    if (race_) {
        co_await race_->settle(grace, watchdog_);
    }
}

void Connection::note_attempts() {
    if (race_) {
        record_.attempts = race_->attempts();
    }
}

}  // namespace banana
