#include "utf8.hpp"

namespace banana::utf8 {
namespace {

bool is_continuation(char byte) {
    return (static_cast<unsigned char>(byte) & 0xc0u) == 0x80u;
}

bool is_scalar(char32_t c, std::size_t length) {
    constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
    return c >= kSmallest[length] && c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff);
}

}  // namespace

char32_t next(std::string_view text, std::size_t& at) {
    const auto lead = static_cast<unsigned char>(text[at]);
    if (lead < 0x80) {
        ++at;
        return lead;
    }
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 0;
    if (length == 0 || at + length > text.size()) {
        ++at;
        return kReplacement;
    }
    char32_t c = lead & (0xffu >> (length + 1));
    for (std::size_t offset = 1; offset < length; ++offset) {
        if (!is_continuation(text[at + offset])) {
            ++at;
            return kReplacement;
        }
        c = (c << 6) | (static_cast<unsigned char>(text[at + offset]) & 0x3fu);
    }
    if (!is_scalar(c, length)) {
        ++at;
        return kReplacement;
    }
    at += length;
    return c;
}

void append(std::string& text, char32_t c) {
    if (c < 0x80) {
        text += static_cast<char>(c);
    } else if (c < 0x800) {
        text += static_cast<char>(0xc0 | (c >> 6));
        text += static_cast<char>(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        text += static_cast<char>(0xe0 | (c >> 12));
        text += static_cast<char>(0x80 | ((c >> 6) & 0x3f));
        text += static_cast<char>(0x80 | (c & 0x3f));
    } else {
        text += static_cast<char>(0xf0 | (c >> 18));
        text += static_cast<char>(0x80 | ((c >> 12) & 0x3f));
        text += static_cast<char>(0x80 | ((c >> 6) & 0x3f));
        text += static_cast<char>(0x80 | (c & 0x3f));
    }
}

std::size_t boundary_before(std::string_view text, std::size_t limit) {
    if (limit >= text.size()) {
        return text.size();
    }
    while (limit > 0 && is_continuation(text[limit])) {
        --limit;
    }
    return limit;
}

bool is_valid(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t start = at;
        if (next(text, at) == kReplacement && text.substr(start, at - start) != "\xef\xbf\xbd") {
            return false;
        }
    }
    return true;
}

}  // namespace banana::utf8
