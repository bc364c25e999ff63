// Which encoding a config.ini really has: a guess from the pattern of its bytes.
#pragma once

#include <string>
#include <string_view>

namespace banana {

enum class TextEncoding { utf8, utf8_bom, utf16_le, utf16_be, gbk, single_byte };
// "UTF-8", "UTF-16 LE", "GBK", "Latin-1" …
std::string_view encoding_name(TextEncoding encoding);

struct DecodedConfig {
    TextEncoding encoding = TextEncoding::utf8;
    std::string text;   // valid UTF-8 without a byte order mark
    bool exact = true;  // false where other than ASCII characters had to be replaced
};
// Any bytes; NUL bytes in every second place are taken for UTF-16 even without a mark.
DecodedConfig decode_config(std::string_view bytes);

}  // namespace banana
