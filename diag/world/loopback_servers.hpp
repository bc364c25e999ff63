// HTTP and HTTPS servers on loopback for the embedded world: one thread for all of them, faults on the socket
// where a scenario asks for them.
#pragma once

#include "certificate_authority.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace banana::world {

struct ServerRequest {
    std::string method;
    std::string path;                          // without the query, as sent
    std::string raw_query;                     // without "?"
    std::map<std::string, std::string> query;  // percent-decoded, first value of a name
    std::vector<std::pair<std::string, std::string>> headers;
    bool keep_alive = false;  // the client wants to ask again on this connection
    // First value of the header, case-blind; empty when absent.
    [[nodiscard]] std::string_view header(std::string_view name) const;
};

enum class Delivery {
    whole,
    cut_short,  // half of the body, then the connection is closed
    reset,      // no byte, then RST
    closed,     // no byte, then FIN
    never,      // no byte, connection kept open
    drip,       // one byte every 50 ms
};

struct ServerReply {
    int status = 200;
    std::vector<std::pair<std::string, std::string>> headers;  // Content-Length and Connection are added
    std::string body;
    Delivery delivery = Delivery::whole;
};

ServerReply make_reply(int status, std::string content_type, std::string body);

// Runs on the servers' thread; other requests are served while it waits.
using RequestHandler = std::function<boost::asio::awaitable<ServerReply>(ServerRequest)>;

std::string decode_percent(std::string_view text, bool plus_is_space);

// For handlers that answer late; ends early, by an exception, when the servers stop.
boost::asio::awaitable<void> pause_for_reply(std::chrono::milliseconds duration);

// How the listening socket itself behaves.
enum class Wire {
    plain,         // HTTP
    tls,           // HTTPS
    tls_1_1_only,  // HTTPS, no protocol newer than TLS 1.1
    tls_cut,       // closes as soon as the client's first bytes came
    silent,        // accepts, reads, never answers
};

// Every socket is bound to loopback. Set up with the listen functions, then start().
class LoopbackServers {
public:
    LoopbackServers();
    ~LoopbackServers();  // stops
    LoopbackServers(const LoopbackServers&) = delete;
    LoopbackServers& operator=(const LoopbackServers&) = delete;

    // For clients that the handlers use.
    [[nodiscard]] boost::asio::any_io_executor executor() const;

    // Each returns the port chosen by the system. Throw std::system_error where loopback cannot be used.
    std::uint16_t listen(Wire wire, RequestHandler handler, const TlsIdentity* identity = nullptr,
                         const std::string& address = "127.0.0.1");
    // An HTTP proxy that tunnels CONNECT to the given loopback ports by host name; `refusal` not 0: answers every
    // CONNECT with that status.
    std::uint16_t listen_proxy(std::map<std::string, std::uint16_t> targets, int refusal);
    // A port that is taken but refuses connections.
    std::uint16_t reserve_closed_port();
    // A port whose queue is full, so that connecting never completes (Linux; elsewhere it is refused).
    std::uint16_t listen_black_hole();

    void start();
    // Ends every connection and joins the thread; harmless when repeated.
    void stop();

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace banana::world
