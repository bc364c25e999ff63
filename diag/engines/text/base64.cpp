#include "base64.hpp"

#include <algorithm>
#include <cstdint>

namespace banana {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kWhiteSpace = " \t\r\n";

}  // namespace

std::string base64_encode(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::size_t count = std::min<std::size_t>(bytes.size() - at, 3);
        std::uint32_t group = 0;
        for (std::size_t index = 0; index < 3; ++index) {
            group = (group << 8U) | (index < count ? static_cast<unsigned char>(bytes[at + index]) : 0U);
        }
        for (std::size_t index = 0; index < 4; ++index) {
            text += index <= count ? kAlphabet[(group >> (18U - 6U * index)) & 0x3FU] : '=';
        }
    }
    return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
    std::string bytes;
    std::uint32_t group = 0;
    std::size_t characters = 0;
    std::size_t padding = 0;
    for (const char c : text) {
        if (kWhiteSpace.find(c) != std::string_view::npos) {
            continue;
        }
        if (c == '=') {
            ++padding;
            continue;
        }
        const std::size_t value = kAlphabet.find(c);
        if (value == std::string_view::npos || padding > 0) {
            return std::nullopt;
        }
        group = (group << 6U) | static_cast<std::uint32_t>(value);
        if (++characters % 4 == 0) {
            bytes += static_cast<char>((group >> 16U) & 0xFFU);
            bytes += static_cast<char>((group >> 8U) & 0xFFU);
            bytes += static_cast<char>(group & 0xFFU);
            group = 0;
        }
    }
    const std::size_t rest = characters % 4;
    if (rest == 1 || (rest == 0 ? padding != 0 : padding != 4 - rest)) {
        return std::nullopt;
    }
    if (rest >= 2) {
        bytes += static_cast<char>((group >> (rest == 2 ? 4U : 10U)) & 0xFFU);
    }
    if (rest == 3) {
        bytes += static_cast<char>((group >> 2U) & 0xFFU);
    }
    return bytes;
}

std::string base64_beginning(std::string_view text) {
    std::string bytes;
    std::uint32_t group = 0;
    unsigned bits = 0;
    for (const char c : text) {
        const std::size_t value = kAlphabet.find(c == '-' ? '+' : c == '_' ? '/' : c);
        if (value == std::string_view::npos) {
            break;
        }
        group = (group << 6U) | static_cast<std::uint32_t>(value);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes += static_cast<char>((group >> bits) & 0xFFU);
        }
    }
    return bytes;
}

}  // namespace banana
