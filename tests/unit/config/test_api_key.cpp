#include "api_key.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "sample_key.hpp"
#include "support/temporary_folder.hpp"

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_api_key)

namespace {

const std::string kKey = test::made_up_key(7);

std::string defect_of(const std::string& value) {
    const auto problem = find_key_problem(value);
    return problem ? std::string(key_defect_name(problem->defect)) : "";
}

}  // namespace

BOOST_AUTO_TEST_CASE(clean_keys_have_no_defect) {
    BOOST_TEST(defect_of(kKey) == "");
    BOOST_TEST(defect_of(kKey.substr(3)) == "");
    BOOST_TEST(defect_of("sk-" + std::string(48, 'a')) == "");
}

BOOST_AUTO_TEST_CASE(each_defect_is_named_and_corrected_where_that_is_safe) {
    struct Case {
        std::string value;
        std::string defect;
        bool corrected;
    };
    const std::vector<Case> cases = {
        {kKey + "\nmax_workers = 8", "continued", true},
        {"\"" + kKey + "\"", "quotes", true},
        {"“" + kKey + "”", "quotes", true},
        {"<" + kKey + ">", "quotes", true},
        {"= " + kKey, "double-delimiter", true},
        {"api_key = " + kKey, "label", true},
        {"Bearer " + kKey, "bearer", true},
        {"bearer:" + kKey, "bearer", false},
        {"https://api.example.com/?k=" + kKey, "url", false},
        {kKey.substr(0, 8) + "***" + kKey.substr(40), "masked-copy", false},
        {kKey + " " + test::made_up_key(8), "two-keys", false},
        {kKey + test::made_up_key(8), "two-keys", false},
        {kKey + kKey, "repeated", true},
        {kKey + " " + kKey, "repeated", true},
        {kKey + "," + kKey + ", " + kKey, "repeated", true},
        {kKey + kKey + test::made_up_key(8), "two-keys", false},
        {kKey + " # mine", "comment", true},
        {kKey + " ; mine", "comment", true},
        {"\xE2\x80\x8B" + kKey, "invisible", true},
        {kKey + std::string(1, '\0'), "invisible", true},
        {"\xEF\xBD\x93\xEF\xBD\x8B\xEF\xBC\x8D" + kKey.substr(3), "full-width", true},
        {"sk–" + kKey.substr(3), "non-ascii", false},
        {"你的密钥" + kKey, "non-ascii", false},
        {kKey.substr(0, 8) + "**" + kKey.substr(40), "masked-copy", false},
        {kKey.substr(0, 8) + "..." + kKey.substr(40), "masked-copy", false},
        {kKey.substr(0, 8) + "·····" + kKey.substr(40), "masked-copy", false},
        {kKey.substr(0, 8) + "●●●●" + kKey.substr(40), "masked-copy", false},
        {kKey.substr(0, 8) + "＊＊＊＊" + kKey.substr(40), "masked-copy", false},
        {kKey.substr(0, 8) + "xxxxxxxxxxxx" + kKey.substr(40), "masked-copy", false},
        {kKey.substr(0, 20) + " " + kKey.substr(20), "inner-space", true},
        {kKey.substr(0, 20) + " " + kKey.substr(22), "inner-space", false},
        {kKey.substr(0, 25) + "\n" + kKey.substr(25), "broken", true},
        {kKey.substr(0, 25) + "\\\n" + kKey.substr(25), "broken", true},
        {kKey.substr(0, 3) + "\n" + kKey.substr(3, 20) + "\n" + kKey.substr(23), "broken", true},
        {"“" + kKey.substr(0, 25) + "\n" + kKey.substr(25) + "”", "broken", true},
        {kKey.substr(0, 25) + "\n" + kKey.substr(26), "continued", false},
        {kKey + "\nmore", "continued", true},
        {"“" + kKey + "”", "quotes", true},
        {"‘" + kKey, "quotes", true},
        {kKey + "″", "quotes", true},
        {kKey + ",", "stray-character", true},
        {"AIza" + kKey.substr(3, 35), "other-provider", false},
        {"sk-ant-" + kKey.substr(3), "other-provider", false},
        {kKey.substr(0, 40), "cut-short", false},
        {"sk-abc", "too-short", false},
        {kKey + "-123", "suffix", true},
        {std::string(5000, 'a'), "too-long", false},
    };
    for (const Case& test : cases) {
        BOOST_TEST_CONTEXT(test.defect << " of " << test.value.size() << " bytes") {
            const auto problem = find_key_problem(test.value);
            BOOST_REQUIRE(problem);
            BOOST_TEST(key_defect_name(problem->defect) == test.defect);
            BOOST_TEST(problem->corrected.has_value() == test.corrected);
            if (problem->corrected) {
                BOOST_TEST(problem->corrected->reveal() == kKey);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(characters_are_named_with_their_position) {
    const auto hidden = find_key_problem(kKey.substr(0, 5) + "\xE2\x80\x8B" + kKey.substr(5));
    BOOST_REQUIRE(hidden);
    BOOST_TEST(hidden->detail == "U+200B ZERO WIDTH SPACE");
    BOOST_TEST(hidden->position == 6U);
    const auto space = find_key_problem(kKey.substr(0, 5) + "\xC2\xA0" + kKey.substr(5));
    BOOST_REQUIRE(space);
    BOOST_TEST(space->detail == "U+00A0 NO-BREAK SPACE");
    const auto other = find_key_problem("AIza" + kKey.substr(3, 35));
    BOOST_REQUIRE(other);
    BOOST_TEST(other->detail == "Google");
}

BOOST_AUTO_TEST_CASE(hostile_values_end_soon) {
    std::string nested;
    for (int count = 0; count < 200'000; ++count) {
        nested += "api_key=";
    }
    BOOST_TEST(defect_of(nested) == "too-long");
    BOOST_TEST(defect_of(std::string(100'000, '"')) == "too-long");
    BOOST_TEST(!find_sample_key(nested).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
