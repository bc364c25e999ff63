// The catalogue of causes: every code that a finding can carry, as fixed in the project's interface.
//
// Codes never change their meaning. The texts for people are in reports/messages under "cause.<code>.…".
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
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

// error: breaks the balance query; warning: does not by itself; none: never a cause.
enum class Severity { none, warning, error };

// When an explanation holds, beyond both codes being found in one run. Evaluated by the diagnosis on
// findings and facts.
enum class Condition {
    always,
    // The explaining finding is an error: what it says breaks the query, not only might.
    when_error,
    // `kind` of the explained proxy.upstream-failed is one that the explaining code brings about, or is
    // unknown (V2 and V3 hide it behind one sentence).
    same_kind,
    // The same, where the explaining finding is an error.
    same_kind_error,
    // The finding is about the key that the plugin itself uses, not about another one given to test with.
    key_in_use,
    // The examined config.ini was asked for its key, and this plugin version sends the sample text upstream instead
    // of stopping at it; what failed is not the way to the service.
    sample_is_sent,
    // The examined config.ini was asked for its key: the answering server loads the examined plugin, and no finding
    // says that the node's own key never reached it; what failed is not the way to the service.
    configured_key_asked,
    // The plugin must have read another config.ini: its server loads from another folder of this machine, or nothing
    // is wrong with the key in the examined one, to the upstream neither.
    other_config_read,
    // The certificate's dates and this clock disagree because of the clock, as far as is known.
    clock_at_fault,
    // The plugin's files were taken away under a server that had loaded them: it serves the route still, but the
    // handler finds nothing of its own, neither its modules nor a config.ini.
    gone_while_served,
};

// "This code explains that one": the other is an effect of it, not a cause of its own.
struct Explains {
    Cause effect;
    Condition when = Condition::always;
};

