#include "connect_race.hpp"

#include "platform.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <iterator>

namespace banana {
namespace asio = boost::asio;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;

namespace {

// RFC 8305 section 5, Connection Attempt Delay.
constexpr std::chrono::milliseconds kAttemptDelay{250};

NetworkFailure failure_of(const boost::system::error_code& error) {
    if (error == asio::error::connection_refused) {
        return NetworkFailure::refused;
    }
    if (error == asio::error::timed_out || error == asio::error::operation_aborted ||
        error == asio::error::bad_descriptor) {
        return NetworkFailure::connect_timeout;  // aborted: our own deadline closed the socket
    }
    if (error == asio::error::connection_reset || error == asio::error::connection_aborted) {
        return NetworkFailure::reset;
    }
    return platform::is_exhaustion(error) ? NetworkFailure::local_resources : NetworkFailure::unreachable;
}

}  // namespace

std::vector<asio::ip::address> interleave_families(const std::vector<asio::ip::address>& addresses) {
    std::vector<asio::ip::address> first;
    std::vector<asio::ip::address> second;
    for (const asio::ip::address& address : addresses) {
        (address.is_v6() == addresses.front().is_v6() ? first : second).push_back(address);
    }
    std::vector<asio::ip::address> mixed;
    for (std::size_t index = 0; index < std::max(first.size(), second.size()); ++index) {
        if (index < first.size()) {
            mixed.push_back(first[index]);
        }
        if (index < second.size()) {
            mixed.push_back(second[index]);
        }
    }
    return mixed;
}

ConnectRace::ConnectRace(const asio::any_io_executor& executor, const std::vector<asio::ip::address>& addresses,
                         std::uint16_t port)
    : event_(executor), order_(addresses) {
    for (const asio::ip::address& address : interleave_families(addresses)) {
        attempts_.emplace_back(executor, tcp::endpoint(address, port));
    }
}

void ConnectRace::start(std::size_t index) {
    Attempt& attempt = attempts_[index];
    attempt.is_started = true;
    attempt.started = Clock::now();
    ++pending_;
    attempt.socket.async_connect(attempt.endpoint,
                                 [self = shared_from_this(), index](const boost::system::error_code& error) {
                                     self->on_connected(index, error);
                                 });
}

void ConnectRace::on_connected(std::size_t index, const boost::system::error_code& error) {
    Attempt& attempt = attempts_[index];
    attempt.is_done = true;
    attempt.ended = Clock::now();
    attempt.error = error;
    --pending_;
    if (!error && !winner_) {
        winner_ = index;
    }
    event_.cancel();
}

asio::awaitable<std::optional<tcp::socket>> ConnectRace::run(Watchdog& watchdog) {
    const std::shared_ptr<ConnectRace> self = shared_from_this();
    const Watchdog::Guard guard(watchdog, [self] { self->close(); });
    std::size_t next = 0;
    Clock::time_point next_start = Clock::now();
    while (!winner_ && !watchdog.expired() && (pending_ > 0 || next < attempts_.size())) {
        const bool last_failed = next > 0 && attempts_[next - 1].is_done;
        if (next < attempts_.size() && (last_failed || Clock::now() >= next_start)) {
            start(next++);
            next_start = Clock::now() + kAttemptDelay;
            continue;
        }
        event_.expires_at(next < attempts_.size() ? next_start : Clock::time_point::max());
        boost::system::error_code woken;
        co_await event_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
    std::optional<tcp::socket> socket;
    if (winner_ && !watchdog.expired()) {
        socket.emplace(std::move(attempts_[*winner_].socket));
        boost::system::error_code ignored;
        socket->set_option(tcp::no_delay(true), ignored);
    }
    co_return socket;
}

asio::awaitable<void> ConnectRace::settle(std::chrono::milliseconds grace, Watchdog& watchdog) {
    const std::shared_ptr<ConnectRace> self = shared_from_this();
    const Watchdog::Guard guard(watchdog, [self] { self->close(); });
    for (std::size_t index = 0; winner_ && index < *winner_; ++index) {
        Attempt& attempt = attempts_[index];
        while (attempt.is_started && !attempt.is_done && !watchdog.expired() &&
               Clock::now() < attempt.started + grace) {
            event_.expires_at(attempt.started + grace);
            boost::system::error_code woken;
            co_await event_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
        }
    }
}

void ConnectRace::close() {
    for (Attempt& attempt : attempts_) {
        boost::system::error_code ignored;
        attempt.socket.close(ignored);
    }
    event_.cancel();
}

std::vector<AddressAttempt> ConnectRace::attempts() const {
    const Clock::time_point now = Clock::now();
    std::vector<AddressAttempt> shown;
    for (const Attempt& attempt : attempts_) {
        AddressAttempt entry;
        entry.address = attempt.endpoint.address().to_string();
        entry.port = attempt.endpoint.port();
        entry.ipv6 = attempt.endpoint.address().is_v6();
        if (attempt.is_started) {
            entry.duration = (attempt.is_done ? attempt.ended : now) - attempt.started;
        }
        if (attempt.is_done && attempt.error) {
            entry.failure = failure_of(attempt.error);
        } else if (!attempt.is_done && winner_) {
            entry.abandoned = true;
        } else if (!attempt.is_done) {
            entry.failure = NetworkFailure::connect_timeout;
        }
        shown.push_back(std::move(entry));
    }
    return shown;
}

NetworkFailure ConnectRace::failure() const {
    // An address that could not be tried might have answered.
    for (const Attempt& attempt : attempts_) {
        if (attempt.is_done && failure_of(attempt.error) == NetworkFailure::local_resources) {
            return NetworkFailure::local_resources;
        }
    }
    NetworkFailure last = NetworkFailure::unreachable;
    for (const asio::ip::address& address : order_) {
        const auto attempt = std::find_if(attempts_.begin(), attempts_.end(), [&](const Attempt& candidate) {
            return candidate.endpoint.address() == address;
        });
        const bool answered = attempt != attempts_.end() && attempt->is_done && attempt->error;
        const NetworkFailure failure = answered ? failure_of(attempt->error) : NetworkFailure::connect_timeout;
        last = failure == NetworkFailure::unreachable ? last : failure;
    }
    return last;
}

std::string ConnectRace::failure_detail() const {
    for (const Attempt& attempt : attempts_) {
        if (attempt.is_done && attempt.error && failure_of(attempt.error) == failure()) {
            return attempt.error.message();
        }
    }
    return {};
}

}  // namespace banana
