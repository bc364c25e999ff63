// A key in other forms, and whether a text still holds it. Written anew, not by the program's own coders: what hides a
// key is tried by something else.
#pragma once

#include "banana/secret.hpp"

#include <string>
#include <string_view>

namespace banana::test {

inline std::string percent_encoded(const std::string& text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        out += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
    }
    return out;
}

inline std::string base64(const std::string& bytes) {
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    unsigned value = 0;
    int bits = 0;
    for (const char c : bytes) {
        value = (value << 8U) | static_cast<unsigned char>(c);
        bits += 8;
        while (bits >= 6) {
            bits -= 6;
            out += kAlphabet[(value >> static_cast<unsigned>(bits)) & 63U];
        }
    }
    if (bits > 0) {
        out += kAlphabet[(value << static_cast<unsigned>(6 - bits)) & 63U];
    }
    while (out.size() % 4 != 0) {
        out += '=';
    }
    return out;
}

// Whether as many characters in a row of the key stand in the text as give it away.
inline bool leaks(const std::string& text, const std::string& key) {
    for (std::size_t at = 0; at + kTellingPart <= key.size(); ++at) {
        if (text.find(key.substr(at, kTellingPart)) != std::string::npos) {
            return true;
        }
    }
    return false;
}

inline std::string broken(const std::string& key, std::size_t width, const std::string& by) {
    std::string out;
    for (std::size_t at = 0; at < key.size(); at += width) {
        out += (at == 0 ? "" : by) + key.substr(at, width);
    }
    return out;
}

}  // namespace banana::test
