// A key taken out of what people put around it, and what is not guessed.
#include "key_cleaning.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

#include "support/temporary_folder.hpp"

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_key_cleaning)

namespace {

const std::string kPlainKey = test::made_up_key(7);

// Whether the key comes out of the text; never shown.
bool comes_out_of(const std::string& text) {
    const auto cleaned = clean_key(text);
    return cleaned && cleaned->key.reveal() == kPlainKey;
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_stands_around_a_key_is_taken_off) {
    BOOST_TEST(comes_out_of(kPlainKey));
    BOOST_TEST(comes_out_of("  " + kPlainKey + "\t"));
    BOOST_TEST(comes_out_of('"' + kPlainKey + '"'));
    BOOST_TEST(comes_out_of("= " + kPlainKey));
    BOOST_TEST(comes_out_of("Bearer " + kPlainKey));
    BOOST_TEST(comes_out_of("'Bearer " + kPlainKey + "'"));
    BOOST_TEST(comes_out_of("\xE2\x80\x8B" + kPlainKey));  // U+200B
}

BOOST_AUTO_TEST_CASE(a_comment_behind_it_is_kept_apart) {
    const auto cleaned = clean_key(kPlainKey + " # mine");
    BOOST_REQUIRE(cleaned.has_value());
    BOOST_TEST(bool(cleaned->key.reveal() == kPlainKey));
    BOOST_TEST(cleaned->comment == "# mine");
}

BOOST_AUTO_TEST_CASE(blanks_within_go_only_where_a_whole_key_remains) {
    BOOST_TEST(comes_out_of(kPlainKey.substr(0, 20) + " " + kPlainKey.substr(20)));
    BOOST_TEST(!clean_key(kPlainKey.substr(0, 20) + " " + kPlainKey.substr(22)).has_value());
}

BOOST_AUTO_TEST_CASE(samples_and_nothing_are_no_keys) {
    BOOST_TEST(!clean_key("").has_value());
    BOOST_TEST(!clean_key("your-api-key-here").has_value());
    BOOST_TEST(!clean_key("\"YOUR_API_KEY_HERE\"").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
