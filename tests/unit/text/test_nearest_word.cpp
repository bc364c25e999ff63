#include "nearest_word.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <string>
#include <string_view>

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_nearest_word)

BOOST_AUTO_TEST_CASE(a_distance_counts_single_mistakes) {
    BOOST_TEST(edit_distance("", "") == 0U);
    BOOST_TEST(edit_distance("", "abc") == 3U);
    BOOST_TEST(edit_distance("abc", "abc") == 0U);
    BOOST_TEST(edit_distance("abc", "acb") == 1U);
    BOOST_TEST(edit_distance("abc", "ab") == 1U);
    BOOST_TEST(edit_distance("output", "ouptut") == 1U);
    BOOST_TEST(edit_distance("config.keys", "config.key") == 1U);
}

BOOST_AUTO_TEST_CASE(the_nearest_is_near) {
    constexpr std::array<std::string_view, 4> kKnown{"output", "only", "skip", "config.key-placeholder"};
    BOOST_TEST(nearest_word("ouptut", kKnown).value_or("") == "output");
    BOOST_TEST(nearest_word("SKIPP", kKnown).value_or("") == "skip");
    BOOST_TEST(nearest_word("out", kKnown).value_or("") == "output");  // the beginning of one
    BOOST_TEST(nearest_word("o", kKnown).has_value() == false);        // too short
    BOOST_TEST(nearest_word("nothing", kKnown).has_value() == false);  // of the kind
    BOOST_TEST(nearest_word("config.placeholder", kKnown).value_or("") == "config.key-placeholder");
    BOOST_TEST(nearest_word(std::string(1000, 'o'), kKnown).has_value() == false);
}

BOOST_AUTO_TEST_SUITE_END()
