#include "banana/cause.hpp"
#include "names.hpp"
#include "report_sections.hpp"

#include <algorithm>

namespace banana::sections {
namespace {

constexpr std::string_view kCurrent = "current-value";
constexpr std::string_view kCorrected = "corrected-file";
constexpr std::string_view kKeyToFillIn = "<YOUR-KEY>";  // in place of a key nowhere to be shown whole

// As observed; what a check names by a word of ours, in the reader's language.
Inline displayable_value(const View& view, const Evidence& evidence) {
    if (evidence.value.empty()) {
        return view.say("report.empty");
    }
    const std::string word = "evidence-word." + evidence.value;
    return view.texts.has(word) ? view.say(word) : code_span(evidence.value);
}

// File, current value and what it should be, as far as the evidence has them.
void add_observations(const View& view, const DiagnosedCause& cause, Blocks& blocks) {
    const Finding& finding = cause.finding;
    std::vector<Inline> items;
    const auto with_file = std::find_if(finding.evidence.begin(), finding.evidence.end(), [](const Evidence& evidence) {
        return !evidence.file.empty() && evidence.id != kCorrected;
    });
    if (with_file != finding.evidence.end()) {
        items.push_back(labelled(view, "report.file", place_of(view, *with_file)));
    } else if (cause.remedy.edits_config && !view.report.subject.config_file.empty()) {
        items.push_back(labelled(view, "report.file", code_span(view.report.subject.config_file)));
    }
    for (const Evidence& evidence : finding.evidence) {
        if (evidence.id == kCorrected || evidence.is_block()) {
            continue;
        }
        const std::string label = evidence.id == kCurrent ? std::string("report.current") : "evidence." + evidence.id;
        Inline value = displayable_value(view, evidence);
        if (with_file != finding.evidence.end() && &evidence != &*with_file && !evidence.file.empty()) {
            // A file that is the evidence itself is named once.
            value = evidence.value == evidence.file
                        ? place_of(view, evidence)
                        : std::move(value) + text_span(" (") + place_of(view, evidence) + text_span(")");
        }
        items.push_back(labelled(view, label, std::move(value)));
    }
    if (cause.remedy.wants_key) {
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

void add_corrected_file(const View& view, const Finding& finding, Blocks& blocks) {
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

// What it brought about, for support: the codes folded under it, and the checks that could not run.
void add_effects(const View& view, const DiagnosedCause& cause, Blocks& blocks) {
    std::vector<Inline> items;
    if (!cause.effects.empty()) {
        items.push_back(labelled(view, "report.effects", codes_of(cause.effects)));
    }
    if (!cause.skipped.empty()) {
        std::string names;
        for (const std::string& id : cause.skipped) {
            names += (names.empty() ? "" : view.texts.text("report.list-comma")) + check_name(id, view.texts);
        }
        items.push_back(labelled(view, "report.skipped-for", text_span(names)));
    }
    if (!items.empty()) {
        blocks.push_back(bullet_list(std::move(items)));
    }
}

// The head says what is wrong, and the steps what to do: here is what was seen of it.
void add_primary(const View& view, const DiagnosedCause& cause, Blocks& blocks) {
    blocks.push_back(
        heading(3, view.say("report.problem", Arguments{{"number", 1}}) + view.of(cause.finding, "title")));
    add_observations(view, cause, blocks);
    blocks.push_back(paragraph(labelled(view, "report.impact", view.of(cause.finding, "impact"))));
    add_corrected_file(view, cause.finding, blocks);
    add_effects(view, cause, blocks);
}

void add_problem(const View& view, const DiagnosedCause& cause, int number, Blocks& blocks) {
    const Finding& finding = cause.finding;
    blocks.push_back(heading(3, view.say("report.problem", Arguments{{"number", number}}) + view.of(finding, "title")));
    blocks.push_back(paragraph(view.say(view.id_of(finding, "message"), view.brief(finding.args))));
    add_observations(view, cause, blocks);
    blocks.push_back(paragraph(labelled(view, "report.impact", view.of(finding, "impact"))));
    blocks.push_back(paragraph(strong_span(view.texts.text("report.fix")) + view.say("report.colon")));
    blocks.push_back(steps_list(view, view.id_of(finding, "fix"), finding.args));
    add_corrected_file(view, finding, blocks);
    add_effects(view, cause, blocks);
}

// What was ruled out, with what shows it, in one line; what was not examined is in the table of checks.
void add_suspects(const View& view, Blocks& blocks) {
    Inline ruled_out;
    for (const Message& suspect : view.report.diagnosis.narrative.ruled_out) {
        ruled_out = (ruled_out.empty() ? Inline() : std::move(ruled_out) + view.say("report.semicolon")) +
                    view.texts.rich(suspect);
    }
    if (!ruled_out.empty()) {
        blocks.push_back(paragraph(labelled(view, "report.ruled-out", std::move(ruled_out))));
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
                items.push_back(view.of(finding, "title") + why + text_span(" ") +
                                code_span(std::string(code_of(finding.code))));
            }
        }
    }
    if (!items.empty()) {
        blocks.push_back(paragraph(strong_span(view.texts.text("report.also-noticed")) + view.say("report.colon")));
        blocks.push_back(bullet_list(std::move(items)));
    }
}

}  // namespace

Blocks possible_causes(const View& view) {
    Blocks blocks;
    blocks.push_back(heading(2, view.say("report.causes.heading")));
    add_primary(view, *view.report.diagnosis.primary, blocks);
    int number = 2;
    for (const DiagnosedCause& cause : view.report.diagnosis.others) {
        add_problem(view, cause, number++, blocks);
    }
    add_suspects(view, blocks);
    add_warnings(view, blocks);
    return blocks;
}

}  // namespace banana::sections
