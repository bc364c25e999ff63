#include "mending.hpp"

#include "api_key.hpp"
#include "banana/bounds.hpp"
#include "config_options.hpp"
#include "config_words.hpp"
#include "key_text.hpp"
#include "mending_lines.hpp"
#include "python_text.hpp"
#include "sample_key.hpp"
#include "split_key.hpp"
#include "text.hpp"

#include <algorithm>
#include <optional>

namespace banana::mending {
namespace {

constexpr std::string_view kFence = "```";

}  // namespace

void Mending::mend_syntax() {
    for (int number = 1; number <= lines_.count(); ++number) {
        if (lines_.text(number).starts_with("<<<<<<< ")) {
            refuse_to_mend(MendObstacle::conflict, number);
        }
    }
    for (std::size_t round = 0; round < bounds::kConfigRepairs; ++round) {
        const IniFile file = read();
        if (!file.error()) {
            return;
        }
        mend_error(file, *file.error());
    }
    refuse_to_mend(MendObstacle::too_many);
}

void Mending::mend_error(const IniFile& file, const IniError& error) {
    switch (error.kind) {
        case IniErrorKind::missing_header: return mend_before_header(*error.line);
        case IniErrorKind::parsing: return mend_bad_lines(file, error);
        case IniErrorKind::duplicate_section: return mend_duplicate_section(file, error);
        case IniErrorKind::duplicate_option: return mend_duplicate_option(file, error);
        default: refuse_to_mend(MendObstacle::not_proved);
    }
}

bool Mending::mend_anywhere(int number) {
    const std::string text = lines_.text(number);
    const std::string_view stripped = python_strip(text);
    if (stripped.starts_with(kFence)) {
        lines_.erase(number);
        note(Mend::code_fence);
        return true;
    }
    if (stripped.starts_with(kSlashes)) {
        mend_slashes(number);
        return true;
    }
    const std::string plain = without_invisible(text);
    if (plain != text && (is_blank(plain) || looks_right_without_invisible(text))) {
        lines_.set_text(number, plain);
        note(Mend::invisible);
        return true;
    }
    if (const std::string header = meant_header(text); !header.empty()) {
        lines_.set_text(number, header);
        note(Mend::header);
        return true;
    }
    return false;
}

void Mending::mend_slashes(int number) {
    std::string text = lines_.text(number);
    text.replace(text.find(kSlashes), kSlashes.size(), "#");
    lines_.set_text(number, std::move(text));
    note(Mend::slash_comment);
}

void Mending::mend_before_header(int number) {
    const std::string text = lines_.text(number);
    const std::vector<std::string> texts = lines_.texts();
    if (!other_format(lines_.joined()).empty()) {
        refuse_to_mend(MendObstacle::other_format, number);
    }
    if (mend_anywhere(number)) {
        return;
    }
    const bool header_follows = std::any_of(texts.begin() + number, texts.end(), is_header_line);
    const bool option = is_option_line(text) || !meant_option(text).empty();
    if (option && !header_follows) {
        lines_.insert(number, std::string(kPluginHeader));
        return note(Mend::missing_header);
    }
    if (option || holds_piece_of_key(text) || is_header_line(text) || may_be_option(text, header_follows)) {
        refuse_to_mend(MendObstacle::unclear_line, number);
    }
    comment_out(number);
    note(Mend::text_before_header);
}

void Mending::mend_bad_lines(const IniFile& file, const IniError& error) {
    if (join_broken_key(file)) {
        return;
    }
    // From the last on: lines may go.
    for (auto number = error.lines.rbegin(); number != error.lines.rend(); ++number) {
        if (!mend_anywhere(*number) && !mend_delimiter(*number)) {
            if (!is_remark(lines_.text(*number))) {
                refuse_to_mend(MendObstacle::unclear_line, *number);
            }
            comment_out(*number);
            note(Mend::remark);
        }
    }
}

bool Mending::mend_delimiter(int number) {
    std::string text = lines_.text(number);
    if (meant_option(text).empty()) {
        return false;
    }
    const std::size_t wide = find_full_width_delimiter(text);
    if (wide != std::string::npos && is_known_option(meant_name(std::string_view(text).substr(0, wide)))) {
        constexpr std::size_t kOctets = 3;
        text.replace(wide, kOctets, std::string_view(text).substr(wide).starts_with("＝") ? "=" : ":");
    } else {
        const std::string_view stripped = python_strip(text);
        const std::size_t space = stripped.find_first_of(" \t");
        const std::string name(stripped.substr(0, space));
        const std::string value(space == stripped.npos ? std::string_view() : python_strip(stripped.substr(space)));
        const bool certain = meant_name(name) == meant_name(kKeyOption)
                                 ? is_key_or_none(value)
                                 : value.find_first_of(" \t") == std::string::npos;
        if (!certain) {
            return false;
        }
        text = std::string(lines_.indentation(number)) + name + (value.empty() ? " =" : " = ") + value;
    }
    lines_.set_text(number, std::move(text));
    note(Mend::delimiter);
    return true;
}

bool Mending::join_broken_key(const IniFile& file) {
    const IniSection* section = file.section(kPluginSection);
    const IniOption* option = section != nullptr ? section->find(kKeyOption) : nullptr;
    if (option == nullptr) {
        return false;
    }
    const std::optional<SplitKey> split = find_split_key(lines_.texts());
    const bool is_whole = split && split->first_line == option->line;
    const std::string key = is_whole ? split->value : key_below(option->line);
    if (key.empty()) {
        return false;
    }
    for (int last = is_whole ? split->last_line : option->line + 1; last > option->line; --last) {
        lines_.erase(last);
    }
    set_value(option->line, key);
    note(Mend::key_joined);
    return true;
}

std::string Mending::key_below(int number) const {
    const std::string_view line = lines_.text(number);
    const auto is_piece = [this](int below) {
        return below <= lines_.count() && is_pure_key_text(python_strip(lines_.text(below)));
    };
    if (!is_blank(line.substr(line.find_first_of("=:") + 1)) || !is_piece(number + 1) || is_piece(number + 2)) {
        return {};
    }
    const std::string_view key = python_strip(lines_.text(number + 1));
    return find_key_problem(key) || is_known_option(meant_name(key)) ? std::string() : std::string(key);
}

void Mending::mend_duplicate_section(const IniFile& file, const IniError& error) {
    if (file.sections().back().name == error.section) {
        comment_out(*error.line);  // the section that is open goes on
        return note(Mend::duplicate);
    }
    const IniSection& first = *file.section(error.section);
    std::string body = "[x]\n";
    int last = *error.line;
    for (; last < lines_.count() && !is_header_line(lines_.text(last + 1)); ++last) {
        body += lines_.text(last + 1) + "\n";
    }
    const IniFile second = IniFile::parse(body);
    const bool same =
        !second.error() && std::all_of(second.sections().front().options.begin(),
                                       second.sections().front().options.end(), [&](const IniOption& option) {
                                           const IniOption* earlier = first.find(option.name);
                                           return earlier != nullptr && earlier->value == option.value;
                                       });
    if (!same) {
        refuse_to_mend(MendObstacle::unclear_duplicate, *error.line);
    }
    for (int number = *error.line; number <= last; ++number) {
        if (!is_blank(lines_.text(number)) && !is_comment(lines_.text(number))) {
            comment_out(number);
        }
    }
    note(Mend::duplicate);
}

void Mending::mend_duplicate_option(const IniFile& file, const IniError& error) {
    const IniSection* section = file.section(error.section);
    const IniOption* first = (section != nullptr ? *section : file.defaults()).find(error.option);
    const int second = *error.line;
    const std::string& text = lines_.text(second);
    const std::string value(python_strip(std::string_view(text).substr(text.find_first_of("=:") + 1)));
    const bool goes_on = second < lines_.count() && !is_blank(lines_.text(second + 1)) &&
                         !is_comment(lines_.text(second + 1)) &&
                         lines_.indentation(second + 1).size() > lines_.indentation(second).size();
    if (first == nullptr || goes_on || first->last_line != first->line) {
        refuse_to_mend(MendObstacle::unclear_duplicate, second);
    }
    const auto is_none = [](std::string_view text) { return text.empty() || find_sample_key(text).has_value(); };
    const bool is_key = error.option == kKeyOption;
    if (first->value == value || (is_key && is_none(value))) {
        comment_out(second);
    } else if (is_key && is_none(first->value)) {
        comment_out(first->line);
    } else {
        refuse_to_mend(MendObstacle::unclear_duplicate, second);
    }
    note(Mend::duplicate);
}

}  // namespace banana::mending
