#include "config_text.hpp"

#include "api_key.hpp"
#include "banana/bounds.hpp"
#include "banana/secret.hpp"
#include "config_mending.hpp"
#include "config_options.hpp"
#include "config_words.hpp"
#include "displayable_text.hpp"
#include "harmless_values.hpp"
#include "key_text.hpp"
#include "python_text.hpp"
#include "sample_key.hpp"
#include "secret_names.hpp"
#include "split_key.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <variant>

namespace banana {
namespace {

constexpr std::string_view kOption = "api_key";
constexpr std::string_view kYourKeyLine = "api_key = <YOUR-KEY>";

std::string indentation_and(std::string_view line, std::string_view text) {
    const std::string_view rest = python_strip_left(line);
    return std::string(line.substr(0, line.size() - rest.size())).append(text);
}

void comment_out(std::string& line) {
    line = "# " + std::string(python_strip(line));
}

void repair_line(std::string& line) {
    const std::string plain = without_invisible(line);
    if (python_strip(plain).empty()) {
        line.clear();
    } else if (const std::string option = meant_option(plain); !option.empty()) {
        line = indentation_and(plain, python_strip(option));
    } else {
        comment_out(line);
    }
}

std::string join_lines(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) {
        text.append(line).push_back('\n');
    }
    return text;
}

bool is_indented(std::string_view line) {
    return !python_strip(line).empty() && python_strip_left(line).size() != line.size();
}

class Proposal {
public:
    explicit Proposal(std::vector<std::string> lines) { result_.lines = std::move(lines); }

    ProposedConfig run() {
        for (std::size_t round = 0; round < bounds::kConfigRepairs; ++round) {
            const IniFile file = IniFile::parse(join_lines(result_.lines));
            if (!file.error()) {
                result_.parses = true;
                break;
            }
            if (!repair(file, *file.error())) {
                break;
            }
        }
        return std::move(result_);
    }

private:
    std::string& line(int number) { return result_.lines[static_cast<std::size_t>(number - 1)]; }

    bool repair(const IniFile& file, const IniError& error) {
        switch (error.kind) {
            case IniErrorKind::missing_header: repair_header(*error.line); return true;
            case IniErrorKind::parsing:
                if (join_split_key(error)) {
                    return true;
                }
                for (const int number : error.lines) {
                    if (const std::string header = meant_header(line(number)); !header.empty()) {
                        line(number) = header;
                    } else {
                        repair_line(line(number));
                    }
                }
                return true;
            case IniErrorKind::duplicate_section: return repair_section(file, error);
            case IniErrorKind::duplicate_option: repair_option(file, error); return true;
            default: return false;
        }
    }

    // The rest of a key that was broken over lines is joined to its beginning, not taken for a line of no use.
    bool join_split_key(const IniError& error) {
        const std::optional<SplitKey> split = find_split_key(result_.lines);
        const bool is_it = split && std::any_of(error.lines.begin(), error.lines.end(), [&](int number) {
                               return number > split->first_line && number <= split->last_line;
                           });
        if (!is_it) {
            return false;
        }
        std::string& option = line(split->first_line);
        option = option.substr(0, option.find_first_of("=:") + 1) + " " + split->value;
        result_.lines.erase(result_.lines.begin() + split->first_line, result_.lines.begin() + split->last_line);
        return true;
    }

    void repair_header(int number) {
        std::string& text = line(number);
        const std::string plain = without_invisible(text);
        if (const std::string header = meant_header(plain); !header.empty()) {
            text = header;
        } else if (plain != text) {
            text = plain;
        } else if (is_option_line(plain) || !meant_option(plain).empty()) {
            result_.lines.insert(result_.lines.begin() + (number - 1), "[gemini]");
        } else {
            comment_out(text);
        }
    }

    // Only a header that repeats the open section can go without moving options into another section.
    bool repair_section(const IniFile& file, const IniError& error) {
        if (file.sections().back().name != error.section) {
            return false;
        }
        comment_out(line(*error.line));
        return true;
    }

    void repair_option(const IniFile& file, const IniError& error) {
        if (error.option == kOption) {
            result_.key_certain = false;
        }
        const IniSection* section = file.section(error.section);
        const IniOption* first = (section != nullptr ? *section : file.defaults()).find(error.option);
        // The later one is what most people mean: it was added last.
        const int from = first != nullptr ? first->line : *error.line;
        const int to = first != nullptr ? first->last_line : *error.line;
        for (int number = from; number <= to; ++number) {
            comment_out(line(number));
        }
        for (int number = to + 1; number < *error.line && is_indented(line(number)); ++number) {
            comment_out(line(number));
        }
    }

