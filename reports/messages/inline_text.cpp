#include "inline_text.hpp"

#include "banana/bounds.hpp"
#include "text.hpp"

namespace banana {

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
    return sanitize(untrusted, Lines::single, bounds::kShownLineBytes);
}
std::string many_lines(std::string_view untrusted) {
    return sanitize(untrusted, Lines::keep, bounds::kShownBlockBytes);
}

}  // namespace banana
