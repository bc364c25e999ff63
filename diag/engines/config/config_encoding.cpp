#include "config_encoding.hpp"

#include "platform_encoding.hpp"
#include "python_text.hpp"
#include "text.hpp"
#include "utf16.hpp"

#include <algorithm>
#include <cstdint>

namespace banana {
namespace {

constexpr std::string_view kBom = "\xEF\xBB\xBF";

// A .docx or .odt (a ZIP archive), or a .doc.
bool is_document(std::string_view bytes) {
    return bytes.starts_with("PK\x03\x04") || bytes.starts_with("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1");
}

// How many of the first bytes at `phase` of each `step` are NUL, as a share.
double nul_share(std::string_view bytes, std::size_t phase, std::size_t step) {
    const std::size_t looked_at = std::min<std::size_t>(bytes.size(), 512);
    std::size_t nuls = 0;
    std::size_t places = 0;
    for (std::size_t index = phase; index < looked_at; index += step, ++places) {
        nuls += bytes[index] == '\0' ? 1 : 0;
    }
    return places == 0 ? 0 : static_cast<double>(nuls) / static_cast<double>(places);
}

// Mostly NUL at one place of each pair, from the first on, and text at the other: a run of NULs alone is a file that
// was cut off, and NULs further on are UTF-16 that was added to another text.
bool is_unmarked_utf16(std::string_view bytes, std::size_t nul_place) {
    return bytes.size() >= 8 && bytes[nul_place] == '\0' && nul_share(bytes, nul_place, 2) > 0.5 &&
           nul_share(bytes, 1 - nul_place, 2) < 0.25;
}

bool is_unmarked_utf32(std::string_view bytes, bool little_endian) {
    const std::size_t lowest = little_endian ? 0 : 3;
    const std::size_t highest = 3 - lowest;
    const std::size_t second = little_endian ? 2 : 1;
    return bytes.size() >= 16 && nul_share(bytes, highest, 4) > 0.9 && nul_share(bytes, second, 4) > 0.9 &&
           nul_share(bytes, lowest, 4) < 0.25;
}

bool is_utf32(std::string_view bytes, bool little_endian) {
    using namespace std::string_view_literals;
    const std::string_view mark = little_endian ? "\xFF\xFE\0\0"sv : "\0\0\xFE\xFF"sv;
    return bytes.starts_with(mark) || is_unmarked_utf32(bytes, little_endian);
}

std::string from_utf32(std::string_view bytes, bool little_endian) {
    std::string text;
    for (std::size_t at = 0; at + 3 < bytes.size(); at += 4) {
        std::uint32_t c = 0;
        for (std::size_t place = 0; place < 4; ++place) {
            c = c << 8 | static_cast<unsigned char>(bytes[at + (little_endian ? 3 - place : place)]);
        }
        const bool valid = c < 0xD800 || (c >= 0xE000 && c <= 0x10FFFF);
        if (c != 0xFEFF) {
            append_utf8(text, valid ? static_cast<char32_t>(c) : U'\uFFFD');
        }
    }
    return text;
}

std::string from_utf16(std::string_view bytes, utf16::Order order) {
    const std::string text = utf16::to_utf8(bytes, order);
    std::string unmarked;
    unmarked.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t mark = std::min(text.find(kBom, at), text.size());
        unmarked.append(text, at, mark - at);
        at = std::min(mark + kBom.size(), text.size());
    }
    return unmarked;
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

// Whether most pairs are what Chinese text is made of: the common characters and the punctuation of GB 2312.
bool is_common_chinese(std::string_view bytes) {
    std::size_t common = 0;
    std::size_t pairs = 0;
    for (std::size_t at = 0; at + 1 < bytes.size(); ++at) {
        const auto lead = static_cast<unsigned char>(bytes[at]);
        if (lead < 0x80) {
            continue;
        }
        const auto trail = static_cast<unsigned char>(bytes[++at]);
        const bool in_block = (lead >= 0xB0 && lead <= 0xD7) || lead == 0xA1 || lead == 0xA3;
        common += in_block && trail >= 0xA1 ? 1 : 0;
        ++pairs;
    }
    return common * 2 > pairs;
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
    if (!is_common_chinese(bytes)) {
        decoded.encoding = TextEncoding::east_asian;
        decoded.exact = false;
        decoded.text = with_replaced_pairs(bytes);
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
        case TextEncoding::utf32_le: return "UTF-32 LE";
        case TextEncoding::utf32_be: return "UTF-32 BE";
        case TextEncoding::gbk: return "GBK";
        case TextEncoding::east_asian: return "Big5, Shift JIS, GBK";
        case TextEncoding::document: return "Word";
        case TextEncoding::single_byte: break;
    }
    return "Windows-1252";
}

DecodedConfig decode_config(std::string_view bytes) {
    DecodedConfig decoded;
    if (is_document(bytes)) {
        decoded.encoding = TextEncoding::document;
        decoded.exact = false;
    } else if (is_utf32(bytes, true)) {
        decoded.encoding = TextEncoding::utf32_le;
        decoded.text = from_utf32(bytes, true);
    } else if (is_utf32(bytes, false)) {
        decoded.encoding = TextEncoding::utf32_be;
        decoded.text = from_utf32(bytes, false);
    } else if (bytes.starts_with("\xFF\xFE") || is_unmarked_utf16(bytes, 1)) {
        decoded.encoding = TextEncoding::utf16_le;
        decoded.text = from_utf16(bytes, utf16::Order::little);
    } else if (bytes.starts_with("\xFE\xFF") || is_unmarked_utf16(bytes, 0)) {
        decoded.encoding = TextEncoding::utf16_be;
        decoded.text = from_utf16(bytes, utf16::Order::big);
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
