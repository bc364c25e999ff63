#include "banana/cause.hpp"
#include "banana/percent_encoding.hpp"
#include "banana/system_name.hpp"
#include "report_sections.hpp"
#include "shell_command.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <cstdio>

namespace banana::sections {
namespace {

namespace json = boost::json;

constexpr std::string_view kRoute = "/api/banana/token_usage";

// How to open the file; false where the system has no command for it.
bool add_editor(const View& view, Blocks& blocks) {
    const std::string& file = view.report.subject.config_file;
    const SystemName system = system_named(text_member(view.report.subject.environment, "os"), file);
    const std::string command = editor_command(system, file);
    if (command.empty()) {
        return false;
    }
    const bool windows = system == SystemName::windows;
    blocks.push_back(paragraph(view.say(windows ? "report.step.open-editor.windows" : "report.step.open-editor")));
    blocks.push_back(code_block(windows ? "" : "bash", command));
    return true;
}

// "Step 1: Fix the proxy": what is done, in a few words. A cause's own, else its area's.
Inline action_of(const View& view, const Finding& finding) {
    const std::string own = "report.step.do." + std::string(code_of(finding.code));
    return view.say(view.texts.has(own) ? own : "report.step.do." + std::string(area_name(finding.code)));
}

// The fix, in full: here and nowhere else.
void add_fix_step(const View& view, const DiagnosedCause& cause, Blocks& blocks) {
    const Finding& finding = cause.finding;
    blocks.push_back(heading(3, view.say("report.step", Arguments{{"number", 1}}) + action_of(view, finding)));
    // The command names the whole path.
    const bool opened = cause.remedy.opens_editor && add_editor(view, blocks);
    blocks.push_back(steps_list(view, view.id_of(finding, "fix"), opened ? view.brief(finding.args) : finding.args));
    if (evidence_of(finding, "corrected-file") != nullptr) {
        blocks.push_back(paragraph(view.say("report.step.corrected-above")));
    }
}

// What the loader prints when this plugin starts rightly; empty for one whose loader is not known.
std::string log_lines(const View& view) {
    const std::string_view family = view.report.subject.plugin_family;
    if (family != "V1" && family != "V2" && family != "V3") {
        return {};
    }
    const std::string header = one_line(plugin_text(view.report.subject, "loader_header"));
    return (header.empty() ? "" : header + "\n") + view.texts.text("report.log-line.loaded");
}

// The numbers of the other problems that a restart belongs to, as they are counted above.
std::string others_to_restart_for(const View& view) {
    std::string numbers;
    int number = 1;
    for (const DiagnosedCause& cause : view.report.diagnosis.others) {
        ++number;
        if (cause.remedy.restart) {
            numbers += (numbers.empty() ? "" : view.texts.text("report.list-comma")) + std::to_string(number);
        }
    }
    return numbers;
}

// `others`: whose problems it is for, where the first one needs none.
void add_restart_step(const View& view, int number, const std::string& others, Blocks& blocks) {
    blocks.push_back(
        heading(3, view.say("report.step", Arguments{{"number", number}}) + view.say("report.step.restart")));
    if (!others.empty()) {
        blocks.push_back(paragraph(view.say("report.step.restart.for-others", Arguments{{"numbers", others}})));
    }
    blocks.push_back(paragraph(view.say("report.step.restart.how")));
    const std::string lines = log_lines(view);
    if (!lines.empty()) {
        blocks.push_back(paragraph(view.say("report.step.log-lines")));
        blocks.push_back(code_block("", lines));
    }
}

// The page's own question, without the key that it may carry.
std::string query_path(const View& view) {
    const Checks checks = view.checks();
    std::string path(kRoute);
    const std::string& family = view.report.subject.plugin_family;
    char separator = '?';
    // The plugin sends its key to the address that the question names: never to a guess.
    const bool is_known = flag_fact(checks, check_id::upstream_api, {"host_known"}).value_or(true);
    if (family == "V1" && is_known && !view.report.subject.base_url.empty()) {
        path += "?base_url=" + percent_encode(view.report.subject.base_url);
        separator = '&';
    }
    const std::string_view line = text_fact(checks, check_id::proxy_round_trip, {"line"});
    if (family == "V3" && !line.empty()) {
        path += "?route=" + percent_encode(line);
        separator = '&';
    }
    return path + separator + "refresh=1";
}

std::string browser_snippet(const View& view) {
    return "fetch(\"" + query_path(view) + "\")\n  .then(r => r.json())\n  .then(console.log)\n  .catch(console.error)";
}

std::string four_decimals(double value) {
    std::array<char, 64> buffer{};
    const int length = std::snprintf(buffer.data(), buffer.size(), "%.4f", value);
    return std::string(buffer.data(), std::min(static_cast<std::size_t>(std::max(length, 0)), buffer.size() - 1));
}

// V1's sentence, as far as this install's own figures fix it: tokens × 0.20 / 100000 × factor.
std::optional<std::string> expected_summary(const View& view) {
    const json::object* balance = tested_balance(view);
    if (!view.report.diagnosis.narrative.factor_multiplies || balance == nullptr) {
        return std::nullopt;
    }
    const std::optional<double> available = number_member(*balance, "total_available");
    const std::optional<double> used = number_member(*balance, "total_used");
    if (!available || !used) {
        return std::nullopt;
    }
    constexpr double kYuanPerToken = 0.20 / 100000;
    double factor = 1;
    const std::string_view text = text_fact(view.checks(), check_id::config_key, {"options", "balance_cost_factor"});
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), factor);
    if (!text.empty() && (error != std::errc{} || end != text.data() + text.size())) {
        return std::nullopt;
    }
    const double scale = kYuanPerToken * factor;
    const Arguments args{{"available", four_decimals(*available * scale)}, {"used", four_decimals(*used * scale)}};
    std::string summary = view.texts.text("report.expected.v1-summary", args);
    if (number_member(*balance, "expires_at") == 0) {
        summary += view.texts.text("report.expected.never-expires");
    }
    return summary;
}

