// One paragraph's worth of text with inline markup, before any format has escaped it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace banana {

struct Span {
    enum class Kind { text, strong, code };
    Span() = default;
    Span(Kind kind, std::string text) : kind(kind), text(std::move(text)) {}
    Kind kind = Kind::text;
    std::string text;  // plain characters; every writer escapes them
};

using Inline = std::vector<Span>;

Inline text_span(std::string text);
Inline strong_span(std::string text);
Inline code_span(std::string text);
Inline operator+(Inline left, Inline right);

// The characters alone.
std::string plain(const Inline& text);

// Untrusted text for one line: valid UTF-8, no controls, no line breaks; bounded.
std::string one_line(std::string_view untrusted);
// The same for a block: line breaks and tabs stay.
std::string many_lines(std::string_view untrusted);

}  // namespace banana
