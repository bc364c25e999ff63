// What the plugin's balance route says: a pure function of the HTTP answer.
//
// The texts are those of the plugin's families and of Python's requests, urllib3 and the standard library
// (facts of the project's contract, sections 1.4 and 3). What is no documented text stays `unknown`.
#pragma once

#include "banana/context.hpp"
#include "banana/http.hpp"

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
    denied,        // 401, 403 or a redirect, not the plugin's own JSON
    server_error,  // 5xx
    not_json,      // 2xx or another status with a body that is no JSON
    bad_shape,     // JSON, but not the documented members
};

// Why the plugin's own call failed.
enum class RouteFailure {
    none,
    no_key,        // it says that it has no valid key
    key_rejected,  // upstream refuses the key: HTTP 401 or 403
    key_unusable,  // the key cannot be put into a header: line break or non-Latin-1 character
    dns,
    refused,
    unreachable,
    timeout,
    reset,
    connection,  // V2 and V3: one of dns, refused, unreachable and reset; the log does not say which
    tls,
    proxy,
    http_status,
    redirect,
    not_json,
    shape,
    api_error,
    bad_url,
    opaque,  // V2 and V3: one sentence for every cause
    unknown,
};

struct RouteAnswer {
    AnswerKind kind = AnswerKind::bad_shape;
    int status = 0;
    RouteFailure failure = RouteFailure::none;
    std::optional<int> upstream_status;
    std::string message;  // sanitized, at most 500 bytes; may still hold a secret: scrub before showing
    std::optional<Balance> balance;
    std::vector<std::string> summary_lines;  // sanitized
    std::optional<bool> success, cached, stale;
    std::optional<double> cost_factor;
};

RouteAnswer read_route_answer(const HttpResponse& response);

// The same for a message alone.
RouteFailure failure_of_message(std::string_view message);
// The status that a message names, as in "HTTP 401".
std::optional<int> status_in_message(std::string_view message);

// What a "错误摘要" line of the plugin's log proves; unknown where the status was lost ("HTTP 错误").
RouteFailure failure_of_log_summary(std::string_view line);
// The last "错误摘要" text in a log; empty when there is none.
std::string last_failure_summary(std::string_view log);

// What the direct call's finding means for the plugin's call, which takes the same way.
RouteFailure failure_of_upstream(Cause cause);

// "dns", "http-status" and so on: the argument `kind` of proxy.upstream-failed.
std::string_view kind_name(RouteFailure failure);

}  // namespace banana
