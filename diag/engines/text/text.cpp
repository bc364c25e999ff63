#include "text.hpp"

#include "banana/ascii.hpp"
#include "banana/invisible.hpp"
#include "utf8.hpp"

#include <algorithm>

namespace banana {
namespace {

// The choice of an emoji's coloured form (U+FE0F) is all that may stay.
bool is_left_out(char32_t c) {
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
        // Nearly all of most texts.
        const auto plain_end = std::find_if_not(untrusted.begin(), untrusted.end(), is_printable_ascii);
        const auto plain = static_cast<std::size_t>(plain_end - untrusted.begin());
        if (plain > 0) {
            const std::size_t fitting = std::min(plain, limit - out.size());
            out += untrusted.substr(0, fitting);
            untrusted.remove_prefix(plain);
            if (fitting < plain) {
                out += kEllipsis;
                break;
            }
            continue;
        }
        if (const std::size_t escape = escape_length(untrusted); escape > 0) {
            untrusted.remove_prefix(escape);
            continue;
        }
        const utf8::Decoded next = utf8::decode(untrusted);
        std::string_view piece = next.valid ? untrusted.substr(0, next.length) : kReplacement;
        const char first = untrusted.front();
        untrusted.remove_prefix(next.length);
        if (first == '\r' && untrusted.starts_with('\n')) {
            continue;
        }
        if (first == '\n' || first == '\r') {
            piece = lines == Lines::keep ? "\n" : " ";
        } else if (first == '\t') {
            piece = lines == Lines::keep ? "\t" : " ";
        } else if (next.valid && is_left_out(next.c)) {
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
    if (part.empty()) {
        return true;
    }
    const char first = to_lower(part.front());
    for (std::size_t at = 0; at + part.size() <= text.size(); ++at) {
        if (to_lower(text[at]) == first && starts_with_ignoring_case(text.substr(at), part)) {
            return true;
        }
    }
    return false;
}

std::string joined_with_commas(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
        text += (text.empty() ? "" : ", ") + word;
    }
    return text;
}

std::size_t count_code_points(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); ++count) {
        utf8::next(text, at);
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
