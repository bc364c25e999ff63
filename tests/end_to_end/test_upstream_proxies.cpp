// upstream.api through real proxies: tinyproxy and microsocks.
#include "checks/list.hpp"
#include "support/process.hpp"
#include "support/run_check.hpp"
#include "support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

using namespace banana;
using namespace banana::test;

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
