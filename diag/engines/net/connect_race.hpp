// TCP connections to several addresses of one host, started as RFC 8305 (Happy Eyeballs) says.
#pragma once

#include "banana/http.hpp"
#include "watchdog.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace banana {

// Addresses in the order of RFC 8305 section 4: families alternate, the first one's family first.
std::vector<boost::asio::ip::address> interleave_families(const std::vector<boost::asio::ip::address>& addresses);

// Attempts that the winner overtook stay open until close(), so that their own outcome is seen too.
class ConnectRace : public std::enable_shared_from_this<ConnectRace> {
public:
    ConnectRace(const boost::asio::any_io_executor& executor, const std::vector<boost::asio::ip::address>& addresses,
                std::uint16_t port);

    // The winner's socket, with TCP_NODELAY; none where all failed or the watchdog expired.
    boost::asio::awaitable<std::optional<boost::asio::ip::tcp::socket>> run(Watchdog& watchdog);
    // Until every attempt started before the winner has ended or is `grace` old.
    boost::asio::awaitable<void> settle(std::chrono::milliseconds grace, Watchdog& watchdog);
    void close();

    // As they stand now.
    [[nodiscard]] std::vector<AddressAttempt> attempts() const;
    // The failure that speaks for all when none won: the last address's in the name service's order, which Python
    // raises, but for one without a route, since a family that this network lacks says nothing of the host.
    [[nodiscard]] NetworkFailure failure() const;
    [[nodiscard]] std::string failure_detail() const;

private:
    struct Attempt {
        Attempt(const boost::asio::any_io_executor& executor, boost::asio::ip::tcp::endpoint endpoint)
            : endpoint(std::move(endpoint)), socket(executor) {}
        boost::asio::ip::tcp::endpoint endpoint;
        boost::asio::ip::tcp::socket socket;
        std::chrono::steady_clock::time_point started, ended;
        bool is_started = false;
        bool is_done = false;
        boost::system::error_code error;
    };

    void start(std::size_t index);
    void on_connected(std::size_t index, const boost::system::error_code& error);

    std::vector<Attempt> attempts_;
    boost::asio::steady_timer event_;
    std::vector<boost::asio::ip::address> order_;  // as the name service gave them
    std::size_t pending_ = 0;
    std::optional<std::size_t> winner_;
};

}  // namespace banana
