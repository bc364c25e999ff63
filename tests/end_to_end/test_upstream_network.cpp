// upstream.api through real proxies (tinyproxy, microsocks), and in a network namespace whose packets nftables drops
// or resets.
#include "checks/list.hpp"
#include "support/process.hpp"
#include "support/run_check.hpp"
#include "support/temporary_folder.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

using namespace banana;
using namespace banana::test;
namespace json = boost::json;

namespace {

constexpr const char* kTinyproxy = "/usr/bin/tinyproxy";
constexpr const char* kMicrosocks = "/usr/bin/microsocks";

// An https origin with a self-signed certificate that is trusted by name: openssl's own test server.
class Origin {
public:
    Origin() : port(free_port()) {
        const std::string base = folder_.path().string();
        certificate = folder_.path() / "cert.pem";
        const auto made =
            run_process({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                         "-keyout", base + "/key.pem", "-out", certificate.string(), "-days", "30", "-subj",
                         "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"});
        BOOST_REQUIRE(made.exit_code == 0);
        server_ = std::make_unique<BackgroundProcess>(
            std::vector<std::string>{"openssl", "s_server", "-accept", std::to_string(port), "-cert",
                                     certificate.string(), "-key", base + "/key.pem", "-www", "-quiet"});
        BOOST_REQUIRE(wait_for_port(port));
    }
    [[nodiscard]] std::string url() const { return "https://localhost:" + std::to_string(port); }

    int port;
    std::filesystem::path certificate;

private:
    TemporaryFolder folder_;
    std::unique_ptr<BackgroundProcess> server_;
};

Origin& origin() {
    static Origin one;
    return one;
}

CheckResult probe(std::map<std::string, std::string> environment) {
    CheckStage stage;
    stage.options.base_url = origin().url();
    stage.options.ca_file = origin().certificate;
    stage.surroundings.environment = Environment(std::move(environment));
    return stage.run(run_upstream_api);
}

// The origin answers with a page: whoever reaches it gets upstream.not-json.
bool reached(const CheckResult& result) {
    return find_code(result, Cause::upstream_not_json) != nullptr;
}

std::string text_argument(const CheckResult& result, const char* name) {
    const Finding* finding = find_code(result, Cause::upstream_proxy_failure);
    BOOST_REQUIRE(finding != nullptr);
    return std::string(finding->args.at(name).as_string());
}

class Tinyproxy {
public:
    explicit Tinyproxy(const std::string& settings) : port(free_port()) {
        const auto file =
            folder_.write("tinyproxy.conf", "Port " + std::to_string(port) +
                                                "\nListen 127.0.0.1\nTimeout 20\nAllow 127.0.0.1\n" + settings);
        process_ = std::make_unique<BackgroundProcess>(std::vector<std::string>{kTinyproxy, "-d", "-c", file.string()});
        BOOST_REQUIRE(wait_for_port(port));
    }
    [[nodiscard]] std::string at(const std::string& login = {}) const {
        return "http://" + login + "127.0.0.1:" + std::to_string(port);
    }
    int port;

private:
    TemporaryFolder folder_;
    std::unique_ptr<BackgroundProcess> process_;
};

bool may_make_namespaces() {
    const std::string name = "banana-probe-" + std::to_string(free_port());
    if (!std::filesystem::exists("/usr/sbin/ip") ||
        run_process({"/usr/sbin/ip", "netns", "add", name}).exit_code != 0) {
        return false;
    }
    run_process({"/usr/sbin/ip", "netns", "del", name});
    return std::filesystem::exists("/usr/sbin/nft");
}

// A namespace with nothing but a loopback device and one address behind it.
class Namespace {
public:
    Namespace() : name_("banana-" + std::to_string(free_port())) {
        run_process({"/usr/sbin/ip", "netns", "add", name_});
        inside({"/usr/sbin/ip", "link", "set", "lo", "up"});
        std::filesystem::create_directories(settings());
        std::ofstream(settings() / "resolv.conf") << "nameserver 127.0.0.53\noptions timeout:30\n";
        std::ofstream(settings() / "nsswitch.conf") << "hosts: files dns\n";
        std::ofstream(settings() / "hosts") << "127.0.0.1 localhost\n";
    }
    ~Namespace() {
        run_process({"/usr/sbin/ip", "netns", "del", name_});
        std::error_code ignored;
        std::filesystem::remove_all(settings(), ignored);
    }
    Namespace(const Namespace&) = delete;
    Namespace& operator=(const Namespace&) = delete;

