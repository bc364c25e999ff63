// Percent-encoding of URLs (RFC 3986, section 2.1).
#pragma once

#include "banana/ascii.hpp"

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

}  // namespace banana
