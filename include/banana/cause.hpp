// The catalogue of causes: every code that a finding can carry, as fixed in the project's interface.
//
// Codes never change their meaning. The texts for people are in reports/messages under "cause.<code>.…".
// For files that name a cause or read the table; to hold one, the opaque enumeration of finding.hpp is enough
// (tests/include_graph.py bounds how many depend on this header).
#pragma once

#include "banana/route_failure.hpp"
#include "banana/severity.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace banana {

// In the order in which a primary cause is chosen: install, config, system, upstream, local, route,
// frontend, proxy, security.
enum class Cause : int {
    install_comfyui_not_found,
    install_plugin_not_found,
    install_server_mismatch,
    install_plugin_disabled,
    install_plugin_duplicate,
    install_no_balance_feature,
    install_files_missing,
    config_file_missing,
    config_file_unreadable,
    config_bom,
    config_encoding,
    config_syntax,
    config_interpolation,
    config_section_missing,
    config_key_missing,
    config_key_empty,
    config_key_placeholder,
    config_key_malformed,
    config_value_invalid,
    config_key_exposed,
    system_clock_skew,
    upstream_url_invalid,
    upstream_insecure_url,
    upstream_dns_failure,
    upstream_network_unreachable,
    upstream_connection_refused,
    upstream_connect_timeout,
    upstream_connection_reset,
    upstream_proxy_failure,
    upstream_tls_untrusted,
    upstream_tls_hostname,
    upstream_tls_expired,
    upstream_tls_expiring,
    upstream_tls_handshake,
    upstream_response_timeout,
    upstream_server_error,
    upstream_rate_limited,
    upstream_blocked,
    upstream_unexpected_status,
    upstream_intercepted,
    upstream_not_found,
    upstream_redirected,
    upstream_not_json,
    upstream_bad_shape,
    upstream_api_error,
    upstream_key_rejected,
    upstream_key_not_received,
    upstream_key_of_other_line,
    upstream_key_expired,
    upstream_quota_exhausted,
    local_server_down,
    local_crashed_at_start,
    local_server_unresponsive,
    local_not_comfyui,
    local_access_denied,
    local_scheme_mismatch,
    local_origin_refused,
    route_not_registered,
    route_load_failed,
    route_registered_late,
    route_duplicate,
    route_api_prefix_missing,
    frontend_extension_missing,
    frontend_script_stale,
    frontend_key_not_sent,
    proxy_no_key,
    proxy_key_rejected,
    proxy_netrc_override,
    proxy_upstream_failed,
    proxy_response_timeout,
    proxy_bad_response,
    proxy_balance_mismatch,
    proxy_key_override_ignored,
    security_key_in_log,
    security_key_sent_anywhere,
    internal_check_failed,
};

// What the program asks of a code beside its severity.
enum class Trait : unsigned {
    before_http = 1u << 0,    // of the way to the service: a call that got an HTTP status from it has passed the place
    times_out = 1u << 1,      // we waited no longer than this; the plugin may wait longer
    about_key = 1u << 2,      // what the service itself says of a key
    about_loading = 1u << 3,  // on disk or in a log: would keep the route from being there
    symptom = 1u << 4,        // seen on the way: unexplained, it tells where the chain breaks but not why
    by_effect = 1u << 5,      // a cause by what it explains only, never by itself
    edits_config = 1u << 6,   // about the key in config.ini: an edit of that file mends it
    wants_key = 1u << 7,      // what stands there is to be replaced by a key, rather than repaired
    needs_restart = 1u << 8,  // mended in what the plugin or ComfyUI takes up at its start
    of_one_line = 1u << 9,    // another line of service may not have it
};

class Traits {
public:
    constexpr Traits() = default;
    constexpr Traits(Trait trait) : bits_(static_cast<unsigned>(trait)) {}
    [[nodiscard]] constexpr bool has(Trait trait) const { return (bits_ & static_cast<unsigned>(trait)) != 0; }
    friend constexpr Traits operator|(Traits a, Traits b) { return Traits(a.bits_ | b.bits_); }

private:
    constexpr explicit Traits(unsigned bits) : bits_(bits) {}
    unsigned bits_ = 0;
};

constexpr Traits operator|(Trait a, Trait b) {
    return Traits(a) | Traits(b);
}

