// What the usage endpoint's answer means: a pure function of status, headers and body.
#pragma once

#include "banana/context.hpp"
#include "banana/http.hpp"

#include <array>
#include <boost/json/object.hpp>
#include <optional>
#include <string>

namespace banana {

enum class UpstreamMeaning {
    balance,            // 2xx with the documented shape
    key_rejected,       // the API's own JSON refuses the key
    key_not_received,   // … says that none arrived
    key_expired,        // … because it has expired
    quota_exhausted,    // … because nothing is left
    blocked,            // 401 or 403 that is not the API's own, or a challenge page
    rate_limited,       // 429
    server_error,       // 5xx
    not_found,          // 404
    unexpected_status,  // any other status
    not_json,           // 2xx that Python's response.json() cannot read
    bad_shape,          // JSON of another shape, or too deep
    api_error,          // the API's own JSON reports another failure
};

struct UpstreamAnswer {
    UpstreamMeaning kind = UpstreamMeaning::unexpected_status;
    int status = 0;
    // Why, in one word for the text's variant; empty where the kind says it all. For key_rejected: "unknown",
    // "disabled", "banned", "address", "group", "console" (that asks for its own kind of token) or "other"; for
    // not_json: "empty", "bom", "html", "cut", "other" or a page's notice; for bad_shape: "not-object", "no-data",
    // "no-numbers" or "too-deep"; for blocked: "challenge", "page", "json", "unauthorized" (401 with JSON of another
    // form), "refused" (403 in the API's form, with words that are not about the key) or a page's notice; for
    // rate_limited: "gateway" (not the API's own limit) or "quoted"; for server_error: "portal" (511), "firewall" (its
    // page) or "origin" (a CDN cannot reach what is behind it); for unexpected_status: "spent" (402). For the notices
    // see gateway_page.hpp.
    std::string reason;
    std::string quoted;      // the API's own words, or a page's title; untrusted, sanitized and bounded
    std::string member;      // bad_shape: the member that is missing or of another type
    std::string names;       // the members that JSON has, by name; sanitized and bounded
    std::string gateway;     // product that seems to have answered instead of the API; empty when unknown
    std::string request_id;  // new-api's own, for its operator
    std::optional<Balance> balance;
    boost::json::object shown;  // the documented members found, as they came, also where the shape is wrong

    // The API itself answered, whatever it said.
    [[nodiscard]] bool is_from_api() const;
};

// The members of a balance that are read and shown.
inline constexpr std::array<std::string_view, 5> kBalanceMembers{"total_granted", "total_used", "total_available",
                                                                 "unlimited_quota", "expires_at"};

UpstreamAnswer read_upstream_answer(const HttpResponse& response);

// The documented figures of an answer's `data`, in the same units whoever hands them on; what is absent or of another
// type is none. `raw` stays empty: what of it is shown depends on who answered.
Balance read_balance(const boost::json::object& data);

// Epoch seconds from what gateways put there: seconds, milliseconds, 0 or a negative number for never (then 0).
std::optional<std::int64_t> expiry_seconds(const boost::json::value& value);

// Not unlimited, and nothing left. None where the answer does not say.
std::optional<bool> is_exhausted(const Balance& balance);

}  // namespace banana
