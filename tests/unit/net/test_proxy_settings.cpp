#include "proxy_settings.hpp"

#include <boost/test/unit_test.hpp>
#include <map>
#include <string>

using namespace banana;
BOOST_TEST_DONT_PRINT_LOG_VALUE(ProxyScheme)

BOOST_AUTO_TEST_SUITE(test_proxy_settings)

namespace {

constexpr const char* kUrl = "https://api.example.net/api/usage/token";

ProxyChoice choose(std::map<std::string, std::string> variables, const char* url = kUrl) {
    return choose_proxy(url, Environment(std::move(variables)));
}

}  // namespace

// Expected values were taken from requests 2.28's get_environ_proxies and select_proxy.
BOOST_AUTO_TEST_CASE(which_variable_counts) {
    BOOST_TEST(choose({}).url.empty());
    BOOST_TEST(choose({{"HTTPS_PROXY", "http://u:1"}}).variable == "HTTPS_PROXY");
    BOOST_TEST(choose({{"HTTPS_PROXY", "http://u:1"}, {"https_proxy", "http://l:2"}}).url == "http://l:2");
    BOOST_TEST(choose({{"HTTPS_PROXY", "http://u:1"}, {"https_proxy", ""}}).url.empty());
    BOOST_TEST(choose({{"ALL_PROXY", "socks5://s:3"}}).url == "socks5://s:3");
    BOOST_TEST(choose({{"all_proxy", "http://a:1"}, {"HTTPS_PROXY", "http://u:1"}}).url == "http://u:1");
    BOOST_TEST(choose({{"HTTP_PROXY", "http://u:1"}}).url.empty());
    BOOST_TEST(choose({{"HTTP_PROXY", "http://u:1"}}, "http://h/").url == "http://u:1");
    BOOST_TEST(choose({{"HTTP_PROXY", "http://u:1"}, {"REQUEST_METHOD", "GET"}}, "http://h/").url.empty());
    BOOST_TEST(choose({{"http_proxy", "http://l:1"}, {"REQUEST_METHOD", "GET"}}, "http://h/").url == "http://l:1");
    BOOST_TEST(choose({{"HTTPS_PROXY", "http://u:1"}}, "ftp://h/").url.empty());
}

BOOST_AUTO_TEST_CASE(what_no_proxy_excludes) {
    const auto excluded = [](const char* list, const char* url) {
        return choose({{"https_proxy", "http://p:1"}, {"http_proxy", "http://p:1"}, {"no_proxy", list}}, url)
            .url.empty();
    };
    BOOST_TEST(excluded("api.example.net", kUrl));
    BOOST_TEST(excluded("example.net", kUrl));
    BOOST_TEST(excluded(".example.net", kUrl));
    BOOST_TEST(excluded("ample.net", kUrl));  // no dot boundary
    BOOST_TEST(excluded("EXAMPLE.net", kUrl));
    BOOST_TEST(!excluded("AMPLE.net", kUrl));  // case-blind only at a dot
    BOOST_TEST(excluded(" other.org , api.example.net ", kUrl));
    BOOST_TEST(excluded("*", kUrl));
    BOOST_TEST(!excluded("*,other.org", kUrl));
    BOOST_TEST(!excluded("other.org", kUrl));
    BOOST_TEST(!excluded("api.example.net:443", kUrl));  // the URL does not spell the port
    BOOST_TEST(excluded("api.example.net:8443", "https://api.example.net:8443/"));
    BOOST_TEST(excluded("host", "http://localhost/"));
    BOOST_TEST(excluded("10.0.0.0/8", "http://10.1.2.3/"));
    BOOST_TEST(!excluded("10.0.0.0/8", "http://11.1.2.3/"));
    BOOST_TEST(excluded("10.1.2.3", "http://10.1.2.3/"));
    BOOST_TEST(excluded("2.3", "http://10.1.2.3/"));  // at a dot
    BOOST_TEST(!excluded(".3.2", "http://10.1.2.3/"));
    const ProxyChoice choice = choose({{"HTTPS_PROXY", "http://p:1"}, {"NO_PROXY", "a.org,example.net"}});
    BOOST_TEST(choice.bypass_variable == "NO_PROXY");
    BOOST_TEST(choice.bypass_entry == "example.net");
    BOOST_TEST(choice.variable == "HTTPS_PROXY");
    // An empty lower-case list does not hide the upper-case one from requests.
    BOOST_TEST(choose({{"HTTPS_PROXY", "http://p:1"}, {"NO_PROXY", "example.net"}, {"no_proxy", ""}}).url.empty());
}

BOOST_AUTO_TEST_CASE(proxy_urls_in_their_parts) {
    const auto plain = parse_proxy("127.0.0.1:7890");
    BOOST_REQUIRE(plain);
    BOOST_TEST(plain->scheme == ProxyScheme::http);
    BOOST_TEST(plain->host == "127.0.0.1");
    BOOST_TEST(plain->port == 7890);
    const auto full = parse_proxy("SOCKS5H://us%40er:p%3Aw@[::1]:1081/x");
    BOOST_REQUIRE(full);
    BOOST_TEST(full->scheme == ProxyScheme::socks5h);
    BOOST_TEST(full->user == "us@er");
    BOOST_TEST(full->password.reveal() == "p:w");
    BOOST_TEST(full->shown() == "socks5h://us@er:***@[::1]:1081");
    BOOST_TEST(parse_proxy("http://proxy")->port == 80);
    BOOST_TEST(parse_proxy("socks5://proxy")->port == 1080);
    BOOST_TEST(parse_proxy("socks4a://someone@proxy")->shown() == "socks4a://***@proxy:1080");
    for (const char* wrong : {"", "http://", "ftp://p:1", "http://p:0", "http://p:99999", "http://p:x", "socks://p:1",
                              "http://127.0.0.1：7890", "http:/127.0.0.1:7890", "http://代理:1", "http://p:7890 ",
                              " http://p:7890", "http://p ", "p:7890\t", "http:// p:7890"}) {
        BOOST_TEST(!parse_proxy(wrong).has_value(), wrong);
    }
}

BOOST_AUTO_TEST_CASE(passwords_are_masked_even_in_what_cannot_be_parsed) {
    BOOST_TEST(mask_proxy_password("http://u:secret@p:1") == "http://u:***@p:1");
    BOOST_TEST(mask_proxy_password("ftp://u:sec@ret@p") == "ftp://u:***@p");
    BOOST_TEST(mask_proxy_password("u:secret@p:1") == "u:***@p:1");
    BOOST_TEST(mask_proxy_password("http://p:1") == "http://p:1");
}

// requests reads one list of exceptions: an entry in the other one has no effect.
BOOST_AUTO_TEST_CASE(the_list_of_exceptions_that_is_in_force) {
    const auto of = [](std::map<std::string, std::string> variables) {
        return exceptions_variable(Environment(std::move(variables)));
    };
    BOOST_TEST(of({{"no_proxy", "localhost"}, {"NO_PROXY", "example.net"}}) == "no_proxy");
    BOOST_TEST(of({{"no_proxy", ""}, {"NO_PROXY", "example.net"}}) == "NO_PROXY");
    BOOST_TEST(of({{"https_proxy", "http://127.0.0.1:1"}}).empty());
}

BOOST_AUTO_TEST_SUITE_END()
