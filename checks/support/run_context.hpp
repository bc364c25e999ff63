// What every check of a run is given: what the run knows, and the engines that are shared.
#pragma once

#include "banana/context.hpp"
#include "banana/http.hpp"
#include "banana/message.hpp"
#include "check.hpp"
#include "process_view.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace banana {

class HttpClient;
class Redactor;

// What listens on this machine, and when that was seen.
struct LookAtListeners {
    ListenerLook listeners;
    std::chrono::steady_clock::time_point at;
};

// One for a run; lives until every check has ended. Each member of `found` is written by exactly one check.
struct RunContext {
    RunContext(const RunOptions& options, const Surroundings& surroundings, HttpClient& http, Redactor& redactor)
        : options(options), surroundings(surroundings), http(http), redactor(redactor) {}
    const RunOptions& options;
    const Surroundings& surroundings;
    HttpClient& http;
    Redactor& redactor;
    std::optional<KeyUnderTest> given_key;
    std::vector<SecretHeader> comfyui_headers;  // for ComfyUI alone
    Discoveries found;
    std::function<void(const Message&)> progress = [](const Message&) {};  // what a long wait waits for
    // Waits until the checks have ended, those that do not run included.
    std::function<boost::asio::awaitable<void>(CheckIds)> until_ended = [](CheckIds) -> boost::asio::awaitable<void> {
        co_return;
    };
    // Addresses of this machine's that let a question run into its time-out: no other check waits for them again.
    std::map<std::string, Exchange> silent_servers;
    // Of the headers above, see comfyui_api.hpp: addresses that the user did not name and that ComfyUI's own process
    // is seen to listen at; those that did not prove by their certificate to be the named one.
    std::set<std::string> headers_allowed_at, headers_unproved_at;
    mutable std::optional<LookAtListeners> look_at_listeners;  // of comfyui_process.hpp
};

}  // namespace banana
