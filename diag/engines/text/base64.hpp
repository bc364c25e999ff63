// Base64 (RFC 4648, section 4).
#pragma once

#include "banana/ascii.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace banana {

// Of the alphabet; `=` is none of it.
constexpr bool is_base64_digit(char c) {
    return is_alphanumeric(c) || c == '+' || c == '/';
}

std::string base64_encode(std::string_view bytes);

// White space between the characters is passed over; none for any other character, or where padding is wrong.
std::optional<std::string> base64_decode(std::string_view text);

// What can be decoded before the first character of neither alphabet (section 5 has `-` and `_`); padding may be
// missing.
std::string base64_beginning(std::string_view text);

}  // namespace banana