    ProcessResult inside(const std::vector<std::string>& command) const {
        std::vector<std::string> all{"/usr/sbin/ip", "netns", "exec", name_};
        all.insert(all.end(), command.begin(), command.end());
        return run_process(all);
    }
    void filter(const std::string& rule) const {
        inside({"/usr/sbin/nft", "add", "table", "inet", "f"});
        inside({"/usr/sbin/nft", "add chain inet f o { type filter hook input priority 0 ; }"});
        BOOST_REQUIRE(inside({"/usr/sbin/nft", "add rule inet f o " + rule}).exit_code == 0);
    }
    // The only check's JSON, and that the run kept its deadline.
    json::object diagnose(const std::string& url, double deadline_seconds) const {
        const ProcessResult run =
            inside({BANANA_BINARY, "run", "--only", "upstream.api", "--base-url", url, "--timeout", "1", "--deadline",
                    std::to_string(static_cast<int>(deadline_seconds)), "--output", "-", "--format", "json"});
        BOOST_TEST(run.milliseconds < deadline_seconds * 1000 + 300);
        const json::value report = json::parse(run.out);
        for (const json::value& check : report.at("checks").as_array()) {
            if (check.at("id").as_string() == "upstream.api") {
                return check.as_object();
            }
        }
        BOOST_FAIL("no upstream.api in the report");
        return {};
    }

private:
    [[nodiscard]] std::filesystem::path settings() const { return std::filesystem::path("/etc/netns") / name_; }
    std::string name_;
};

std::string first_code(const json::object& check) {
    const json::array& findings = check.at("findings").as_array();
    return findings.empty() ? std::string() : std::string(findings.front().at("code").as_string());
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_http_proxy_that_works) {
    const Tinyproxy proxy("");
    const CheckResult result = probe({{"https_proxy", proxy.at()}});
    BOOST_TEST(reached(result));
    BOOST_TEST(std::string(result.facts.at("via_proxy").as_string()) == proxy.at());
    BOOST_TEST(std::string(result.facts.at("proxies").at("source").as_string()) == "shell");
    BOOST_TEST(reached(probe({{"https_proxy", "http://127.0.0.1:1"}, {"no_proxy", "localhost"}})));
}

BOOST_AUTO_TEST_CASE(an_http_proxy_with_a_password) {
    const Tinyproxy proxy("BasicAuth someone opensesame\n");
    BOOST_TEST(reached(probe({{"HTTPS_PROXY", proxy.at("someone:opensesame@")}})));
    const CheckResult refused = probe({{"HTTPS_PROXY", proxy.at("someone:notthisword@")}});
    BOOST_TEST(text_argument(refused, "variant") == "password");
    BOOST_TEST(text_argument(refused, "variable") == "HTTPS_PROXY");
    BOOST_TEST(text_argument(refused, "direct") == "works");
    BOOST_TEST(text_argument(refused, "proxy").find("notthisword") == std::string::npos);
    for (const Evidence& evidence : refused.findings.front().evidence) {
        BOOST_TEST(evidence.value.find("notthisword") == std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(http_proxies_that_fail) {
    BOOST_TEST(text_argument(probe({{"all_proxy", "http://127.0.0.1:" + std::to_string(free_port())}}), "variant") ==
               "unreachable");
    const Tinyproxy refusing("ConnectPort 1\n");
    const CheckResult result = probe({{"https_proxy", refusing.at()}});
    BOOST_TEST(text_argument(result, "variant") == "refused");
    BOOST_TEST(text_argument(result, "detail").starts_with("403"));
    const Tinyproxy proxy("");
    BOOST_TEST(text_argument(probe({{"https_proxy", "https://127.0.0.1:" + std::to_string(proxy.port)}}), "variant") ==
               "tls");
    BOOST_TEST(text_argument(probe({{"https_proxy", "ftp://127.0.0.1:1"}}), "variant") == "unsupported");
    BOOST_TEST(text_argument(probe({{"https_proxy", "socks5://127.0.0.1:" + std::to_string(proxy.port)}}), "variant") !=
               "refused");
}

BOOST_AUTO_TEST_CASE(socks_proxies, *boost::unit_test::precondition([](boost::unit_test::test_unit_id) {
                         return boost::test_tools::assertion_result(std::filesystem::exists(kMicrosocks));
                     })) {
    const std::string open = std::to_string(free_port());
    const BackgroundProcess plain({kMicrosocks, "-i", "127.0.0.1", "-p", open});
    BOOST_REQUIRE(wait_for_port(std::stoi(open)));
    BOOST_TEST(reached(probe({{"all_proxy", "socks5://127.0.0.1:" + open}})));
    BOOST_TEST(reached(probe({{"ALL_PROXY", "socks5h://127.0.0.1:" + open}})));
    const std::string closed = std::to_string(free_port());
    const BackgroundProcess locked({kMicrosocks, "-i", "127.0.0.1", "-p", closed, "-u", "someone", "-P", "opensesame"});
    BOOST_REQUIRE(wait_for_port(std::stoi(closed)));
    BOOST_TEST(reached(probe({{"all_proxy", "socks5h://someone:opensesame@127.0.0.1:" + closed}})));
    for (const char* login : {"", "someone:wrong@"}) {
        const CheckResult result = probe({{"all_proxy", "socks5h://" + std::string(login) + "127.0.0.1:" + closed}});
        BOOST_TEST(text_argument(result, "variant") == "password");
    }
}

BOOST_AUTO_TEST_CASE(packets_that_are_dropped_or_reset,
                     *boost::unit_test::precondition([](boost::unit_test::test_unit_id) {
                         return boost::test_tools::assertion_result(may_make_namespaces());
                     })) {
    {
        const Namespace dropping;
        dropping.filter("tcp dport 4443 drop");
        const json::object check = dropping.diagnose("https://127.0.0.1:4443", 5);
        BOOST_TEST(first_code(check) == "upstream.connect-timeout");
    }
    {
        const Namespace resetting;
        resetting.filter("tcp dport 4443 reject with tcp reset");
        BOOST_TEST(first_code(resetting.diagnose("https://127.0.0.1:4443", 5)) == "upstream.connection-refused");
    }
    {
        const Namespace isolated;
        BOOST_TEST(first_code(isolated.diagnose("https://192.0.2.1", 5)) == "upstream.network-unreachable");
    }
}

// getaddrinfo itself would wait 30 s and more here.
BOOST_AUTO_TEST_CASE(a_name_service_that_never_answers,
                     *boost::unit_test::precondition([](boost::unit_test::test_unit_id) {
                         return boost::test_tools::assertion_result(may_make_namespaces());
                     })) {
    const Namespace silent;
    silent.filter("udp dport 53 drop");
    const json::object check = silent.diagnose("https://api.example.net", 5);
    BOOST_TEST(first_code(check) == "upstream.dns-failure");
    BOOST_TEST(check.at("findings").at(0).at("args").at("variant").as_string() == "timeout");
}
