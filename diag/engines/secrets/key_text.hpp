// Pieces of text around a key: what people and their editors put before, behind and into it.
#pragma once

#include "banana/ascii.hpp"
#include "text.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace banana::key_text {

// A key of the service, as new-api makes it: `sk-` and 48 letters and digits.
inline constexpr std::string_view kKeyPrefix = "sk-";
inline constexpr std::size_t kKeyTail = 48;

// Letters, digits, `-` and `_`: what keys are made of.
constexpr bool is_key_character(char c) {
    return is_alphanumeric(c) || c == '-' || c == '_';
}

// Of letters and digits in a row.
std::size_t longest_word(std::string_view text);

bool is_invisible(char32_t c);
bool is_full_width(char32_t c);
// Quotes and brackets.
bool is_enclosing(char32_t c);

// Each code point as `change` gives it; 0 leaves it out.
template <class Change>
std::string transform(std::string_view text, Change change) {
    std::string result;
    for (std::size_t offset = 0; offset < text.size();) {
        if (const char32_t c = change(utf8::next(text, offset)); c != 0) {
            append_utf8(result, c);
        }
    }
    return result;
}

char32_t to_half_width(char32_t c);

std::string without_enclosing(std::string_view text);

// Offset of ` #…` or ` ;…`; npos when there is none.
std::size_t find_comment(std::string_view text);

bool remove_prefix_ignoring_case(std::string_view& text, std::string_view prefix);

template <std::size_t Count>
bool remove_any_prefix(std::string_view& text, const std::array<std::string_view, Count>& words) {
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return remove_prefix_ignoring_case(text, word); });
}

}  // namespace banana::key_text
