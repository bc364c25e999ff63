// A text seen otherwise: what is found there stands at the right place in the original.
#include "text_view.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_text_view)

namespace {

// The piece of the original that `part` of the view stands for.
std::string original_of(std::string_view text, const TextView& view, std::string_view part) {
    const std::size_t at = view.characters().find(part);
    BOOST_REQUIRE(at != std::string::npos);
    const std::size_t begin = view.begin_of(at);
    return std::string(text.substr(begin, view.end_of(at + part.size() - 1) - begin));
}

}  // namespace

BOOST_AUTO_TEST_CASE(escapes_are_undone_once) {
    const std::string_view text = R"(a%2Db \u002dc \x2dd &#45;e &#x2D;f \n%252D \/ %zz \u00e9 &copy; 100%)";
    const TextView view = TextView(text).unescaped();
    BOOST_TEST(view.characters() == "a-b -c -d -e -f \n%2D / %zz \\u00e9 &copy; 100%");
    BOOST_TEST(original_of(text, view, "a-b") == "a%2Db");
    BOOST_TEST(original_of(text, view, "-f") == "&#x2D;f");
    BOOST_TEST(original_of(text, view, "%2D") == "%252D");
}

BOOST_AUTO_TEST_CASE(a_text_without_escapes_is_itself) {
    const TextView view = TextView("plain text").unescaped().visible();
    BOOST_TEST(view.characters() == "plain text");
    BOOST_TEST(view.begin_of(6) == 6U);
    BOOST_TEST(view.end_of(9) == 10U);
}

BOOST_AUTO_TEST_CASE(sequences_for_a_terminal_are_left_out) {
    const std::string_view text = "ke\x1b[31mys\x1b[0m!";
    const TextView view = TextView(text).unescaped();
    BOOST_TEST(view.characters() == "keys!");
    BOOST_TEST(original_of(text, view, "keys") == "ke\x1b[31mys");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_seen_is_left_out_however_it_is_written) {
    const std::string_view text =
        "k\xE2\x80\x8B"
        R"(e\u200by%E2%80%8B1&#8203;2&shy;3)"
        "\xC2\xAD"
        "4 \xE4\xB8\xAD";
    const TextView view = TextView(text).visible();
    BOOST_TEST(view.characters() == "key1234 \xE4\xB8\xAD");
    BOOST_TEST(original_of(text, view, "key1") == text.substr(0, text.find("1") + 1));
}

BOOST_AUTO_TEST_CASE(a_skeleton_is_letters_and_digits_in_lower_case) {
    const std::string_view text =
        "S K-\xEF\xBC\xA1_b.\xEF\xBD\x9A\xE3\x80\x80"
        "9";  // full-width A and z, a wide blank
    const TextView view = TextView(text).skeleton();
    BOOST_TEST(view.characters() == "skabz9");
    BOOST_TEST(original_of(text, view, "abz") == "\xEF\xBC\xA1_b.\xEF\xBD\x9A");
}

BOOST_AUTO_TEST_CASE(views_of_views_keep_the_place) {
    const std::string_view text = R"(x sk%2D\u200bA%42 y)";
    const TextView view = TextView(text).visible().unescaped().skeleton();
    BOOST_TEST(view.characters() == "xskaby");
    BOOST_TEST(original_of(text, view, "skab") == R"(sk%2D\u200bA%42)");
    TextView folded("ABC");
    folded.fold_case();
    BOOST_TEST(folded.characters() == "abc");
}

BOOST_AUTO_TEST_SUITE_END()
