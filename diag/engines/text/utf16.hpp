// UTF-16 a code point at a time: code units of two octets, surrogate pairs for what lies above U+FFFF (RFC 2781).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace banana::utf16 {

enum class Order { little, big };  // of the octets in a unit

constexpr bool is_high(char32_t unit) {
    return unit >= 0xd800 && unit < 0xdc00;
}
constexpr bool is_low(char32_t unit) {
    return unit >= 0xdc00 && unit < 0xe000;
}
constexpr bool is_surrogate(char32_t unit) {
    return is_high(unit) || is_low(unit);
}
// The code point of a pair, and the pair of a code point above U+FFFF.
constexpr char32_t joined(char32_t high, char32_t low) {
    return 0x10000 + ((high - 0xd800) << 10u) + (low - 0xdc00);
}
constexpr char32_t high_of(char32_t c) {
    return 0xd800 + ((c - 0x10000) >> 10u);
}
constexpr char32_t low_of(char32_t c) {
    return 0xdc00 + ((c - 0x10000) & 0x3ffu);
}

// The unit of the octets at `at` and behind it, both in range.
constexpr char32_t unit_at(std::string_view octets, std::size_t at, Order order) {
    const auto first = static_cast<unsigned char>(octets[at]);
    const auto second = static_cast<unsigned char>(octets[at + 1]);
    return order == Order::big ? static_cast<char32_t>(first << 8u | second)
                               : static_cast<char32_t>(second << 8u | first);
}

// The code point at `at`, which moves behind it; U+FFFD for half a pair. Two octets must be there.
constexpr char32_t next(std::string_view octets, std::size_t& at, Order order) {
    const char32_t unit = unit_at(octets, at, order);
    at += 2;
    if (is_high(unit) && at + 1 < octets.size() && is_low(unit_at(octets, at, order))) {
        at += 2;
        return joined(unit, unit_at(octets, at - 2, order));
    }
    return is_surrogate(unit) ? U'\uFFFD' : unit;
}

// The whole text, a byte order mark included; an octet left over at the end is passed over.
std::string to_utf8(std::string_view octets, Order order);

}  // namespace banana::utf16
