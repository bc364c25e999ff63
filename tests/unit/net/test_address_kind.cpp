#include "address_kind.hpp"

#include <boost/test/unit_test.hpp>
#include <initializer_list>
#include <string>

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_address_kind)

namespace {

std::string word(const char* address) {
    return std::string(name_of(kind_of_address(address)));
}

std::string word_of_all(const char* host, std::initializer_list<const char*> addresses) {
    std::vector<AddressAttempt> attempts;
    for (const char* address : addresses) {
        attempts.emplace_back();
        attempts.back().address = address;
    }
    return std::string(name_of(kind_of_addresses(host, attempts)));
}

}  // namespace

BOOST_AUTO_TEST_CASE(ranges_end_where_they_should) {
    for (const char* address :
         {"198.18.0.1", "198.19.255.255", "240.0.0.1", "fc00::5", "fdfe:dcba:9876::1", "::ffff:198.18.0.1"}) {
        BOOST_TEST(word(address) == "made-up", address);
    }
    for (const char* address : {"198.17.255.255", "198.20.0.0", "203.0.113.1", "172.15.0.1", "172.32.0.1",
                                "100.128.0.1", "2001:db8::1", "none"}) {
        BOOST_TEST(word(address).empty(), address);
    }
    BOOST_TEST(word("127.0.0.2") == "loopback");
    BOOST_TEST(word("::1") == "loopback");
    BOOST_TEST(word("0.0.0.0") == "nowhere");
    BOOST_TEST(word("::") == "nowhere");
    for (const char* address : {"10.1.2.3", "172.31.0.1", "192.168.1.1", "100.64.0.1", "fd12::1", "fe80::1"}) {
        BOOST_TEST(word(address) == "private", address);
    }
}

BOOST_AUTO_TEST_CASE(only_public_names_are_odd) {
    BOOST_TEST(word_of_all("api.example.net", {"127.0.0.1"}) == "loopback");
    for (const char* host : {"localhost", "127.0.0.1", "nas", "api.lan", "api.home.arpa", "api.local.", "::1"}) {
        BOOST_TEST(word_of_all(host, {"127.0.0.1"}).empty(), host);
    }
}

BOOST_AUTO_TEST_CASE(one_made_up_address_tells_and_of_the_others_all_must) {
    BOOST_TEST(word_of_all("api.example.net", {"2001:db8::1", "198.18.0.9"}) == "made-up");
    BOOST_TEST(word_of_all("api.example.net", {"127.0.0.1", "203.0.113.1"}).empty());
    BOOST_TEST(word_of_all("api.example.net", {"10.0.0.1", "192.168.0.1"}) == "private");
    BOOST_TEST(word_of_all("api.example.net", {}).empty());
}

BOOST_AUTO_TEST_SUITE_END()