// This account's own figures where they are known.
std::string expected_answer(const View& view) {
    std::string text = "{\n  \"success\": true,\n  \"data\": {";
    const json::object* balance = tested_balance(view);
    bool first = true;
    for (const std::string_view name : {"total_available", "total_granted", "total_used"}) {
        const json::value* value = balance != nullptr ? find_member(*balance, name) : nullptr;
        if (value != nullptr && value->is_number()) {
            text += (first ? "\n    \"" : ",\n    \"") + std::string(name) + "\": " + json::serialize(*value);
            first = false;
        }
    }
    text += first ? "…}" : "\n  }";
    text += ",\n  \"summary\": \"" + expected_summary(view).value_or(view.texts.text("report.expected.any-summary")) +
            "\"\n}";
    return text;
}

void add_browser_step(const View& view, int number, Blocks& blocks) {
    blocks.push_back(
        heading(3, view.say("report.step", Arguments{{"number", number}}) + view.say("report.step.browser")));
    blocks.push_back(numbered_list(view.texts.rich_lines("report.step.browser.how")));
    blocks.push_back(code_block("javascript", browser_snippet(view)));
    blocks.push_back(paragraph(strong_span(view.texts.text("report.expected")) + view.say("report.colon")));
    blocks.push_back(code_block("json", expected_answer(view)));
}

constexpr std::string_view kUsualLabel = "查询余额";

// As this release labels its buttons; the usual one where a report of an earlier version does not say.
std::vector<std::string> button_labels(const View& view) {
    const json::array* buttons = if_array(plugin_fact(view.report.subject, "buttons"));
    std::vector<std::string> labels;
    for (std::size_t index = 0; buttons != nullptr && index < buttons->size(); ++index) {
        if (const json::string* label = (*buttons)[index].if_string()) {
            labels.push_back(one_line(*label));
        }
    }
    if (labels.empty() && view.report.subject.plugin.empty()) {
        labels.emplace_back(kUsualLabel);
    }
    return labels;
}

// “查询余额”“二维码”
std::string quoted_buttons(const View& view, const std::vector<std::string>& labels) {
    std::string all;
    for (const std::string& label : labels) {
        all += "“" + label + "”";
    }
    return all.empty() ? view.texts.text("report.button.unnamed") : all;
}

// The one that asks for the balance: quoted only where its label is known.
std::string balance_button(const View& view, const std::vector<std::string>& labels) {
    const auto is_usual = [](const std::string& label) { return label.find(kUsualLabel) != std::string::npos; };
    const auto is_alike = [](const std::string& label) {
        return label.find("余额") != std::string::npos || label.find("餘額") != std::string::npos ||
               label.find("积分") != std::string::npos || to_lower_ascii(label).find("balance") != std::string::npos;
    };
    auto found = std::find_if(labels.begin(), labels.end(), is_usual);
    found = found != labels.end() ? found : std::find_if(labels.begin(), labels.end(), is_alike);
    if (found == labels.end() && labels.size() == 1) {
        found = labels.begin();
    }
    if (found == labels.end()) {
        return view.texts.text("report.button.unnamed");
    }
    return *found == kUsualLabel ? view.texts.text("report.button.usual") : "“" + *found + "”";
}

void add_node_step(const View& view, int number, Blocks& blocks) {
    blocks.push_back(heading(3, view.say("report.step", Arguments{{"number", number}}) + view.say("report.step.node")));
    const std::string name = one_line(plugin_text(view.report.subject, "node"));
    const std::vector<std::string> labels = button_labels(view);
    const Arguments args{
        {"node", name}, {"button", balance_button(view, labels)}, {"buttons", quoted_buttons(view, labels)}};
    blocks.push_back(numbered_list(
        view.texts.rich_lines(name.empty() ? "report.step.node.how.unnamed" : "report.step.node.how", args)));
}

}  // namespace

Blocks diagnosis_steps(const View& view) {
    const DiagnosedCause& primary = *view.report.diagnosis.primary;
    Blocks blocks;
    blocks.push_back(heading(2, view.say("report.steps.heading")));
    add_fix_step(view, primary, blocks);
    int number = 2;
    const std::string others = primary.remedy.restart ? std::string() : others_to_restart_for(view);
    if (primary.remedy.restart || !others.empty()) {
        add_restart_step(view, number++, others, blocks);
    }
    if (primary.remedy.ask_in_browser) {
        add_browser_step(view, number++, blocks);
    }
    add_node_step(view, number, blocks);
    return blocks;
}

}  // namespace banana::sections
