#include "engines/config_encoding.hpp"

#include "engines/platform_encoding.hpp"
#include "engines/python_text.hpp"

#include <algorithm>

namespace banana {
namespace {

constexpr std::string_view kBom = "\xEF\xBB\xBF";

bool has_nul_in_every_second_place(std::string_view bytes, std::size_t phase) {
    const std::size_t looked_at = std::min<std::size_t>(bytes.size(), 512);
    std::size_t nuls = 0;
    for (std::size_t index = phase; index < looked_at; index += 2) {
        nuls += bytes[index] == '\0' ? 1 : 0;
    }
    return looked_at >= 8 && nuls * 2 > looked_at / 2;
}

std::string from_utf16(std::string_view bytes, bool little_endian) {
    const auto unit = [&](std::size_t at) {
        const auto low = static_cast<unsigned char>(bytes[at + (little_endian ? 0 : 1)]);
        const auto high = static_cast<unsigned char>(bytes[at + (little_endian ? 1 : 0)]);
        return static_cast<char32_t>(high << 8 | low);
    };
    std::string text;
    for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) {
        char32_t c = unit(at);
        if (c >= 0xD800 && c < 0xDC00 && at + 3 < bytes.size() && unit(at + 2) >= 0xDC00 && unit(at + 2) < 0xE000) {
            c = 0x10000 + ((c - 0xD800) << 10) + (unit(at + 2) - 0xDC00);
            at += 2;
        } else if (c >= 0xD800 && c < 0xE000) {
            c = 0xFFFD;
        }
        if (c != 0xFEFF) {
            append_utf8(text, c);
        }
    }
    return text;
}

// GBK with GB 18030's four-byte sequences. Every sequence that is no pair counts against it.
bool looks_like_gbk(std::string_view bytes) {
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        const auto lead = static_cast<unsigned char>(bytes[at]);
        if (lead < 0x80) {
            continue;
        }
        if (lead == 0x80 || lead == 0xFF || at + 1 >= bytes.size()) {
            return false;
        }
        const auto trail = static_cast<unsigned char>(bytes[at + 1]);
        const bool four = trail >= 0x30 && trail <= 0x39 && at + 3 < bytes.size();
        if (!four && (trail < 0x40 || trail == 0x7F || trail == 0xFF)) {
            return false;
        }
        at += four ? 3 : 1;
    }
    return true;
}

std::string with_replaced_pairs(std::string_view bytes) {
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        if (static_cast<unsigned char>(bytes[at]) < 0x80) {
            text += bytes[at];
            continue;
        }
        append_utf8(text, 0xFFFD);
        ++at;
    }
    return text;
}

std::string from_latin1(std::string_view bytes) {
    std::string text;
    for (const char c : bytes) {
        append_utf8(text, static_cast<unsigned char>(c));
    }
    return text;
}

void decode_legacy(std::string_view bytes, DecodedConfig& decoded) {
    if (!looks_like_gbk(bytes)) {
        decoded.encoding = TextEncoding::single_byte;
        decoded.exact = false;
        decoded.text = from_latin1(bytes);
        return;
    }
    decoded.encoding = TextEncoding::gbk;
    const auto converted = platform::gb18030_to_utf8(bytes);
    decoded.exact = converted.has_value();
    decoded.text = converted ? *converted : with_replaced_pairs(bytes);
}

}  // namespace

std::string_view encoding_name(TextEncoding encoding) {
    switch (encoding) {
        case TextEncoding::utf8: return "UTF-8";
        case TextEncoding::utf8_bom: return "UTF-8 BOM";
        case TextEncoding::utf16_le: return "UTF-16 LE";
        case TextEncoding::utf16_be: return "UTF-16 BE";
        case TextEncoding::gbk: return "GBK";
        case TextEncoding::single_byte: break;
    }
    return "Latin-1";
}

DecodedConfig decode_config(std::string_view bytes) {
    DecodedConfig decoded;
    if (bytes.starts_with("\xFF\xFE") || has_nul_in_every_second_place(bytes, 1)) {
        decoded.encoding = TextEncoding::utf16_le;
        decoded.text = from_utf16(bytes, true);
    } else if (bytes.starts_with("\xFE\xFF") || has_nul_in_every_second_place(bytes, 0)) {
        decoded.encoding = TextEncoding::utf16_be;
        decoded.text = from_utf16(bytes, false);
    } else if (!find_invalid_utf8(bytes)) {
        const bool marked = bytes.starts_with(kBom);
        decoded.encoding = marked ? TextEncoding::utf8_bom : TextEncoding::utf8;
        decoded.text = bytes.substr(marked ? kBom.size() : 0);
    } else {
        decode_legacy(bytes.substr(bytes.starts_with(kBom) ? kBom.size() : 0), decoded);
    }
    return decoded;
}

}  // namespace banana
