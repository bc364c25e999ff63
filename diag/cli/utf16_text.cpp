#include "utf16_text.hpp"

#include "text.hpp"
#include "utf8.hpp"

namespace banana {
namespace {

// As the decoder writes them, a surrogate without its other half too.
char32_t next_decoded(std::string_view text, std::size_t& at) {
    const std::string_view octets = text.substr(at, 3);
    if (octets.size() == 3 && octets[0] == '\xED' && octets[1] >= '\xA0' && utf8::is_continuation(octets[1])) {
        at += 3;
        return 0xD000U | (static_cast<unsigned char>(octets[1]) & 0x3FU) << 6U |
               (static_cast<unsigned char>(octets[2]) & 0x3FU);
    }
    return utf8::next(text, at);
}

}  // namespace

std::optional<Utf16Text> Utf16Text::recognise(std::string_view start_of_file) {
    if (start_of_file.starts_with("\xFF\xFE")) {
        return Utf16Text(utf16::Order::little);
    }
    if (start_of_file.starts_with("\xFE\xFF")) {
        return Utf16Text(utf16::Order::big);
    }
    return std::nullopt;
}

std::string Utf16Text::decode(std::string_view octets) {
    waiting_ += octets;
    std::string text;
    std::size_t at = 0;
    while (at + 2 <= waiting_.size()) {
        const char32_t unit = utf16::unit_at(waiting_, at, order_);
        if (!utf16::is_high(unit)) {
            append_utf8(text, unit);
            at += 2;
            continue;
        }
        if (at + 4 > waiting_.size()) {
            break;
        }
        const char32_t next = utf16::unit_at(waiting_, at + 2, order_);
        if (utf16::is_low(next)) {
            append_utf8(text, utf16::joined(unit, next));
            at += 4;
        } else {
            append_utf8(text, unit);
            at += 2;
        }
    }
    waiting_.erase(0, at);
    return text;
}

void Utf16Text::append_unit(std::string& octets, char32_t unit) const {
    const char high = static_cast<char>((unit >> 8U) & 0xFFU);
    const char low = static_cast<char>(unit & 0xFFU);
    octets += order_ == utf16::Order::big ? high : low;
    octets += order_ == utf16::Order::big ? low : high;
}

std::string Utf16Text::encode(std::string_view text) const {
    std::string octets;
    octets.reserve(text.size() * 2);
    for (std::size_t at = 0; at < text.size();) {
        const char32_t c = next_decoded(text, at);
        if (c < 0x10000) {
            append_unit(octets, c);
        } else {
            append_unit(octets, utf16::high_of(c));
            append_unit(octets, utf16::low_of(c));
        }
    }
    return octets;
}

}  // namespace banana
