#include "rules.hpp"

#include "banana/cause.hpp"

#include <string>

namespace banana {
namespace {

using enum Cause;

// Codes that share rows. The plugin falls back to a sample key, which most releases recognise: they never ask the
// service.
constexpr Codes kNoConfiguredKey{config_file_missing,    config_file_unreadable, config_bom,
                                 config_encoding,        config_syntax,          config_interpolation,
                                 config_section_missing, config_key_missing,     config_key_empty};
constexpr Codes kNoUsableKey = kNoConfiguredKey | Codes{config_key_placeholder, config_key_malformed};
// What the direct query met, by what else it explains.
constexpr Codes kNoWay{upstream_network_unreachable, upstream_connection_refused, upstream_connection_reset,
                       upstream_tls_untrusted,       upstream_tls_hostname,       upstream_tls_expired};
constexpr Codes kSlow{upstream_dns_failure, upstream_connect_timeout, upstream_proxy_failure, upstream_tls_handshake,
                      upstream_response_timeout};
constexpr Codes kGateway{upstream_blocked, upstream_redirected};
constexpr Codes kContent{upstream_server_error, upstream_rate_limited, upstream_unexpected_status, upstream_not_found,
                         upstream_not_json,     upstream_bad_shape,    upstream_api_error};
constexpr Codes kKeyRefused{upstream_key_rejected, upstream_key_expired, upstream_quota_exhausted};
constexpr Codes kFailsAlike = kNoWay | kSlow | kGateway | kContent | kKeyRefused |
                              Codes{upstream_key_not_received, upstream_key_of_other_line, proxy_netrc_override};

// What explains what. The relation has no cycles; tests/unit/test_rules.cpp checks it, and shows the condition of each
// row both true and false.
constexpr auto kExplanations = std::to_array<Explanation>({
    // A warning here only says that the folder could not be looked into.
    {{install_comfyui_not_found}, {install_plugin_not_found, config_file_missing, local_server_down}, &when::is_error},
    {{install_plugin_not_found},
     {config_file_missing, route_not_registered, frontend_extension_missing},
     &when::is_error},
    {{install_server_mismatch, install_plugin_disabled, install_no_balance_feature, install_files_missing,
      route_load_failed},
     {route_not_registered, frontend_extension_missing},
     &when::always},
    {{install_files_missing}, {route_load_failed}, &when::always},
    // Without a query in the plugin nobody reads its config.ini for one, and no route is to be expected.
    {{install_no_balance_feature}, kNoUsableKey, &when::is_error},
    {{install_no_balance_feature},
     {route_load_failed, route_registered_late, route_api_prefix_missing},
     &when::is_error},
    {{install_plugin_not_found, install_plugin_disabled},
     {proxy_no_key, proxy_key_rejected, proxy_bad_response},
     &when::gone_while_served,
     Basis::inferred_alone},
    {{install_server_mismatch}, {proxy_bad_response}, &when::gone_while_served, Basis::inferred_alone},
    // V1 and V2 end ComfyUI at start (an error); of V3 another copy, with its own config.ini, may answer.
    {{install_plugin_duplicate}, {local_crashed_at_start, local_server_down}, &when::is_error},
    {{install_server_mismatch, install_plugin_duplicate},
     {proxy_no_key, proxy_key_rejected},
     &when::other_config_read,
     Basis::inferred},
    {{install_server_mismatch, install_plugin_duplicate}, {proxy_balance_mismatch}, &when::always},

    {kNoConfiguredKey | Codes{config_key_placeholder}, {proxy_no_key}, &when::configured_key_asked},
    // A release that has a sample of its own for such a file sends that, and it is refused: as such, or with a status
    // that the plugin loses.
    {kNoConfiguredKey, {proxy_key_rejected}, &when::configured_key_asked},
    {kNoConfiguredKey, {proxy_upstream_failed}, &when::status_lost, Basis::inferred},
    // What the plugin was seen to do stands before what its source says.
    {{config_key_placeholder}, {proxy_key_rejected, proxy_upstream_failed}, &when::sample_was_sent},
    {{config_key_placeholder}, {proxy_key_rejected, proxy_upstream_failed}, &when::sample_may_be_sent, Basis::inferred},
    // A key with a line break or outside Latin-1 makes Python's requests raise before anything is sent.
    {{config_key_malformed}, {proxy_no_key, proxy_key_rejected, proxy_upstream_failed}, &when::configured_key_asked},
    {{config_key_malformed}, {upstream_key_rejected, upstream_key_not_received}, &when::key_in_use},

    {{system_clock_skew}, {upstream_tls_expired}, &when::clock_at_fault},

    {{upstream_url_invalid}, {proxy_upstream_failed, proxy_bad_response}, &when::always},
    {kFailsAlike, {proxy_upstream_failed}, &when::same_kind},
    {kFailsAlike, {proxy_upstream_failed}, &when::kind_hidden, Basis::inferred},
    {{upstream_intercepted}, {proxy_upstream_failed}, &when::same_kind_as_error},
    {{upstream_intercepted}, {proxy_upstream_failed}, &when::kind_hidden_by_error, Basis::inferred},
    {{upstream_intercepted}, {upstream_tls_untrusted}, &when::always},
    {kSlow, {proxy_response_timeout}, &when::always},
    // A gateway's own 401 or 403 looks to the plugin like a refused key. Whatever drops the header from the direct
    // query drops it from the plugin's.
    {kGateway | Codes{upstream_key_not_received, proxy_netrc_override}, {proxy_key_rejected}, &when::always},
    {kGateway | kContent | Codes{upstream_key_not_received}, {proxy_bad_response}, &when::always},
    {kKeyRefused, {proxy_key_rejected, proxy_bad_response}, &when::key_in_use},
    {{upstream_key_of_other_line}, {upstream_key_rejected}, &when::always},
    {{upstream_key_of_other_line}, {proxy_key_rejected}, &when::key_in_use},

    {{local_crashed_at_start}, {local_server_down}, &when::always},
    {{local_server_unresponsive, local_access_denied, local_scheme_mismatch},
     {install_comfyui_not_found},
     &when::folder_left_to_the_server},
    // aiohttp refuses the second registration: the start ends there, or another plugin's handler answers.
    {{route_duplicate},
     {local_crashed_at_start, local_server_down, route_not_registered, proxy_no_key, proxy_key_rejected,
      proxy_upstream_failed, proxy_bad_response},
     &when::always},
    {{frontend_script_stale}, {frontend_extension_missing, frontend_key_not_sent}, &when::always},
    {{frontend_key_not_sent, proxy_key_override_ignored},
     {proxy_no_key, proxy_key_rejected, proxy_balance_mismatch},
     &when::is_error},
});

Arguments its_code(const Finding& finding, const Situation& /*run*/) {
    return {{"code", code_of(finding.code)}};
}

Arguments served_folder(const Finding& /*finding*/, const Situation& run) {
    return {{"folder", run.served_copy()}};
}

Arguments servers_folder(const Finding& /*finding*/, const Situation& run) {
    return {{"folder", text_argument(*run.find(install_server_mismatch), "server_dir")}};
}

Arguments disabled_folder(const Finding& /*finding*/, const Situation& run) {
    return {{"folder", text_argument(*run.find(install_plugin_disabled), "folder")}};
}

Arguments status_seen(const Finding& /*finding*/, const Situation& run) {
    return {{"status", run.service_status}};
}

// What shows that an error breaks nothing. The order is that of priority: the chain that was seen to work first, then
// what is said of files that the running server does not use, then what was seen past the place of the error.
constexpr auto kRefutations = std::to_array<Refutation>({
    {Codes::with(Trait::about_key), &given::chain_proved, "because.key-taken-from-the-plugin"},
    {Codes::with(Trait::times_out), &given::chain_proved, "because.seen-differently.upstream", its_code},
    {Codes::in(Area::upstream), &given::chain_proved, "because.seen-differently.upstream-passing", its_code},
    {Codes::in(Area::install) | Codes::in(Area::config) | Codes::in(Area::route), &given::chain_proved,
     "because.seen-differently", its_code},
    {Codes::in(Area::install), &given::taken_away_and_missed, {}},
    {Codes::in(Area::config) | Codes::with(Trait::about_key), &given::other_copy_served, "because.other-copy-runs",
     served_folder},
    {Codes::in(Area::config), &given::other_install_blamed, "because.other-install-runs", servers_folder},
    {Codes::in(Area::config), &given::switched_off_since, "because.switched-off-since", disabled_folder},
    // A key of an unusual form that the service took: its form is no fault.
    {{config_key_malformed}, &given::key_accepted, "because.key-accepted"},
    {{install_plugin_not_found}, &given::route_served, "because.route-answers-anyway"},
    {Codes::with(Trait::about_loading), &given::route_served_from_here, "because.matters-at-next-start"},
    // What is said to keep its file from loading did not.
    {{install_files_missing}, &given::node_loaded, "because.node-is-loaded"},
    {Codes::with(Trait::before_http), &given::plugin_got_through, "because.plugin-got-through", status_seen},
    {{config_file_unreadable}, &given::plugin_read_the_file, "because.plugin-read-it"},
    {kNoConfiguredKey, &given::plugin_had_a_key, "because.plugin-had-a-key"},
});

// Severities that hang on how the run was asked for, and on the rest of it.
constexpr auto kRelentings = std::to_array<Relenting>({
    {Codes::in(Area::config), &given::node_key_counts, Severity::warning},
    {{frontend_key_not_sent, proxy_key_override_ignored}, &given::node_key_counts, Severity::error},
    {{proxy_no_key, proxy_key_rejected, proxy_upstream_failed}, &given::key_withheld, Severity::warning},
    // A server that loads from elsewhere is a warning to its check, and an error where it explains one.
    {Codes::with(Trait::by_effect), &given::explains_an_error, Severity::error},
});

// What was met at another host than the plugin asked, or at one that is only a guess, says nothing of its query. The
// network and the proxy are the same for all hosts.
bool is_of_another_host(const Finding& explaining, const Finding& explained) {
    const bool is_for_all =
        explaining.code == upstream_proxy_failure || explaining.code == upstream_network_unreachable;
    if (area_of(explaining.code) != Area::upstream || area_of(explained.code) != Area::proxy || is_for_all) {
        return false;
    }
    const std::string_view met = text_argument(explaining, "host");
    const std::string_view asked = text_argument(explained, "host");
    return met.empty() || asked.empty() ? is_met_at_a_guess(explaining.args) : met != asked;
}

}  // namespace

std::span<const Explanation> explanations() {
    return kExplanations;
}

std::span<const Refutation> refutations() {
    return kRefutations;
}

std::span<const Relenting> relentings() {
    return kRelentings;
}

const Explanation* explanation_of(const Finding& explaining, const Finding& explained, const Situation& run) {
    if (is_of_another_host(explaining, explained)) {
        return nullptr;
    }
    for (const Explanation& row : kExplanations) {
        if (row.from.contains(explaining.code) && row.to.contains(explained.code) &&
            row.condition->holds(explaining, explained, run)) {
            return &row;
        }
    }
    return nullptr;
}

std::optional<Message> refutation_of(const Finding& finding, const Situation& run) {
    for (const Refutation& row : kRefutations) {
        if (!row.what.contains(finding.code) || !row.circumstance->holds(finding, run)) {
            continue;
        }
        if (row.sentence.empty()) {
            return std::nullopt;
        }
        return Message(std::string(row.sentence), row.arguments != nullptr ? row.arguments(finding, run) : Arguments{});
    }
    return std::nullopt;
}

const Relenting* relenting_of(const Finding& finding, const Situation& run) {
    for (const Relenting& row : kRelentings) {
        if (row.what.contains(finding.code) && row.circumstance->holds(finding, run)) {
            return &row;
        }
    }
    return nullptr;
}

}  // namespace banana
