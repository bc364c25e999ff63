// Data in base64, over one line or several.
#pragma once

#include <cstddef>
#include <string_view>

namespace banana {

struct LineSpan {
    std::size_t begin;
    std::size_t end;
};

// The line around `at`, without its break; `\n` and `\r` written as escapes end a line too.
LineSpan line_around(std::string_view text, std::size_t at);

// Whether the token from `begin` to before `end` belongs to data (a picture, a certificate, an archive) and not to a
// key: known by its first octets, its length, `base64,` before it, or by the lines of the same length around it.
bool is_base64_data(std::string_view text, std::size_t begin, std::size_t end);

}  // namespace banana
