#include "narrative.hpp"

#include "banana/cause.hpp"
#include "banana/key_source.hpp"
#include "banana/system_name.hpp"
#include "reasoning.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>

namespace banana {
namespace {

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

// What plugins and ComfyUI's own environment hold is taken up at its start. A setting of Windows counts at once, and
// what stands before ComfyUI, or at another address, is not mended by it.
bool needs_restart(const Finding& finding, const Situation& run) {
    const Variant variant = variant_of(finding);
    switch (finding.code) {
        case Cause::upstream_tls_untrusted: return variant == Variant::bundle;
        case Cause::upstream_proxy_failure: return !run.service.proxies || run.service.proxies->source != "system";
        case Cause::proxy_upstream_failed:
            return variant != Variant::rate_limited && variant != Variant::server_error &&
                   variant != Variant::no_words && variant != Variant::comes_and_goes;
        // The plugin's own code failed; what else spoils an answer stands between ComfyUI and whoever asks.
        case Cause::proxy_bad_response: return variant == Variant::none || variant == Variant::server_error;
        case Cause::install_plugin_not_found: return variant != Variant::given && variant != Variant::closed;
        case Cause::install_server_mismatch: return variant == Variant::moved;
        case Cause::route_api_prefix_missing: return variant != Variant::behind_proxy;
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

// The plugin's answer did not come, or what came is none of its own: what it did before is not known.
bool is_without_own_answer(Cause code) {
    return code == Cause::proxy_response_timeout || code == Cause::proxy_bad_response;
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
    if (is_without_own_answer(code)) {
        return Link::show;
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
    // A guess of the address tells nothing of the service.
    const LinkState service =
        run.service.host_known.value_or(true) ? state_seen(run.checks, check_id::upstream_api) : LinkState::unknown;
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
    // A bad key goes all the way, and fails there; one that is no header goes nowhere.
    const Finding* rejected = run.find(Cause::proxy_key_rejected);
    const bool is_sent = rejected != nullptr && variant_of(*rejected) != Variant::unusable;
    if (*broken == Link::read_key && is_sent && has_effect(*primary, {Cause::proxy_key_rejected})) {
        at(Link::query) = LinkState::works;
        at(Link::answer) = LinkState::fails;
    }
    if (answer == LinkState::fails) {
        at(Link::show) = LinkState::fails;
    }
    return chain;
}

// Where the cause lies in the plugin's own source.
void find_in_code(Narrative& narrative, const Finding& finding) {
    narrative.code_path = CodePath::query;
    const bool has_crashed = finding.code == Cause::proxy_bad_response && variant_of(finding) == Variant::server_error;
    switch (area_of(finding.code)) {
        case Area::frontend: narrative.broken_landmark = "script-fetch"; break;
        case Area::config: narrative.broken_landmark = "load-config"; break;
        case Area::proxy:
            narrative.broken_landmark = finding.code == Cause::proxy_no_key   ? "load-config"
                                        : has_crashed                         ? "handler"
                                        : is_without_own_answer(finding.code) ? ""
                                                                              : "fetch-usage";
            break;
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
        const bool is_query_lost =
            run.find(Cause::proxy_response_timeout) != nullptr || run.find(Cause::proxy_bad_response) != nullptr;
        all.emplace_back(is_query_lost ? "report.suspect.route.ruled-out.stored" : "report.suspect.route.ruled-out",
                         is_query_lost ? Arguments{{"status", run.route.status_with_api}} : Arguments());
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
        find_in_code(narrative, primary->finding);
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
