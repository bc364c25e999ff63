#include "report_document.hpp"

#include "banana/cause.hpp"
#include "names.hpp"
#include "report_sections.hpp"
#include "ticket_head.hpp"

#include <iterator>

namespace banana {
namespace sections {

namespace json = boost::json;

namespace {

void add(Blocks& all, Blocks more) {
    all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

Callout::Tone tone_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::healthy: return Callout::Tone::good;
        case Verdict::attention: return Callout::Tone::caution;
        case Verdict::broken: return Callout::Tone::bad;
        case Verdict::inconclusive: return Callout::Tone::unknown;
    }
    return Callout::Tone::unknown;
}

}  // namespace

std::string readable_time(const std::string& rfc3339) {
    constexpr std::size_t kMinutes = 16;
    constexpr std::size_t kOffset = 6;
    if (rfc3339.size() < kMinutes + kOffset || rfc3339[10] != 'T') {
        return rfc3339;
    }
    const std::string offset = rfc3339.ends_with('Z') ? "" : rfc3339.substr(rfc3339.size() - kOffset);
    return rfc3339.substr(0, 10) + " " + rfc3339.substr(11, 5) + " (UTC" + offset + ")";
}

namespace {

Inline without_indent(const Inline& line) {
    Inline copy = line;
    if (!copy.empty() && copy.front().text.starts_with(kCommandIndent)) {
        copy.front().text.erase(0, kCommandIndent.size());
    }
    return copy;
}

bool is_command(const Inline& line) {
    return plain(line).starts_with(kCommandIndent);
}

}  // namespace

std::string View::id_of(const Finding& finding, std::string_view field) const {
    return texts.cause_text_id(code_of(finding.code), field, finding.args);
}

Inline View::of(const Finding& finding, std::string_view field) const {
    return texts.rich(id_of(finding, field), finding.args);
}

Arguments View::brief(const Arguments& args) const {
    const std::string& folder = report.subject.plugin_dir;
    Arguments shorter = args;
    if (folder.empty()) {
        return shorter;
    }
    for (auto& member : shorter) {
        const std::string_view text = text_or_empty(&member.value());
        const bool inside = text.size() > folder.size() + 1 && text.starts_with(folder) &&
                            (text[folder.size()] == '/' || text[folder.size()] == '\\');
        if (inside) {
            member.value() = std::string(text.substr(folder.size() + 1));
        }
    }
    return shorter;
}

Inline labelled(const View& view, std::string_view label, Inline value) {
    return strong_span(view.texts.text(label)) + view.say("report.colon") + std::move(value);
}

Block steps_list(const View& view, std::string_view id, const Arguments& args) {
    List list;
    list.ordered = true;
    std::string command;
    const auto end_command = [&] {
        if (!command.empty() && !list.items.empty()) {
            list.items.back().push_back(code_block("", command));
        }
        command.clear();
    };
    for (const Inline& line : view.texts.rich_lines(id, args)) {
        if (is_command(line)) {
            command += plain(without_indent(line)) + "\n";
            continue;
        }
        end_command();
        Blocks item;
        item.push_back(paragraph(line));
        list.items.push_back(std::move(item));
    }
    end_command();
    return Block(std::move(list));
}

const Evidence* evidence_of(const Finding& finding, std::string_view id) {
    for (const Evidence& evidence : finding.evidence) {
        if (evidence.id == id) {
            return &evidence;
        }
    }
    return nullptr;
}

std::string_view key_source_of(const boost::json::object& entry) {
    return text_member(entry, "key_source");
}

const boost::json::object* balance_of(const boost::json::object& entry) {
    const boost::json::object* figures = object_member(entry, "balance");
    return figures != nullptr && !figures->empty() ? figures : nullptr;
}

const boost::json::object* tested_balance(const View& view) {
    const auto& tested = view.report.subject.key_under_test;
    const boost::json::array* keys = if_array(find_fact(view.checks(), check_id::upstream_api, {"by_key"}));
    if (!tested || keys == nullptr) {
        const CheckResult* check = find_check(view.checks(), check_id::upstream_api);
        return check != nullptr ? balance_of(check->facts) : nullptr;
    }
    for (const boost::json::value& entry : *keys) {
        if (entry.is_object() && key_source_of(entry.get_object()) == tested->source) {
            return balance_of(entry.get_object());
        }
    }
    return nullptr;
}

Inline place_of(const View& view, const Evidence& evidence) {
    if (evidence.file.empty()) {
        return {};
    }
    Arguments args{{"file", evidence.file}};
    if (!evidence.line) {
        return view.say("report.in-file", args);
    }
    args["line"] = *evidence.line;
    return view.say("report.at-line", args);
}

Block head_box(const View& view) {
    Callout box;
    box.tone = tone_of(view.report.diagnosis.verdict);
    std::vector<Inline> items;
    for (HeadLine& line : ticket_head(view.report, view.texts)) {
        if (line.label.empty()) {
            box.blocks.push_back(paragraph(std::move(line.text)));
        } else {
            items.push_back(strong_span(std::move(line.label)) + view.say("report.colon") + std::move(line.text));
        }
    }
    box.blocks.push_back(bullet_list(std::move(items)));
    return Block(std::move(box));
}

Blocks open_questions(const View& view) {
    std::vector<Inline> items;
    const Narrative& narrative = view.report.diagnosis.narrative;
    for (const std::string& id : narrative.open) {
        items.push_back(text_span(check_name(id, view.texts)) + view.say("report.colon") +
                        view.texts.rich(find_check(view.checks(), id)->summary));
    }
    Blocks blocks;
    if (!items.empty()) {
        blocks.push_back(heading(2, view.say("report.open.heading")));
        blocks.push_back(bullet_list(std::move(items)));
        std::vector<Inline> steps;
        for (const Message& step : narrative.next_steps) {
            steps.push_back(view.texts.rich(step));
        }
        if (!steps.empty()) {
            blocks.push_back(paragraph(strong_span(view.texts.text("report.open.next")) + view.say("report.colon")));
            blocks.push_back(numbered_list(std::move(steps)));
        }
    }
    return blocks;
}

Blocks warnings(const View& view) {
    Blocks blocks;
    if (view.report.diagnosis.verdict == Verdict::broken || view.report.diagnosis.others.empty()) {
        return blocks;
    }
    blocks.push_back(heading(2, view.say("report.warnings.heading")));
    for (const DiagnosedCause& cause : view.report.diagnosis.others) {
        blocks.push_back(heading(3, view.of(cause.finding, "title")));
        blocks.push_back(paragraph(view.of(cause.finding, "message")));
        std::vector<Inline> because;
        for (const Message& reason : cause.because) {
            because.push_back(view.brief(reason));
        }
        if (!because.empty()) {
            blocks.push_back(bullet_list(std::move(because)));
        }
        // What is shown to break nothing has no such effect, nor has a proxy through which the balance came.
        const bool is_disproved =
            kept_refutation(cause.finding) ||
            (cause.finding.code == Cause::upstream_proxy_failure && view.report.diagnosis.narrative.balance_came);
        if (!is_disproved) {
            blocks.push_back(paragraph(labelled(view, "report.impact", view.of(cause.finding, "impact"))));
        }
        blocks.push_back(paragraph(strong_span(view.texts.text("report.fix")) + view.say("report.colon")));
        blocks.push_back(steps_list(view, view.id_of(cause.finding, "fix"), cause.finding.args));
    }
    return blocks;
}

Blocks repairs_made(const View& view) {
    Blocks blocks;
    if (view.report.repairs.empty()) {
        return blocks;
    }
    std::vector<Inline> items;
    for (const RepairMade& made : view.report.repairs) {
        const Arguments args{{"file", made.file}, {"backup", made.backup}};
        items.push_back(view.say(made.backup.empty() ? "report.repair" : "report.repair.with-backup", args));
        for (const std::string& change : made.changes) {
            const std::string id = "fix.mend." + change;
            if (view.texts.has(id)) {
                items.push_back(view.say(id));
            }
        }
    }
    blocks.push_back(heading(2, view.say("report.repairs.heading")));
    blocks.push_back(bullet_list(std::move(items)));
    return blocks;
}

Blocks footer(const View& view) {
    Blocks blocks;
    if (view.report.diagnosis.verdict != Verdict::healthy) {
        blocks.push_back(Block(Rule{}));
    }
    const bool demo = view.report.subject.circumstances.demo;
    blocks.push_back(paragraph(view.say(demo ? "report.footer.demo" : "report.footer")));
    return blocks;
}

}  // namespace sections

Document report_document(const Report& report, const Catalog& texts) {
    const sections::View view{report, texts};
    Document document;
    document.language = std::string(texts.language());
    document.title = texts.text("report.title");
    Blocks& blocks = document.blocks;
    blocks.push_back(heading(1, text_span(document.title)));
    blocks.push_back(sections::head_box(view));
    sections::add(blocks, sections::repairs_made(view));
    if (report.diagnosis.verdict == Verdict::broken) {
        blocks.push_back(Block(sections::chain_diagram(view)));
    }
    sections::add(blocks, sections::test_results(view));
    if (report.diagnosis.verdict == Verdict::broken) {
        sections::add(blocks, sections::possible_causes(view));
        sections::add(blocks, sections::diagnosis_steps(view));
        sections::add(blocks, sections::code_analysis(view));
        sections::add(blocks, sections::most_likely_cause(view));
        sections::add(blocks, sections::solution(view));
    } else {
        sections::add(blocks, sections::warnings(view));
        sections::add(blocks, sections::open_questions(view));
    }
    sections::explain_own_commands(view, blocks);
    sections::add(blocks, sections::footer(view));
    return document;
}

}  // namespace banana
