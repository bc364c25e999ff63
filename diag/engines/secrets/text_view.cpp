#include "text_view.hpp"

#include "banana/ascii.hpp"
#include "banana/bounds.hpp"
#include "banana/invisible.hpp"
#include "text.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace banana {
namespace {

std::optional<unsigned> number(std::string_view digits, unsigned base) {
    if (digits.empty()) {
        return std::nullopt;
    }
    unsigned value = 0;
    for (const char c : digits) {
        const int digit = hex_value(c);
        if (digit < 0 || static_cast<unsigned>(digit) >= base || value > 0xFFFF) {
            return std::nullopt;
        }
        value = value * base + static_cast<unsigned>(digit);
    }
    return value;
}

// What an escape stands for, and how long it is; `length` 0: none.
struct Escape {
    std::size_t length = 0;
    std::optional<unsigned> value;  // none: it stands for nothing
};

Escape hexadecimal_digits_at(std::string_view text, std::size_t lead, std::size_t digits) {
    if (text.size() < lead + digits) {
        return {};
    }
    const auto value = number(text.substr(lead, digits), 16);
    return value && *value < 0x80 ? Escape{lead + digits, value} : Escape{};
}

// RFC 8259, section 7, and JavaScript's \xNN.
Escape backslash_escape(std::string_view text) {
    if (text.size() < 2) {
        return {};
    }
    switch (text[1]) {
        case 'u': return hexadecimal_digits_at(text, 2, 4);
        case 'x': return hexadecimal_digits_at(text, 2, 2);
        case 'n': return {2, '\n'};
        case 'r': return {2, '\r'};
        case 't': return {2, '\t'};
        case '/':
        case '"': return {2, static_cast<unsigned>(text[1])};
        default: return {};
    }
}

Escape character_reference(std::string_view text) {
    constexpr std::size_t kLongest = 10;
    const std::size_t end = text.substr(0, kLongest).find(';');
    if (text.size() < 4 || text[1] != '#' || end == std::string_view::npos) {
        return {};
    }
    const bool hex = to_lower(text[2]) == 'x';
    const std::size_t digits = hex ? 3 : 2;
    const auto value = end > digits ? number(text.substr(digits, end - digits), hex ? 16 : 10) : std::nullopt;
    return value && *value < 0x80 ? Escape{end + 1, value} : Escape{};
}

Escape escape_at(std::string_view text) {
    switch (text.front()) {
        case '%': return hexadecimal_digits_at(text, 1, 2);
        case '\\': return backslash_escape(text);
        case '&': return character_reference(text);
        case '\x1b': return {escape_length(text.substr(0, bounds::kEscapeSequenceBytes)), std::nullopt};
        default: return {};
    }
}

bool has_escape(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        const bool lead = c == '%' || c == '\\' || c == '&' || c == '\x1b';
        if (lead && escape_at(text.substr(at)).length > 0) {
            return true;
        }
    }
    return false;
}

// The length of a character that cannot be seen, in UTF-8 or as `\u200b`, `%E2%80%8B`, `&#8203;`; 0: none.
std::size_t invisible_length(std::string_view text) {
    static constexpr std::array<std::string_view, 22> kEscapes{
        "\\u200b",         "\\u200c",   "\\u200d",   "\\u200e",   "\\u200f",   "\\u2060", "\\ufeff", "\\u00ad",
        "%e2%80%8b",       "%e2%80%8c", "%e2%80%8d", "%e2%81%a0", "%ef%bb%bf", "%c2%ad",  "&#8203;", "&#x200b;",
        "\\xe2\\x80\\x8b", "&zwnj;",    "&zwj;",     "&shy;",     "&#xfeff;",  "\\xad"};
    const char first = text.front();
    if (first == '\\' || first == '%' || first == '&') {
        const auto found = std::find_if(kEscapes.begin(), kEscapes.end(), [&](std::string_view escape) {
            return starts_with_ignoring_case(text, escape);
        });
        return found == kEscapes.end() ? 0 : found->size();
    }
    if (static_cast<unsigned char>(first) < 0xC0) {
        return 0;
    }
    std::size_t length = 0;
    return is_invisible_character(utf8::next(text, length)) ? length : 0;
}

bool has_invisible(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        const bool lead = c == '\\' || c == '%' || c == '&' || static_cast<unsigned char>(c) >= 0xC0;
        if (lead && invisible_length(text.substr(at)) > 0) {
            return true;
        }
    }
    return false;
}

// U+FF10 to U+FF5A in UTF-8, letters and digits only; 0 for anything else.
constexpr char kNarrowLead = '\xEF';
char narrow_character(std::string_view text) {
    if (text.size() < 3 || text[0] != kNarrowLead || (text[1] != '\xBC' && text[1] != '\xBD')) {
        return 0;
    }
    const char32_t ascii = utf8::decode(text).c - 0xFEE0U;
    return ascii < 0x80 && is_alphanumeric(static_cast<char>(ascii)) ? static_cast<char>(ascii) : '\0';
}

// Calls take(begin, end, character) for each character of a skeleton.
template <typename Take>
void for_each_bone(std::string_view text, Take take) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (is_alphanumeric(text[at])) {
            take(at, at + 1, to_lower(text[at]));
        } else if (const char c = text[at] == kNarrowLead ? narrow_character(text.substr(at, 3)) : '\0'; c != '\0') {
            take(at, at + 3, to_lower(c));
            at += 2;
        }
    }
}

}  // namespace

TextView::TextView(std::string_view text) : characters_(text) {}

void TextView::reserve(std::size_t size) {
    characters_.reserve(size);
    begins_.reserve(size);
    ends_.reserve(size);
}

void TextView::add(const TextView& source, std::size_t first, std::size_t behind, char c) {
    characters_ += c;
    begins_.push_back(source.begin_of(first));
    ends_.push_back(source.end_of(behind - 1));
}

TextView TextView::unescaped() const {
    const std::string_view text = characters_;
    TextView view;
    if (!has_escape(text)) {
        view = *this;
        return view;
    }
    view.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const Escape escape = escape_at(text.substr(at));
        if (escape.length == 0) {
            view.add(*this, at, at + 1, text[at]);
            ++at;
            continue;
        }
        if (escape.value) {
            view.add(*this, at, at + escape.length, static_cast<char>(*escape.value));
        }
        at += escape.length;
    }
    return view;
}

TextView TextView::visible() const {
    const std::string_view text = characters_;
    TextView view;
    if (!has_invisible(text)) {
        view = *this;
        return view;
    }
    view.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        if (const std::size_t length = invisible_length(text.substr(at)); length > 0) {
            at += length;
            continue;
        }
        view.add(*this, at, at + 1, text[at]);
        ++at;
    }
    return view;
}

TextView TextView::skeleton() const {
    TextView view;
    view.reserve(size());
    for_each_bone(characters_, [&](std::size_t begin, std::size_t end, char c) { view.add(*this, begin, end, c); });
    return view;
}

std::string TextView::skeleton_characters() const {
    std::string bones;
    bones.reserve(size());
    for_each_bone(characters_, [&](std::size_t, std::size_t, char c) { bones += c; });
    return bones;
}

void TextView::fold_case() {
    std::transform(characters_.begin(), characters_.end(), characters_.begin(), to_lower);
}

}  // namespace banana
