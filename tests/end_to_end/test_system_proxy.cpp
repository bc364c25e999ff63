// The proxy settings of Windows: Python's own code and ours make the same of them.
#include "support/process.hpp"
#include "system_proxy.hpp"

#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>
#include <sstream>
#include <string>
#include <vector>

using namespace banana;
using namespace banana::test;
namespace json = boost::json;

namespace {

struct Case {
    const char* server;
    const char* exceptions;
    const char* url;
};

constexpr std::array kServers{"127.0.0.1:7890",
                              "http://127.0.0.1:7890",
                              "socks5://127.0.0.1:7891",
                              "http=127.0.0.1:1;https=127.0.0.1:2;ftp=127.0.0.1:3;socks=127.0.0.1:4",
                              "http=127.0.0.1:1",
                              "https=https://proxy.example.org:8443",
                              "socks=127.0.0.1:4",
                              "socks=socks://127.0.0.1:4",
                              "socks=socks5://127.0.0.1:4",
                              "http=127.0.0.1:1;socks=127.0.0.1:4",
                              "all=http://127.0.0.1:5",
                              "https=127.0.0.1:2;",
                              ";https=127.0.0.1:2",
                              "127.0.0.1:1;https=127.0.0.1:2",
                              "https=127.0.0.1:2;127.0.0.1:1",
                              "HTTPS=127.0.0.1:2",
                              "https=",
                              "",
                              "://x:1",
                              "a/b://x:1"};
constexpr std::array kExceptions{"",
                                 "<local>",
                                 "localhost;127.*;10.*;172.16.*;192.168.*;<local>",
                                 "api.example.net",
                                 "*.example.net",
                                 "API.EXAMPLE.NET",
                                 "api.example",
                                 "example.net",
                                 "*.org;*.com",
                                 "a?i.*.net",
                                 "*",
                                 "api.example.net.",
                                 " api.example.net"};
constexpr std::array kUrls{"https://api.example.net/api/usage/token", "http://api.example.net:8080/",
                           "https://intranet/", "https://192.168.1.7/", "http://127.0.0.1:8188/"};

std::vector<Case> all_cases() {
    std::vector<Case> cases;
    for (const char* server : kServers) {
        for (const char* exceptions : kExceptions) {
            for (const char* url : kUrls) {
                cases.push_back({server, exceptions, url});
            }
        }
    }
    return cases;
}

}  // namespace

BOOST_AUTO_TEST_CASE(as_python_reads_them) {
    const std::vector<Case> cases = all_cases();
    ProcessOptions options;
    for (const Case& entry : cases) {
        options.input += json::serialize(
            json::object{{"server", entry.server}, {"exceptions", entry.exceptions}, {"url", entry.url}});
        options.input += '\n';
    }
    const ProcessResult python =
        run_process({"/usr/bin/python3", BANANA_SOURCE_DIR "/tests/differential/system_proxy_peer.py"}, options);
    BOOST_REQUIRE(python.exit_code == 0);
    std::istringstream answers(python.out);
    std::size_t with_proxy = 0;
    for (const Case& entry : cases) {
        std::string line;
        BOOST_REQUIRE(std::getline(answers, line));
        const json::value answer = json::parse(line);
        const std::string expected = answer.is_null() ? std::string() : std::string(answer.as_string());
        const ProxyChoice choice = choose_system_proxy(entry.url, {entry.server, entry.exceptions});
        BOOST_TEST(choice.url == expected, entry.server << " | " << entry.exceptions << " | " << entry.url << ": "
                                                        << choice.url << ", Python: " << expected);
        with_proxy += expected.empty() ? 0 : 1;
    }
    BOOST_TEST(with_proxy > cases.size() / 4);
    BOOST_TEST(with_proxy < cases.size());
}

BOOST_AUTO_TEST_CASE(what_decided_is_named) {
    const ProxyChoice taken = choose_system_proxy("https://api.example.net/", {"127.0.0.1:7890", "<local>"});
    BOOST_TEST(taken.variable == "system");
    BOOST_TEST(taken.bypass_variable.empty());
    const ProxyChoice passed = choose_system_proxy("https://intranet/", {"127.0.0.1:7890", "10.*;<local>"});
    BOOST_TEST(passed.variable == "system");
    BOOST_TEST(passed.bypass_variable == "system");
    BOOST_TEST(passed.bypass_entry == "<local>");
    BOOST_TEST(choose_system_proxy("ftp://h/", {"127.0.0.1:7890", ""}).url.empty());
}
