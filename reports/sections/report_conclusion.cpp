#include "banana/cause.hpp"
#include "names.hpp"
#include "report_sections.hpp"

#include <algorithm>

namespace banana::sections {
namespace {

// Problem 1 shows the finding's own evidence, and names what was ruled out; the results quote the plugin.
bool is_said_before(const Message& reason) {
    return reason.id.starts_with("because.evidence") || reason.id == "because.route-present" ||
           reason.id == "because.script-served" || reason.id == "because.round-trip-message";
}

}  // namespace

Blocks most_likely_cause(const View& view) {
    const DiagnosedCause& primary = *view.report.diagnosis.primary;
    Blocks blocks;
    blocks.push_back(heading(2, view.say("report.likely.heading")));
    blocks.push_back(paragraph(strong_span(plain(view.of(primary.finding, "title"))) + view.say("report.full-stop") +
                               view.say("report.confidence." + std::string(confidence_name(primary.confidence)))));
    std::vector<Inline> because;
    const bool shown_above = std::any_of(primary.because.begin(), primary.because.end(), [](const Message& reason) {
        return reason.id.starts_with("because.evidence");
    });
    for (const Message& reason : primary.because) {
        if (!is_said_before(reason)) {
            because.push_back(view.brief(reason));
        }
    }
    if (!because.empty()) {
        blocks.push_back(
            paragraph(strong_span(view.texts.text(shown_above ? "report.evidence.also" : "report.evidence")) +
                      view.say("report.colon")));
        blocks.push_back(numbered_list(std::move(because)));
    }
    std::vector<Inline> chain;
    for (const Message& step : primary.leads_to) {
        chain.push_back(view.brief(step));
    }
    if (!chain.empty()) {
        blocks.push_back(paragraph(strong_span(view.texts.text("report.conclusion")) + view.say("report.colon")));
        blocks.push_back(numbered_list(std::move(chain)));
    }
    return blocks;
}

std::vector<Inline> alternatives_of(const DiagnosedCause& cause, const Catalog& texts) {
    std::vector<Inline> alternatives;
    for (const Message& alternative : cause.alternatives) {
        alternatives.push_back(texts.rich(alternative));
    }
    if (!alternatives.empty()) {
        return alternatives;
    }
    if (!cause.remedy.other_lines) {
        return alternatives;
    }
    const Arguments& args = cause.finding.args;
    return texts.rich_lines(texts.cause_text_id(code_of(cause.finding.code), "alternatives", args), args);
}

Blocks solution(const View& view) {
    const DiagnosedCause& primary = *view.report.diagnosis.primary;
    Blocks blocks;
    blocks.push_back(heading(2, view.say("report.solution.heading")));
    const std::size_t others = view.report.diagnosis.others.size();
    const std::string now = others == 0 ? "report.solution.now" : "report.solution.now.several";
    blocks.push_back(paragraph(labelled(view, "report.solution.at-once", view.say(now, Arguments{{"count", others}}))));
    std::vector<Inline> alternatives = alternatives_of(primary, view.texts);
    if (!alternatives.empty()) {
        blocks.push_back(
            paragraph(strong_span(view.texts.text("report.solution.alternative")) + view.say("report.colon")));
        blocks.push_back(bullet_list(std::move(alternatives)));
    }
    return blocks;
}

}  // namespace banana::sections
