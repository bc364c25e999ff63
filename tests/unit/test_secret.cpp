#include "banana/secret.hpp"

#include "support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <ostream>
#include <string>
#include <type_traits>

using namespace banana;
using banana::test::made_up_key;

template <class T>
concept Streamable = requires(std::ostream& out, const T& value) {
    out << value;
};
template <class T>
concept Comparable = requires(const T& a, const T& b) {
    a == b;
};

static_assert(!Streamable<Secret>);
static_assert(!Comparable<Secret>);
static_assert(!std::is_copy_constructible_v<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string>);
static_assert(!std::is_convertible_v<const char*, Secret>);

BOOST_AUTO_TEST_CASE(masked_shows_six_and_four_of_a_long_value) {
    const std::string key = made_up_key(1);
    BOOST_TEST(Secret(key).masked() == key.substr(0, 6) + "…" + key.substr(key.size() - 4));
    BOOST_TEST(Secret(key).length() == 51U);
    BOOST_TEST(Secret("密钥🍌").length() == 3U);
    BOOST_TEST(Secret(key).fingerprint().size() == 8U);
}

BOOST_AUTO_TEST_CASE(of_a_short_value_nothing_is_shown) {
    const std::string shorter = made_up_key(1).substr(0, 23);
    BOOST_TEST(Secret(shorter).masked() == "…");
    BOOST_TEST(Secret(shorter).fingerprint().empty());
    BOOST_TEST(Secret(made_up_key(1).substr(0, 24)).masked() != "…");
}

BOOST_AUTO_TEST_CASE(the_fingerprint_is_the_beginning_of_sha256) {
    // printf with 24 times "a", piped to sha256sum.
    BOOST_TEST(Secret(std::string(24, 'a')).fingerprint() == "09f61f8d");
}

BOOST_AUTO_TEST_CASE(values_with_other_characters_are_not_cut_by_bytes) {
    BOOST_TEST(Secret("你的密钥你的密钥你的密钥你的密钥你的密钥你的密钥").masked() == "…");
}

BOOST_AUTO_TEST_CASE(comparison_is_asked_for_by_name) {
    BOOST_TEST(Secret("abc").same_as(Secret("abc")));
    BOOST_TEST(!Secret("abc").same_as(Secret("abd")));
    BOOST_TEST(!Secret("abc").same_as(Secret("abcd")));
}

BOOST_AUTO_TEST_CASE(a_moved_from_secret_is_empty) {
    Secret first(std::string_view("short"));
    const Secret second(std::move(first));
    BOOST_TEST(second.reveal() == "short");
    BOOST_TEST(first.empty());  // NOLINT(bugprone-use-after-move): this is what is tested
}
