#include "mending.hpp"

#include "banana/bounds.hpp"
#include "config_encoding.hpp"
#include "mending_lines.hpp"
#include "python_text.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace banana::mending {
namespace {

// Whether lines in a legacy encoding stand beside lines that are UTF-8, Chinese or Japanese: no one encoding is right.
bool is_mixed(std::string_view bytes) {
    const ConfigLines lines(bytes);
    bool legacy = false;
    bool unicode = false;
    for (int number = 1; number <= lines.count(); ++number) {
        const std::string& text = lines.text(number);
        if (find_invalid_utf8(text)) {
            legacy = true;
            continue;
        }
        // Three octets a character: pairs of GBK that happen to be UTF-8 have two.
        unicode = unicode ||
                  std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0xE0; });
    }
    return legacy && unicode;
}

// What Windows-1252 has in the places of Latin-1's control characters; 0 where it has nothing.
char32_t from_windows_1252(unsigned char byte) {
    static constexpr std::array<char16_t, 32> kTable{
        0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
        0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
        0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178,
    };
    return byte >= 0x80 && byte < 0xA0 ? kTable[byte - 0x80U] : byte;
}

// A guess, and good enough for comments only, which nobody's program reads.
std::optional<std::string> comments_from_windows_1252(std::string_view bytes) {
    std::string text;
    ConfigLines lines(bytes);
    for (int number = 1; number <= lines.count(); ++number) {
        const std::string line = lines.text(number);
        const bool plain =
            std::all_of(line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
        std::string decoded;
        for (const char c : line) {
            const char32_t character = from_windows_1252(static_cast<unsigned char>(c));
            if (character == 0 && c != '\0') {
                return std::nullopt;
            }
            append_utf8(decoded, character);
        }
        if (!plain && !is_comment(decoded) && !python_strip(decoded).starts_with(kSlashes)) {
            return std::nullopt;
        }
        lines.set_text(number, decoded);
    }
    return lines.joined();
}

}  // namespace

std::string Mending::decoded(std::string_view bytes) {
    DecodedConfig config = decode_config(bytes);
    switch (config.encoding) {
        case TextEncoding::utf8: break;
        case TextEncoding::utf8_bom: note(Mend::byte_order_mark); break;
        case TextEncoding::document: refuse_to_mend(MendObstacle::not_text);
        case TextEncoding::east_asian: refuse_to_mend(MendObstacle::encoding);
        case TextEncoding::gbk:
        case TextEncoding::single_byte:
            if (is_mixed(bytes)) {
                refuse_to_mend(MendObstacle::encoding);
            }
            [[fallthrough]];
        default: note(Mend::encoding); break;
    }
    if (config.encoding == TextEncoding::single_byte) {
        std::optional<std::string> text = comments_from_windows_1252(bytes);
        if (!text) {
            refuse_to_mend(MendObstacle::encoding);
        }
        config.text = std::move(*text);
    } else if (!config.exact || (config.encoding != TextEncoding::utf8 && config.encoding != TextEncoding::utf8_bom &&
                                 config.text.find("\xEF\xBF\xBD") != std::string::npos)) {
        refuse_to_mend(MendObstacle::encoding);
    }
    if (config.text.find('\0') != std::string::npos) {
        refuse_to_mend(MendObstacle::not_text);
    }
    // At the end, or before the last line's own end.
    for (std::size_t last = config.text.find_last_not_of("\r\n");
         last != std::string::npos && config.text[last] == '\x1A'; last = config.text.find_last_not_of("\r\n")) {
        config.text.erase(last, 1);
        note(Mend::control_z);
    }
    return std::move(config.text);
}

}  // namespace banana::mending
