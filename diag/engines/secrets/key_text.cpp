#include "key_text.hpp"

#include "banana/ascii.hpp"
#include "banana/invisible.hpp"
#include "python_text.hpp"
#include "text.hpp"
#include "utf8.hpp"

namespace banana::key_text {

std::size_t longest_word(std::string_view text) {
    std::size_t longest = 0;
    std::size_t run = 0;
    for (const char c : text) {
        run = is_alphanumeric(c) ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    return longest;
}

bool is_invisible(char32_t c) {
    return (is_control_character(c) && c != '\t') || is_invisible_character(c);
}

bool is_full_width(char32_t c) {
    return c >= 0xFF01 && c <= 0xFF5E;
}

bool is_enclosing(char32_t c) {
    const bool letter_or_digit = c < 0x80 && is_alphanumeric(static_cast<char>(c));
    return !letter_or_digit &&
           std::u32string_view(U"\"'`<>()[]{}“”‘’„‟‚‛″′´〝〞«»‹›「」『』【】《》〈〉（）＂＇＜＞［］｛｝").find(c) !=
               std::u32string_view::npos;
}

char32_t to_half_width(char32_t c) {
    return is_full_width(c) ? c - 0xFEE0 : c == 0x3000 ? U' ' : c;
}

std::string without_enclosing(std::string_view text) {
    std::string_view rest = python_strip(text);
    for (bool changed = true; changed && !rest.empty();) {
        changed = false;
        std::size_t behind = 0;
        if (is_enclosing(utf8::next(rest, behind))) {
            rest = python_strip(rest.substr(behind));
            changed = true;
        }
        if (rest.empty()) {
            break;
        }
        const std::size_t last = utf8::boundary_before(rest, rest.size() - 1);
        std::size_t offset = last;
        if (is_enclosing(utf8::next(rest, offset))) {
            rest = python_strip(rest.substr(0, last));
            changed = true;
        }
    }
    return std::string(rest);
}

std::size_t find_comment(std::string_view text) {
    for (std::size_t at = 1; at < text.size(); ++at) {
        const bool mark = text[at] == '#' || text[at] == ';' || text.substr(at, 2) == "//";
        if (mark && (text[at - 1] == ' ' || text[at - 1] == '\t')) {
            return at;
        }
    }
    return std::string_view::npos;
}

bool remove_prefix_ignoring_case(std::string_view& text, std::string_view prefix) {
    if (!starts_with_ignoring_case(text, prefix)) {
        return false;
    }
    text.remove_prefix(prefix.size());
    return true;
}

}  // namespace banana::key_text