    ProposedConfig result_;
};

void mask_value(std::string& line) {
    const std::size_t delimiter = line.find_first_of("=:");
    if (delimiter == std::string::npos || !is_secret_name(line.substr(0, delimiter))) {
        return;
    }
    const std::string_view value = python_strip(std::string_view(line).substr(delimiter + 1));
    if (!value.empty() && !find_sample_key(value)) {
        line.replace(delimiter + 1, std::string::npos, " " + Secret(value).masked());
    }
}

// Scheme and host, perhaps a port: no path, in which a secret could stand.
bool is_plain_host(std::string_view value) {
    const std::size_t path = value.find('/', std::string_view("https://").size());
    return is_plain_address(value) && (path == std::string_view::npos || path + 1 == value.size());
}

// Puts the key line in place of lines `first` to `last` (one-based).
void put_key_line(std::vector<std::string>& lines, int first, int last) {
    lines.erase(lines.begin() + (first - 1), lines.begin() + last);
    lines.insert(lines.begin() + (first - 1), std::string(kYourKeyLine));
}

// Sets the key line; the position of it is returned.
std::size_t set_key_line(std::vector<std::string>& lines) {
    const IniFile file = IniFile::parse(join_lines(lines));
    const IniSection* section = file.section(kPluginSection);
    if (section == nullptr) {
        if (const IniSection* near = near_section(file)) {
            lines[static_cast<std::size_t>(near->line - 1)] = "[gemini]";
            return set_key_line(lines);
        }
        lines.insert(lines.end(), {"[gemini]", std::string(kYourKeyLine)});
        return lines.size() - 1;
    }
    if (const IniOption* option = section->find(kOption)) {
        put_key_line(lines, option->line, option->last_line);
        return static_cast<std::size_t>(option->line - 1);
    }
    const auto near = near_api_key(file, lines);
    if (near && near->kind == "after-header") {
        lines[static_cast<std::size_t>(section->line - 1)] = "[gemini]";
    }
    const bool replace = near && (near->kind == "swallowed" || near->kind == "command" ||
                                  (near->kind == "name" && near->line > section->line));
    if (replace) {
        put_key_line(lines, near->line, near->line);
        return static_cast<std::size_t>(near->line - 1);
    }
    lines.insert(lines.begin() + section->line, std::string(kYourKeyLine));
    return static_cast<std::size_t>(section->line);
}

}  // namespace

std::vector<std::string> split_lines(std::string_view text) {
    std::vector<std::string> lines;
    PythonLines source(text);
    while (const auto line = source.next()) {
        lines.emplace_back(*line);
    }
    return lines;
}

std::string_view other_format(std::string_view text) {
    const std::string_view start = python_strip(text);
    if (start.starts_with("{\\rtf")) {
        return "RTF";
    }
    if (start.starts_with('{')) {
        return "JSON";
    }
    if (start.starts_with('<')) {
        return "XML";
    }
    const std::string_view first = python_strip(start.substr(0, start.find('\n')));
    return first == "---" || first == "gemini:" ? "YAML" : "";
}

bool looks_right_without_invisible(std::string_view text) {
    const std::string plain = without_invisible(text);
    const std::string_view seen = python_strip(plain);
    if (plain == text || seen.empty()) {
        return false;
    }
    const bool header_or_comment = seen == "[gemini]" || seen.front() == '#' || seen.front() == ';';
    return header_or_comment || is_option_line(seen);
}

std::string_view line_mistake(std::string_view line, IniErrorKind kind) {
    const std::string_view text = python_strip(line);
    if (text.find('\0') != std::string_view::npos) {
        return "nul";
    }
    if (looks_right_without_invisible(text)) {
        return "invisible";
    }
    if (text.starts_with(key_text::kKeyPrefix) && !find_key_problem(text)) {
        return "bare-key";
    }
    if (text.starts_with("//")) {
        return "slash-comment";
    }
    if (text.starts_with("```")) {
        return "code-fence";
    }
    if (text == "\x1A") {
        return "control-z";
    }
    if (text.starts_with("［") || text.starts_with("【") || text.starts_with("〔")) {
        return "full-width-bracket";
    }
    if (text.starts_with('[') || !meant_header(text).empty()) {
        return "open-bracket";
    }
    if (text.starts_with('=') || text.starts_with(':')) {
        return kind == IniErrorKind::missing_header ? "text-before-header" : "empty-name";
    }
    if (find_full_width_delimiter(text) != std::string_view::npos && !meant_option(text).empty()) {
        return kind == IniErrorKind::missing_header ? "no-header" : "full-width-delimiter";
    }
    if (kind == IniErrorKind::missing_header) {
        return text.find_first_of("=:") != std::string_view::npos ? "no-header" : "text-before-header";
    }
    return meant_option(text).empty() ? "text" : "no-delimiter";
}

ProposedConfig propose_config(std::string_view bytes, const DecodedConfig& decoded) {
    if (const auto mended = mend_syntax(bytes); const auto* text = std::get_if<std::string>(&mended)) {
        return {split_lines(*text), true, true};
    }
    return Proposal(split_lines(decoded.text)).run();
}

