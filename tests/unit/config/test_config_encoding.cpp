// Which encoding a config.ini has, told by its bytes.
#include "config_encoding.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_config_encoding)

namespace {

std::string wide(std::string_view ascii, std::size_t before, std::size_t behind) {
    std::string text;
    for (const char c : ascii) {
        text += std::string(before, '\0') + c + std::string(behind, '\0');
    }
    return text;
}

struct Case {
    std::string bytes;
    std::string_view name;
    std::string_view text;
};

}  // namespace

BOOST_AUTO_TEST_CASE(encodings_by_mark_and_by_pattern) {
    const std::string_view plain = "[gemini]\nkey = 1\n";
    const Case cases[] = {
        {"[gemini]\n# \xE5\xAF\x86\xE9\x92\xA5\n", "UTF-8", "[gemini]\n# 密钥\n"},
        {"\xEF\xBB\xBF[gemini]\n", "UTF-8 BOM", "[gemini]\n"},
        {"\xFF\xFE" + wide(plain, 0, 1), "UTF-16 LE", plain},
        {"\xFE\xFF" + wide(plain, 1, 0), "UTF-16 BE", plain},
        {wide(plain, 0, 1), "UTF-16 LE", plain},
        {"\xFF\xFE\xFF\xFE" + wide(plain, 0, 1) + "\xFF\xFE", "UTF-16 LE", plain},  // marks within the text, too
        {wide(plain, 3, 0), "UTF-32 BE", plain},
        {"[gemini]\n# \xC3\xDC\xD4\xBF\n", "GBK", "[gemini]\n# 密钥\n"},
    };
    for (const Case& one : cases) {
        const DecodedConfig decoded = decode_config(one.bytes);
        BOOST_TEST(encoding_name(decoded.encoding) == one.name);
        BOOST_TEST(decoded.text == one.text);
        BOOST_TEST(decoded.exact);
    }
}

BOOST_AUTO_TEST_CASE(what_is_no_text) {
    BOOST_CHECK(decode_config("PK\x03\x04\x14 word/document.xml").encoding == TextEncoding::document);
    BOOST_CHECK(decode_config("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1").encoding == TextEncoding::document);
    BOOST_CHECK(decode_config("").encoding == TextEncoding::utf8);
}

BOOST_AUTO_TEST_CASE(single_bytes_of_western_text) {
    const DecodedConfig decoded = decode_config("[gemini]\n# cl\xE9 de l'API, r\xE9seau priv\xE9\n");
    BOOST_CHECK(decoded.encoding == TextEncoding::single_byte);
    BOOST_TEST(decoded.text.starts_with("[gemini]\n# cl"));
}

BOOST_AUTO_TEST_SUITE_END()
