#include "names.hpp"
#include "report_sections.hpp"

namespace banana::sections {

Blocks most_likely_cause(const View& view) {
    const DiagnosedCause& primary = *view.report.diagnosis.primary;
    Blocks blocks;
    blocks.push_back(heading(2, view.say("report.likely.heading")));
    blocks.push_back(paragraph(strong_span(plain(view.of(primary.finding, "title")))));
    blocks.push_back(paragraph(view.say("report.confidence." + std::string(confidence_name(primary.confidence)))));
    std::vector<Inline> because;
    for (const Message& reason : primary.because) {
        because.push_back(view.texts.rich(reason));
    }
    if (!because.empty()) {
        blocks.push_back(paragraph(strong_span(view.texts.text("report.evidence")) + view.say("report.colon")));
        blocks.push_back(numbered_list(std::move(because)));
    }
    std::vector<Inline> chain;
    for (const Message& step : primary.leads_to) {
        chain.push_back(view.texts.rich(step));
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
    const Arguments& args = cause.finding.args;
    return texts.rich_lines(texts.cause_text_id(code_of(cause.finding.code), "alternatives", args), args);
}

Blocks solution(const View& view) {
    const DiagnosedCause& primary = *view.report.diagnosis.primary;
    const Arguments& args = primary.finding.args;
    Blocks blocks;
    blocks.push_back(heading(2, view.say("report.solution.heading")));
    blocks.push_back(heading(3, view.say("report.solution.now")));
    blocks.push_back(steps_list(view, view.id_of(primary.finding, "fix"), args));
    if (!view.report.diagnosis.others.empty()) {
        blocks.push_back(paragraph(view.say("report.solution.also")));
        std::vector<Inline> others;
        for (const DiagnosedCause& cause : view.report.diagnosis.others) {
            others.push_back(view.of(cause.finding, "title"));
        }
        blocks.push_back(bullet_list(std::move(others)));
    }
    std::vector<Inline> alternatives = alternatives_of(primary, view.texts);
    blocks.push_back(heading(3, view.say("report.solution.alternative")));
    if (alternatives.empty()) {
        blocks.push_back(paragraph(view.say("report.solution.no-alternative")));
    } else {
        blocks.push_back(bullet_list(std::move(alternatives)));
    }
    return blocks;
}

}  // namespace banana::sections
