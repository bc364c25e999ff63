#include "plugin_base_url.hpp"
#include "plugin_source.hpp"
#include "python_statements.hpp"

#include <boost/test/unit_test.hpp>

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_plugin_base_url)

BOOST_AUTO_TEST_CASE(base_urls_spelled_in_other_ways) {
    const auto url = [](std::string text) {
        return scan_plugin_source(std::vector<SourceFile>{{"config_manager.py", std::move(text)}}).default_base_url;
    };
    BOOST_TEST(url("BASE_URL = 'https://' + 'a.example'\n") == "https://a.example");
    BOOST_TEST(url("x = chr(104)+chr(0x74)+chr(116)+chr(112)+chr(58)+chr(47)+chr(47)+chr(97)\n") == "http://a");
    BOOST_TEST(url("DEFAULT_API_BASE_URL = '\\x68\\x74\\x74\\x70\\x73\\x3a//a.example'\n") == "https://a.example");
    BOOST_TEST(url("DEFAULT_API_BASE_URL = f'https://{host}/x y'\n") == "");
    // As the plugin uses it, right or wrong: another address must not be tested in its place.
    BOOST_TEST(url("DEFAULT_API_BASE_URL = 'https：//a.example'\n") == "https：//a.example");
    BOOST_TEST(url("DEFAULT_API_BASE_URL = ' HTTPS://a.example '  # ours\n") == "HTTPS://a.example ");
    BOOST_TEST(url("DEFAULT_API_BASE_URL: str = 'a.example:1'\nBASE_URL = 'https://b.example'\n") == "a.example:1");
    BOOST_TEST(url("class Node:\n    DEFAULT_API_BASE_URL = 'a.example'\n") == "a.example");
    BOOST_TEST(url("def ask(request):\n    BASE_URL = 'x.y'\n") == "");
    BOOST_TEST(url("ROUTE_BASE_URL = '/banana'\nBASE_URL = request['a.b']\n") == "");
    BOOST_TEST(url("def f(config):\n    return config.get('gemini', 'api_base_url', fallback='https://c.example')\n") ==
               "https://c.example");
    BOOST_TEST(url("def f(config):\n    return config.get('gemini', 'api_base_url', fallback=DEFAULT)\n") == "");
    BOOST_TEST(url("numbers = [1, 2, 3, 4, 5, 6, 7, 8, 9]\n") == "");
}

BOOST_AUTO_TEST_SUITE_END()
