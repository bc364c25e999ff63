#include "names.hpp"
#include "report_sections.hpp"

#include <algorithm>

namespace banana::sections {
namespace {

constexpr std::string_view kCurrent = "current-value";
constexpr std::string_view kCorrected = "corrected-file";
constexpr std::string_view kKeyToFillIn = "<YOUR-KEY>";  // in place of a key nowhere to be shown whole
constexpr std::string_view kPlainRoute = "/banana/token_usage";

// Whether the value is to be replaced by a key, rather than its own repaired.
bool needs_a_key(const Finding& finding) {
    const Cause code = finding.code;
    const bool without =
        code == Cause::config_key_placeholder || code == Cause::config_key_empty || code == Cause::config_key_malformed;
    return without && evidence_of(finding, "corrected-value") == nullptr;
}

// As observed; what a check names by a word of ours, in the reader's language.
Inline shown_value(const View& view, const Evidence& evidence) {
    if (evidence.value.empty()) {
        return view.say("report.empty");
    }
    const std::string word = "evidence-word." + evidence.value;
    return view.texts.has(word) ? view.say(word) : code_span(evidence.value);
}

// File, current value and what it should be, as far as the evidence has them.
void add_observations(const View& view, const Finding& finding, Blocks& blocks) {
    std::vector<Inline> items;
    const auto with_file = std::find_if(finding.evidence.begin(), finding.evidence.end(), [](const Evidence& evidence) {
        return !evidence.file.empty() && evidence.id != kCorrected;
    });
    if (with_file != finding.evidence.end()) {
        items.push_back(labelled(view, "report.file", place_of(view, *with_file)));
    } else if (is_config_cause(finding) && !view.report.subject.config_file.empty()) {
        items.push_back(labelled(view, "report.file", code_span(view.report.subject.config_file)));
    }
    for (const Evidence& evidence : finding.evidence) {
        if (evidence.id == kCorrected || evidence.is_block()) {
            continue;
        }
        const std::string label = evidence.id == kCurrent ? std::string("report.current") : "evidence." + evidence.id;
        Inline value = shown_value(view, evidence);
        if (with_file != finding.evidence.end() && &evidence != &*with_file && !evidence.file.empty()) {
            value = std::move(value) + text_span(" (") + place_of(view, evidence) + text_span(")");
        }
        items.push_back(labelled(view, label, std::move(value)));
    }
    if (needs_a_key(finding)) {
        const std::string_view key = text_argument(finding, "replacement");
        const bool given = !key.empty() && key != kKeyToFillIn;
        items.push_back(
            labelled(view, "report.should-be",
                     given ? view.say("report.your-key", Arguments{{"key", key}}) : view.say("report.real-key")));
    }
    if (!items.empty()) {
        blocks.push_back(bullet_list(std::move(items)));
    }
    for (const Evidence& evidence : finding.evidence) {
        if (evidence.id != kCorrected && evidence.is_block()) {
            blocks.push_back(paragraph(strong_span(view.texts.text("evidence." + evidence.id)) +
                                       view.say("report.colon") + place_of(view, evidence)));
            blocks.push_back(code_block("", evidence.value));
        }
    }
}

void add_impact(const View& view, const DiagnosedCause& cause, Blocks& blocks) {
    blocks.push_back(paragraph(strong_span(view.texts.text("report.impact")) + view.say("report.colon")));
    std::vector<Inline> items{view.of(cause.finding, "impact")};
    for (const Message& step : cause.leads_to) {
        items.push_back(view.texts.rich(step));
    }
    blocks.push_back(bullet_list(std::move(items)));
}

void add_fix(const View& view, const Finding& finding, Blocks& blocks) {
    blocks.push_back(paragraph(strong_span(view.texts.text("report.fix")) + view.say("report.colon")));
    blocks.push_back(steps_list(view, view.id_of(finding, "fix"), finding.args));
    if (const Evidence* corrected = evidence_of(finding, kCorrected)) {
        blocks.push_back(paragraph(view.say("report.corrected-file", Arguments{{"file", corrected->file}})));
        blocks.push_back(code_block("ini", corrected->value));
    }
}

Inline codes_of(const std::vector<Cause>& causes) {
    Inline codes;
    for (const Cause cause : causes) {
        Inline separator = text_span(codes.empty() ? "" : ", ");
        codes = std::move(codes) + std::move(separator) + code_span(std::string(code_of(cause)));
    }
    return codes;
}

void add_problem(const View& view, const DiagnosedCause& cause, int number, Blocks& blocks) {
    blocks.push_back(
        heading(3, view.say("report.problem", Arguments{{"number", number}}) + view.of(cause.finding, "title")));
    blocks.push_back(paragraph(view.of(cause.finding, "message")));
    add_observations(view, cause.finding, blocks);
    add_impact(view, cause, blocks);
    add_fix(view, cause.finding, blocks);
    const Inline confidence = view.say("word.confidence." + std::string(confidence_name(cause.confidence)));
    const Inline code = code_span(std::string(code_of(cause.finding.code)));
    blocks.push_back(paragraph(labelled(view, "report.code", code + text_span(" · ") + confidence)));
    if (!cause.effects.empty()) {
        blocks.push_back(paragraph(labelled(view, "report.effects", codes_of(cause.effects))));
    }
    if (!cause.skipped.empty()) {
        std::string ids;
        for (const std::string& id : cause.skipped) {
            ids += (ids.empty() ? "" : ", ") + id;
        }
        blocks.push_back(paragraph(labelled(view, "report.skipped-for", code_span(ids))));
    }
}

bool is_diagnosed(const View& view, std::string_view area) {
    const Diagnosis& diagnosis = view.report.diagnosis;
    const auto matches = [&](Cause cause) { return area_of(cause) == area; };
    const auto touches = [&](const DiagnosedCause& cause) {
        return matches(cause.finding.code) || std::any_of(cause.effects.begin(), cause.effects.end(), matches);
    };
    return (diagnosis.primary && touches(*diagnosis.primary)) ||
           std::any_of(diagnosis.others.begin(), diagnosis.others.end(), touches);
}

// "Ruled out", with the evidence; or "not checked", with the reason. Never a guess.
void add_suspect(const View& view, std::string_view name, std::string_view check_name, bool ruled_out,
                 const Arguments& evidence, int number, Blocks& blocks) {
    const std::string prefix = "report.suspect." + std::string(name);
    const std::string state = ruled_out ? "report.suspect.ruled-out" : "report.suspect.not-checked";
    blocks.push_back(heading(
        3, view.say("report.problem", Arguments{{"number", number}}) + view.say(prefix + ".title") + view.say(state)));
    if (ruled_out) {
        blocks.push_back(paragraph(view.say(prefix + ".ruled-out", evidence)));
        return;
    }
    const CheckResult* check = find_check(view.checks(), check_name);
    const Inline reason = check == nullptr ? view.say("summary.skip.not-selected") : view.texts.rich(check->summary);
    blocks.push_back(paragraph(view.say("report.suspect.reason") + reason));
}

void add_suspects(const View& view, int number, Blocks& blocks) {
    const Checks checks = view.checks();
    if (!is_diagnosed(view, "frontend")) {
        const std::string_view path = text_fact(checks, check_id::frontend_extension, {"path"});
        const std::string_view called = text_fact(checks, check_id::frontend_extension, {"called_path"});
        const CheckResult* check = find_answered(checks, check_id::frontend_extension);
        const bool known = check != nullptr && check->status != Status::fail && !path.empty() && called == kPlainRoute;
        add_suspect(view, "frontend", check_id::frontend_extension, known,
                    Arguments{{"path", path}, {"called", called}}, number++, blocks);
    }
    if (!is_diagnosed(view, "route")) {
        const bool present = flag_fact(checks, check_id::route_registration, {"with_api_prefix"}).value_or(false);
        add_suspect(view, "route", check_id::route_registration, present, {}, number, blocks);
    }
}

// Warnings of a broken run break nothing themselves: a line each.
void add_warnings(const View& view, Blocks& blocks) {
    std::vector<Inline> items;
    for (const CheckResult& check : view.report.checks) {
        for (const Finding& finding : check.findings) {
            const Diagnosis& diagnosis = view.report.diagnosis;
            const bool shown =
                std::any_of(diagnosis.others.begin(), diagnosis.others.end(),
                            [&](const DiagnosedCause& cause) { return cause.finding.code == finding.code; }) ||
                (diagnosis.primary && diagnosis.primary->finding.code == finding.code);
            if (finding.severity == Severity::warning && !shown) {
                const std::optional<Message> refutation = kept_refutation(finding);
                const Inline why = refutation ? text_span(" ") + view.texts.rich(*refutation) : Inline();
                items.push_back(view.of(finding, "message") + why + text_span(" ") +
                                code_span(std::string(code_of(finding.code))));
            }
        }
    }
    if (!items.empty()) {
        blocks.push_back(heading(3, view.say("report.also-noticed")));
        blocks.push_back(bullet_list(std::move(items)));
    }
}

}  // namespace

Blocks possible_causes(const View& view) {
    Blocks blocks;
    blocks.push_back(heading(2, view.say("report.causes.heading")));
    int number = 1;
    add_problem(view, *view.report.diagnosis.primary, number++, blocks);
    for (const DiagnosedCause& cause : view.report.diagnosis.others) {
        add_problem(view, cause, number++, blocks);
    }
    add_suspects(view, number, blocks);
    add_warnings(view, blocks);
    return blocks;
}

}  // namespace banana::sections
