// Percent-encoding of URLs (RFC 3986, section 2.1).
#pragma once

#include "banana/ascii.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace banana {

// "%XX", with capital digits.
inline std::string percent_triplet(char c) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    return {'%', kDigits[byte >> 4U], kDigits[byte & 0xFU]};
}

// Everything but unreserved characters (letters, digits and -._~) as triplets.
inline std::string percent_encode(std::string_view value) {
    constexpr std::string_view kUnreserved = "-._~";
    std::string encoded;
    for (const char c : value) {
        const bool unreserved = is_alphanumeric(c) || kUnreserved.find(c) != std::string_view::npos;
        encoded += unreserved ? std::string(1, c) : percent_triplet(c);
    }
    return encoded;
}

// Whether the text begins with "%XX", in whatever case.
inline bool starts_percent_triplet(std::string_view text) {
    return text.size() >= 3 && text[0] == '%' && hex_value(text[1]) >= 0 && hex_value(text[2]) >= 0;
}

// Each "%XX" as the octet that it stands for; malformed sequences stay.
inline std::string percent_decode(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (starts_percent_triplet(text.substr(at))) {
            out += static_cast<char>(hex_value(text[at + 1]) * 16 + hex_value(text[at + 2]));
            at += 2;
        } else {
            out += text[at];
        }
    }
    return out;
}

}  // namespace banana
