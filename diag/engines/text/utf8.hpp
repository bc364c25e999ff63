// UTF-8 a code point at a time (RFC 3629): the one decoder of the program. What is no UTF-8 is told as Python's
// bytes.decode(errors="replace") does, one U+FFFD for a maximal sequence, not for a byte.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace banana::utf8 {

inline constexpr char32_t kReplacement = 0xfffd;

struct Decoded {
    char32_t c;          // U+FFFD where it is not valid
    std::size_t length;  // in bytes, 1 to 4
    bool valid;
};

// What stands at the start of `text`, which must not be empty.
Decoded decode(std::string_view text);
// The code point at `at`, which moves behind it. `at` must be in range.
inline char32_t next(std::string_view text, std::size_t& at) {
    if (const auto first = static_cast<unsigned char>(text[at]); first < 0x80) {
        ++at;
        return first;
    }
    const Decoded decoded = decode(text.substr(at));
    at += decoded.length;
    return decoded.c;
}
// Each byte but the first of a code point is one.
bool is_continuation(char byte);
// The largest code point boundary that is at most `limit`.
std::size_t boundary_before(std::string_view text, std::size_t limit);
bool is_valid(std::string_view text);
// The text with U+FFFD in place of what is not valid.
std::string repaired(std::string_view text);

}  // namespace banana::utf8
