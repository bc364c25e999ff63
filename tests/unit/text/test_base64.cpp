#include "base64.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_base64)

BOOST_AUTO_TEST_CASE(the_vectors_of_rfc_4648) {
    const std::string words = "foobar";
    const char* const expected[] = {"", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};
    for (std::size_t length = 0; length <= words.size(); ++length) {
        BOOST_TEST(base64_encode(words.substr(0, length)) == expected[length]);
        BOOST_TEST(base64_decode(expected[length]).value() == words.substr(0, length));
    }
}

BOOST_AUTO_TEST_CASE(all_octets_come_back) {
    std::string bytes;
    for (int octet = 0; octet < 256; ++octet) {
        bytes += static_cast<char>(octet);
        BOOST_TEST((base64_decode(base64_encode(bytes)) == bytes));
    }
}

BOOST_AUTO_TEST_CASE(white_space_is_passed_over_and_all_else_refused) {
    BOOST_TEST(base64_decode(" Zm9v\r\nYmFy\n").value() == "foobar");
    for (const char* wrong : {"Zg", "Zg=", "Zg===", "Z", "Zm9v=", "Zm-v", "Zg==Zg==", "Zm9v Ym%y"}) {
        BOOST_TEST(!base64_decode(wrong).has_value(), wrong);
    }
}

BOOST_AUTO_TEST_SUITE_END()