// What each code explains, in the words of the project's interface: "From findings to causes". The relation has no
// cycles; tests/unit/test_diagnosis.cpp checks it.
namespace explains {

using enum Cause;
using enum Condition;

// A warning here only says that the folder could not be looked into.
inline constexpr auto comfyui_not_found = std::to_array<Explains>(
    {{install_plugin_not_found, when_error}, {config_file_missing, when_error}, {local_server_down, when_error}});
inline constexpr auto plugin_not_found = std::to_array<Explains>({{config_file_missing, when_error},
                                                                  {route_not_registered, when_error},
                                                                  {frontend_extension_missing, when_error},
                                                                  {proxy_no_key, gone_while_served},
                                                                  {proxy_key_rejected, gone_while_served},
                                                                  {proxy_bad_response, gone_while_served}});
inline constexpr auto server_mismatch = std::to_array<Explains>({{route_not_registered},
                                                                 {frontend_extension_missing},
                                                                 {proxy_no_key, other_config_read},
                                                                 {proxy_key_rejected, other_config_read},
                                                                 {proxy_bad_response, gone_while_served},
                                                                 {proxy_balance_mismatch}});
inline constexpr auto plugin_disabled = std::to_array<Explains>({{route_not_registered},
                                                                 {frontend_extension_missing},
                                                                 {proxy_no_key, gone_while_served},
                                                                 {proxy_key_rejected, gone_while_served},
                                                                 {proxy_bad_response, gone_while_served}});
// V1 and V2 end ComfyUI at start (an error); of V3 another copy, with its own config.ini, may answer.
inline constexpr auto plugin_duplicate = std::to_array<Explains>({{local_crashed_at_start, when_error},
                                                                  {local_server_down, when_error},
                                                                  {proxy_no_key, other_config_read},
                                                                  {proxy_key_rejected, other_config_read},
                                                                  {proxy_balance_mismatch}});
inline constexpr auto no_balance_feature =
    std::to_array<Explains>({{route_not_registered}, {frontend_extension_missing}});
inline constexpr auto files_missing =
    std::to_array<Explains>({{route_load_failed}, {route_not_registered}, {frontend_extension_missing}});
// The plugin falls back to the sample key, which it recognises: it never asks the upstream.
inline constexpr auto no_configured_key = std::to_array<Explains>({{proxy_no_key, configured_key_asked}});
inline constexpr auto sample_key = std::to_array<Explains>({{proxy_no_key, configured_key_asked},
                                                            {proxy_key_rejected, sample_is_sent},
                                                            {proxy_upstream_failed, sample_is_sent}});
// A key with a line break or outside Latin-1 makes Python's requests raise before anything is sent.
inline constexpr auto malformed_key = std::to_array<Explains>({{upstream_key_rejected, key_in_use},
                                                               {upstream_key_not_received, key_in_use},
                                                               {proxy_no_key, configured_key_asked},
                                                               {proxy_key_rejected, configured_key_asked},
                                                               {proxy_upstream_failed, configured_key_asked}});
inline constexpr auto clock_skew = std::to_array<Explains>({{upstream_tls_expired, clock_at_fault}});
inline constexpr auto upstream_url = std::to_array<Explains>({{proxy_upstream_failed}, {proxy_bad_response}});
inline constexpr auto upstream_transport = std::to_array<Explains>({{proxy_upstream_failed, same_kind}});
inline constexpr auto upstream_slow =
    std::to_array<Explains>({{proxy_upstream_failed, same_kind}, {proxy_response_timeout}});
inline constexpr auto upstream_intercept =
    std::to_array<Explains>({{upstream_tls_untrusted}, {proxy_upstream_failed, same_kind_error}});
// A gateway's own 401 or 403 looks to the plugin like a refused key.
inline constexpr auto upstream_gateway =
    std::to_array<Explains>({{proxy_key_rejected}, {proxy_upstream_failed, same_kind}, {proxy_bad_response}});
inline constexpr auto upstream_content =
    std::to_array<Explains>({{proxy_upstream_failed, same_kind}, {proxy_bad_response}});
inline constexpr auto upstream_key = std::to_array<Explains>(
    {{proxy_key_rejected, key_in_use}, {proxy_upstream_failed, same_kind}, {proxy_bad_response, key_in_use}});
// Whatever drops the header from the direct query drops it from the plugin's.
inline constexpr auto key_lost_on_the_way =
    std::to_array<Explains>({{proxy_key_rejected}, {proxy_upstream_failed, same_kind}, {proxy_bad_response}});
inline constexpr auto other_line = std::to_array<Explains>(
    {{upstream_key_rejected}, {proxy_key_rejected, key_in_use}, {proxy_upstream_failed, same_kind}});
inline constexpr auto crashed = std::to_array<Explains>({{local_server_down}});
inline constexpr auto load_failed = std::to_array<Explains>({{route_not_registered}, {frontend_extension_missing}});
// aiohttp refuses the second registration: the start ends there, or another plugin's handler answers.
inline constexpr auto route_taken = std::to_array<Explains>({{local_crashed_at_start},
                                                             {local_server_down},
                                                             {route_not_registered},
                                                             {proxy_no_key},
                                                             {proxy_key_rejected},
                                                             {proxy_upstream_failed},
                                                             {proxy_bad_response}});
inline constexpr auto node_key_lost = std::to_array<Explains>(
    {{proxy_no_key, when_error}, {proxy_key_rejected, when_error}, {proxy_balance_mismatch, when_error}});
inline constexpr auto netrc = std::to_array<Explains>({{proxy_key_rejected}, {proxy_upstream_failed, same_kind}});

}  // namespace explains

struct CauseInfo {
    Cause cause;
    std::string_view code;
    Severity severity;  // of a finding unless the check says otherwise
    std::span<const Explains> explains;
};

