#include "explain.hpp"

#include "banana/cause.hpp"
#include "display_width.hpp"
#include "names.hpp"
#include "symptoms.hpp"

#include <algorithm>
#include <vector>

namespace banana {
namespace {

constexpr std::string_view kIndent = "  ";

std::string paragraph_text(std::string_view text, int width, std::string_view indent = kIndent) {
    std::string all;
    for (const std::string& line : wrap(text, width - static_cast<int>(indent.size()))) {
        all += std::string(indent) + line + "\n";
    }
    return all;
}

// A line that starts with four spaces is a command: never wrapped, so that it can be pasted.
std::string step_lines(const std::vector<std::string>& lines, int width) {
    std::string all;
    for (const std::string& line : lines) {
        all += line.starts_with(kCommandIndent) ? std::string(kIndent) + line + "\n" : paragraph_text(line, width);
    }
    return all;
}

// What stands in general for the values of a certain run: "explain.value.<name>".
Arguments general_values(const Catalog& texts) {
    constexpr std::string_view kPrefix = "explain.value.";
    Arguments values;
    for (const CatalogEntry& entry : texts.entries()) {
        if (entry.id.starts_with(kPrefix)) {
            values[entry.id.substr(kPrefix.size())] = entry.text;
        }
    }
    return values;
}

std::string title_of(const Catalog& texts, std::string_view code) {
    return texts.text("cause." + std::string(code) + ".title", general_values(texts));
}

std::string section(const Catalog& texts, std::string_view heading, const std::string& body) {
    return body.empty() ? std::string() : "\n" + texts.text(heading) + "\n" + body;
}

constexpr std::string_view kConditionIndent = "    ";

// Each code once, with all the conditions under which it is related.
std::string related(const Catalog& texts, std::string_view heading, const std::vector<ExplainedRow>& rows, int width) {
    std::string body;
    for (const CauseInfo& other : kCauses) {
        bool named = false;
        for (const ExplainedRow& row : rows) {
            if (row.cause != other.cause) {
                continue;
            }
            if (!named) {
                body += paragraph_text(std::string(other.code) + "  " + title_of(texts, other.code), width);
                named = true;
            }
            const std::string when = "explain.when." + std::string(row.when);
            body += texts.has(when) ? paragraph_text(texts.text(when), width, kConditionIndent) : std::string();
        }
    }
    return section(texts, heading, body);
}

std::string circumstances(const Catalog& texts, std::string_view heading, const std::vector<std::string_view>& names,
                          int width) {
    std::string body;
    for (const std::string_view name : names) {
        body += paragraph_text(texts.text("explain.given." + std::string(name)), width);
    }
    return section(texts, heading, body);
}

}  // namespace

std::optional<std::string> explain(std::string_view code, const ExplainedRows& rows, const Catalog& texts, int width) {
    const auto cause = cause_from_code(code);
    if (!cause) {
        return std::nullopt;
    }
    const std::string prefix = "cause." + std::string(code) + ".";
    std::string text = std::string(code) + " (" +
                       texts.text("word.severity." + std::string(severity_name(info(*cause).severity))) + ")\n" +
                       paragraph_text(title_of(texts, code), width);
    const Arguments values = general_values(texts);
    const auto field = [&](std::string_view heading, std::string_view name) {
        text += section(texts, heading, step_lines(texts.text_lines(prefix + std::string(name), values), width));
    };
    field("explain.meaning", "meaning");
    field("explain.impact", "impact");
    field("explain.detection", "detection");
    field("explain.fix", "fix");
    if (texts.has(prefix + "alternatives")) {
        field("explain.alternatives", "alternatives");
    }
    return text + related(texts, "explain.effects", rows.effects, width) +
           related(texts, "explain.causes", rows.causes, width) +
           circumstances(texts, "explain.harmless", rows.harmless, width) +
           circumstances(texts, "explain.harmful", rows.harmful, width);
}

std::optional<std::string> explain_symptom(std::string_view what, const Catalog& texts, int width) {
    constexpr std::size_t kMostSymptoms = 3;  // of a whole log line the first say enough
    std::vector<const Symptom*> shown = symptoms_in(what);
    if (shown.empty()) {
        return std::nullopt;
    }
    shown.resize(std::min(shown.size(), kMostSymptoms));
    std::vector<Cause> causes;
    std::string questions;
    for (const Symptom* symptom : shown) {
        for (const Cause cause : symptom->causes) {
            if (std::find(causes.begin(), causes.end(), cause) == causes.end()) {
                causes.push_back(cause);
            }
        }
        questions += paragraph_text(texts.text("explain.ask." + std::string(symptom->name)), width);
    }
    std::string text;
    if (!causes.empty()) {
        text += texts.text("explain.can-mean") + "\n";
        for (const Cause cause : causes) {
            const std::string code(code_of(cause));
            text += paragraph_text(code + "  " + title_of(texts, code), width);
        }
        text += "\n" + texts.text("explain.tell-apart") + "\n";
    }
    text += questions;
    return causes.empty() ? text : text + "\n" + texts.text("explain.more") + "\n";
}

std::string explain_list(const Catalog& texts, int width) {
    int column = 0;
    for (const CauseInfo& entry : kCauses) {
        column = std::max(column, display_width(entry.code));
    }
    std::string text;
    std::string_view area;
    for (const CauseInfo& entry : kCauses) {
        const std::string_view next_area = entry.code.substr(0, entry.code.find('.'));
        if (next_area != area) {
            text += (area.empty() ? "" : "\n") + texts.text("explain.area." + std::string(next_area)) + "\n";
            area = next_area;
        }
        const std::string padding(static_cast<std::size_t>(column - display_width(entry.code) + 2), ' ');
        const std::string title = title_of(texts, entry.code);
        text += std::string(kIndent) + std::string(entry.code) + padding +
                fit(title, std::max(width - column - 4, 20)) + "\n";
    }
    return text;
}

}  // namespace banana
