// Text as CPython 3.10–3.12 treats it: decoding of a file opened with encoding="utf-8", white space, lower case.
//
// All strings are UTF-8. Source of every rule: CPython's Modules/_io/textio.c, Objects/unicodeobject.c.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace banana {

// str.isspace(), which is also what `\s` of a str pattern matches.
bool is_python_space(char32_t c);

// str.strip(), str.lstrip(), str.rstrip() without arguments; `text` must be valid UTF-8.
std::string_view python_strip(std::string_view text);
std::string_view python_strip_left(std::string_view text);
std::string_view python_strip_right(std::string_view text);

// str.lower(), the final sigma included.
std::string python_lower(std::string_view text);

// float(text) and int(text): white space around, underscores between digits, inf and nan, and digits of other
// scripts are not accepted (they are by Python, but never occur in such files). None where Python raises ValueError.
std::optional<double> python_float(std::string_view text);
std::optional<long long> python_int(std::string_view text);

// base64.b64decode(text): characters outside the alphabet are passed over; none where Python raises.
std::optional<std::string> python_base64(std::string_view text);

// Where strict UTF-8 decoding fails: the offset of the sequence that is wrong, or none.
std::optional<std::size_t> find_invalid_utf8(std::string_view bytes);

// The lines that iterating over the open file yields, universal newlines translated, terminators removed.
//
// Python decodes chunks of 8192 bytes as lines are asked for, so the lines of the chunks before a bad byte
// come first and then the UnicodeDecodeError.
class PythonLines {
public:
    explicit PythonLines(std::string_view bytes);
    // None at the end, or where decoding fails: then `bad_byte()` is set.
    std::optional<std::string_view> next();
    // Offset of the sequence that cannot be decoded, once `next()` has met it.
    [[nodiscard]] std::optional<std::size_t> bad_byte() const noexcept { return met_; }

private:
    std::string_view text_;  // decoded before a failure; everything when there is none
    std::optional<std::size_t> bad_;
    std::optional<std::size_t> met_;
    std::size_t position_ = 0;
};

}  // namespace banana
