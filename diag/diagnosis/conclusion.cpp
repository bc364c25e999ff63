#include "conclusion.hpp"

#include "banana/lookup.hpp"

#include <algorithm>
#include <boost/json/value.hpp>
#include <initializer_list>
#include <utility>

namespace banana {
namespace {

constexpr std::size_t kEvidenceShown = 2;

// Adds `file` and `line` of a landmark in the plugin's own source; false where there is none to quote.
bool add_landmark(Arguments& args, Checks checks, std::string_view name) {
    const boost::json::value* file = find_fact(checks, check_id::install_plugin, {"landmarks", name, "file"});
    const boost::json::value* line = find_fact(checks, check_id::install_plugin, {"landmarks", name, "line"});
    if (file == nullptr || line == nullptr || !file->is_string() || !line->is_number()) {
        return false;
    }
    args["file"] = *file;
    args["line"] = *line;
    return true;
}

// "<id>.at-line" where the landmark is known, else "<id>".
Message with_landmark(const std::string& id, Arguments args, Checks checks, std::string_view landmark) {
    const bool known = add_landmark(args, checks, landmark);
    return Message(known ? id + ".at-line" : id, std::move(args));
}

Message evidence_message(const Evidence& evidence) {
    Arguments args{{"label", evidence.id}, {"value", evidence.value}};
    if (evidence.file.empty()) {
        return Message("because.evidence", std::move(args));
    }
    args["file"] = evidence.file;
    if (!evidence.line) {
        return Message("because.evidence.in-file", std::move(args));
    }
    args["line"] = *evidence.line;
    return Message("because.evidence.at-line", std::move(args));
}

// What a step needs to name the cause: its code, and the arguments of its title.
Arguments told(const Finding& finding) {
    Arguments args = finding.args;
    args["code"] = code_of(finding.code);
    return args;
}

// V1 passes an upstream's failure on as a success without data: the node shows no message, but `-` for the numbers.
bool is_passed_on_without_data(Checks checks) {
    const boost::json::value* status = find_fact(checks, check_id::proxy_round_trip, {"http_status"});
    const boost::json::value* lines = find_fact(checks, check_id::proxy_round_trip, {"summary_lines"});
    return status != nullptr && *status == 200 && lines != nullptr && lines->is_array() && !lines->get_array().empty();
}

// What the user's button got, as the round trip saw it.
std::optional<Message> round_trip_outcome(Checks checks) {
    const CheckResult* round_trip = find_answered(checks, check_id::proxy_round_trip);
    if (round_trip == nullptr || round_trip->status != Status::fail) {
        return std::nullopt;
    }
    const std::string_view message = text_fact(checks, check_id::proxy_round_trip, {"message"});
    if (!message.empty() && is_passed_on_without_data(checks)) {
        return Message("because.round-trip-without-data", Arguments{{"message", message}});
    }
    if (!message.empty()) {
        return Message("because.round-trip-message", Arguments{{"message", message}});
    }
    const boost::json::value* status = find_fact(checks, check_id::proxy_round_trip, {"http_status"});
    if (status != nullptr && status->is_number()) {
        return Message("because.round-trip-status", Arguments{{"status", *status}});
    }
    return std::nullopt;
}

// What the route answered is of this cause: it is what was seen there, or brings that about.
bool is_behind_the_answer(const DiagnosedCause& cause) {
    return area_of(cause.finding.code) == "proxy" ||
           std::any_of(cause.effects.begin(), cause.effects.end(),
                       [](Cause effect) { return area_of(effect) == "proxy"; });
}

bool is_working(Checks checks, std::string_view id) {
    const CheckResult* check = find_answered(checks, id);
    return check != nullptr && !check->incomplete && (check->status == Status::pass || check->status == Status::warn);
}

// Nothing is wrong with the key or the way to it; what only became a warning for another reason still is wrong.
bool is_key_well_formed(Checks checks) {
    const CheckResult* config = find_check(checks, check_id::config_key);
    return is_working(checks, check_id::config_key) &&
           std::all_of(config->findings.begin(), config->findings.end(), [](const Finding& finding) {
               return finding.code == Cause::config_value_invalid || finding.code == Cause::config_key_exposed;
           });
}

// The links that were seen to work, so that the cause cannot lie there.
void add_ruled_out(std::vector<Message>& because, Cause cause, Checks checks, const Subject& subject) {
    const std::string_view area = area_of(cause);
    const boost::json::value* available = find_fact(checks, check_id::upstream_api, {"balance", "total_available"});
    if (area != "upstream" && is_working(checks, check_id::upstream_api) && available != nullptr) {
        // With two keys tried, which one the balance is of.
        const bool several = find_fact(checks, check_id::upstream_api, {"by_key"}) != nullptr;
        const std::string source = subject.key_under_test ? subject.key_under_test->source : std::string();
        because.emplace_back(several ? "because.upstream-works.for-key" : "because.upstream-works",
                             Arguments{{"url", subject.base_url}, {"available", *available}, {"key_source", source}});
    }
    if (area != "config" && is_key_well_formed(checks)) {
        because.emplace_back("because.config-good", Arguments{{"file", subject.config_file}});
    }
    if (area != "route" && area != "install" &&
        flag_fact(checks, check_id::route_registration, {"with_api_prefix"}).value_or(false)) {
        because.emplace_back("because.route-present");
    }
    const std::string_view script = text_fact(checks, check_id::frontend_extension, {"path"});
    if (area != "frontend" && is_working(checks, check_id::frontend_extension) && !script.empty()) {
        because.emplace_back("because.script-served", Arguments{{"path", script}});
    }
}

std::vector<Message> reasons(const DiagnosedCause& cause, Checks checks, const Subject& subject) {
    std::vector<Message> because;
    for (const Evidence& evidence : cause.finding.evidence) {
        if (because.size() < kEvidenceShown && !evidence.is_block() && !evidence.value.empty()) {
            because.push_back(evidence_message(evidence));
        }
    }
    if (auto outcome = round_trip_outcome(checks); outcome && is_behind_the_answer(cause)) {
        because.push_back(std::move(*outcome));
    }
    add_ruled_out(because, cause.finding.code, checks, subject);
    return because;
}

bool has_effect(const DiagnosedCause& cause, std::initializer_list<Cause> codes) {
    for (const Cause effect : cause.effects) {
        for (const Cause code : codes) {
            if (effect == code) {
                return true;
            }
        }
    }
    return false;
}

// The end of every chain through the route: its error answer, and the node that shows it. Only what was observed,
// and comes of this cause, is told as a fact.
void add_answer(std::vector<Message>& chain, const DiagnosedCause& cause, Checks checks) {
    const std::string_view message = text_fact(checks, check_id::proxy_round_trip, {"message"});
    const bool seen = find_answered(checks, check_id::proxy_round_trip) != nullptr && !message.empty();
    if (!seen || !is_behind_the_answer(cause)) {
        chain.push_back(with_landmark("chain.error-expected", {}, checks, "error-response"));
        return;
    }
    if (is_passed_on_without_data(checks)) {
        chain.emplace_back("chain.answer-without-data");
        return;
    }
    chain.push_back(with_landmark("chain.error-response", Arguments{{"message", message}}, checks, "error-response"));
    chain.push_back(with_landmark("chain.node-shows", Arguments{{"message", message}}, checks, "script-error"));
}

std::vector<Message> config_chain(const DiagnosedCause& cause, Checks checks, const Subject& subject) {
    std::vector<Message> chain;
    Arguments read = told(cause.finding);
    read["config"] = subject.config_file.empty() ? "config.ini" : subject.config_file;
    chain.push_back(with_landmark("chain.reads-config", std::move(read), checks, "load-config"));
    const bool sent = has_effect(cause, {Cause::proxy_key_rejected, Cause::proxy_upstream_failed});
    if (sent) {
        chain.push_back(with_landmark("chain.sends-bad-key", {}, checks, "fetch-usage"));
    } else if (has_effect(cause, {Cause::proxy_no_key})) {
        chain.emplace_back("chain.stops-without-key");
    }
    add_answer(chain, cause, checks);
    return chain;
}

std::vector<Message> upstream_chain(const DiagnosedCause& cause, Checks checks, const Subject& subject) {
    std::vector<Message> chain;
    chain.push_back(with_landmark("chain.calls-upstream", Arguments{{"url", subject.base_url}}, checks, "fetch-usage"));
    chain.emplace_back("chain.upstream-fails", told(cause.finding));
    add_answer(chain, cause, checks);
    return chain;
}

std::vector<Message> route_chain(const DiagnosedCause& cause, Checks checks) {
    std::vector<Message> chain;
    chain.push_back(with_landmark("chain.route-missing", told(cause.finding), checks, "ensure-route-call"));
    const bool seen = find_finding(checks, Cause::route_not_registered) != nullptr ||
                      find_finding(checks, Cause::route_registered_late) != nullptr ||
                      find_finding(checks, Cause::route_api_prefix_missing) != nullptr;
    chain.push_back(
        with_landmark(seen ? "chain.page-gets-404" : "chain.page-gets-no-answer", {}, checks, "script-fetch"));
    return chain;
}

std::vector<Message> local_chain(const DiagnosedCause& cause) {
    std::vector<Message> chain;
    chain.emplace_back("chain.server-unusable", told(cause.finding));
    chain.emplace_back("chain.page-gets-no-answer");
    return chain;
}

std::vector<Message> chain_of(const DiagnosedCause& cause, Checks checks, const Subject& subject) {
    const Cause code = cause.finding.code;
    const std::string_view area = area_of(code);
    if (has_effect(cause, {Cause::local_server_down, Cause::local_crashed_at_start}) || area == "local") {
        return local_chain(cause);
    }
    if (area == "config") {
        return config_chain(cause, checks, subject);
    }
    if (area == "upstream" || area == "system") {
        return upstream_chain(cause, checks, subject);
    }
    if (area == "route" || (area == "install" && code != Cause::install_server_mismatch)) {
        return route_chain(cause, checks);
    }
    std::vector<Message> chain;
    chain.emplace_back("chain.breaks-here", told(cause.finding));
    add_answer(chain, cause, checks);
    return chain;
}

// The node's own key box: what it does depends on whether the page sends its key with the balance query.
Message node_key_box(Checks checks, const Subject& subject) {
    const std::optional<bool> sends = flag_fact(checks, check_id::frontend_extension, {"sends_node_key"});
    std::string id = "alternative.node-key-box.unknown";
    if (sends.has_value()) {
        id = *sends ? "alternative.node-key-box.sent" : "alternative.node-key-box.not-sent";
    } else if (subject.plugin_family == "V2" || subject.plugin_family == "V3") {
        id = "alternative.node-key-box.sent";
    }
    return with_landmark(id, {}, checks, "node-key-priority");
}

bool is_about_configured_key(Cause code) {
    return area_of(code) == "config" && code != Cause::config_value_invalid && code != Cause::config_key_exposed;
}

}  // namespace

void conclude(DiagnosedCause& cause, std::span<const CheckResult> checks, const Subject& subject) {
    cause.because = reasons(cause, checks, subject);
    if (cause.finding.severity == Severity::error || !cause.effects.empty()) {
        cause.leads_to = chain_of(cause, checks, subject);
    }
    if (is_about_configured_key(cause.finding.code)) {
        cause.alternatives.push_back(node_key_box(checks, subject));
        cause.alternatives.emplace_back("alternative.as-node");
    }
}

}  // namespace banana
