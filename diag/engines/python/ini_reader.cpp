#include "ini_reader.hpp"

#include "banana/bounds.hpp"
#include "python_text.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <utility>

namespace banana {
namespace {

constexpr std::string_view kDefaultSection = "DEFAULT";

std::string_view python_class_of(IniErrorKind kind) {
    switch (kind) {
        case IniErrorKind::decode: return "UnicodeDecodeError";
        case IniErrorKind::missing_header: return "MissingSectionHeaderError";
        case IniErrorKind::parsing: return "ParsingError";
        case IniErrorKind::duplicate_section: return "DuplicateSectionError";
        case IniErrorKind::duplicate_option: return "DuplicateOptionError";
        case IniErrorKind::interpolation_syntax: return "InterpolationSyntaxError";
        case IniErrorKind::interpolation_missing: return "InterpolationMissingOptionError";
        case IniErrorKind::interpolation_depth: return "InterpolationDepthError";
        case IniErrorKind::interpolation_size: break;
    }
    return {};
}

IniError make_error(IniErrorKind kind, std::optional<int> line = std::nullopt) {
    IniError error;
    error.kind = kind;
    error.python_class = python_class_of(kind);
    error.line = line;
    return error;
}

// SECTCRE: `[`, at least one character, up to the last `]`; what follows is ignored.
std::optional<std::string_view> header_of(std::string_view value) {
    if (!value.starts_with('[')) {
        return std::nullopt;
    }
    const std::size_t end = value.rfind(']');
    if (end == std::string_view::npos || end < 2) {
        return std::nullopt;
    }
    return value.substr(1, end - 1);
}

// Code points of white space before the text: what Python compares as indentation.
int indentation_of(std::string_view line) {
    const std::string_view blank = line.substr(0, line.size() - python_strip_left(line).size());
    return static_cast<int>(
        std::count_if(blank.begin(), blank.end(), [](char c) { return !utf8::is_continuation(c); }));
}

// BasicInterpolation: `%%` and `%(name)s`, references resolved in the section and then in DEFAULT.
class Interpolation {
public:
    Interpolation(const IniSection& section, const IniSection& defaults) : section_(section), defaults_(defaults) {}

    IniValue resolve(const IniOption& option) {
        IniValue result;
        result.option = &option;
        std::string value;
        expand(option.value, value, 1);
        if (error_) {
            error_->section = section_.name;
            error_->option = option.name;
            result.error = std::move(error_);
        } else {
            result.value = std::move(value);
        }
        return result;
    }

private:
    void fail(IniErrorKind kind) { error_ = make_error(kind); }

    const IniOption* lookup(std::string_view name) const {
        const IniOption* own = section_.find(name);
        return own != nullptr ? own : defaults_.find(name);
    }

    // Length of `%(name)s` at the start of `rest`; 0 where it is none.
    static std::size_t reference_length(std::string_view rest) {
        const std::size_t close = rest.find(')');
        const bool complete = close != std::string_view::npos && close > 2 && rest.substr(close + 1).starts_with('s');
        return complete ? close + 2 : 0;
    }

    void expand(std::string_view rest, std::string& value, int depth) {
        if (depth > bounds::kInterpolationDepth) {
            return fail(IniErrorKind::interpolation_depth);
        }
        while (!rest.empty()) {
            const std::size_t percent = rest.find('%');
            value.append(rest.substr(0, percent));
            if (value.size() > bounds::kInterpolatedBytes) {
                return fail(IniErrorKind::interpolation_size);
            }
            if (percent == std::string_view::npos) {
                return;
            }
            rest.remove_prefix(percent);
            if (rest.starts_with("%%")) {
                value.push_back('%');
                rest.remove_prefix(2);
                continue;
            }
            const std::size_t length = rest.starts_with("%(") ? reference_length(rest) : 0;
            if (length == 0) {
                return fail(IniErrorKind::interpolation_syntax);
            }
            const std::string name = python_lower(rest.substr(2, length - 4));
            rest.remove_prefix(length);
            if (!insert(name, value, depth)) {
                return;
            }
        }
    }

    bool insert(const std::string& name, std::string& value, int depth) {
        if (++references_ > bounds::kInterpolationReferences) {
            fail(IniErrorKind::interpolation_size);
            return false;
        }
        const IniOption* option = lookup(name);
        if (option == nullptr) {
            fail(IniErrorKind::interpolation_missing);
            error_->reference = name;
            return false;
        }
        if (option->value.find('%') == std::string::npos) {
            value.append(option->value);
        } else {
            expand(option->value, value, depth + 1);
        }
        return !error_;
    }

