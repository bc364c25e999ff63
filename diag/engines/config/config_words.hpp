// What the words of a line of config.ini are meant to be, where they are not what Python reads.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace banana {

// Half width, lower case, without quotes, separators and what cannot be seen: what a name is meant to be.
std::string meant_name(std::string_view text);

// `meant`: as meant_name gives it.
bool is_known_option(std::string_view meant);
bool means_api_key(std::string_view name);

// The line without what makes it a command of a shell or of a programming language: `set`, `export`, `$env:` and the
// like. As it stands where there is nothing of that kind before a name.
std::string_view without_command_word(std::string_view line);

// What a section's name, as Python reads it, is meant to be: a second header on the line and a second pair of brackets
// count for nothing.
std::string meant_section(std::string_view name);

// At most one letter wrong, missing or too many.
bool differs_by_one_letter(std::string_view a, std::string_view b);

// Offset of `＝` or `：`, which Python does not take for a delimiter; npos where there is none.
std::size_t find_full_width_delimiter(std::string_view line);

// `［gemini］`, `【gemini】`, `[gemini`, `gemini]`: the header that was meant; empty where it is none.
std::string meant_header(std::string_view line);

// The line as an option, where its name is a known one and only the delimiter is wrong; empty otherwise.
std::string meant_option(std::string_view line);

// Whether the line is a known option with a delimiter that Python takes for one.
bool is_option_line(std::string_view line);

std::string without_invisible(std::string_view line);

}  // namespace banana
