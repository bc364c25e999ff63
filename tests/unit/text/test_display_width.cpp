#include "display_width.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_display_width)

BOOST_AUTO_TEST_CASE(widths_are_those_of_terminals) {
    BOOST_TEST(display_width("abc") == 3);
    BOOST_TEST(display_width("余额") == 4);
    BOOST_TEST(display_width("✅") == 2);
    BOOST_TEST(display_width("e\u0301") == 1);
    BOOST_TEST(display_width("✔") == 1);
    BOOST_TEST(display_width("：") == 2);
}

BOOST_AUTO_TEST_CASE(fit_cuts_between_characters_and_says_so) {
    BOOST_TEST(fit("余额查询", 8) == "余额查询");
    BOOST_TEST(fit("余额查询", 7) == "余额查…");
    BOOST_TEST(fit("余额查询", 6) == "余额…");
    BOOST_TEST(fit("abcdef", 5, false) == "ab...");
    for (int columns = 1; columns < 12; ++columns) {
        BOOST_TEST(display_width(fit("a余b额c查", columns)) <= columns);
    }
}

BOOST_AUTO_TEST_CASE(wrap_loses_nothing_and_keeps_to_the_width) {
    const std::string text =
        "打开 config.ini，把第 2 行的 api_key 改成你自己的 Key，保存后再点“查询余额”。 and some English words";
    for (int columns = 10; columns < 60; ++columns) {
        std::string joined;
        for (const std::string& line : wrap(text, columns)) {
            BOOST_TEST(display_width(line) <= columns, line);
            joined += line;
        }
        std::string expected = text;
        std::erase(expected, ' ');
        std::erase(joined, ' ');
        BOOST_TEST(joined == expected);
    }
}

BOOST_AUTO_TEST_SUITE_END()
