#include "mending.hpp"

#include "api_key.hpp"
#include "config_options.hpp"
#include "config_words.hpp"
#include "key_cleaning.hpp"
#include "mending_lines.hpp"
#include "python_text.hpp"
#include "sample_key.hpp"
#include "text.hpp"

#include <algorithm>
#include <optional>

namespace banana::mending {

void Mending::mend_value() {
    for (int round = 0; round < kKeyRounds; ++round) {
        const IniFile file = read();
        const IniValue value = file.get(kPluginSection, kKeyOption);
        if (value.option == nullptr) {
            require_key(0);
            lines_.insert(file.section(kPluginSection)->line + 1, std::string(kKeyOption) + " = " + escaped_key());
            return note(Mend::key_put_in);
        }
        if (!mend_value(*value.option, value)) {
            return;
        }
    }
    refuse_to_mend(MendObstacle::key_unclear);
}

bool Mending::mend_value(const IniOption& option, const IniValue& read) {
    if (read.error) {
        if (key_ == nullptr) {
            refuse_to_mend(MendObstacle::interpolation, option.line);
        }
        return put_key(option);
    }
    const std::string_view value = python_strip(*read.value);
    if (key_ != nullptr && value == key_->reveal()) {
        return false;
    }
    if (value.empty() || find_sample_key(value)) {
        require_key(option.line);
        return put_key(option);
    }
    if (key_ != nullptr && use_ == KeyUse::always) {
        return put_key(option);
    }
    const auto problem = find_key_problem(value);
    if (!problem) {
        return false;
    }
    if (value.find('\n') != std::string_view::npos) {
        if (join_broken_key(this->read())) {
            return true;
        }
        release_continuation(option, false);
        return true;
    }
    if (std::optional<CleanedKey> cleaned = clean_key(value)) {
        set_value(value_line(option), escaped(cleaned->key.reveal()));
        note(Mend::key_text);
        if (!cleaned->comment.empty()) {
            std::string comment = cleaned->comment;
            if (comment.starts_with(kSlashes)) {
                comment.replace(0, kSlashes.size(), "#");
            }
            lines_.insert(option.line, std::string(lines_.indentation(option.line)) + comment);
            note(Mend::key_comment);
        }
        return true;
    }
    if (key_ != nullptr) {
        return put_key(option);
    }
    // Its length alone is for the upstream to judge.
    const bool may_work = problem->defect == KeyDefect::cut_short || problem->defect == KeyDefect::suffix;
    if (!may_work || done_.empty()) {
        refuse_to_mend(MendObstacle::key_unclear, option.line);
    }
    return false;
}

void Mending::require_key(int line) const {
    if (key_ == nullptr) {
        refuse_to_mend(MendObstacle::key_needed, line);
    }
}

std::string Mending::escaped(std::string_view key) {
    std::string text;
    for (const char c : key) {
        text += c == '%' ? std::string("%%") : std::string(1, c);
    }
    return text;
}

bool Mending::put_key(const IniOption& option) {
    release_continuation(option, true);
    set_value(option.line, escaped_key());
    note(Mend::key_put_in);
    return true;
}

int Mending::value_line(const IniOption& option) const {
    const std::string& text = lines_.text(option.line);
    const bool empty = is_blank(std::string_view(text).substr(text.find_first_of("=:") + 1));
    return empty && option.last_line > option.line ? option.last_line : option.line;
}

void Mending::set_value(int number, std::string_view value) {
    std::string text = lines_.text(number);
    const std::size_t delimiter = text.find_first_of("=:");
    if (delimiter == std::string::npos) {  // below its option's line
        return lines_.set_text(number, std::string(lines_.indentation(number)).append(value));
    }
    const std::string_view rest = std::string_view(text).substr(delimiter + 1);
    const std::string_view old = python_strip(rest);
    std::string replaced = text.substr(0, delimiter + 1);
    if (old.empty()) {
        const bool spaced = delimiter > 0 && (text[delimiter - 1] == ' ' || !rest.empty());
        replaced.append(spaced ? " " : "").append(value);
    } else {
        const auto at = static_cast<std::size_t>(old.data() - rest.data());
        replaced.append(rest.substr(0, at)).append(value).append(rest.substr(at + old.size()));
    }
    lines_.set_text(number, std::move(replaced));
}

void Mending::release_continuation(const IniOption& option, bool old_key_goes) {
    const std::string indentation(lines_.indentation(option.line));
    const int before = lines_.count();
    const std::string text_before = lines_.joined();
    for (int number = option.last_line; number > option.line; --number) {
        const std::string text = lines_.text(number);
        const std::string_view stripped = python_strip(text);
        if (stripped.empty() || is_comment(text)) {
            continue;
        }
        if (is_option_line(text)) {
            lines_.set_indentation(number, indentation);
            note(Mend::indentation);
        } else if (stripped.starts_with(kSlashes)) {
            mend_slashes(number);
        } else if (is_remark(text)) {
            comment_out(number);
            note(Mend::remark);
        } else if (old_key_goes && is_pure_key_text(stripped)) {
            lines_.erase(number);
        } else {
            refuse_to_mend(MendObstacle::unclear_line, number);
        }
    }
    const bool changed = lines_.count() != before || lines_.joined() != text_before;
    const std::optional<IniError> error = read().error();
    if (error || (!changed && !old_key_goes)) {
        refuse_to_mend(MendObstacle::unclear_line, error ? error->line.value_or(option.line) : option.line);
    }
}

}  // namespace banana::mending
