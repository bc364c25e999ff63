// The proxy settings of Windows, as Python's getproxies_registry and proxy_bypass_registry take them.
#include "system_proxy.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_system_proxy)

namespace {

ProxyChoice system_choice(const std::string& server, const std::string& exceptions = {},
                          const std::string& url = "https://api.aabao.top/api") {
    SystemProxySettings settings;
    settings.server = server;
    settings.exceptions = exceptions;
    return choose_system_proxy(url, settings);
}

}  // namespace

BOOST_AUTO_TEST_CASE(one_address_serves_both_schemes) {
    BOOST_TEST(system_choice("127.0.0.1:7890").url == "http://127.0.0.1:7890");
    BOOST_TEST(system_choice("127.0.0.1:7890", "", "http://host/").url == "http://127.0.0.1:7890");
    BOOST_TEST(system_choice("socks5://127.0.0.1:7890").url == "socks5://127.0.0.1:7890");
    BOOST_TEST(system_choice("127.0.0.1:7890").variable == "system");
}

BOOST_AUTO_TEST_CASE(a_list_names_a_protocol_each) {
    BOOST_TEST(system_choice("http=a:1;https=b:2").url == "http://b:2");
    BOOST_TEST(system_choice("http=a:1;https=b:2", "", "http://host/").url == "http://a:1");
    BOOST_TEST(system_choice("ftp=a:1").url == "");
    BOOST_TEST(system_choice("ftp=a:1").variable == "");
}

BOOST_AUTO_TEST_CASE(socks_serves_what_has_no_proxy_of_its_own) {
    BOOST_TEST(system_choice("socks=a:1").url == "socks4://a:1");
    BOOST_TEST(system_choice("socks=socks://a:1").url == "socks4://a:1");
    BOOST_TEST(system_choice("socks=a:1;https=b:2").url == "http://b:2");
    BOOST_TEST(system_choice("socks=a:1;https=b:2", "", "http://host/").url == "socks4://a:1");
}

BOOST_AUTO_TEST_CASE(a_part_without_a_protocol_ends_the_list) {
    BOOST_TEST(system_choice("http=a:1;oops;https=b:2").url == "");
    BOOST_TEST(system_choice("https=b:2;oops").url == "http://b:2");
}

BOOST_AUTO_TEST_CASE(exceptions_are_patterns_for_the_beginning_of_a_host) {
    const ProxyChoice excepted = system_choice("a:1", "localhost;*.aabao.top");
    BOOST_TEST(excepted.url == "");
    BOOST_TEST(excepted.bypass_variable == "system");
    BOOST_TEST(excepted.bypass_entry == "*.aabao.top");
    BOOST_TEST(system_choice("a:1", "API.AABAO").url == "");
    BOOST_TEST(system_choice("a:1", "aabao.top").url == "http://a:1");
    BOOST_TEST(system_choice("a:1", "192.168.*", "http://192.168.1.5:8188/").url == "");
    BOOST_TEST(system_choice("a:1", "<local>", "http://server/").url == "");
    BOOST_TEST(system_choice("a:1", "<local>").url == "http://a:1");
    BOOST_TEST(system_choice("a:1", ";;").url == "http://a:1");
}

BOOST_AUTO_TEST_SUITE_END()