    const IniSection& section_;
    const IniSection& defaults_;
    std::optional<IniError> error_;
    std::size_t references_ = 0;
};

}  // namespace

// RawConfigParser._read, line by line.
class IniParser {
public:
    IniFile run(std::string_view bytes) {
        file_.defaults_.name = kDefaultSection;
        PythonLines lines(bytes);
        while (!stopped_) {
            const auto line = lines.next();
            if (!line) {
                break;
            }
            ++number_;
            read(*line);
        }
        finish_values();
        if (!stopped_ && lines.bad_byte()) {
            stop(make_error(IniErrorKind::decode));
            file_.error_->bad_byte = lines.bad_byte();
        }
        if (!stopped_ && !bad_lines_.empty()) {
            IniError error = make_error(IniErrorKind::parsing, bad_lines_.front());
            error.lines = std::move(bad_lines_);
            file_.error_ = std::move(error);
        }
        return std::move(file_);
    }

private:
    void stop(IniError error) {
        file_.error_ = std::move(error);
        stopped_ = true;
    }

    IniSection* current() {
        if (!in_section_) {
            return nullptr;
        }
        return in_defaults_ ? &file_.defaults_ : &file_.sections_.back();
    }

    // The option that a deeper line continues; an option without a name takes no continuation.
    IniOption* continued() {
        IniSection* section = current();
        return section != nullptr && has_option_ ? &section->options[option_] : nullptr;
    }

    void read(std::string_view line) {
        const std::string_view value = python_strip(line);
        if (value.starts_with('#') || value.starts_with(';')) {
            return;
        }
        IniOption* option = continued();
        if (value.empty()) {
            if (option != nullptr) {
                option->value.push_back('\n');
            }
            return;
        }
        const int indentation = indentation_of(line);
        if (option != nullptr && indentation > indentation_) {
            option->value.push_back('\n');
            option->value.append(value);
            option->last_line = number_;
            return;
        }
        indentation_ = indentation;
        if (const auto header = header_of(value)) {
            open_section(*header);
        } else if (!in_section_) {
            stop(make_error(IniErrorKind::missing_header, number_));
        } else {
            read_option(value);
        }
    }

    void open_section(std::string_view name) {
        in_section_ = true;
        has_option_ = false;
        in_defaults_ = name == kDefaultSection;
        if (in_defaults_) {
            file_.defaults_.line = file_.defaults_.line == 0 ? number_ : file_.defaults_.line;
            return;
        }
        const auto [place, added] = file_.index_.try_emplace(std::string(name), file_.sections_.size());
        if (!added) {
            IniError error = make_error(IniErrorKind::duplicate_section, number_);
            error.section = name;
            return stop(std::move(error));
        }
        IniSection section;
        section.name = name;
        section.line = number_;
        file_.sections_.push_back(std::move(section));
    }

    void read_option(std::string_view value) {
        const std::size_t delimiter = value.find_first_of("=:");
        if (delimiter == std::string_view::npos) {
            // The exception is raised at the end of the file; reading goes on, the last option still open.
            bad_lines_.push_back(number_);
            return;
        }
        IniOption option;
        option.name = python_lower(python_strip_right(value.substr(0, delimiter)));
        option.value = python_strip(value.substr(delimiter + 1));
        option.line = option.last_line = number_;
        if (option.name.empty()) {
            bad_lines_.push_back(number_);
        }
        IniSection& section = *current();
        const auto [place, added] = section.index.try_emplace(option.name, section.options.size());
        if (!added) {
            IniError error = make_error(IniErrorKind::duplicate_option, number_);
            error.section = section.name;
            error.option = option.name;
            return stop(std::move(error));
        }
        has_option_ = !option.name.empty();
        option_ = section.options.size();
        section.options.push_back(std::move(option));
    }

    static void strip_values(IniSection& section) {
        for (IniOption& option : section.options) {
            option.value.resize(python_strip_right(option.value).size());
        }
    }

    void finish_values() {
        strip_values(file_.defaults_);
        for (IniSection& section : file_.sections_) {
            strip_values(section);
        }
    }

    IniFile file_;
    std::vector<int> bad_lines_;
    int number_ = 0;
    int indentation_ = 0;
    bool in_section_ = false;
    bool in_defaults_ = false;
    bool has_option_ = false;
    bool stopped_ = false;
    std::size_t option_ = 0;
};

const IniOption* IniSection::find(std::string_view wanted) const {
    const auto found = index.find(std::string(wanted));
    return found == index.end() ? nullptr : &options[found->second];
}

IniFile IniFile::parse(std::string_view bytes) {
    return IniParser().run(bytes);
}

const IniSection* IniFile::section(std::string_view name) const {
    const auto found = index_.find(std::string(name));
    return found == index_.end() ? nullptr : &sections_[found->second];
}

IniValue IniFile::get(std::string_view section_name, std::string_view option_name) const {
    const IniSection* from = section(section_name);
    if (from == nullptr) {
        return {};
    }
    const IniOption* option = from->find(option_name);
    if (option == nullptr) {
        option = defaults_.find(option_name);
    }
    if (option == nullptr) {
        return {};
    }
    return Interpolation(*from, defaults_).resolve(*option);
}

}  // namespace banana
