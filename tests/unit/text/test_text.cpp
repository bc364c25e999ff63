#include "numbers.hpp"
#include "text.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_text)

BOOST_AUTO_TEST_CASE(controls_escapes_and_bidi_are_removed) {
    BOOST_TEST(sanitize("a\x1b[31mb\x1b]0;title\ac\x07"
                        "d\x7f") == "abcd");
    BOOST_TEST(sanitize("x\u202Eevil\u2066\u200B\uFEFFy") == "xevily");
    BOOST_TEST(sanitize("a\nb\tc\r") == "a b c ");
    BOOST_TEST(sanitize("a\r\nb\tc", Lines::keep) == "a\nb\tc");
    BOOST_TEST(sanitize("a\r\nb\rc") == "a b c");
    BOOST_TEST(sanitize("a\rb", Lines::keep) == "a\nb");
    BOOST_TEST(sanitize("\xC2\x9B"
                        "31m") == "31m");  // C1 control sequence introducer
}

BOOST_AUTO_TEST_CASE(invalid_utf8_becomes_replacement_characters) {
    BOOST_TEST(sanitize("\xC4\xE3") == "\uFFFD\uFFFD");            // GBK
    BOOST_TEST(sanitize("\xC0\xAF") == "\uFFFD\uFFFD");            // overlong
    BOOST_TEST(sanitize("\xED\xA0\x80") == "\uFFFD\uFFFD\uFFFD");  // surrogate
    BOOST_TEST(sanitize("\xF0\x9F\x8D") == "\uFFFD");              // cut short
}

BOOST_AUTO_TEST_CASE(cut_at_a_code_point_boundary) {
    BOOST_TEST(sanitize("香蕉香蕉", Lines::single, 7) == "香蕉…");
    BOOST_TEST(sanitize("香蕉", Lines::single, 6) == "香蕉");
    BOOST_TEST(sanitize("", Lines::single, 0).empty());
}

BOOST_AUTO_TEST_CASE(an_unterminated_operating_system_command_does_not_swallow_the_text) {
    BOOST_TEST(sanitize("\x1b]0;still here") == "0;still here");
    BOOST_TEST(strip_ansi("\x1b[1;33mwarn\x1b[0m") == "warn");
}

BOOST_AUTO_TEST_CASE(numbers_are_rounded_as_the_math_library_does) {
    for (const double value :
         {0.0, 0.49999999999999994, 0.5, 1.5, 2.5, -0.5, -1.4, -2.5, 1e15 + 0.5, 4503599627370497.5, 1e300, -1e300}) {
        BOOST_TEST(nearest_whole(value) == std::round(value), value);
    }
    BOOST_TEST(std::isnan(nearest_whole(std::nan(""))));
}

BOOST_AUTO_TEST_CASE(small_helpers) {
    BOOST_TEST(trim_ascii(" \t a b \r\n") == "a b");
    BOOST_TEST(trim_ascii("  ").empty());
    BOOST_TEST(equal_ignoring_case("BaNaNa", "banana"));
    BOOST_TEST(!equal_ignoring_case("banana", "bananas"));
    BOOST_TEST(contains_ignoring_case("xBANANAx", "banana"));
    BOOST_TEST(count_code_points("香蕉🍌") == 3U);
}

BOOST_AUTO_TEST_SUITE_END()
