#include "inline_text.hpp"

#include "banana/bounds.hpp"
#include "banana/invisible.hpp"
#include "text.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <cstddef>

namespace banana {
namespace {

constexpr std::string_view kCut = "…";

// The zero-width joiner and the choice of the coloured form are part of emoji sequences.
bool is_part_of_emoji(char32_t c) {
    return c == 0x200d || c == 0xfe0f;
}

std::string cleaned(std::string_view untrusted, bool keep_lines, std::size_t limit) {
    std::string text;
    text.reserve(std::min(untrusted.size(), limit));
    std::size_t at = 0;
    while (at < untrusted.size()) {
        const char32_t c = utf8::next(untrusted, at);
        const bool return_of_pair = c == U'\r' && at < untrusted.size() && untrusted[at] == '\n';
        if (return_of_pair) {
            continue;
        }
        if (c == U'\n' || c == U'\r') {
            text += keep_lines ? '\n' : ' ';
        } else if (c == U'\t') {
            text += keep_lines ? '\t' : ' ';
        } else if (!is_control_character(c) && (is_part_of_emoji(c) || !is_invisible_character(c))) {
            append_utf8(text, c);
        }
        if (text.size() > limit) {
            text.resize(utf8::boundary_before(text, limit));
            text += kCut;
            break;
        }
    }
    return text;
}

}  // namespace

Inline text_span(std::string text) {
    return {Span(Span::Kind::text, std::move(text))};
}
Inline strong_span(std::string text) {
    return {Span(Span::Kind::strong, std::move(text))};
}
Inline code_span(std::string text) {
    return {Span(Span::Kind::code, std::move(text))};
}

Inline operator+(Inline left, Inline right) {
    for (Span& span : right) {
        left.push_back(std::move(span));
    }
    return left;
}

std::string plain(const Inline& text) {
    std::string all;
    for (const Span& span : text) {
        all += span.text;
    }
    return all;
}

std::string one_line(std::string_view untrusted) {
    return cleaned(untrusted, false, bounds::kShownLineBytes);
}
std::string many_lines(std::string_view untrusted) {
    return cleaned(untrusted, true, bounds::kShownBlockBytes);
}

}  // namespace banana
