#include "plugin_in_use.hpp"

#include <algorithm>

namespace banana {
namespace {

// With --as-node, and a page that does not hand the node's key on, the configured one only stands in.
bool is_nodes_key_lost(Checks checks) {
    return has_error(checks, Cause::frontend_key_not_sent) || has_error(checks, Cause::proxy_key_override_ignored);
}

// The last part of a path of either system.
std::string_view last_part(std::string_view path) {
    const std::size_t slash = path.find_last_of("/\\");
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

// The server names the folder among those that it loads nodes from.
bool loads_from(Checks checks, std::string_view folder) {
    const boost::json::value* folders = find_fact(checks, check_id::local_server, {"custom_nodes_dirs"});
    if (folders == nullptr || !folders->is_array()) {
        return false;
    }
    const auto& all = folders->get_array();
    return std::any_of(all.begin(), all.end(), [&](const boost::json::value& each) {
        return each.is_string() && std::string_view(each.get_string()) == folder;
    });
}

}  // namespace

bool has_error(Checks checks, Cause code) {
    for (const CheckResult& check : checks) {
        for (const Finding& finding : check.findings) {
            if (finding.code == code && finding.severity == Severity::error) {
                return true;
            }
        }
    }
    return false;
}

bool has_config_error(Checks checks) {
    const CheckResult* config = find_check(checks, check_id::config_key);
    return config != nullptr && std::any_of(config->findings.begin(), config->findings.end(),
                                            [](const Finding& finding) { return finding.severity == Severity::error; });
}

bool is_other_install_here(Checks checks) {
    const Finding* mismatch = find_finding(checks, Cause::install_server_mismatch);
    return mismatch != nullptr && text_argument(*mismatch, "variant") != "elsewhere";
}

std::string_view served_copy(Checks checks) {
    constexpr std::string_view kStart = "/extensions/";
    std::string_view folder = text_fact(checks, check_id::frontend_extension, {"path"});
    const boost::json::value* copies = find_fact(checks, check_id::install_plugin, {"copies"});
    if (!folder.starts_with(kStart) || copies == nullptr || !copies->is_array()) {
        return {};
    }
    folder.remove_prefix(kStart.size());
    folder = folder.substr(0, folder.find('/'));
    const auto& all = copies->get_array();
    const bool is_copy = std::any_of(all.begin(), all.end(), [&](const boost::json::value& copy) {
        return copy.is_string() && last_part(copy.get_string()) == folder;
    });
    return is_copy && folder != text_fact(checks, check_id::install_plugin, {"folder_name"}) ? folder
                                                                                             : std::string_view();
}

bool is_key_in_use(const Finding& finding, Checks checks) {
    if (text_argument(finding, "variant") == "answers") {
        return false;
    }
    const bool given = finding.key_source == "api-key-file" || finding.key_source == "environment";
    return given ? finding.severity == Severity::error && !has_config_error(checks)
                 : !is_nodes_key_lost(checks) && served_copy(checks).empty();
}

bool is_about_a_key(Cause code) {
    return code == Cause::upstream_key_rejected || code == Cause::upstream_key_of_other_line ||
           code == Cause::upstream_key_expired || code == Cause::upstream_quota_exhausted;
}

bool is_served(Checks checks) {
    return flag_fact(checks, check_id::route_registration, {"with_api_prefix"}).value_or(false) ||
           flag_fact(checks, check_id::route_registration, {"without_api_prefix"}).value_or(false);
}

bool is_taken_away(const Finding& finding, Checks checks) {
    const std::string_view variant = text_argument(finding, "variant");
    switch (finding.code) {
        case Cause::install_server_mismatch: return variant == "moved";
        case Cause::install_plugin_disabled:
            return variant != "command-line" &&
                   flag_fact(checks, check_id::local_server, {"is_examined_install"}).value_or(false);
        case Cause::install_plugin_not_found:
            return variant.empty() && loads_from(checks, text_argument(finding, "custom_nodes"));
        default: return false;
    }
}

bool is_switched_off_since(Checks checks) {
    const Finding* disabled = find_finding(checks, Cause::install_plugin_disabled);
    return disabled != nullptr && is_served(checks) && is_taken_away(*disabled, checks);
}

bool is_configured_key_asked(Checks checks) {
    return !is_nodes_key_lost(checks) && !is_other_install_here(checks) && served_copy(checks).empty() &&
           !is_switched_off_since(checks);
}

}  // namespace banana
