// UTF-8 a code point at a time, for writers that must know what they write.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace banana::utf8 {

inline constexpr char32_t kReplacement = 0xfffd;

// The code point at `at`, which moves behind it; U+FFFD and one byte for what is no UTF-8. `at` must be in range.
char32_t next(std::string_view text, std::size_t& at);
void append(std::string& text, char32_t c);
// The largest code point boundary that is at most `limit`.
std::size_t boundary_before(std::string_view text, std::size_t limit);
bool is_valid(std::string_view text);

}  // namespace banana::utf8
