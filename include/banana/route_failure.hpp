// Why the plugin's own call to the service failed, as far as its answer or its log tells.
#pragma once

#include <array>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace banana {

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

// A set of them.
class RouteFailures {
public:
    constexpr RouteFailures() = default;
    constexpr RouteFailures(std::initializer_list<RouteFailure> all) {
        for (const RouteFailure failure : all) {
            bits_ |= bit(failure);
        }
    }
    [[nodiscard]] constexpr bool contains(RouteFailure failure) const { return (bits_ & bit(failure)) != 0; }

private:
    static constexpr unsigned bit(RouteFailure failure) { return 1u << static_cast<unsigned>(failure); }
    unsigned bits_ = 0;
};

// Go wrong before the service sees a key: no key is to blame for them.
inline constexpr RouteFailures kBeforeTheKey{RouteFailure::dns,     RouteFailure::refused,    RouteFailure::unreachable,
                                             RouteFailure::timeout, RouteFailure::connection, RouteFailure::tls,
                                             RouteFailure::proxy,   RouteFailure::bad_url};

namespace route_failure {

// As the argument `kind` of proxy.upstream-failed names it; of two with one name the first is read.
inline constexpr auto names = std::to_array<std::pair<RouteFailure, std::string_view>>({
    {RouteFailure::dns, "dns"},
    {RouteFailure::refused, "refused"},
    {RouteFailure::unreachable, "unreachable"},
    {RouteFailure::timeout, "timeout"},
    {RouteFailure::reset, "reset"},
    {RouteFailure::connection, "connection"},
    {RouteFailure::tls, "tls"},
    {RouteFailure::proxy, "proxy"},
    {RouteFailure::http_status, "http-status"},
    {RouteFailure::redirect, "http-status"},
    {RouteFailure::not_json, "not-json"},
    {RouteFailure::shape, "shape"},
    {RouteFailure::api_error, "api-error"},
    {RouteFailure::bad_url, "bad-url"},
});
inline constexpr std::string_view unknown_name = "unknown";

}  // namespace route_failure

constexpr std::string_view kind_name(RouteFailure failure) {
    for (const auto& [each, name] : route_failure::names) {
        if (each == failure) {
            return name;
        }
    }
    return route_failure::unknown_name;
}

// `unknown` also for an empty text, where the plugin said nothing; `none` for a name of another version.
constexpr RouteFailure failure_of_kind(std::string_view kind) {
    for (const auto& [failure, name] : route_failure::names) {
        if (name == kind) {
            return failure;
        }
    }
    return kind.empty() || kind == route_failure::unknown_name ? RouteFailure::unknown : RouteFailure::none;
}

}  // namespace banana
