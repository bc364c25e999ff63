#include "refutation.hpp"

#include "banana/key_source.hpp"
#include "explanation_rules.hpp"
#include "plugin_in_use.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace banana {
namespace {

constexpr std::string_view kPagePath = "/api/banana/token_usage";

// A key of an unusual form that the service took: its form is no fault.
bool is_key_accepted(const Situation& run, const Finding& finding) {
    return finding.code == Cause::config_key_malformed && is_accepted_directly(run, finding.key_source);
}

bool yields_to_round_trip(Cause cause) {
    const std::string_view area = area_of(cause);
    return area == "install" || area == "config" || area == "upstream" || area == "route";
}

// What is on disk, or in a log that may be an older one, and would keep the route from being there.
bool is_about_loading(Cause code) {
    return code == Cause::install_plugin_duplicate || code == Cause::install_plugin_disabled ||
           code == Cause::install_no_balance_feature || code == Cause::install_files_missing ||
           code == Cause::route_load_failed;
}

// The server shows the node of the examined folder: what is said to keep its file from loading did not.
bool is_node_loaded(const Situation& run) {
    const std::string_view folder = text_fact(run, check_id::route_registration, {"node_folder"});
    return !folder.empty() && folder == text_fact(run, check_id::install_plugin, {"folder_name"}) &&
           flag_fact(run, check_id::local_server, {"is_examined_install"}).value_or(false);
}

// The HTTP status that the plugin's own call got from the upstream, as its message names it; 0 where none did.
std::int64_t status_of_plugins_call(const Situation& run) {
    const CheckResult* round_trip = find_answered(run, check_id::proxy_round_trip);
    if (round_trip == nullptr) {
        return 0;
    }
    for (const Finding& finding : round_trip->findings) {
        const boost::json::value* status = finding.args.if_contains("status");
        if (status != nullptr && status->is_int64() && status->get_int64() > 0) {
            return status->get_int64();
        }
    }
    return 0;
}

// Errors before any HTTP status: a call that got one has passed that place.
bool is_before_http(Cause code) {
    switch (code) {
        case Cause::upstream_dns_failure:
        case Cause::upstream_network_unreachable:
        case Cause::upstream_connection_refused:
        case Cause::upstream_connect_timeout:
        case Cause::upstream_connection_reset:
        case Cause::upstream_proxy_failure:
        case Cause::upstream_tls_untrusted:
        case Cause::upstream_tls_hostname:
        case Cause::upstream_tls_expired:
        case Cause::upstream_tls_handshake:
        case Cause::upstream_response_timeout:
        case Cause::upstream_intercepted: return true;
        default: return false;
    }
}

bool has_plugin_got_through(const Situation& run, Cause code) {
    const std::int64_t status = status_of_plugins_call(run);
    // A proxy asks for a password, or says by itself that it reaches nobody.
    const bool of_proxy = status == 407 || (status >= 500 && code == Cause::upstream_proxy_failure);
    return status > 0 && !of_proxy && is_before_http(code);
}

// A file that this user may not read, but the plugin did: it had a key to ask the upstream with.
bool has_plugin_read_it(const Situation& run, const Finding& finding) {
    if (finding.code != Cause::config_file_unreadable || text_argument(finding, "variant") != "permission" ||
        !is_configured_key_asked(run) || flag_fact(run, check_id::proxy_round_trip, {"key_sent"}).value_or(false)) {
        return false;
    }
    return find_finding(run, Cause::proxy_key_rejected) != nullptr ||
           find_finding(run, Cause::proxy_netrc_override) != nullptr ||
           find_finding(run, Cause::proxy_upstream_failed) != nullptr;
}

// The chain works in spite of this finding (rule 2).
Message seen_differently(Cause code) {
    std::string id = "because.seen-differently";
    if (area_of(code) == "upstream") {
        const bool timed_out = code == Cause::upstream_connect_timeout || code == Cause::upstream_response_timeout;
        id += timed_out ? ".upstream" : ".upstream-passing";
    }
    return Message(std::move(id), Arguments{{"code", code_of(code)}});
}

// What is said of a config.ini, or of the key in it, that the running server does not read.
std::optional<Message> unread_config(const Situation& run, const Finding& finding) {
    const bool of_file = area_of(finding.code) == "config";
    const bool of_its_key = is_about_a_key(finding.code) && is_configured_key(finding.key_source);
    if (!of_file && !of_its_key) {
        return std::nullopt;
    }
    if (const std::string_view folder = served_copy(run); !folder.empty()) {
        return Message("because.other-copy-runs", Arguments{{"folder", folder}});
    }
    const Finding* mismatch = find_finding(run, Cause::install_server_mismatch);
    if (of_file && is_other_install_here(run) && explains_an_error(run, *mismatch)) {
        return Message("because.other-install-runs", Arguments{{"folder", text_argument(*mismatch, "server_dir")}});
    }
    if (of_file && is_switched_off_since(run)) {
        const Finding* disabled = find_finding(run, Cause::install_plugin_disabled);
        return Message("because.switched-off-since", Arguments{{"folder", text_argument(*disabled, "folder")}});
    }
    return std::nullopt;
}

}  // namespace

