#include "plugin_in_use.hpp"

#include "banana/key_source.hpp"

#include <algorithm>

namespace banana {
namespace {

// With --as-node, and a page that does not hand the node's key on, the configured one only stands in.
bool is_nodes_key_lost(const Situation& run) {
    return has_error(run, Cause::frontend_key_not_sent) || has_error(run, Cause::proxy_key_override_ignored);
}

// The last part of a path of either system.
std::string_view last_part(std::string_view path) {
    const std::size_t slash = path.find_last_of("/\\");
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

// The server names the folder among those that it loads nodes from.
bool loads_from(const Situation& run, std::string_view folder) {
    const boost::json::value* folders = find_fact(run, check_id::local_server, {"custom_nodes_dirs"});
    if (folders == nullptr || !folders->is_array()) {
        return false;
    }
    const auto& all = folders->get_array();
    return std::any_of(all.begin(), all.end(), [&](const boost::json::value& each) {
        return each.is_string() && std::string_view(each.get_string()) == folder;
    });
}

}  // namespace

bool has_error(const Situation& run, Cause code) {
    for (const CheckResult& check : run) {
        for (const Finding& finding : check.findings) {
            if (finding.code == code && finding.severity == Severity::error) {
                return true;
            }
        }
    }
    return false;
}

bool has_config_error(const Situation& run) {
    const CheckResult* config = find_check(run, check_id::config_key);
    return config != nullptr && std::any_of(config->findings.begin(), config->findings.end(),
                                            [](const Finding& finding) { return finding.severity == Severity::error; });
}

bool is_other_install_here(const Situation& run) {
    const Finding* mismatch = find_finding(run, Cause::install_server_mismatch);
    return mismatch != nullptr && text_argument(*mismatch, "variant") != "elsewhere";
}

std::string_view served_copy(const Situation& run) {
    constexpr std::string_view kStart = "/extensions/";
    std::string_view folder = text_fact(run, check_id::frontend_extension, {"path"});
    const boost::json::value* copies = find_fact(run, check_id::install_plugin, {"copies"});
    if (!folder.starts_with(kStart) || copies == nullptr || !copies->is_array()) {
        return {};
    }
    folder.remove_prefix(kStart.size());
    folder = folder.substr(0, folder.find('/'));
    const auto& all = copies->get_array();
    const bool is_copy = std::any_of(all.begin(), all.end(), [&](const boost::json::value& copy) {
        return copy.is_string() && last_part(copy.get_string()) == folder;
    });
    return is_copy && folder != text_fact(run, check_id::install_plugin, {"folder_name"}) ? folder : std::string_view();
}

bool is_key_in_use(const Finding& finding, const Situation& run) {
    if (text_argument(finding, "variant") == "answers") {
        return false;
    }
    if (is_given_key(finding.key_source)) {
        return finding.severity == Severity::error && (run.as_node.value_or(false) || !has_config_error(run));
    }
    return !is_nodes_key_lost(run) && served_copy(run).empty();
}

bool is_about_a_key(Cause code) {
    return code == Cause::upstream_key_rejected || code == Cause::upstream_key_of_other_line ||
           code == Cause::upstream_key_expired || code == Cause::upstream_quota_exhausted;
}

bool is_served(const Situation& run) {
    return flag_fact(run, check_id::route_registration, {"with_api_prefix"}).value_or(false) ||
           flag_fact(run, check_id::route_registration, {"without_api_prefix"}).value_or(false);
}

bool is_taken_away(const Finding& finding, const Situation& run) {
    const std::string_view variant = text_argument(finding, "variant");
    switch (finding.code) {
        case Cause::install_server_mismatch: return variant == "moved";
        case Cause::install_plugin_disabled:
            return variant != "command-line" &&
                   flag_fact(run, check_id::local_server, {"is_examined_install"}).value_or(false);
        case Cause::install_plugin_not_found:
            return variant.empty() && loads_from(run, text_argument(finding, "custom_nodes"));
        default: return false;
    }
}

bool is_switched_off_since(const Situation& run) {
    const Finding* disabled = find_finding(run, Cause::install_plugin_disabled);
    return disabled != nullptr && is_served(run) && is_taken_away(*disabled, run);
}

bool is_configured_key_asked(const Situation& run) {
    return !is_nodes_key_lost(run) && !is_other_install_here(run) && served_copy(run).empty() &&
           !is_switched_off_since(run);
}

bool is_accepted_directly(const Situation& run, std::string_view source) {
    const boost::json::value* accepted = find_fact(run, check_id::upstream_api, {"accepted_keys"});
    if (accepted == nullptr || !accepted->is_array()) {
        return false;
    }
    const auto& sources = accepted->get_array();
    return std::any_of(sources.begin(), sources.end(), [&](const boost::json::value& each) {
        return each.is_string() && std::string_view(each.get_string()) == source;
    });
}

bool is_given_key_refused(const Situation& run, const Finding& failed) {
    return run.as_node.value_or(true) && is_given_key(failed.key_source) && failed.code != Cause::proxy_no_key &&
           flag_fact(run, check_id::proxy_round_trip, {"key_sent"}).value_or(false) &&
           !is_accepted_directly(run, failed.key_source);
}

}  // namespace banana
