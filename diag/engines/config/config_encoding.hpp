// Which encoding a config.ini really has: a guess from the pattern of its bytes.
#pragma once

#include <string>
#include <string_view>

namespace banana {

// east_asian: pairs of bytes that are Chinese, Japanese or Korean text, but of which GBK would make no common words.
// document: no text at all, but what a word processor saves.
enum class TextEncoding {
    utf8,
    utf8_bom,
    utf16_le,
    utf16_be,
    utf32_le,
    utf32_be,
    gbk,
    east_asian,
    single_byte,
    document,
};
// "UTF-8", "UTF-16 LE", "GBK", "Windows-1252" …
std::string_view encoding_name(TextEncoding encoding);

struct DecodedConfig {
    TextEncoding encoding = TextEncoding::utf8;
    std::string text;   // valid UTF-8 without a byte order mark
    bool exact = true;  // false where other than ASCII characters had to be replaced
};
// Any bytes; NUL bytes in every second place are taken for UTF-16 even without a mark, three of four for UTF-32.
DecodedConfig decode_config(std::string_view bytes);

}  // namespace banana
