#include "utf16_text.hpp"

namespace banana {
namespace {

constexpr unsigned kHighSurrogate = 0xD800;
constexpr unsigned kLowSurrogate = 0xDC00;
constexpr unsigned kBehindSurrogates = 0xE000;
constexpr unsigned kSupplementary = 0x10000;

unsigned octet(char c) {
    return static_cast<unsigned char>(c);
}

bool is_high(unsigned unit) {
    return unit >= kHighSurrogate && unit < kLowSurrogate;
}

bool is_low(unsigned unit) {
    return unit >= kLowSurrogate && unit < kBehindSurrogates;
}

// RFC 3629's scheme, also for surrogates.
void append_number(std::string& text, unsigned number) {
    const auto tail = [&](unsigned shift) { text += static_cast<char>(0x80U | ((number >> shift) & 0x3FU)); };
    if (number < 0x80) {
        text += static_cast<char>(number);
    } else if (number < 0x800) {
        text += static_cast<char>(0xC0U | (number >> 6U));
        tail(0);
    } else if (number < kSupplementary) {
        text += static_cast<char>(0xE0U | (number >> 12U));
        tail(6);
        tail(0);
    } else {
        text += static_cast<char>(0xF0U | (number >> 18U));
        tail(12);
        tail(6);
        tail(0);
    }
}

// Reads what append_number wrote; moves `at` behind it.
unsigned take_number(std::string_view text, std::size_t& at) {
    const unsigned first = octet(text[at++]);
    if (first < 0x80) {
        return first;
    }
    const int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
    unsigned number = first & (0x3FU >> static_cast<unsigned>(more));
    for (int index = 0; index < more && at < text.size(); ++index) {
        number = (number << 6U) | (octet(text[at++]) & 0x3FU);
    }
    return number;
}

}  // namespace

std::optional<Utf16Text> Utf16Text::recognise(std::string_view start_of_file) {
    if (start_of_file.starts_with("\xFF\xFE")) {
        return Utf16Text(false);
    }
    if (start_of_file.starts_with("\xFE\xFF")) {
        return Utf16Text(true);
    }
    return std::nullopt;
}

unsigned Utf16Text::unit_at(std::size_t at) const {
    const unsigned first = octet(waiting_[at]);
    const unsigned second = octet(waiting_[at + 1]);
    return big_endian_ ? (first << 8U) | second : (second << 8U) | first;
}

std::string Utf16Text::decode(std::string_view octets) {
    waiting_ += octets;
    std::string text;
    std::size_t at = 0;
    while (at + 2 <= waiting_.size()) {
        const unsigned unit = unit_at(at);
        if (!is_high(unit)) {
            append_number(text, unit);
            at += 2;
            continue;
        }
        if (at + 4 > waiting_.size()) {
            break;
        }
        const unsigned next = unit_at(at + 2);
        if (is_low(next)) {
            append_number(text, kSupplementary + ((unit - kHighSurrogate) << 10U) + (next - kLowSurrogate));
            at += 4;
        } else {
            append_number(text, unit);
            at += 2;
        }
    }
    waiting_.erase(0, at);
    return text;
}

void Utf16Text::append_unit(std::string& octets, unsigned unit) const {
    const char high = static_cast<char>((unit >> 8U) & 0xFFU);
    const char low = static_cast<char>(unit & 0xFFU);
    octets += big_endian_ ? high : low;
    octets += big_endian_ ? low : high;
}

std::string Utf16Text::encode(std::string_view text) const {
    std::string octets;
    octets.reserve(text.size() * 2);
    for (std::size_t at = 0; at < text.size();) {
        const unsigned number = take_number(text, at);
        if (number < kSupplementary) {
            append_unit(octets, number);
            continue;
        }
        const unsigned offset = number - kSupplementary;
        append_unit(octets, kHighSurrogate + (offset >> 10U));
        append_unit(octets, kLowSurrogate + (offset & 0x3FFU));
    }
    return octets;
}

}  // namespace banana
