#include "web_url.hpp"

#include <boost/test/unit_test.hpp>

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_web_url)

BOOST_AUTO_TEST_CASE(urls_in_their_parts) {
    const auto url = parse_web_url(" HTTPS://User:pw@API.Example.net:8443/a b?q=%20&x=中#frag ");
    BOOST_REQUIRE(url);
    BOOST_TEST(url->text() == "https://api.example.net:8443/a%20b?q=%20&x=%E4%B8%AD");
    BOOST_TEST(url->has_user_info);
    BOOST_TEST(parse_web_url("http://[::1]:80/")->authority() == "[::1]");
    for (const char* wrong : {"", "api.example.net", "ftp://h/", "https://", "http://h:0/", "http://h:70000/",
                              "https:/h", "https://h:443%20/api", "https://h:443 /api", "https://user:ab/pw@h/api"}) {
        BOOST_TEST(!parse_web_url(wrong).has_value(), wrong);
    }
    const WebUrl base = *parse_web_url("http://h/a/b");
    BOOST_TEST(resolve_location(base, "c?d")->text() == "http://h/a/c?d");
    BOOST_TEST(keeps_authorization(base, *parse_web_url("https://h/")));
    BOOST_TEST(!keeps_authorization(*parse_web_url("https://h/"), base));
    BOOST_TEST(!keeps_authorization(base, *parse_web_url("http://h:81/")));
}

BOOST_AUTO_TEST_SUITE_END()
