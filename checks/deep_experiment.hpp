// What the --deep experiments share: when they may run, and the queries they make the plugin send.
#pragma once

#include "route_answer.hpp"
#include "run_context.hpp"

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace banana {

// Whether the plugin can be made to ask a listener of ours: its route takes a host from the request, it runs on this
// machine, and its requests to loopback are known not to go through a proxy (Python's requests sends even those
// through http_proxy).
enum class ListenerUse { possible, host_is_fixed, host_unknown, other_machine, environment_unknown, through_proxy };
ListenerUse listener_use(const RunContext& context);
// The word for people: "host-is-fixed" and so on.
std::string_view listener_use_name(ListenerUse use);

// A key that no upstream knows, of the usual form.
Secret invented_key();

struct ExperimentAnswer {
    std::optional<RouteAnswer> answer;  // none: no whole answer came
};

// GET the route with refresh=1. `base_url` and `key` (its parameter's name and value) are left out when empty.
boost::asio::awaitable<ExperimentAnswer> ask_route(RunContext& context, std::string base_url, std::string key_parameter,
                                                   std::string_view key);

}  // namespace banana