namespace {

// What stands behind the section's header on its line: Python reads nothing of it.
std::string_view behind_header(const IniSection& section, const std::vector<std::string>& lines) {
    if (section.line < 1 || static_cast<std::size_t>(section.line) > lines.size()) {
        return {};
    }
    const std::string_view text = lines[static_cast<std::size_t>(section.line - 1)];
    const std::size_t end = text.rfind(']');
    return end == std::string_view::npos ? std::string_view() : python_strip(text.substr(end + 1));
}

bool is_key_option(std::string_view line) {
    const std::size_t delimiter = line.find_first_of("=:");
    return delimiter != std::string_view::npos && means_api_key(line.substr(0, delimiter));
}

}  // namespace

const IniSection* near_section(const IniFile& file) {
    for (const IniSection& section : file.sections()) {
        if (meant_section(section.name) == kPluginSection) {
            return &section;
        }
    }
    for (const IniSection& section : file.sections()) {
        const std::string meant = meant_name(section.name);
        if (differs_by_one_letter(meant, kPluginSection) || meant == "geminiapi" || meant == "google" ||
            meant == "banana") {
            return &section;
        }
    }
    return nullptr;
}

std::optional<NearOption> near_api_key(const IniFile& file, const std::vector<std::string>& lines) {
    const auto in_lines = [&](const IniOption& option) -> std::optional<NearOption> {
        for (int number = option.line + 1; number <= option.last_line; ++number) {
            const std::string_view text = lines[static_cast<std::size_t>(number - 1)];
            const std::size_t delimiter = text.find_first_of("=:");
            if (delimiter != std::string_view::npos && means_api_key(text.substr(0, delimiter))) {
                return NearOption{"swallowed", std::string(kOption), number, option.name};
            }
        }
        return std::nullopt;
    };
    const IniSection* gemini = file.section(kPluginSection);
    if (gemini != nullptr) {
        for (const IniOption& option : gemini->options) {
            if (means_api_key(option.name) || differs_by_one_letter(meant_name(option.name), "apikey")) {
                return NearOption{"name", option.name, option.line, {}};
            }
        }
        for (const IniOption& option : gemini->options) {
            const std::string_view text = lines[static_cast<std::size_t>(option.line - 1)];
            const std::string_view plain = without_command_word(text);
            if (plain != text && is_key_option(plain)) {
                return NearOption{"command", option.name, option.line, {}};
            }
        }
        if (is_key_option(behind_header(*gemini, lines))) {
            return NearOption{"after-header", std::string(kOption), gemini->line, {}};
        }
        for (const IniOption& option : gemini->options) {
            if (auto found = in_lines(option)) {
                return found;
            }
        }
    }
    for (const IniSection& section : file.sections()) {
        if (const IniOption* option = section.find(kOption); option != nullptr && &section != gemini) {
            return NearOption{"section", section.name, option->line, {}};
        }
    }
    for (std::size_t index = 0; index < lines.size(); ++index) {
        const std::string_view text = python_strip(lines[index]);
        const std::size_t delimiter = text.find_first_of("=:");
        const bool comment = text.starts_with('#') || text.starts_with(';');
        if (comment && delimiter != std::string_view::npos && meant_name(text.substr(1, delimiter - 1)) == "apikey") {
            return NearOption{"commented", std::string(kOption), static_cast<int>(index + 1), {}};
        }
    }
    return std::nullopt;
}

std::string masked_config_line(std::string_view line) {
    const std::string text = sanitize(line);
    std::string masked = text;
    mask_value(masked);
    // What may be shown of a key stands as it is; all else that could be one does not.
    const std::size_t delimiter = masked.find_first_of("=:");
    const bool is_address =
        delimiter != std::string::npos && is_plain_host(python_strip(std::string_view(masked).substr(delimiter + 1)));
    const std::size_t value = masked == text && !is_address ? text.size() : delimiter + 1;
    const std::string shown = mask_possible_keys(masked.substr(0, value)) + masked.substr(value);
    return sanitize(shown, Lines::single, bounds::kConfigShownLineBytes);
}

std::string corrected_config(const ProposedConfig& proposed) {
    std::vector<std::string> lines = proposed.lines;
    const std::size_t key_line = set_key_line(lines);
    const std::size_t first = key_line < bounds::kConfigShownLines ? 0 : key_line - bounds::kConfigShownLines / 2;
    const std::size_t end = std::min(lines.size(), first + bounds::kConfigShownLines);
    std::string text;
    for (std::size_t index = first; index < end; ++index) {
        const std::string line = index == key_line
                                     ? sanitize(lines[index], Lines::single, bounds::kConfigShownLineBytes)
                                     : masked_config_line(lines[index]);
        text.append(line).push_back('\n');
    }
    if (!text.empty()) {
        text.pop_back();
    }
    return text;
}

}  // namespace banana
