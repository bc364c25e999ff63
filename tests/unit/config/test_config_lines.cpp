// Lines that are edited; all others stay byte for byte.
#include "config_lines.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_config_lines)

BOOST_AUTO_TEST_CASE(what_is_not_edited_comes_back) {
    for (const char* text : {"", "a", "a\n", "a\r\nb\rc\n\n", "\n\r\n\r", "\xEF\xBB\xBF[x]\r\n"}) {
        BOOST_TEST(ConfigLines(text).joined() == text);
    }
    BOOST_TEST(ConfigLines("a\r\nb\rc\nd").count() == 4);
    BOOST_TEST(ConfigLines("a\n").count() == 1);
    BOOST_TEST(ConfigLines("").count() == 0);
}

BOOST_AUTO_TEST_CASE(an_edit_keeps_the_ends_of_its_neighbours) {
    ConfigLines lines("one\r\n  two\r\nthree");
    lines.set_text(2, "zwei");
    BOOST_TEST(lines.joined() == "one\r\nzwei\r\nthree");
    lines.insert(1, "zero");
    BOOST_TEST(lines.joined() == "zero\r\none\r\nzwei\r\nthree");
    lines.insert(5, "four");
    BOOST_TEST(lines.joined() == "zero\r\none\r\nzwei\r\nthree\r\nfour\r\n");
    lines.erase(1);
    lines.erase(4);
    BOOST_TEST(ConfigLines(lines.joined()).texts().size() == 3U);
    BOOST_TEST(lines.text(3) == "three");
}

BOOST_AUTO_TEST_CASE(white_space_in_front) {
    ConfigLines lines("\t  api_key = x\nplain\n");
    BOOST_TEST(lines.indentation(1) == "\t  ");
    BOOST_TEST(lines.indentation(2).empty());
    lines.set_indentation(1, "");
    lines.set_indentation(2, "  ");
    BOOST_TEST(lines.joined() == "api_key = x\n  plain\n");
}

BOOST_AUTO_TEST_SUITE_END()
