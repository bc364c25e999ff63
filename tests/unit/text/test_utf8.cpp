#include "utf16.hpp"
#include "utf8.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_utf8)

// Expected: what CPython's bytes.decode("utf-8", errors="replace") gives.
BOOST_AUTO_TEST_CASE(a_maximal_sequence_becomes_one_replacement) {
    constexpr std::string_view kMark = "\xEF\xBF\xBD";
    const auto marks = [&](int count) {
        std::string text;
        for (int index = 0; index < count; ++index) {
            text += kMark;
        }
        return text;
    };
    BOOST_TEST(utf8::repaired("a\xE9\xA6") == "a" + marks(1));                    // cut short
    BOOST_TEST(utf8::repaired("\xF0\x9F\x8Dz") == marks(1) + "z");                // three of four
    BOOST_TEST(utf8::repaired("\xE0\x80z") == marks(2) + "z");                    // overlong
    BOOST_TEST(utf8::repaired("\xED\xA0\x80") == marks(3));                       // a surrogate
    BOOST_TEST(utf8::repaired("\xF4\x90\x80\x80") == marks(4));                   // above U+10FFFF
    BOOST_TEST(utf8::repaired("\xC0\xAF\xFF") == marks(3));                       // never a lead
    BOOST_TEST(utf8::repaired("\xCF\xE3\xBD\xB6") == marks(1) + "\xE3\xBD\xB6");  // GBK beside UTF-8
    BOOST_TEST(utf8::repaired("香蕉🍌\xEF\xBF\xBD") == "香蕉🍌\xEF\xBF\xBD");
}

BOOST_AUTO_TEST_CASE(only_whole_sequences_are_valid) {
    BOOST_TEST(utf8::is_valid("香蕉🍌\xEF\xBF\xBD"));
    BOOST_TEST(!utf8::is_valid("\xED\xA0\x80"));
    BOOST_TEST(!utf8::is_valid("\xF0\x9F\x8D"));
    BOOST_TEST(utf8::boundary_before("a香", 3) == 1U);
    BOOST_TEST(utf8::boundary_before("a香", 4) == 4U);
}

BOOST_AUTO_TEST_CASE(half_a_pair_of_utf16_is_replaced) {
    using namespace std::string_view_literals;
    const std::string_view octets = "\x3C\xD8\x4C\xDF\x3C\xD8\x61\x00"sv;  // 🍌, half a pair, "a"
    std::size_t at = 0;
    BOOST_TEST((utf16::next(octets, at, utf16::Order::little) == U'🍌'));
    BOOST_TEST((utf16::next(octets, at, utf16::Order::little) == U'\uFFFD'));
    BOOST_TEST((utf16::next(octets, at, utf16::Order::little) == U'a'));
    BOOST_TEST(at == octets.size());
    BOOST_TEST((utf16::joined(utf16::high_of(U'🍌'), utf16::low_of(U'🍌')) == U'🍌'));
}

BOOST_AUTO_TEST_SUITE_END()
