// Text from outside made safe to hold and to show: valid UTF-8, bounded, no control or bidi characters.
#pragma once

#include "banana/ascii.hpp"
#include "banana/bounds.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace banana {

enum class Lines { single, keep };  // single: line breaks (CRLF is one) and tabs become spaces; keep: breaks become LF

// Invalid UTF-8 becomes U+FFFD; C0 and C1 controls, ANSI escape sequences and invisible
// characters are removed; cut at a code point boundary with "…" when longer than `limit` bytes.
std::string sanitize(std::string_view untrusted, Lines lines = Lines::single,
                     std::size_t limit = bounds::kShownTextBytes);

// Length of the terminal escape sequence at the start of `text`, 0 if there is none.
std::size_t escape_length(std::string_view text);

// Removes ANSI CSI and OSC sequences only.
std::string strip_ansi(std::string_view text);

std::string_view trim_ascii(std::string_view text);
std::string to_lower_ascii(std::string_view text);
bool starts_with_ignoring_case(std::string_view text, std::string_view prefix);
bool contains_ignoring_case(std::string_view text, std::string_view part);

// "a, b, c"
std::string joined_with_commas(const std::vector<std::string>& words);

// The code point as UTF-8; `c` is none of a surrogate pair.
void append_utf8(std::string& text, char32_t c);

// Code points; what is no UTF-8 counts as its U+FFFDs would.
std::size_t count_code_points(std::string_view text);

// A path as UTF-8 text and back, whatever the platform's native encoding is.
std::string path_text(const std::filesystem::path& path);
std::filesystem::path path_from_utf8(std::string_view utf8);

}  // namespace banana
