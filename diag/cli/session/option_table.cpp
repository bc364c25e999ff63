#include "option_table.hpp"

#include "display_width.hpp"

#include <algorithm>
#include <array>

namespace banana {
namespace {

using Takes = OptionRow::Takes;
using Value = OptionRow::Value;

constexpr std::array kCommands{
    CommandRow{"run", Command::run},
    CommandRow{"demo", Command::demo, true},
    CommandRow{"self-test", Command::self_test, true},
    CommandRow{"fix", Command::fix},
    CommandRow{"explain", Command::explain, true},
    CommandRow{"render", Command::render, true},
    CommandRow{"redact", Command::redact, true},
};

constexpr std::array kOptions{
    OptionRow{"comfyui-dir", OptionGroup::places, Takes::value, '\0', Value::folder},
    OptionRow{"plugin-dir", OptionGroup::places, Takes::value, '\0', Value::folder},
    OptionRow{"config", OptionGroup::places, Takes::value, '\0', Value::file},
    OptionRow{"comfyui-url", OptionGroup::places, Takes::value, '\0', Value::other},
    OptionRow{"comfyui-header-file", OptionGroup::places, Takes::value, '\0', Value::file},
    OptionRow{"base-url", OptionGroup::places, Takes::value, '\0', Value::other},
    OptionRow{"line", OptionGroup::places, Takes::value, '\0', Value::other},
    OptionRow{"api-key-file", OptionGroup::network, Takes::value, '\0', Value::file},
    OptionRow{"as-node", OptionGroup::network},
    OptionRow{"proxy", OptionGroup::network, Takes::value, '\0', Value::other},
    OptionRow{"ca-file", OptionGroup::network, Takes::value, '\0', Value::file},
    OptionRow{"only", OptionGroup::checks, Takes::value, '\0', Value::other},
    OptionRow{"skip", OptionGroup::checks, Takes::value, '\0', Value::other},
    OptionRow{"deep", OptionGroup::checks},
    OptionRow{"watch", OptionGroup::checks},
    OptionRow{"wait", OptionGroup::checks, Takes::value, '\0', Value::other},
    OptionRow{"timeout", OptionGroup::checks, Takes::value, '\0', Value::other},
    OptionRow{"deadline", OptionGroup::checks, Takes::value, '\0', Value::other},
    OptionRow{"dry-run", OptionGroup::repair},
    OptionRow{"yes", OptionGroup::repair},
    OptionRow{"undo", OptionGroup::repair},
    OptionRow{"output", OptionGroup::output, Takes::values, '\0', Value::file},
    OptionRow{"format", OptionGroup::output, Takes::value, '\0', Value::choice, "markdown json html metrics"},
    OptionRow{"lang", OptionGroup::output, Takes::value, '\0', Value::choice, "auto zh-CN en"},
    OptionRow{"color", OptionGroup::output, Takes::value, '\0', Value::choice, "auto always never"},
    OptionRow{"copy", OptionGroup::output},
    OptionRow{"no-data", OptionGroup::output},
    OptionRow{"list", OptionGroup::output},
    OptionRow{"quiet", OptionGroup::output, Takes::nothing, 'q'},
    OptionRow{"verbose", OptionGroup::output, Takes::nothing, 'v'},
    OptionRow{"version", OptionGroup::output},
    OptionRow{"help", OptionGroup::output, Takes::nothing, 'h'},
};

constexpr int kIndent = 2;
constexpr int kColumn = 26;  // where the explanations begin

std::string blanks(int count) {
    return std::string(static_cast<std::size_t>(std::max(count, 0)), ' ');
}

// "  left      right", the right part wrapped; a long left part stands on a line of its own.
std::string two_columns(const std::string& left, const std::string& right, int width) {
    std::string text = blanks(kIndent) + left;
    const int used = kIndent + display_width(left);
    if (used + 2 > kColumn) {
        text += "\n" + blanks(kColumn);
    } else {
        text += blanks(kColumn - used);
    }
    bool first = true;
    for (const std::string& line : wrap(right, width - kColumn)) {
        text += (first ? "" : "\n" + blanks(kColumn)) + line;
        first = false;
    }
    return text + "\n";
}

std::string left_of(const OptionRow& row, const Catalog& texts) {
    std::string left = row.letter != '\0' ? "-" + std::string(1, row.letter) + ", " : std::string();
    left += "--" + std::string(row.name);
    if (row.takes != Takes::nothing) {
        left += " " + texts.text("option." + std::string(row.name) + ".value");
    }
    return left;
}

std::string wrapped_paragraph(const std::string& text, int width) {
    std::string all;
    for (const std::string& line : wrap(text, width)) {
        all += line + "\n";
    }
    return all;
}

}  // namespace

std::span<const CommandRow> command_rows() {
    return kCommands;
}

std::span<const OptionRow> option_rows() {
    return kOptions;
}

std::vector<std::string_view> command_names() {
    std::vector<std::string_view> names;
    for (const CommandRow& row : kCommands) {
        names.push_back(row.name);
    }
    return names;
}

std::vector<std::string_view> option_names() {
    std::vector<std::string_view> names;
    for (const OptionRow& row : kOptions) {
        names.push_back(row.name);
    }
    return names;
}

std::string help_text(const Catalog& texts, int width) {
    std::string text = wrapped_paragraph(texts.text("usage.what"), width) + "\n";
    for (const CommandRow& row : kCommands) {
        const std::string prefix = "command." + std::string(row.name);
        text += two_columns(texts.text(prefix + ".usage"), texts.text(prefix + ".help"), width);
    }
    for (const OptionGroup group :
         {OptionGroup::places, OptionGroup::network, OptionGroup::checks, OptionGroup::repair, OptionGroup::output}) {
        text += "\n" + texts.text("option-group." + std::string(name_of(group))) + "\n";
        for (const OptionRow& row : kOptions) {
            if (row.group == group) {
                text +=
                    two_columns(left_of(row, texts), texts.text("option." + std::string(row.name) + ".help"), width);
            }
        }
    }
    return text + "\n" + wrapped_paragraph(texts.text("usage.exit-codes"), width) +
           wrapped_paragraph(texts.text("usage.keys"), width);
}

}  // namespace banana
