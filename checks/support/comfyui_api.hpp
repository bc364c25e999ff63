// Questions to a running ComfyUI over its own HTTP routes. Nothing here changes anything on the server.
//
// Requests go directly, never through a proxy, and carry neither Origin nor Sec-Fetch headers, since
// ComfyUI refuses foreign ones with 403. TLS is read without verification: no key travels here but the
// one that the caller puts into the URL itself. The user's headers for ComfyUI (--comfyui-header-file) go to the
// address that the user named and to no other; without one, to an address of this machine's at which a process that
// runs ComfyUI's main file is seen to listen; never to a machine that did not prove by its certificate that it is the
// one named.
#pragma once

#include "banana/http.hpp"
#include "run_context.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace banana {

// What is found at an address.
enum class ServerKind {
    comfyui,
    down,           // refused, no such host, no route: nothing listens
    unresponsive,   // connects, then no whole answer in time
    other,          // something that is not ComfyUI
    access_denied,  // 401, 403, a log-in page, or a redirect to one
    speaks_https,   // ComfyUI or another TLS server where http was asked
    speaks_http,    // plain http where https was asked
};

struct Identification {
    ServerKind kind = ServerKind::down;
    std::string base_url;          // as examined, without a trailing slash
    std::optional<Server> server;  // for comfyui
    Exchange exchange;             // of the deciding request
};

// Addresses to look at: the given URL (without the path that the page puts before its questions, then as it stands),
// else each usual port on 127.0.0.1 and [::1].
std::vector<std::string> candidate_urls(const RunContext& context);

// Asks GET {base_url}/system_stats; for a ComfyUI also /internal/folder_paths. Never throws for the network.
boost::asio::awaitable<Identification> examine_server(RunContext& context, std::string base_url);

// Examines all addresses at once; results in the order of `base_urls`.
boost::asio::awaitable<std::vector<Identification>> examine_servers(RunContext& context,
                                                                    std::vector<std::string> base_urls);

// The custom_nodes folders that the server uses (`/internal/folder_paths`, since September 2024).
// None: no such route, or no usable answer.
boost::asio::awaitable<std::optional<std::vector<std::string>>> custom_nodes_folders(
    RunContext& context, std::string base_url, std::function<void()> meanwhile = nullptr);

// The class as `/object_info/<name>` describes it; an empty object where the class is not loaded (the route
// answers 200 `{}` for any name); none where there is no usable answer.
boost::asio::awaitable<std::optional<boost::json::object>> node_class(RunContext& context, std::string base_url,
                                                                      std::string name,
                                                                      std::function<void()> meanwhile = nullptr);

// Paths of the served web extensions, exactly as `/extensions` lists them (percent-encoded; from outside, so not to be
// shown as they are): the page asks for them in this form.
boost::asio::awaitable<std::optional<std::vector<std::string>>> web_extensions(RunContext& context,
                                                                               std::string base_url);

// The messages of `/internal/logs/raw` joined (since November 2024): the last 300 writes, no more.
boost::asio::awaitable<std::optional<std::string>> log_ring(RunContext& context, std::string base_url);

// A request may be sent a second time where the server closes an idle connection just then; not one that makes the
// plugin query the upstream, which counts.
enum class Asked { freely, once };

// One GET, direct, redirects not followed. `meanwhile`, if any, is called while the server answers; perhaps never.
boost::asio::awaitable<Exchange> local_get(RunContext& context, std::string url, std::chrono::milliseconds timeout,
                                           Asked asked = Asked::freely, std::function<void()> meanwhile = nullptr);

// The same for several at once; results in the order of `urls`.
boost::asio::awaitable<std::vector<Exchange>> local_get_all(RunContext& context, std::vector<std::string> urls,
                                                            std::chrono::milliseconds timeout);

// What became of the user's headers for ComfyUI at this address.
enum class HeadersGiven {
    none,  // the user gave none
    sent,
    not_proved,  // held back: nobody named the address, and what listens there is not seen to be ComfyUI
    unverified,  // held back: its certificate does not prove that it is the named machine
};
HeadersGiven headers_given_to(const RunContext& context, const std::string& base_url);

// Waits without blocking; ends early, by an exception, when the run is cancelled.
boost::asio::awaitable<void> pause_for(std::chrono::milliseconds duration);

}  // namespace banana
