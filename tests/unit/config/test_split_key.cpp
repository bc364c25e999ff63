// A key over several lines is put together only where the whole has the usual form.
#include "split_key.hpp"
#include "support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_split_key)

namespace {

const std::string kKey = test::made_up_key(7);  // "sk-" and 48 letters and digits

}  // namespace

BOOST_AUTO_TEST_CASE(pieces_of_one_key) {
    const std::string head = kKey.substr(0, 25);
    const std::string tail = kKey.substr(25);
    BOOST_TEST((join_key_pieces({head, tail}) == kKey));
    BOOST_TEST((join_key_pieces({" " + head + " \\", "  " + tail + "\t"}) == kKey));
    BOOST_TEST((join_key_pieces({head + "=", tail}) == kKey));
    BOOST_TEST((join_key_pieces({"\"" + head, tail + "\""}) == kKey));
    BOOST_TEST((join_key_pieces({kKey.substr(3, 20), kKey.substr(23)}) == kKey.substr(3)));
    BOOST_TEST(piece_counts({head, tail}) == "25 + 26 = 51");
}

BOOST_AUTO_TEST_CASE(what_is_not_put_together) {
    const std::string head = kKey.substr(0, 25);
    BOOST_TEST(!join_key_pieces({kKey}).has_value());
    BOOST_TEST(!join_key_pieces({kKey, "sk-"}).has_value());  // whole before: the next line is another matter
    BOOST_TEST(!join_key_pieces({head, kKey.substr(25) + "x"}).has_value());
    BOOST_TEST(!join_key_pieces({head, kKey.substr(26)}).has_value());
    BOOST_TEST(!join_key_pieces({head, "two words " + kKey.substr(35)}).has_value());
    BOOST_TEST(!join_key_pieces({}).has_value());
}

BOOST_AUTO_TEST_CASE(the_option_that_begins_one) {
    const std::vector<std::string> lines{
        "[gemini]", "API-Key : " + kKey.substr(0, 10), "", "  " + kKey.substr(10, 20), kKey.substr(30), "x = y"};
    const std::optional<SplitKey> found = find_split_key(lines);
    BOOST_REQUIRE(found.has_value());
    BOOST_TEST(found->first_line == 2);
    BOOST_TEST(found->last_line == 5);
    BOOST_TEST(found->value == kKey);
    BOOST_TEST(found->counts == "10 + 20 + 21 = 51");
    BOOST_TEST(!find_split_key({"[gemini]", "other = " + kKey.substr(0, 10), kKey.substr(10)}).has_value());
    BOOST_TEST(!find_split_key({"[gemini]", "api_key = " + kKey, "x = y"}).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