struct CauseInfo {
    Cause cause;
    std::string_view code;
    Severity severity;  // of a finding unless the check says otherwise
    Traits traits{};
    // The failures of the plugin's own call (`kind` of proxy.upstream-failed) that it brings about. Python names the
    // last address that it tried: a family without a route, when that comes last. A body that is cut short is no JSON;
    // of a status below 400 without a way on the body is read; a redirect is followed wherever it leads.
    RouteFailures failures{};
};

namespace cause_table {

using enum Cause;
using enum Trait;
using enum RouteFailure;
inline constexpr Severity error = Severity::error;
inline constexpr Severity warning = Severity::warning;

inline constexpr auto rows = std::to_array<CauseInfo>({
    {install_comfyui_not_found, "install.comfyui-not-found", error},
    {install_plugin_not_found, "install.plugin-not-found", error, needs_restart},
    {install_server_mismatch, "install.server-mismatch", error, by_effect},
    {install_plugin_disabled, "install.plugin-disabled", error, needs_restart | about_loading},
    {install_plugin_duplicate, "install.plugin-duplicate", error, needs_restart | about_loading},
    {install_no_balance_feature, "install.no-balance-feature", error, needs_restart | about_loading},
    {install_files_missing, "install.files-missing", error, needs_restart | about_loading},
    {config_file_missing, "config.file-missing", error, edits_config},
    {config_file_unreadable, "config.file-unreadable", error, edits_config},
    {config_bom, "config.bom", error, edits_config},
    {config_encoding, "config.encoding", error, edits_config},
    {config_syntax, "config.syntax", error, edits_config},
    {config_interpolation, "config.interpolation", error, edits_config},
    {config_section_missing, "config.section-missing", error, edits_config},
    {config_key_missing, "config.key-missing", error, edits_config},
    {config_key_empty, "config.key-empty", error, edits_config | wants_key},
    {config_key_placeholder, "config.key-placeholder", error, edits_config | wants_key},
    {config_key_malformed, "config.key-malformed", error, edits_config | wants_key},
    {config_value_invalid, "config.value-invalid", warning},
    {config_key_exposed, "config.key-exposed", warning},
    {system_clock_skew, "system.clock-skew", warning},
    {upstream_url_invalid, "upstream.url-invalid", error},
    {upstream_insecure_url, "upstream.insecure-url", warning},
    {upstream_dns_failure, "upstream.dns-failure", error, before_http | of_one_line, {dns, connection}},
    {upstream_network_unreachable, "upstream.network-unreachable", error, before_http, {unreachable, connection}},
    {upstream_connection_refused,
     "upstream.connection-refused",
     error,
     before_http | of_one_line,
     {refused, unreachable, connection}},
    {upstream_connect_timeout,
     "upstream.connect-timeout",
     error,
     before_http | times_out | of_one_line,
     {timeout, unreachable, connection}},
    {upstream_connection_reset,
     "upstream.connection-reset",
     error,
     before_http | of_one_line,
     {reset, connection, not_json}},
    {upstream_proxy_failure,
     "upstream.proxy-failure",
     error,
     needs_restart | before_http,
     {proxy, timeout, http_status, tls, reset, bad_url, connection}},
    {upstream_tls_untrusted, "upstream.tls-untrusted", error, before_http, {tls}},
    {upstream_tls_hostname, "upstream.tls-hostname", error, before_http, {tls}},
    {upstream_tls_expired, "upstream.tls-expired", error, before_http | of_one_line, {tls}},
    {upstream_tls_expiring, "upstream.tls-expiring", warning},
    {upstream_tls_handshake, "upstream.tls-handshake", error, before_http, {tls, reset, connection, timeout}},
    {upstream_response_timeout, "upstream.response-timeout", error, before_http | times_out | of_one_line, {timeout}},
    {upstream_server_error, "upstream.server-error", error, {}, {http_status}},
    {upstream_rate_limited, "upstream.rate-limited", error, {}, {http_status}},
    {upstream_blocked, "upstream.blocked", error, of_one_line, {http_status, not_json, timeout}},
    {upstream_unexpected_status,
     "upstream.unexpected-status",
     error,
     {},
     {http_status, reset, connection, not_json, shape, proxy}},
    {upstream_intercepted, "upstream.intercepted", error, before_http, {tls}},
    {upstream_not_found, "upstream.not-found", error, {}, {http_status}},
    {upstream_redirected,
     "upstream.redirected",
     error,
     {},
     {http_status, not_json, timeout, dns, refused, unreachable, reset, tls, proxy, shape, api_error, connection,
      bad_url}},
    {upstream_not_json, "upstream.not-json", error, {}, {not_json, shape}},
    {upstream_bad_shape, "upstream.bad-shape", error, {}, {not_json, shape, api_error}},
    {upstream_api_error, "upstream.api-error", error, {}, {api_error, shape, http_status}},
    {upstream_key_rejected, "upstream.key-rejected", error, about_key, {api_error, shape, http_status}},
    {upstream_key_not_received, "upstream.key-not-received", error, {}, {api_error, shape, http_status}},
    {upstream_key_of_other_line, "upstream.key-of-other-line", error, about_key, {api_error, shape, http_status}},
    {upstream_key_expired, "upstream.key-expired", error, about_key, {api_error, shape, http_status}},
    {upstream_quota_exhausted, "upstream.quota-exhausted", error, about_key, {api_error, shape, http_status}},
    {local_server_down, "local.server-down", error},
    {local_crashed_at_start, "local.crashed-at-start", error, needs_restart},
    {local_server_unresponsive, "local.server-unresponsive", error},
    {local_not_comfyui, "local.not-comfyui", error},
    {local_access_denied, "local.access-denied", error},
    {local_scheme_mismatch, "local.scheme-mismatch", error},
    {local_origin_refused, "local.origin-refused", warning},
    {route_not_registered, "route.not-registered", error, needs_restart | symptom},
    {route_load_failed, "route.load-failed", error, needs_restart | about_loading},
    {route_registered_late, "route.registered-late", error, needs_restart},
    {route_duplicate, "route.duplicate", error, needs_restart},
    {route_api_prefix_missing, "route.api-prefix-missing", error, needs_restart},
    {frontend_extension_missing, "frontend.extension-missing", warning, needs_restart},
    {frontend_script_stale, "frontend.script-stale", warning},
    {frontend_key_not_sent, "frontend.key-not-sent", warning},
    {proxy_no_key, "proxy.no-key", error, symptom},
    {proxy_key_rejected, "proxy.key-rejected", error, symptom},
    {proxy_netrc_override, "proxy.netrc-override", error, symptom, {http_status}},
    {proxy_upstream_failed, "proxy.upstream-failed", error, symptom},
    {proxy_response_timeout, "proxy.response-timeout", error, symptom},
    {proxy_bad_response, "proxy.bad-response", error, symptom},
    {proxy_balance_mismatch, "proxy.balance-mismatch", warning, symptom},
    {proxy_key_override_ignored, "proxy.key-override-ignored", warning, symptom},
    {security_key_in_log, "security.key-in-log", warning},
    {security_key_sent_anywhere, "security.key-sent-anywhere", warning},
    {internal_check_failed, "internal.check-failed", Severity::none},
});

}  // namespace cause_table