bool is_chain_proved(const Situation& run) {
    const CheckResult* round_trip = find_answered(run, check_id::proxy_round_trip);
    if (round_trip == nullptr) {
        return false;
    }
    const bool disturbed =
        std::any_of(round_trip->findings.begin(), round_trip->findings.end(), [](const Finding& finding) {
            return finding.severity == Severity::error || finding.code == Cause::proxy_balance_mismatch;
        });
    const bool other_key = flag_fact(run, check_id::proxy_round_trip, {"key_withheld"}).value_or(false);
    if (disturbed || other_key || has_error(run, Cause::frontend_key_not_sent) ||
        has_error(run, Cause::proxy_key_override_ignored)) {
        return false;
    }
    const boost::json::value* balance = find_member(round_trip->facts, {"balance"});
    return flag_fact(run, check_id::proxy_round_trip, {"success"}).value_or(false) &&
           !flag_fact(run, check_id::proxy_round_trip, {"cached"}).value_or(false) && balance != nullptr &&
           balance->is_object() && !balance->get_object().empty() &&
           text_fact(run, check_id::proxy_round_trip, {"url"}).find(kPagePath) != std::string_view::npos;
}

std::optional<Message> refutation_of(const Situation& run, const Finding& finding, bool proved) {
    if (proved && yields_to_round_trip(finding.code)) {
        return seen_differently(finding.code);
    }
    if (is_taken_away(finding, run) && explains_an_error(run, finding)) {
        return std::nullopt;
    }
    if (std::optional<Message> unread = unread_config(run, finding)) {
        return unread;
    }
    if (is_key_accepted(run, finding)) {
        return Message("because.key-accepted");
    }
    if (finding.code == Cause::install_plugin_not_found && is_served(run)) {
        return Message("because.route-answers-anyway");
    }
    const bool other_install =
        flag_fact(run, check_id::local_server, {"is_examined_install"}) == std::optional<bool>(false);
    if (is_about_loading(finding.code) && is_served(run) && !other_install) {
        return Message("because.matters-at-next-start");
    }
    if (finding.code == Cause::install_files_missing && is_node_loaded(run)) {
        return Message("because.node-is-loaded");
    }
    if (has_plugin_got_through(run, finding.code)) {
        return Message("because.plugin-got-through", Arguments{{"status", status_of_plugins_call(run)}});
    }
    if (has_plugin_read_it(run, finding)) {
        return Message("because.plugin-read-it");
    }
    return std::nullopt;
}

void keep_refutation(Finding& finding, const Message& refutation) {
    finding.severity = Severity::warning;
    finding.args[kRefutationArgument] = {{"id", refutation.id}, {"args", refutation.args}};
}

}  // namespace banana
