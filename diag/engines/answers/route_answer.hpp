// What the plugin's balance route says: a pure function of the HTTP answer.
//
// The texts are those of the plugin's families and of Python's requests, urllib3 and the standard library
// (facts of the project's contract, sections 1.4 and 3). What is no documented text stays `unknown`.
#pragma once

#include "banana/context.hpp"
#include "banana/http.hpp"
#include "banana/route_failure.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banana {

enum class AnswerKind {
    balance,       // success with data
    without_data,  // `success` true but no data: an upstream error that came with HTTP 200
    not_cached,    // refresh=0 before the first query
    failure,       // `success` false with a message
    absent,        // 404: no such route
    denied,        // 401, 403, a redirect or a log-in page, not the plugin's own JSON
    server_error,  // 5xx
    not_json,      // 2xx or another status with a body that is no JSON
    bad_shape,     // JSON, but not the documented members
};

struct RouteAnswer {
    AnswerKind kind = AnswerKind::bad_shape;
    int status = 0;
    RouteFailure failure = RouteFailure::none;
    std::optional<int> upstream_status;
    std::string upstream_host;       // that a failure's message names; empty: none
    std::string message;             // sanitized, at most 500 bytes; may still hold a secret: scrub before showing
    bool only_python_reads = false;  // not_json: NaN or Infinity stands in it, which no page's JSON.parse takes
    std::optional<Balance> balance;
    std::vector<std::string> summary_lines;  // sanitized
    std::optional<bool> success, cached, stale;
    std::optional<double> cost_factor;
};

RouteAnswer read_route_answer(const HttpResponse& response);

// The same for a message alone.
RouteFailure failure_of_message(std::string_view message);
// The host that a message of urllib3 says was asked; empty where it names none, or a proxy.
std::string host_in_message(std::string_view message);
// The status that a message names, as in "HTTP 401".
std::optional<int> status_in_message(std::string_view message);

// What a "错误摘要" line of the plugin's log proves; unknown where the status was lost ("HTTP 错误").
RouteFailure failure_of_log_summary(std::string_view line);
// The last "错误摘要" text in a log; empty when there is none.
std::string last_failure_summary(std::string_view log);

// What the direct call's finding means for the plugin's call, which takes the same way.
RouteFailure failure_of_upstream(Cause cause);

}  // namespace banana