inline constexpr const auto& kCauses = cause_table::rows;

// The table is indexed by the enumerator; checked at compile time below.
constexpr const CauseInfo& info(Cause cause) {
    return kCauses[static_cast<std::size_t>(cause)];
}

constexpr std::string_view code_of(Cause cause) {
    return info(cause).code;
}

constexpr bool has_trait(Cause cause, Trait trait) {
    return info(cause).traits.has(trait);
}

// The part of the chain that a code belongs to, in the order in which a primary cause is chosen.
enum class Area { install, config, system, upstream, local, route, frontend, proxy, security, internal };

// "config" of "config.key-missing".
constexpr std::string_view area_name(Cause cause) {
    return code_of(cause).substr(0, code_of(cause).find('.'));
}

constexpr Area area_of(Cause cause) {
    constexpr std::array<std::string_view, 9> kNames{"install", "config",   "system", "upstream", "local",
                                                     "route",   "frontend", "proxy",  "security"};
    for (std::size_t index = 0; index < kNames.size(); ++index) {
        if (kNames[index] == area_name(cause)) {
            return static_cast<Area>(index);
        }
    }
    return Area::internal;
}

// None for a code this version does not know.
constexpr std::optional<Cause> cause_from_code(std::string_view code) {
    for (const CauseInfo& entry : kCauses) {
        if (entry.code == code) {
            return entry.cause;
        }
    }
    return std::nullopt;
}

constexpr bool causes_are_in_order() {
    for (std::size_t index = 0; index < kCauses.size(); ++index) {
        if (static_cast<std::size_t>(kCauses[index].cause) != index) {
            return false;
        }
    }
    return true;
}
static_assert(causes_are_in_order());

}  // namespace banana
