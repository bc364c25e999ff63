// Names to addresses as Python does it: getaddrinfo, so that hosts files, VPN rules and nsswitch count.
#pragma once

#include "watchdog.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/system/error_code.hpp>
#include <memory>
#include <string>
#include <vector>

namespace banana {

struct NameAnswer {
    NameAnswer() = default;
    std::vector<boost::asio::ip::address> addresses;  // in getaddrinfo's order, without doubles
    boost::system::error_code error;
};

// getaddrinfo cannot be cancelled, so each call runs on a detached thread that is never waited for; an answer that
// comes after the object is gone is dropped. Its executor must outlive it.
class NameLookup {
public:
    explicit NameLookup(boost::asio::any_io_executor executor);
    ~NameLookup();
    NameLookup(const NameLookup&) = delete;
    NameLookup& operator=(const NameLookup&) = delete;

    // Returns with `timed_out` as soon as the watchdog expires.
    boost::asio::awaitable<NameAnswer> find(std::string host, Watchdog& watchdog);

private:
    struct Mailbox;
    std::shared_ptr<Mailbox> mailbox_;
};

}  // namespace banana
