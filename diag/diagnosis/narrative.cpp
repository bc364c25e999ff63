#include "narrative.hpp"

#include "banana/cause.hpp"
#include "banana/key_source.hpp"
#include "banana/system_name.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>

namespace banana {
namespace {

constexpr std::size_t kEvidenceShown = 2;

// "<id>.at-line" where the landmark is known, else "<id>".
Message with_landmark(const std::string& id, Arguments args, const Situation& run, std::string_view landmark) {
    const bool known = run.add_landmark(args, landmark);
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
Arguments naming_arguments(const Finding& finding) {
    Arguments args = finding.args;
    args["code"] = code_of(finding.code);
    return args;
}

// V1 passes an upstream's failure on as a success without data: the node shows no message, but `-` for the numbers.
bool is_passed_on_without_data(const Situation& run) {
    return run.query.http_status == 200 && run.query.summary_lines && !run.query.summary_lines->empty();
}

// What the user's button got, as the round trip saw it.
std::optional<Message> round_trip_outcome(const Situation& run) {
    const facts::Query& query = run.query;
    if (!run.is_query_answered || !run.has_query_failed) {
        return std::nullopt;
    }
    if (query.message) {
        return Message(
            is_passed_on_without_data(run) ? "because.round-trip-without-data" : "because.round-trip-message",
            Arguments{{"message", *query.message}});
    }
    return query.http_status
               ? std::optional(Message("because.round-trip-status", Arguments{{"status", *query.http_status}}))
               : std::nullopt;
}

// What the route answered is of this cause: it is what was seen there, or brings that about.
bool is_behind_the_answer(const DiagnosedCause& cause) {
    return area_of(cause.finding.code) == Area::proxy ||
           std::any_of(cause.effects.begin(), cause.effects.end(),
                       [](Cause effect) { return area_of(effect) == Area::proxy; });
}

// Nothing is wrong with the key or the way to it; what only became a warning for another reason still is wrong.
bool is_key_well_formed(const Situation& run) {
    const CheckResult* config = find_check(run.checks, check_id::config_key);
    return run.is_working(check_id::config_key) &&
           std::none_of(config->findings.begin(), config->findings.end(),
                        [](const Finding& finding) { return has_trait(finding.code, Trait::edits_config); });
}

// The links that were seen to work, so that the cause cannot lie there.
void add_seen_to_work(std::vector<Message>& because, Cause cause, const Situation& run) {
    const Area area = area_of(cause);
    const Subject& subject = *run.subject;
    if (area != Area::upstream && run.is_working(check_id::upstream_api) && run.balance_left() != nullptr) {
        // With two keys tried, which one the balance is of.
        const std::string source = subject.key_under_test ? subject.key_under_test->source : std::string();
        because.emplace_back(
            run.service.by_key ? "because.upstream-works.for-key" : "because.upstream-works",
            Arguments{{"url", subject.base_url}, {"available", *run.balance_left()}, {"key_source", source}});
    }
    if (area != Area::config && is_key_well_formed(run)) {
        because.emplace_back("because.config-good", Arguments{{"file", subject.config_file}});
    }
    if (area != Area::route && area != Area::install && run.route.with_api_prefix) {
        because.emplace_back("because.route-present");
    }
    if (area != Area::frontend && run.is_working(check_id::frontend_extension) && run.script.path) {
        because.emplace_back("because.script-served", Arguments{{"path", *run.script.path}});
    }
}

std::vector<Message> reasons(const DiagnosedCause& cause, const Situation& run) {
    std::vector<Message> because;
    for (const Evidence& evidence : cause.finding.evidence) {
        if (because.size() < kEvidenceShown && !evidence.is_block() && !evidence.value.empty()) {
            because.push_back(evidence_message(evidence));
        }
    }
    if (auto outcome = round_trip_outcome(run); outcome && is_behind_the_answer(cause)) {
        because.push_back(std::move(*outcome));
    }
    // The file is repaired, and the key in it may still be a bad one.
    const bool holds_key =
        has_trait(cause.finding.code, Trait::edits_config) && !has_trait(cause.finding.code, Trait::wants_key);
    if (holds_key && run.service.key_tried == false) {
        because.emplace_back("because.key-untested");
    }
    // A warning that breaks nothing needs nothing ruled out.
    if (cause.finding.severity == Severity::error || !cause.effects.empty()) {
        add_seen_to_work(because, cause.finding.code, run);
    }
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
void add_answer(std::vector<Message>& chain, const DiagnosedCause& cause, const Situation& run) {
    const std::optional<std::string>& seen = run.query.message;
    if (!run.is_query_answered || !seen || !is_behind_the_answer(cause)) {
        chain.push_back(with_landmark("chain.error-expected", {}, run, "error-response"));
        return;
    }
    if (is_passed_on_without_data(run)) {
        chain.emplace_back("chain.answer-without-data");
        return;
    }
    chain.push_back(with_landmark("chain.error-response", Arguments{{"message", *seen}}, run, "error-response"));
    chain.push_back(with_landmark("chain.node-shows", Arguments{{"message", *seen}}, run, "script-error"));
}

std::vector<Message> config_chain(const DiagnosedCause& cause, const Situation& run) {
    std::vector<Message> chain;
    Arguments read = naming_arguments(cause.finding);
    read["config"] = run.subject->config_file.empty() ? "config.ini" : run.subject->config_file;
    chain.push_back(with_landmark("chain.reads-config", std::move(read), run, "load-config"));
    const bool refused = has_effect(cause, {Cause::proxy_key_rejected});
    if (refused || has_effect(cause, {Cause::proxy_upstream_failed})) {
        const bool of_file =
            cause.finding.code == Cause::config_key_placeholder || cause.finding.code == Cause::config_key_malformed;
        const std::string id = of_file ? "chain.sends-bad-key" : "chain.sends-own-sample";
        chain.push_back(with_landmark(refused ? id : id + ".unsaid", {}, run, "fetch-usage"));
    } else if (has_effect(cause, {Cause::proxy_no_key})) {
        chain.emplace_back("chain.stops-without-key");
    }
    add_answer(chain, cause, run);
    return chain;
}

std::vector<Message> upstream_chain(const DiagnosedCause& cause, const Situation& run) {
    std::vector<Message> chain;
    chain.push_back(
        with_landmark("chain.calls-upstream", Arguments{{"url", run.subject->base_url}}, run, "fetch-usage"));
    chain.emplace_back("chain.upstream-fails", naming_arguments(cause.finding));
    add_answer(chain, cause, run);
    return chain;
}

std::vector<Message> route_chain(const DiagnosedCause& cause, const Situation& run) {
    std::vector<Message> chain;
    chain.push_back(with_landmark("chain.route-missing", naming_arguments(cause.finding), run, "ensure-route-call"));
    const bool seen = run.find(Cause::route_not_registered) != nullptr ||
                      run.find(Cause::route_registered_late) != nullptr ||
                      run.find(Cause::route_api_prefix_missing) != nullptr;
    chain.push_back(with_landmark(seen ? "chain.page-gets-404" : "chain.page-gets-no-answer", {}, run, "script-fetch"));
    return chain;
}

std::vector<Message> local_chain(const DiagnosedCause& cause) {
    std::vector<Message> chain;
    chain.emplace_back("chain.server-unusable", naming_arguments(cause.finding));
    chain.emplace_back("chain.page-gets-no-answer");
    return chain;
}

// A fault of the key that the node would use, or of its way into the query.
bool is_about_nodes_key(const Finding& finding) {
    return is_given_key(finding.key_source) || finding.code == Cause::frontend_key_not_sent ||
           finding.code == Cause::proxy_key_override_ignored;
}

// What is asked for the node comes to nothing, and what the button does works.
std::vector<Message> stored_key_chain(const DiagnosedCause& cause) {
    std::vector<Message> chain;
    if (cause.finding.code != Cause::frontend_key_not_sent) {
        chain.emplace_back("chain.node-key-asked-directly", naming_arguments(cause.finding));
    }
    chain.emplace_back("chain.node-key-not-asked");
    return chain;
}

std::vector<Message> chain_of(const DiagnosedCause& cause, const Situation& run) {
    const Cause code = cause.finding.code;
    if (run.is_only_stored_key_asked() && is_about_nodes_key(cause.finding)) {
        return stored_key_chain(cause);
    }
    const Area area = area_of(code);
    if (has_effect(cause, {Cause::local_server_down, Cause::local_crashed_at_start}) || area == Area::local) {
        return local_chain(cause);
    }
    if (area == Area::config) {
        return config_chain(cause, run);
    }
    if (area == Area::upstream || area == Area::system) {
        return upstream_chain(cause, run);
    }
    if (area == Area::route || (area == Area::install && code != Cause::install_server_mismatch)) {
        return route_chain(cause, run);
    }
    std::vector<Message> chain;
    chain.emplace_back("chain.breaks-here", naming_arguments(cause.finding));
    add_answer(chain, cause, run);
    return chain;
}

// The node's own key box: what it does depends on whether the page sends its key with the balance query.
Message node_key_box(const Situation& run) {
    const std::string& family = run.subject->plugin_family;
    std::string id = "alternative.node-key-box.unknown";
    if (run.script.sends_node_key) {
        id = *run.script.sends_node_key ? "alternative.node-key-box.sent" : "alternative.node-key-box.not-sent";
    } else if (family == "V2" || family == "V3") {
        id = "alternative.node-key-box.sent";
    }
    // A report of an earlier version names no box.
    const Subject& subject = *run.subject;
    const std::string_view box = subject.plugin.empty() ? "api_key" : plugin_text(subject, "key_box");
    Arguments args{{"box", box}};
    // The landmark is where images choose a key; the balance query has a place of its own.
    const bool is_about_images = id != "alternative.node-key-box.sent";
    return is_about_images ? with_landmark(id, std::move(args), run, "node-key-priority")
                           : Message(id, std::move(args));
}

// Where else than in config.ini this release takes a key from.
void add_other_keys(std::vector<Message>& alternatives, bool about_file, const Situation& run) {
    const Subject& subject = *run.subject;
    const std::string_view elsewhere = plugin_text(subject, "key_elsewhere");
    const bool has_box = subject.plugin.empty() || plugin_fact(subject, "key_box") != nullptr;
    if (about_file && has_box) {
        alternatives.push_back(node_key_box(run));
    }
    if (about_file && elsewhere == "task-center") {
        alternatives.emplace_back("alternative.task-center");
    }
    if (elsewhere == "workflow") {
        alternatives.emplace_back("alternative.workflow-key");
    }
}

// What plugins and ComfyUI's own environment hold is taken up at its start.
// A setting of Windows counts at once.
bool needs_restart(const Finding& finding, const Situation& run) {
    const Variant variant = variant_of(finding);
    switch (finding.code) {
        case Cause::upstream_tls_untrusted: return variant == Variant::bundle;
        case Cause::upstream_proxy_failure: return !run.service.proxies || run.service.proxies->source != "system";
        case Cause::proxy_upstream_failed: return variant != Variant::rate_limited && variant != Variant::server_error;
        case Cause::proxy_key_rejected: return variant == Variant::works_directly;
        // What does not run is started by its own step.
        case Cause::local_server_down: return variant == Variant::starting;
        default: return has_trait(finding.code, Trait::needs_restart);
    }
}

// An editor would make a new file where the right one only has another name or place, or cannot be read.
bool has_nothing_to_edit(const Finding& finding, const Subject& subject) {
    const Variant variant = variant_of(finding);
    const bool elsewhere =
        finding.code == Cause::config_file_missing && variant != Variant::none && variant != Variant::just_written;
    // What opens there is the system's own editor, and that of a Unix terminal changes no encoding.
    const bool about_encoding = finding.code == Cause::config_bom || finding.code == Cause::config_encoding;
    return elsewhere || finding.code == Cause::config_file_unreadable ||
           (about_encoding && system_of(subject) != SystemName::windows);
}

Remedy remedy_of(const Finding& finding, const Situation& run) {
    const Area area = area_of(finding.code);
    const bool is_corrected = std::any_of(finding.evidence.begin(), finding.evidence.end(),
                                          [](const Evidence& evidence) { return evidence.id == "corrected-value"; });
    Remedy remedy;
    remedy.edits_config = has_trait(finding.code, Trait::edits_config);
    remedy.opens_editor = remedy.edits_config && !has_nothing_to_edit(finding, *run.subject);
    remedy.wants_key = has_trait(finding.code, Trait::wants_key) && !is_corrected;
    remedy.restart = needs_restart(finding, run);
    // Only V3 has several; a plugin that was not seen may have some.
    const std::string& family = run.subject->plugin_family;
    remedy.other_lines = !has_trait(finding.code, Trait::of_one_line) || (family != "V1" && family != "V2");
    remedy.ask_in_browser =
        area == Area::config || area == Area::route || area == Area::frontend || area == Area::proxy;
    return remedy;
}

// The plugin's own query may have gone with another key than the one under test.
bool is_asked_with_tested_key(const Situation& run) {
    const auto& tested = run.subject->key_under_test;
    if (!tested || !is_given_key(tested->source) || run.query.key_sent) {
        return true;
    }
    const std::string_view stored = text_fact(run.checks, check_id::config_key, {"api_key", "sha256_8"});
    return !stored.empty() && stored == tested->sha256_8;
}

Message headline_of(const Diagnosis& diagnosis, const Situation& run) {
    const bool balance_came = run.has_balance_come();
    const std::string id = "verdict." + std::string(verdict_name(diagnosis.verdict)) + ".headline";
    if (diagnosis.primary) {
        if (run.is_only_stored_key_asked() && is_about_nodes_key(diagnosis.primary->finding)) {
            return Message(id + ".stored-key-works");
        }
        // A cause that is merely possible claims no more.
        return Message(diagnosis.primary->confidence == Confidence::possible ? id + ".possible" : id);
    }
    const bool good = diagnosis.verdict == Verdict::healthy || diagnosis.verdict == Verdict::attention;
    return Message(good && !balance_came ? id + ".in-part" : id);
}

// The link of the chain at which the cause lies.
Link link_of(Cause code, const Situation& run) {
    const Area area = area_of(code);
    if (area == Area::local || code == Cause::install_comfyui_not_found || code == Cause::install_plugin_duplicate) {
        return Link::ask;
    }
    if (area == Area::install || area == Area::route || area == Area::frontend) {
        return Link::route;
    }
    if (area == Area::config || code == Cause::proxy_no_key) {
        return Link::read_key;
    }
    return area == Area::upstream && !run.service.http_status ? Link::query : Link::answer;
}

LinkState state_seen(Checks checks, std::string_view id) {
    const CheckResult* check = find_answered(checks, id);
    if (check == nullptr) {
        return LinkState::unknown;
    }
    return check->status == Status::fail ? LinkState::fails : LinkState::works;
}

using Chain = std::array<LinkState, kLinks>;

// As the checks saw it, up to the link that broke.
Chain chain_seen(const DiagnosedCause* primary, std::optional<Link> broken, const Situation& run) {
    const LinkState service = state_seen(run.checks, check_id::upstream_api);
    const LinkState answer = state_seen(run.checks, check_id::proxy_round_trip);
    Chain chain{state_seen(run.checks, check_id::local_server),
                state_seen(run.checks, check_id::route_registration),
                state_seen(run.checks, check_id::config_key),
                service,
                service,
                answer};
    if (!broken) {
        return chain;
    }
    const auto at = [&](Link link) -> LinkState& { return chain[static_cast<std::size_t>(link)]; };
    at(*broken) = LinkState::fails;
    std::fill(chain.begin() + static_cast<std::ptrdiff_t>(*broken) + 1, chain.end(), LinkState::not_reached);
    // A bad key goes all the way, and fails there.
    if (*broken == Link::read_key && has_effect(*primary, {Cause::proxy_key_rejected})) {
        at(Link::query) = LinkState::works;
        at(Link::answer) = LinkState::fails;
    }
    if (answer == LinkState::fails) {
        at(Link::show) = LinkState::fails;
    }
    return chain;
}

// Where the cause lies in the plugin's own source.
void find_in_code(Narrative& narrative, Area area) {
    narrative.code_path = CodePath::query;
    switch (area) {
        case Area::frontend: narrative.broken_landmark = "script-fetch"; break;
        case Area::config: narrative.broken_landmark = "load-config"; break;
        case Area::proxy: narrative.broken_landmark = "fetch-usage"; break;
        case Area::route:
            narrative.code_path = CodePath::registration;
            narrative.broken_landmark = "ensure-route-call";
            break;
        default: narrative.code_path = CodePath::none;
    }
}

bool is_diagnosed(const Diagnosis& diagnosis, Area area) {
    const auto matches = [&](Cause cause) { return area_of(cause) == area; };
    const auto touches = [&](const DiagnosedCause& cause) {
        return matches(cause.finding.code) || std::any_of(cause.effects.begin(), cause.effects.end(), matches);
    };
    return (diagnosis.primary && touches(*diagnosis.primary)) ||
           std::any_of(diagnosis.others.begin(), diagnosis.others.end(), touches);
}

// The usual suspects that are no cause of this run, with what shows it.
std::vector<Message> ruled_out(const Diagnosis& diagnosis, const Situation& run) {
    constexpr std::string_view kPlainRoute = "/banana/token_usage";
    std::vector<Message> all;
    const CheckResult* script = find_answered(run.checks, check_id::frontend_extension);
    if (!is_diagnosed(diagnosis, Area::frontend) && script != nullptr && script->status != Status::fail &&
        run.script.path && run.script.called_path == kPlainRoute) {
        all.emplace_back("report.suspect.frontend.ruled-out", Arguments{{"called", kPlainRoute}});
    }
    if (!is_diagnosed(diagnosis, Area::route) && run.route.with_api_prefix) {
        all.emplace_back("report.suspect.route.ruled-out");
    }
    return all;
}

bool has_variant(const CheckResult& check, Variant variant) {
    return std::any_of(check.findings.begin(), check.findings.end(),
                       [&](const Finding& finding) { return variant_of(finding) == variant; });
}

// Whether a check that was wanted has no answer, or only a part of one.
bool is_unfinished(const CheckResult& check) {
    const bool unwanted = check.skip_reason.empty() || check.skip_reason == skip_reason::not_selected ||
                          check.skip_reason == skip_reason::not_applicable;
    return check.incomplete || !unwanted;
}

bool is_asked(const Situation& run) {
    return find_answered(run.checks, check_id::proxy_round_trip) != nullptr;
}

std::string_view step_for(const CheckResult& check, const Situation& run) {
    if (check.skip_reason == skip_reason::deadline) {
        return "report.try.deadline";
    }
    if (check.skip_reason == skip_reason::interrupted) {
        return "report.try.again";
    }
    if (has_variant(check, Variant::exhausted)) {
        return "report.try.limits";
    }
    if (has_variant(check, Variant::closed)) {
        return "report.try.account";
    }
    if (check.skip_reason == code_of(Cause::internal_check_failed)) {
        return "report.try.report-fault";
    }
    const bool is_query = check.id == check_id::proxy_round_trip;
    if (find_finding(Checks(&check, 1), Cause::upstream_insecure_url) != nullptr ||
        (is_query && run.query.insecure.value_or(false))) {
        return "report.try.https";
    }
    if ((check.id == check_id::upstream_api || is_query) && run.is_line_unknown()) {
        // What the running server shows did not tell, and a label would not.
        const bool is_asked_by_plugin = is_asked(run) && run.query.host_known.value_or(true);
        return is_asked_by_plugin                       ? "report.try.name-address"
               : run.is_working(check_id::local_server) ? "report.try.name-line.running"
                                                        : "report.try.name-line";
    }
    const CheckResult* config = find_check(run.checks, check_id::config_key);
    const bool is_key_elsewhere = config != nullptr && config->incomplete && config->skip_reason.empty();
    if (check.id == check_id::config_key || (check.id == check_id::upstream_api && is_key_elsewhere)) {
        return "report.try.other-option";
    }
    if (check.id == check_id::upstream_api && run.is_service_without_key()) {
        return "report.try.give-key";
    }
    if (check.id == check_id::deep_key_destination && run.is_host_unknown()) {
        return "report.try.all-checks";
    }
    // The script is there and says more than was understood.
    const bool is_script_unclear =
        check.id == check_id::frontend_extension && run.script.path && run.script.called_path;
    const bool is_question_unclear = is_query && run.query.key_withheld && !run.script.sends_node_key;
    if (is_script_unclear || is_question_unclear || (check.id == check_id::route_registration && run.route.page_asks)) {
        return "report.try.other-question";
    }
    if (check.id == check_id::startup_log) {
        return "report.try.restart";
    }
    return check.id == check_id::upstream_api ? "report.try.network" : "report.try.comfyui";
}

void add_unfinished(Narrative& narrative, const Situation& run) {
    for (const CheckResult& check : run.checks) {
        if (!is_unfinished(check)) {
            continue;
        }
        narrative.open.push_back(check.id);
        if (check.skip_reason.starts_with(skip_reason::need_prefix)) {
            continue;  // a check that waited for another is answered with that other
        }
        const std::string_view id = step_for(check, run);
        const bool known = std::any_of(narrative.next_steps.begin(), narrative.next_steps.end(),
                                       [&](const Message& step) { return step.id == id; });
        if (!known) {
            narrative.next_steps.emplace_back(std::string(id));
        }
    }
}

}  // namespace

void tell(DiagnosedCause& cause, const std::optional<Message>& refutation, const Situation& run) {
    cause.because = reasons(cause, run);
    if (refutation) {
        cause.because.insert(cause.because.begin(), *refutation);
    } else if (cause.finding.severity == Severity::error || !cause.effects.empty()) {
        cause.leads_to = chain_of(cause, run);
    }
    const bool about_file = has_trait(cause.finding.code, Trait::edits_config);
    if (about_file || has_trait(cause.finding.code, Trait::about_key) ||
        cause.finding.code == Cause::proxy_key_rejected) {
        add_other_keys(cause.alternatives, about_file, run);
    }
    if (about_file) {
        cause.alternatives.emplace_back("alternative.as-node");
    }
    cause.remedy = remedy_of(cause.finding, run);
}

void tell(Diagnosis& diagnosis, const Situation& run) {
    Narrative& narrative = diagnosis.narrative;
    const DiagnosedCause* primary = diagnosis.primary ? &*diagnosis.primary : nullptr;
    narrative.balance_came = run.has_balance_come();
    narrative.is_amount_of_key = narrative.balance_came && is_asked_with_tested_key(run);
    narrative.headline = headline_of(diagnosis, run);
    if (primary != nullptr) {
        narrative.broken_link = link_of(primary->finding.code, run);
        find_in_code(narrative, area_of(primary->finding.code));
    }
    narrative.chain = chain_seen(primary, narrative.broken_link, run);
    narrative.ruled_out = ruled_out(diagnosis, run);
    // Only the early V1 multiplies; it is known by sending the sample key to the service.
    const Finding* sample = run.find(Cause::config_key_placeholder);
    narrative.factor_multiplies =
        run.subject->plugin_family == "V1" && sample != nullptr && variant_of(*sample) == Variant::sample_sent;
    add_unfinished(narrative, run);
}

}  // namespace banana
