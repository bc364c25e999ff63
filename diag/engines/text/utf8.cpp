#include "utf8.hpp"

#include <algorithm>

namespace banana::utf8 {
namespace {

// How many bytes a lead announces, and which may follow it (Unicode, table 3-7).
struct Form {
    std::size_t length;
    unsigned char low = 0x80;
    unsigned char high = 0xbf;
};

Form form_of(unsigned char lead) {
    if (lead < 0x80) {
        return {1};
    }
    if (lead >= 0xc2 && lead <= 0xdf) {
        return {2};
    }
    if (lead >= 0xe0 && lead <= 0xef) {
        return {3, static_cast<unsigned char>(lead == 0xe0 ? 0xa0 : 0x80),
                static_cast<unsigned char>(lead == 0xed ? 0x9f : 0xbf)};
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        return {4, static_cast<unsigned char>(lead == 0xf0 ? 0x90 : 0x80),
                static_cast<unsigned char>(lead == 0xf4 ? 0x8f : 0xbf)};
    }
    return {0};
}

}  // namespace

Decoded decode(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    if (lead < 0x80) {
        return {lead, 1, true};
    }
    const Form form = form_of(lead);
    if (form.length == 0) {
        return {kReplacement, 1, false};
    }
    char32_t c = lead & (0xffu >> (form.length + 1));
    for (std::size_t index = 1; index < form.length; ++index) {
        if (index == text.size()) {
            return {kReplacement, index, false};
        }
        const auto byte = static_cast<unsigned char>(text[index]);
        const bool first = index == 1;
        if (byte < (first ? form.low : 0x80) || byte > (first ? form.high : 0xbf)) {
            return {kReplacement, index, false};
        }
        c = (c << 6) | (byte & 0x3fu);
    }
    return {c, form.length, true};
}

bool is_continuation(char byte) {
    return (static_cast<unsigned char>(byte) & 0xc0u) == 0x80u;
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
    const auto is_ascii = [](char byte) { return static_cast<unsigned char>(byte) < 0x80; };
    while (!text.empty()) {
        text.remove_prefix(
            static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_ascii) - text.begin()));
        if (text.empty()) {
            break;
        }
        const Decoded decoded = decode(text);
        if (!decoded.valid) {
            return false;
        }
        text.remove_prefix(decoded.length);
    }
    return true;
}

std::string repaired(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const Decoded decoded = decode(text);
        out += decoded.valid ? text.substr(0, decoded.length) : std::string_view("\xef\xbf\xbd");
        text.remove_prefix(decoded.length);
    }
    return out;
}

}  // namespace banana::utf8
