#include "situation.hpp"

#include "banana/key_source.hpp"

#include <algorithm>
#include <boost/json/value.hpp>

namespace banana {
namespace {

namespace json = boost::json;

constexpr std::string_view kPagePath = "/api/banana/token_usage";
constexpr std::string_view kScriptsStart = "/extensions/";

// The last part of a path of either system.
std::string_view last_part(std::string_view path) {
    const std::size_t slash = path.find_last_of("/\\");
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

bool contains(const std::vector<std::string_view>& all, std::string_view text) {
    return std::find(all.begin(), all.end(), text) != all.end();
}

// The facts of one check.
class Facts {
public:
    Facts(Checks checks, std::string_view check) : checks_(checks), check_(check) {}

    [[nodiscard]] const json::value* value(std::string_view name) const { return find_fact(checks_, check_, {name}); }
    [[nodiscard]] std::string_view text(std::string_view name) const { return text_fact(checks_, check_, {name}); }
    [[nodiscard]] std::optional<bool> flag(std::string_view name) const { return flag_fact(checks_, check_, {name}); }
    [[nodiscard]] bool is_set(std::string_view name) const { return flag(name).value_or(false); }
    [[nodiscard]] std::optional<std::int64_t> number(std::string_view name) const {
        const json::value* found = value(name);
        return found != nullptr && found->is_int64() ? std::optional(found->get_int64()) : std::nullopt;
    }
    [[nodiscard]] std::vector<std::string_view> texts(std::string_view name) const {
        std::vector<std::string_view> all;
        const json::value* found = value(name);
        if (found != nullptr && found->is_array()) {
            for (const json::value& each : found->get_array()) {
                if (each.is_string()) {
                    all.emplace_back(each.get_string());
                }
            }
        }
        return all;
    }

private:
    Checks checks_;
    std::string_view check_;
};

QuerySeen query_seen(Checks checks) {
    QuerySeen seen;
    const Facts facts(checks, check_id::proxy_round_trip);
    seen.success = facts.is_set("success");
    seen.cached = facts.is_set("cached");
    const json::value* balance = facts.value("balance");
    seen.balance_came = seen.success && balance != nullptr && balance->is_object();
    seen.has_figures = seen.balance_came && !balance->get_object().empty();
    seen.by_pages_path = facts.text("url").find(kPagePath) != std::string_view::npos;
    seen.key_sent = facts.is_set("key_sent");
    seen.key_withheld = facts.is_set("key_withheld");
    seen.status = facts.number("http_status");
    seen.message = facts.text("message");
    const json::value* lines = facts.value("summary_lines");
    seen.has_summary = lines != nullptr && lines->is_array() && !lines->get_array().empty();
    const CheckResult* check = find_answered(checks, check_id::proxy_round_trip);
    if (check == nullptr) {
        return seen;
    }
    seen.answered = true;
    seen.failed = check->status == Status::fail;
    for (const Finding& finding : check->findings) {
        const json::value* status = finding.args.if_contains("status");
        if (seen.service_status == 0 && status != nullptr && status->is_int64() && status->get_int64() > 0) {
            seen.service_status = status->get_int64();
        }
    }
    return seen;
}

}  // namespace

Situation::Situation(Checks all, const Subject& about)
    : checks(all), subject(&about), as_node(about.circumstances.as_node), query(query_seen(all)) {
    const Facts install(all, check_id::install_plugin);
    folder_name = install.text("folder_name");
    copies = install.texts("copies");
    const Facts server(all, check_id::local_server);
    is_examined_install = server.flag("is_examined_install");
    nodes_folders = server.texts("custom_nodes_dirs");
    const Facts route(all, check_id::route_registration);
    node_folder = route.text("node_folder");
    route_with_prefix = route.is_set("with_api_prefix");
    route_without_prefix = route.is_set("without_api_prefix");
    const Facts script(all, check_id::frontend_extension);
    script_path = script.text("path");
    script_calls = script.text("called_path");
    script_sends_node_key = script.flag("sends_node_key");
    const Facts service(all, check_id::upstream_api);
    accepted_keys = service.texts("accepted_keys");
    balance_left = find_fact(all, check_id::upstream_api, {"balance", "total_available"});
    are_several_keys_tried = service.value("by_key") != nullptr;
    const json::value* status = service.value("http_status");
    has_service_answered = status != nullptr && status->is_number();
}

bool Situation::is_other_install_here() const {
    const Finding* mismatch = find(Cause::install_server_mismatch);
    return mismatch != nullptr && variant_of(*mismatch) != Variant::elsewhere;
}

std::string_view Situation::served_copy() const {
    std::string_view folder = script_path;
    if (!folder.starts_with(kScriptsStart)) {
        return {};
    }
    folder.remove_prefix(kScriptsStart.size());
    folder = folder.substr(0, folder.find('/'));
    const bool is_copy =
        std::any_of(copies.begin(), copies.end(), [&](std::string_view copy) { return last_part(copy) == folder; });
    return is_copy && folder != folder_name ? folder : std::string_view();
}

bool Situation::is_node_loaded() const {
    return !node_folder.empty() && node_folder == folder_name && is_examined_install.value_or(false);
}

bool Situation::is_taken_away(const Finding& finding) const {
    const Variant variant = variant_of(finding);
    switch (finding.code) {
        case Cause::install_server_mismatch: return variant == Variant::moved;
        case Cause::install_plugin_disabled:
            return variant != Variant::command_line && is_examined_install.value_or(false);
        case Cause::install_plugin_not_found:
            return variant == Variant::none && contains(nodes_folders, text_argument(finding, "custom_nodes"));
        default: return false;
    }
}

bool Situation::is_switched_off_since() const {
    const Finding* disabled = find(Cause::install_plugin_disabled);
    return disabled != nullptr && is_served() && is_taken_away(*disabled);
}

bool Situation::is_accepted_directly(std::string_view source) const {
    return contains(accepted_keys, source);
}

bool Situation::is_nodes_key_lost() const {
    return has_error(Cause::frontend_key_not_sent) || has_error(Cause::proxy_key_override_ignored);
}

bool Situation::is_key_in_use(const Finding& finding) const {
    if (variant_of(finding) == Variant::answers) {
        return false;
    }
    if (is_given_key(finding.key_source)) {
        return finding.severity == Severity::error && (as_node.value_or(false) || !has_config_error());
    }
    return !is_nodes_key_lost() && served_copy().empty();
}

bool Situation::is_configured_key_asked() const {
    return !is_nodes_key_lost() && !is_other_install_here() && served_copy().empty() && !is_switched_off_since();
}

bool Situation::is_given_key_refused(const Finding& failed) const {
    return as_node.value_or(true) && is_given_key(failed.key_source) && failed.code != Cause::proxy_no_key &&
           query.key_sent && !is_accepted_directly(failed.key_source);
}

bool Situation::is_chain_proved() const {
    const CheckResult* round_trip = find_answered(checks, check_id::proxy_round_trip);
    if (round_trip == nullptr || query.key_withheld || is_nodes_key_lost()) {
        return false;
    }
    const bool disturbed =
        std::any_of(round_trip->findings.begin(), round_trip->findings.end(), [](const Finding& finding) {
            return finding.severity == Severity::error || finding.code == Cause::proxy_balance_mismatch;
        });
    return !disturbed && query.has_figures && !query.cached && query.by_pages_path;
}

bool Situation::has_error(Cause code) const {
    return std::any_of(checks.begin(), checks.end(), [&](const CheckResult& check) {
        return std::any_of(check.findings.begin(), check.findings.end(), [&](const Finding& finding) {
            return finding.code == code && finding.severity == Severity::error;
        });
    });
}

bool Situation::has_config_error() const {
    const CheckResult* config = find_check(checks, check_id::config_key);
    return config != nullptr && std::any_of(config->findings.begin(), config->findings.end(),
                                            [](const Finding& finding) { return finding.severity == Severity::error; });
}

bool Situation::is_working(std::string_view id) const {
    const CheckResult* check = find_answered(checks, id);
    return check != nullptr && !check->incomplete && (check->status == Status::pass || check->status == Status::warn);
}

bool Situation::is_without_key(const CheckResult& check) {
    const json::value* tried = check.facts.if_contains("key_tried");
    const json::value* status = check.facts.if_contains("http_status");
    return tried != nullptr && *tried == false && status != nullptr && status->is_number();
}

bool Situation::is_host_unknown(const CheckResult& check) {
    const json::value* listener = check.facts.if_contains("listener");
    return listener != nullptr && *listener == "host-unknown";
}

bool Situation::add_landmark(Arguments& args, std::string_view name) const {
    const json::value* file = find_fact(checks, check_id::install_plugin, {"landmarks", name, "file"});
    const json::value* line = find_fact(checks, check_id::install_plugin, {"landmarks", name, "line"});
    if (file == nullptr || line == nullptr || !file->is_string() || !line->is_number()) {
        return false;
    }
    args["file"] = *file;
    args["line"] = *line;
    return true;
}

RouteFailure failure_of(const Finding& finding) {
    return failure_of_kind(text_argument(finding, "kind"));
}

}  // namespace banana
