#include "text.hpp"

#include "banana/ascii.hpp"
#include "banana/invisible.hpp"

#include <algorithm>
#include <cstdint>

namespace banana {
namespace {

struct Decoded {
    std::uint32_t code_point;
    std::size_t length;  // bytes taken
    bool valid;
};

// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
Decoded decode(std::string_view text) {
    const auto byte = [&](std::size_t index) { return static_cast<std::uint8_t>(text[index]); };
    const std::uint8_t first = byte(0);
    if (first < 0x80) {
        return {first, 1, true};
    }
    std::size_t length = 0;
    std::uint32_t value = 0;
    std::uint32_t least = 0;
    if (first >= 0xC2 && first <= 0xDF) {
        length = 2, value = first & 0x1FU, least = 0x80;
    } else if ((first & 0xF0U) == 0xE0U) {
        length = 3, value = first & 0x0FU, least = 0x800;
    } else if (first >= 0xF0 && first <= 0xF4) {
        length = 4, value = first & 0x07U, least = 0x10000;
    } else {
        return {0xFFFD, 1, false};
    }
    for (std::size_t index = 1; index < length; ++index) {
        if (index >= text.size() || (byte(index) & 0xC0U) != 0x80U) {
            return {0xFFFD, index, false};
        }
        value = (value << 6U) | (byte(index) & 0x3FU);
    }
    const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value < least || value > 0x10FFFF || surrogate) {
        return {0xFFFD, 1, false};
    }
    return {value, length, true};
}

// The choice of an emoji's coloured form (U+FE0F) is all that may stay.
bool is_left_out(std::uint32_t c) {
    return c != 0xFE0F && (is_control_character(c) || is_invisible_character(c));
}

}  // namespace

// ECMA-48: CSI, OSC, two-byte forms.
std::size_t escape_length(std::string_view text) {
    if (text.empty() || text[0] != '\x1b') {
        return 0;
    }
    if (text.size() == 1) {
        return 1;
    }
    if (text[1] == '[') {
        std::size_t index = 2;
        while (index < text.size() && text[index] >= 0x20 && text[index] < 0x40) {
            ++index;
        }
        return std::min(text.size(), index + 1);
    }
    if (text[1] == ']' || text[1] == 'P' || text[1] == '^' || text[1] == '_') {
        for (std::size_t index = 2; index < text.size(); ++index) {
            if (text[index] == '\a') {
                return index + 1;
            }
            if (text[index] == '\x1b' && index + 1 < text.size() && text[index + 1] == '\\') {
                return index + 2;
            }
        }
        return 2;  // unterminated: keep the text behind it visible
    }
    return 2;
}

std::string sanitize(std::string_view untrusted, Lines lines, std::size_t limit) {
    constexpr std::string_view kEllipsis = "…";
    constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
    std::string out;
    out.reserve(std::min(untrusted.size(), limit));
    while (!untrusted.empty()) {
        if (const std::size_t escape = escape_length(untrusted); escape > 0) {
            untrusted.remove_prefix(escape);
            continue;
        }
        const Decoded next = decode(untrusted);
        std::string_view piece = next.valid ? untrusted.substr(0, next.length) : kReplacement;
        const char first = untrusted.front();
        untrusted.remove_prefix(next.length);
        if (first == '\n' || first == '\t' || first == '\r') {
            if (lines == Lines::single) {
                piece = " ";
            } else if (first == '\r') {
                continue;
            }
        } else if (next.valid && is_left_out(next.code_point)) {
            continue;
        }
        if (out.size() + piece.size() > limit) {
            out += kEllipsis;
            break;
        }
        out += piece;
    }
    return out;
}

std::string strip_ansi(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        if (const std::size_t escape = escape_length(text); escape > 0) {
            text.remove_prefix(escape);
        } else {
            out += text.front();
            text.remove_prefix(1);
        }
    }
    return out;
}

std::string_view trim_ascii(std::string_view text) {
    constexpr std::string_view kBlank = " \t\r\n\v\f";
    const std::size_t first = text.find_first_not_of(kBlank);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string to_lower_ascii(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), to_lower);
    return out;
}

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() && equal_ignoring_case(text.substr(0, prefix.size()), prefix);
}

bool contains_ignoring_case(std::string_view text, std::string_view part) {
    return to_lower_ascii(text).find(to_lower_ascii(part)) != std::string::npos;
}

std::string joined_with_commas(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
        text += (text.empty() ? "" : ", ") + word;
    }
    return text;
}

std::size_t count_code_points(std::string_view utf8) {
    std::size_t count = 0;
    while (!utf8.empty()) {
        utf8.remove_prefix(decode(utf8).length);
        ++count;
    }
    return count;
}

void append_utf8(std::string& text, char32_t c) {
    const auto put = [&](char32_t byte) { text.push_back(static_cast<char>(byte)); };
    if (c < 0x80) {
        put(c);
    } else if (c < 0x800) {
        put(0xC0 | (c >> 6));
        put(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        put(0xE0 | (c >> 12));
        put(0x80 | ((c >> 6) & 0x3F));
        put(0x80 | (c & 0x3F));
    } else {
        put(0xF0 | (c >> 18));
        put(0x80 | ((c >> 12) & 0x3F));
        put(0x80 | ((c >> 6) & 0x3F));
        put(0x80 | (c & 0x3F));
    }
}

std::string path_text(const std::filesystem::path& path) {
    const std::u8string text = path.u8string();
    return {text.begin(), text.end()};
}

std::filesystem::path path_from_utf8(std::string_view utf8) {
    return {std::u8string(utf8.begin(), utf8.end())};
}

}  // namespace banana