inline constexpr auto kCauses = std::to_array<CauseInfo>({
    {Cause::install_comfyui_not_found, "install.comfyui-not-found", Severity::error, explains::comfyui_not_found},
    {Cause::install_plugin_not_found, "install.plugin-not-found", Severity::error, explains::plugin_not_found},
    {Cause::install_server_mismatch, "install.server-mismatch", Severity::error, explains::server_mismatch},
    {Cause::install_plugin_disabled, "install.plugin-disabled", Severity::error, explains::plugin_disabled},
    {Cause::install_plugin_duplicate, "install.plugin-duplicate", Severity::error, explains::plugin_duplicate},
    {Cause::install_no_balance_feature, "install.no-balance-feature", Severity::error, explains::no_balance_feature},
    {Cause::install_files_missing, "install.files-missing", Severity::error, explains::files_missing},
    {Cause::config_file_missing, "config.file-missing", Severity::error, explains::no_configured_key},
    {Cause::config_file_unreadable, "config.file-unreadable", Severity::error, explains::no_configured_key},
    {Cause::config_bom, "config.bom", Severity::error, explains::no_configured_key},
    {Cause::config_encoding, "config.encoding", Severity::error, explains::no_configured_key},
    {Cause::config_syntax, "config.syntax", Severity::error, explains::no_configured_key},
    {Cause::config_interpolation, "config.interpolation", Severity::error, explains::no_configured_key},
    {Cause::config_section_missing, "config.section-missing", Severity::error, explains::no_configured_key},
    {Cause::config_key_missing, "config.key-missing", Severity::error, explains::no_configured_key},
    {Cause::config_key_empty, "config.key-empty", Severity::error, explains::no_configured_key},
    {Cause::config_key_placeholder, "config.key-placeholder", Severity::error, explains::sample_key},
    {Cause::config_key_malformed, "config.key-malformed", Severity::error, explains::malformed_key},
    {Cause::config_value_invalid, "config.value-invalid", Severity::warning, {}},
    {Cause::config_key_exposed, "config.key-exposed", Severity::warning, {}},
    {Cause::system_clock_skew, "system.clock-skew", Severity::warning, explains::clock_skew},
    {Cause::upstream_url_invalid, "upstream.url-invalid", Severity::error, explains::upstream_url},
    {Cause::upstream_insecure_url, "upstream.insecure-url", Severity::warning, {}},
    {Cause::upstream_dns_failure, "upstream.dns-failure", Severity::error, explains::upstream_slow},
    {Cause::upstream_network_unreachable, "upstream.network-unreachable", Severity::error,
     explains::upstream_transport},
    {Cause::upstream_connection_refused, "upstream.connection-refused", Severity::error, explains::upstream_transport},
    {Cause::upstream_connect_timeout, "upstream.connect-timeout", Severity::error, explains::upstream_slow},
    {Cause::upstream_connection_reset, "upstream.connection-reset", Severity::error, explains::upstream_transport},
    {Cause::upstream_proxy_failure, "upstream.proxy-failure", Severity::error, explains::upstream_slow},
    {Cause::upstream_tls_untrusted, "upstream.tls-untrusted", Severity::error, explains::upstream_transport},
    {Cause::upstream_tls_hostname, "upstream.tls-hostname", Severity::error, explains::upstream_transport},
    {Cause::upstream_tls_expired, "upstream.tls-expired", Severity::error, explains::upstream_transport},
    {Cause::upstream_tls_expiring, "upstream.tls-expiring", Severity::warning, {}},
    {Cause::upstream_tls_handshake, "upstream.tls-handshake", Severity::error, explains::upstream_slow},
    {Cause::upstream_response_timeout, "upstream.response-timeout", Severity::error, explains::upstream_slow},
    {Cause::upstream_server_error, "upstream.server-error", Severity::error, explains::upstream_content},
    {Cause::upstream_rate_limited, "upstream.rate-limited", Severity::error, explains::upstream_content},
    {Cause::upstream_blocked, "upstream.blocked", Severity::error, explains::upstream_gateway},
    {Cause::upstream_unexpected_status, "upstream.unexpected-status", Severity::error, explains::upstream_content},
    {Cause::upstream_intercepted, "upstream.intercepted", Severity::error, explains::upstream_intercept},
    {Cause::upstream_not_found, "upstream.not-found", Severity::error, explains::upstream_content},
    {Cause::upstream_redirected, "upstream.redirected", Severity::error, explains::upstream_gateway},
    {Cause::upstream_not_json, "upstream.not-json", Severity::error, explains::upstream_content},
    {Cause::upstream_bad_shape, "upstream.bad-shape", Severity::error, explains::upstream_content},
    {Cause::upstream_api_error, "upstream.api-error", Severity::error, explains::upstream_content},
    {Cause::upstream_key_rejected, "upstream.key-rejected", Severity::error, explains::upstream_key},
    {Cause::upstream_key_not_received, "upstream.key-not-received", Severity::error, explains::key_lost_on_the_way},
    {Cause::upstream_key_of_other_line, "upstream.key-of-other-line", Severity::error, explains::other_line},
    {Cause::upstream_key_expired, "upstream.key-expired", Severity::error, explains::upstream_key},
    {Cause::upstream_quota_exhausted, "upstream.quota-exhausted", Severity::error, explains::upstream_key},
    {Cause::local_server_down, "local.server-down", Severity::error, {}},
    {Cause::local_crashed_at_start, "local.crashed-at-start", Severity::error, explains::crashed},
    {Cause::local_server_unresponsive, "local.server-unresponsive", Severity::error, {}},
    {Cause::local_not_comfyui, "local.not-comfyui", Severity::error, {}},
    {Cause::local_access_denied, "local.access-denied", Severity::error, {}},
    {Cause::local_scheme_mismatch, "local.scheme-mismatch", Severity::error, {}},
    {Cause::local_origin_refused, "local.origin-refused", Severity::warning, {}},
    {Cause::route_not_registered, "route.not-registered", Severity::error, {}},
    {Cause::route_load_failed, "route.load-failed", Severity::error, explains::load_failed},
    {Cause::route_registered_late, "route.registered-late", Severity::error, {}},
    {Cause::route_duplicate, "route.duplicate", Severity::error, explains::route_taken},
    {Cause::route_api_prefix_missing, "route.api-prefix-missing", Severity::error, {}},
    {Cause::frontend_extension_missing, "frontend.extension-missing", Severity::warning, {}},
    {Cause::frontend_key_not_sent, "frontend.key-not-sent", Severity::warning, explains::node_key_lost},
    {Cause::proxy_no_key, "proxy.no-key", Severity::error, {}},
    {Cause::proxy_key_rejected, "proxy.key-rejected", Severity::error, {}},
    {Cause::proxy_netrc_override, "proxy.netrc-override", Severity::error, explains::netrc},
    {Cause::proxy_upstream_failed, "proxy.upstream-failed", Severity::error, {}},
    {Cause::proxy_response_timeout, "proxy.response-timeout", Severity::error, {}},
    {Cause::proxy_bad_response, "proxy.bad-response", Severity::error, {}},
    {Cause::proxy_balance_mismatch, "proxy.balance-mismatch", Severity::warning, {}},
    {Cause::proxy_key_override_ignored, "proxy.key-override-ignored", Severity::warning, explains::node_key_lost},
    {Cause::security_key_in_log, "security.key-in-log", Severity::warning, {}},
    {Cause::security_key_sent_anywhere, "security.key-sent-anywhere", Severity::warning, {}},
    {Cause::internal_check_failed, "internal.check-failed", Severity::none, {}},
});

// The table is indexed by the enumerator; checked at compile time below.
constexpr const CauseInfo& info(Cause cause) {
    return kCauses[static_cast<std::size_t>(cause)];
}

constexpr std::string_view code_of(Cause cause) {
    return info(cause).code;
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
