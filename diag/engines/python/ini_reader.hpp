// An INI file read as CPython 3.10–3.12's `configparser.ConfigParser()` with its defaults reads it:
// strict, BasicInterpolation, `=` and `:`, whole-line `#` and `;` comments, empty lines in values,
// opened with encoding="utf-8". Source: Lib/configparser.py, RawConfigParser._read and BasicInterpolation.
//
// Compared with the real parser over generated files by tests/differential.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace banana {

enum class IniErrorKind {
    decode,                 // UnicodeDecodeError
    missing_header,         // MissingSectionHeaderError
    parsing,                // ParsingError
    duplicate_section,      // DuplicateSectionError
    duplicate_option,       // DuplicateOptionError
    interpolation_syntax,   // InterpolationSyntaxError
    interpolation_missing,  // InterpolationMissingOptionError
    interpolation_depth,    // InterpolationDepthError
    interpolation_size,     // references that multiply beyond our bound; Python would go on
};

struct IniError {
    IniErrorKind kind = IniErrorKind::parsing;
    std::string_view python_class;  // empty for interpolation_size
    std::optional<int> line;        // one-based, as the exception says: the first for ParsingError, none for decode
                                    // and interpolation errors
    std::vector<int> lines;         // every line that a ParsingError names
    std::optional<std::size_t> bad_byte;  // decode: offset of the sequence
    std::string section, option;          // duplicates and interpolation
    std::string reference;                // interpolation_missing: the option that is not there
};

struct IniOption {
    std::string name;   // lower case
    std::string value;  // raw: joined with "\n", right-stripped, not interpolated
    int line = 0;       // where the name stands
    int last_line = 0;  // of its last continuation that is not empty
};

struct IniSection {
    std::string name;
    int line = 0;  // of its header; 0 for DEFAULT before any header
    std::vector<IniOption> options;
    // None when there is no such option. `name` in lower case.
    [[nodiscard]] const IniOption* find(std::string_view name) const;

    std::unordered_map<std::string, std::size_t> index;  // name to position in `options`
};

// What `parser.get(section, option)` gives: a value, an error, or neither where it is absent.
struct IniValue {
    std::optional<std::string> value;
    std::optional<IniError> error;
    const IniOption* option = nullptr;  // where it was found, in the section or in DEFAULT
};

class IniFile {
public:
    static IniFile parse(std::string_view bytes);

    // What reading raised; the sections then hold what was read before it, which the plugin never uses.
    [[nodiscard]] const std::optional<IniError>& error() const noexcept { return error_; }
    // In order of appearance, without DEFAULT.
    [[nodiscard]] const std::vector<IniSection>& sections() const noexcept { return sections_; }
    [[nodiscard]] const IniSection& defaults() const noexcept { return defaults_; }
    // None when there is none. "DEFAULT" is not a section, as in Python.
    [[nodiscard]] const IniSection* section(std::string_view name) const;
    // Absent where the section or the option is.
    [[nodiscard]] IniValue get(std::string_view section, std::string_view option) const;

private:
    friend class IniParser;
    std::vector<IniSection> sections_;
    std::unordered_map<std::string, std::size_t> index_;
    IniSection defaults_;
    std::optional<IniError> error_;
};

}  // namespace banana
