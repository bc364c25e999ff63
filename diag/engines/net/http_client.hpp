// HTTP/1.1 client for diagnosis: every phase timed, every address reported, every error typed.
#pragma once

#include "banana/bounds.hpp"
#include "banana/http.hpp"
#include "tls_trust.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace banana {

// How one exchange is to go. What a peer may send is bounded by bounds.hpp.

struct ExchangeOptions {
    std::chrono::milliseconds timeout{10'000};  // the whole exchange, redirects and retries included
    std::string proxy;                          // proxy URL, password included; empty: direct
    Trust trust;
    bool key_header = false;       // sends the bearer's key as `X-API-Key` too, where the bearer is sent
    bool follow_redirects = true;  // within the origin, and http:80 to https:443 of the same host
    std::size_t body_limit = bounds::kHttpBodyBytes;
    // Further attempts at a failed connection or handshake; never once a request byte was sent.
    int connect_retries = 0;
    // Looks at the presented chain with other eyes too, without another connection: TlsFacts::second_opinion.
    std::optional<Trust> second_trust;
    // How long an address that was tried before the one that answered may still owe its own answer, counted from
    // its own start, before the exchange is handed back. Python's urllib3 would wait 15 s for it.
    std::chrono::milliseconds attempt_grace{0};
    // Uses a plain connection that an earlier exchange of this kind left open, and leaves its own open. Where the
    // server has closed it in between, the request is sent again on a new one: only for what may be asked twice.
    bool keep_connection = false;
    // Called at most once, as soon as the request is sent: work for the time in which the server answers.
    std::function<void()> meanwhile;
};

// Host names answered without the name service, ports replaced as well: the embedded world.
struct NameOverride {
    std::string address;     // numeric; empty: the name does not exist (NetworkFailure::name_not_found)
    std::uint16_t port = 0;  // 0: keep the port asked for
};
using NameOverrides = std::map<std::string, NameOverride>;

// Not thread-safe; use from the executor's thread. Must outlive its exchanges.
class HttpClient {
public:
    explicit HttpClient(boost::asio::any_io_executor executor, NameOverrides overrides = {});
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    // Never throws for what the network does: failures are in the exchange. Honours cancellation.
    boost::asio::awaitable<Exchange> exchange(const HttpRequest& request, ExchangeOptions options);

    // Sets up what a first TLS connection would wait for. Once is enough.
    static void prepare_tls();

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace banana
