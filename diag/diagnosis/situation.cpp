#include "situation.hpp"

#include "banana/cause.hpp"
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

bool contains(const std::optional<facts::Texts>& all, std::string_view text) {
    return all && std::find(all->begin(), all->end(), text) != all->end();
}

template <typename Facts>
Facts facts_of(Checks checks, std::string_view id) {
    const CheckResult* check = find_check(checks, id);
    return check == nullptr ? Facts() : facts::read<Facts>(check->facts);
}

}  // namespace

Situation::Situation(Checks all, const Subject& about)
    : checks(all),
      subject(&about),
      as_node(about.circumstances.as_node),
      install(facts_of<facts::Install>(all, check_id::install_plugin)),
      server(facts_of<facts::Server>(all, check_id::local_server)),
      route(facts_of<facts::Route>(all, check_id::route_registration)),
      script(facts_of<facts::Script>(all, check_id::frontend_extension)),
      service(facts_of<facts::Upstream>(all, check_id::upstream_api)),
      query(facts_of<facts::Query>(all, check_id::proxy_round_trip)) {
    for (std::optional<std::string>* text : {&query.message, &script.path}) {
        if (*text && (*text)->empty()) {
            text->reset();
        }
    }
    const CheckResult* check = find_answered(all, check_id::proxy_round_trip);
    if (check == nullptr) {
        return;
    }
    is_query_answered = true;
    has_query_failed = check->status == Status::fail;
    for (const Finding& finding : check->findings) {
        const json::value* status = find_member(finding.args, "status");
        if (service_status == 0 && status != nullptr && status->is_int64() && status->get_int64() > 0) {
            service_status = status->get_int64();
        }
    }
}

bool Situation::is_other_install_here() const {
    const Finding* mismatch = find(Cause::install_server_mismatch);
    return mismatch != nullptr && variant_of(*mismatch) != Variant::elsewhere;
}

std::string_view Situation::served_copy() const {
    std::string_view folder = script.path ? std::string_view(*script.path) : std::string_view();
    if (!folder.starts_with(kScriptsStart)) {
        return {};
    }
    folder.remove_prefix(kScriptsStart.size());
    folder = folder.substr(0, folder.find('/'));
    const bool is_copy = std::any_of(install.copies.begin(), install.copies.end(),
                                     [&](std::string_view copy) { return last_part(copy) == folder; });
    return is_copy && folder != install.folder_name ? folder : std::string_view();
}

bool Situation::is_node_loaded() const {
    const std::string& folder = install.folder_name;
    return !folder.empty() && route.node_folder == folder && server.is_examined_install.value_or(false);
}

bool Situation::is_taken_away(const Finding& finding) const {
    const Variant variant = variant_of(finding);
    switch (finding.code) {
        case Cause::install_server_mismatch: return variant == Variant::moved;
        case Cause::install_plugin_disabled:
            return variant != Variant::command_line && server.is_examined_install.value_or(false);
        case Cause::install_plugin_not_found:
            return variant == Variant::none &&
                   contains(server.custom_nodes_dirs, text_argument(finding, "custom_nodes"));
        default: return false;
    }
}

bool Situation::is_switched_off_since() const {
    const Finding* disabled = find(Cause::install_plugin_disabled);
    return disabled != nullptr && is_served() && is_taken_away(*disabled);
}

bool Situation::is_accepted_directly(std::string_view source) const {
    return contains(service.accepted_keys, source);
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

bool Situation::is_only_stored_key_asked() const {
    return as_node.value_or(false) && is_nodes_key_lost() && !query.key_sent && has_balance_come();
}

bool Situation::asks_configured_key() const {
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
    const bool by_pages_path = query.url.find(kPagePath) != std::string::npos;
    return !disturbed && has_balance_come() && !query.balance->empty() && !query.cached.value_or(false) &&
           by_pages_path;
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

const json::value* Situation::balance_left() const {
    const json::object* balance = service.balance.if_object();
    return balance != nullptr ? find_member(*balance, "total_available") : nullptr;
}

bool Situation::is_host_unknown() const {
    return facts_of<facts::Destination>(checks, check_id::deep_key_destination).listener == "host-unknown";
}

bool Situation::add_landmark(Arguments& args, std::string_view name) const {
    const json::value* file = find_member(install.landmarks, {name, "file"});
    const json::value* line = find_member(install.landmarks, {name, "line"});
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
