// Text as CPython treats it; expected values were taken from CPython 3.11.
#include "python_text.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_python_text)

namespace {

// The lines, and "!offset" where decoding fails.
std::string lines_of(std::string_view bytes) {
    PythonLines lines(bytes);
    std::string text;
    while (const std::optional<std::string_view> line = lines.next()) {
        text += std::string(*line) + "|";
    }
    return lines.bad_byte() ? text + "!" + std::to_string(*lines.bad_byte()) : text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(white_space_is_more_than_ascii) {
    BOOST_TEST(python_strip(" \t\x0b\x1c\xC2\x85\xC2\xA0\xE3\x80\x80x\xE2\x80\xA8 ") == "x");
    BOOST_TEST(python_strip_left("\xE3\x80\x80x ") == "x ");
    BOOST_TEST(python_strip_right(" x\xE3\x80\x80") == " x");
    BOOST_TEST(python_strip("\xE2\x80\x8Bx") == "\xE2\x80\x8Bx");  // U+200B is no white space to Python
    BOOST_TEST(python_strip(" \xE3\x80\x80").empty());
    BOOST_TEST(!is_python_space(0xFEFF));
}

BOOST_AUTO_TEST_CASE(lower_case) {
    BOOST_TEST(python_lower("API_KEY \xC3\x84\xCE\xA3\xCE\xA3 ") == "api_key \xC3\xA4\xCF\x83\xCF\x82 ");
    BOOST_TEST(python_lower("\xC4\xB0") == "i\xCC\x87");
    BOOST_TEST(python_lower("\xEF\xBC\xA1") == "\xEF\xBD\x81");
}

BOOST_AUTO_TEST_CASE(numbers) {
    BOOST_TEST((python_float(" 0.6\n") == 0.6));
    BOOST_TEST((python_float("1_0.5e1") == 105.0));
    BOOST_TEST((python_float(".5") == 0.5));
    BOOST_TEST((python_int(" +1_000 ") == 1000));
    for (const char* text : {"", "0,6", "1__0", "_1", "0x10", "1 0", "--1"}) {
        BOOST_TEST(!python_float(text).has_value(), text);
        BOOST_TEST(!python_int(text).has_value(), text);
    }
    BOOST_TEST(!python_int("1.0").has_value());
}

BOOST_AUTO_TEST_CASE(base64_passes_over_what_is_none) {
    BOOST_TEST((python_base64("YW\nJj*") == "abc"));
    BOOST_TEST((python_base64("YQ==") == "a"));
    BOOST_TEST(!python_base64("YQ").has_value());
    BOOST_TEST(!python_base64("Y").has_value());
}

BOOST_AUTO_TEST_CASE(where_utf_8_is_wrong) {
    BOOST_TEST(!find_invalid_utf8("a\xE4\xB8\xAD\xF0\x9F\x94\x91").has_value());
    BOOST_TEST((find_invalid_utf8("ab\xFF") == 2U));
    BOOST_TEST((find_invalid_utf8("a\xC0\x80") == 1U));          // overlong
    BOOST_TEST((find_invalid_utf8("a\xED\xA0\x80") == 1U));      // a surrogate
    BOOST_TEST((find_invalid_utf8("a\xF4\x90\x80\x80") == 1U));  // beyond U+10FFFF
    BOOST_TEST((find_invalid_utf8("a\xE4\xB8") == 1U));          // cut short
}

BOOST_AUTO_TEST_CASE(lines_of_a_file) {
    BOOST_TEST(lines_of("a\r\nb\rc\n\nd") == "a|b|c||d|");
    BOOST_TEST(lines_of("").empty());
    BOOST_TEST(lines_of("a\n\xFF") == "!2");
    // A chunk of 8192 octets is decoded as a whole: what was read of the one before comes first.
    const std::string chunk(8191, 'x');
    BOOST_TEST(lines_of(chunk + "\nb\n\xFF") == chunk + "|!8194");
}

BOOST_AUTO_TEST_SUITE_END()
