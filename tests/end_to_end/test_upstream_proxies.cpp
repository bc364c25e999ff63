// upstream.api through real proxies: tinyproxy, microsocks and dante.
#include "banana/cause.hpp"
#include "catalog.hpp"
#include "support/hostile_server.hpp"
#include "support/process.hpp"
#include "support/run_check.hpp"
#include "support/run_of.hpp"
#include "support/temporary_folder.hpp"

#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace banana;
using namespace banana::test;
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr const char* kTinyproxy = "/usr/bin/tinyproxy";
constexpr const char* kDante = "/usr/sbin/danted";
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

CheckResult probe(std::map<std::string, std::string> environment,
                  std::chrono::milliseconds timeout = std::chrono::milliseconds(5'000),
                  const std::string& url = origin().url()) {
    CheckStage stage;
    stage.options.timeout = timeout;
    stage.options.base_url = url;
    stage.options.ca_file = origin().certificate;
    stage.surroundings.environment = Environment(std::move(environment));
    return stage.run(run_of("upstream.api"));
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

// A proxy that says "connected" to everything and then does this, as one whose exit is dead; or one that answers with
// what it is given and closes.
class DeadExit {
public:
    enum class Way { close, reset, plain_text, silent };
    explicit DeadExit(Way way, std::string answer = "HTTP/1.1 200 Connection established\r\n\r\n")
        : way_(way),
          answer_(std::move(answer)),
          acceptor_(io_, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)),
          thread_([this] { serve(); }) {}
    ~DeadExit() {
        stop_ = true;
        boost::system::error_code ignored;
        tcp::socket wake(io_);
        wake.connect(acceptor_.local_endpoint(), ignored);
        wake.close(ignored);
        thread_.join();
    }
    [[nodiscard]] std::string at() const {
        return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
    }

private:
    void serve() {
        std::vector<tcp::socket> kept;
        while (!stop_) {
            boost::system::error_code error;
            tcp::socket socket(io_);
            acceptor_.accept(socket, error);
            asio::streambuf request;
            asio::read_until(socket, request, "\r\n\r\n", error);
            asio::write(socket, asio::buffer(answer_), error);
            char octet = 0;
            socket.read_some(asio::buffer(&octet, 1), error);
            if (way_ == Way::plain_text) {
                asio::write(socket, asio::buffer(std::string_view("HTTP/1.1 400 Bad Request\r\n\r\n")), error);
            } else if (way_ == Way::reset) {
                socket.set_option(asio::socket_base::linger(true, 0), error);
            } else if (way_ == Way::silent) {
                kept.push_back(std::move(socket));
            }
        }
    }

    Way way_;
    std::string answer_;
    std::atomic<bool> stop_{false};
    asio::io_context io_;
    tcp::acceptor acceptor_;
    std::thread thread_;
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_proxy_whose_exit_is_dead) {
    using Way = DeadExit::Way;
    for (const Way way : {Way::close, Way::reset, Way::plain_text, Way::silent}) {
        const DeadExit proxy(way);
        const CheckResult result = probe({{"https_proxy", proxy.at()}}, std::chrono::milliseconds(2'000));
        BOOST_TEST(text_argument(result, "variant") == "tunnel");
        BOOST_TEST(text_argument(result, "proxy") == proxy.at());
        BOOST_TEST(result.findings.front().inferred);
    }
}

// A program that runs is not told to be started.
BOOST_AUTO_TEST_CASE(a_proxy_that_runs_and_refuses) {
    struct Known {
        const char* answer;
        const char* variant;
        const char* fix;
    };
    for (const Known& known :
         {Known{"503 Service Unavailable", "no-way", "no-way"}, Known{"502 Bad Gateway", "no-way", "no-way"},
          Known{"403 Filtered", "forbidden", "forbidden"}, Known{"405 Method Not Allowed", "web-server", "port"},
          Known{"429 Slow", "refused", "refused"}}) {
        const DeadExit proxy(DeadExit::Way::close, "HTTP/1.1 " + std::string(known.answer) + "\r\n\r\n");
        const CheckResult result = probe({{"https_proxy", proxy.at()}});
        const Finding* finding = find_code(result, Cause::upstream_proxy_failure);
        BOOST_REQUIRE(finding != nullptr);
        BOOST_TEST(text_argument(result, "variant") == known.variant);
        BOOST_TEST(catalog("en").cause_text_id("upstream.proxy-failure", "fix", finding->args) ==
                   "cause.upstream.proxy-failure.fix." + std::string(known.fix));
    }
}

// Neither way leads there: whose fault it is, is not known, and the advice names the proxy's exit.
BOOST_AUTO_TEST_CASE(a_proxy_and_no_way_past_it) {
    const DeadExit refusing(DeadExit::Way::close, "HTTP/1.1 503 Service Unavailable\r\n\r\n");
    const DeadExit cutting(DeadExit::Way::close);
    const std::string nowhere = "https://localhost:" + std::to_string(free_port());
    const CheckResult refused = probe({{"https_proxy", refusing.at()}}, std::chrono::milliseconds(2'000), nowhere);
    BOOST_TEST(text_argument(refused, "fix_variant") == "no-way-both");
    BOOST_TEST(refused.findings.front().inferred);
    const CheckResult cut = probe({{"https_proxy", cutting.at()}}, std::chrono::milliseconds(2'000), nowhere);
    const Finding* finding = find_code(cut, Cause::upstream_connection_reset);
    BOOST_REQUIRE(finding != nullptr);
    BOOST_TEST(std::string(finding->args.at("fix_variant").as_string()) == "through-proxy");
    BOOST_TEST(std::string(finding->args.at("proxy").as_string()) == cutting.at());
}

// With TLS 1.3 the refusal comes after our side of the handshake has ended.
BOOST_AUTO_TEST_CASE(an_origin_that_wants_a_certificate_of_ours) {
    const int port = free_port();
    const auto folder = origin().certificate.parent_path();
    const BackgroundProcess server({"openssl", "s_server", "-accept", std::to_string(port), "-cert",
                                    origin().certificate.string(), "-key", (folder / "key.pem").string(), "-www",
                                    "-quiet", "-Verify", "1", "-tls1_3"});
    BOOST_REQUIRE(wait_for_port(port));
    CheckStage stage;
    stage.options.base_url = "https://localhost:" + std::to_string(port);
    stage.options.ca_file = origin().certificate;
    const CheckResult result = stage.run(run_of("upstream.api"));
    const Finding* finding = find_code(result, Cause::upstream_tls_handshake);
    BOOST_REQUIRE(finding != nullptr);
    BOOST_TEST(std::string(finding->args.at("variant").as_string()) == "client-certificate");
}

// The proxy would see it, so it is not sent; the refusal that follows says nothing about it.
BOOST_AUTO_TEST_CASE(a_key_that_was_not_sent_is_not_refused) {
    HostileServer server;
    server.answer("default", json_answer(R"({"success":false,"message":"未提供令牌"})", 401));
    server.start();
    CheckStage stage;
    stage.options.base_url = "http://localhost:1";
    stage.options.proxy = server.url();
    stage.context.given_key.emplace(Secret(made_up_key(6)), "api-key-file");
    const CheckResult result = stage.run(run_of("upstream.api"));
    BOOST_TEST(result.findings.empty());
    BOOST_TEST(result.incomplete);
}

// The proxy's own certificate is not the one that is trusted.
BOOST_AUTO_TEST_CASE(an_https_proxy_with_another_certificate) {
    const CheckResult result = probe({{"https_proxy", "https://127.0.0.1:" + std::to_string(origin().port)}});
    BOOST_TEST(text_argument(result, "variant") == "certificate");
}

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
    BOOST_TEST(text_argument(refused, "fix_variant") == "credentials");
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
    BOOST_TEST(text_argument(result, "variant") == "forbidden");
    BOOST_TEST(text_argument(result, "detail").starts_with("403"));
    const Tinyproxy proxy("");
    BOOST_TEST(text_argument(probe({{"https_proxy", "https://127.0.0.1:" + std::to_string(proxy.port)}}), "variant") ==
               "tls");
    BOOST_TEST(text_argument(probe({{"https_proxy", "ftp://127.0.0.1:1"}}), "variant") == "unsupported");
    // What `set https_proxy=… && python main.py` leaves; Python does not trim it.
    const CheckResult trailing = probe({{"https_proxy", proxy.at() + " "}});
    BOOST_TEST(text_argument(trailing, "variant") == "unsupported");
    BOOST_TEST(text_argument(trailing, "detail") == "blank-at-end");
    BOOST_TEST(text_argument(probe({{"https_proxy", " " + proxy.at()}}), "detail") == "blank-at-start");
    const CheckResult quoted = probe({{"https_proxy", "\"" + proxy.at() + "\""}});
    BOOST_TEST(text_argument(quoted, "variant") == "unsupported");
    BOOST_TEST(text_argument(quoted, "detail") == "quotes");
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
    // Its port in the place of an http one.
    const CheckResult mixed_up = probe({{"https_proxy", "http://127.0.0.1:" + open}});
    BOOST_TEST(text_argument(mixed_up, "variant") == "not-a-proxy");
    BOOST_TEST(text_argument(mixed_up, "fix_variant") == "port");
    const std::string closed = std::to_string(free_port());
    const BackgroundProcess locked({kMicrosocks, "-i", "127.0.0.1", "-p", closed, "-u", "someone", "-P", "opensesame"});
    BOOST_REQUIRE(wait_for_port(std::stoi(closed)));
    BOOST_TEST(reached(probe({{"all_proxy", "socks5h://someone:opensesame@127.0.0.1:" + closed}})));
    for (const char* login : {"", "someone:wrong@"}) {
        const CheckResult result = probe({{"all_proxy", "socks5h://" + std::string(login) + "127.0.0.1:" + closed}});
        BOOST_TEST(text_argument(result, "variant") == "password");
    }
}

BOOST_AUTO_TEST_CASE(socks4_proxies, *boost::unit_test::precondition([](boost::unit_test::test_unit_id) {
                         return boost::test_tools::assertion_result(std::filesystem::exists(kDante));
                     })) {
    const std::string port = std::to_string(free_port());
    const std::string refused_port = std::to_string(free_port());
    const TemporaryFolder folder;
    const auto settings = folder.write("danted.conf", "logoutput: /dev/null\ninternal: 127.0.0.1 port = " + port +
                                                          "\nexternal: 127.0.0.1\nsocksmethod: none\n"
                                                          "clientmethod: none\nuser.unprivileged: nobody\n"
                                                          "client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }\n"
                                                          "socks block { from: 0.0.0.0/0 to: 0.0.0.0/0 port = " +
                                                          refused_port +
                                                          " }\n"
                                                          "socks pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }\n");
    const BackgroundProcess proxy({kDante, "-f", settings.string(), "-p", (folder.path() / "pid").string()});
    BOOST_REQUIRE(wait_for_port(std::stoi(port)));
    BOOST_TEST(reached(probe({{"https_proxy", "socks4://127.0.0.1:" + port}})));
    BOOST_TEST(reached(probe({{"https_proxy", "socks4://someone@127.0.0.1:" + port}})));
    BOOST_TEST(reached(probe({{"https_proxy", "socks5h://127.0.0.1:" + port}})));
    for (const char* scheme : {"socks4", "socks4a"}) {
        const CheckResult refused = probe({{"https_proxy", std::string(scheme) + "://127.0.0.1:" + port}},
                                          std::chrono::milliseconds(5'000), "https://localhost:" + refused_port);
        BOOST_TEST(text_argument(refused, "detail").starts_with("SOCKS4: "));
        const CheckResult no_v4 = probe({{"https_proxy", std::string(scheme) + "://127.0.0.1:" + port}},
                                        std::chrono::milliseconds(5'000), "https://[::1]:" + refused_port);
        BOOST_TEST(text_argument(no_v4, "variant") == "refused");
    }
}

// Dante does not know SOCKS4a: curl tells how its request looks.
BOOST_AUTO_TEST_CASE(a_socks4a_request_is_the_one_of_curl) {
    asio::io_context io;
    tcp::acceptor acceptor(io, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0));
    std::vector<std::string> requests;
    std::thread proxy([&] {
        constexpr std::string_view kEnd("localhost", 10);
        constexpr std::string_view kRefused("\0\x5b\0\0\0\0\0", 8);
        for (int count = 0; count < 2; ++count) {
            boost::system::error_code error;
            tcp::socket socket(io);
            acceptor.accept(socket, error);
            std::string request;
            asio::read_until(socket, asio::dynamic_buffer(request), kEnd, error);
            requests.push_back(request);
            asio::write(socket, asio::buffer(kRefused), error);
        }
    });
    const std::string at = "127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());
    BOOST_TEST(run_process({"curl", "-s", "--socks4a", "someone@" + at, origin().url()}).exit_code != 0);
    const CheckResult result = probe({{"https_proxy", "socks4a://someone@" + at}});
    proxy.join();
    BOOST_TEST(text_argument(result, "detail") == "SOCKS4: rejected or failed");
    BOOST_TEST(requests[0].size() > 10U);
    BOOST_TEST(requests[0] == requests[1]);
}

// Only what Windows is set to, no variable: its proxy is asked, and what it leaves out is not.
BOOST_AUTO_TEST_CASE(the_system_proxy) {
    const Tinyproxy proxy("");
    const auto look = [&](const std::string& server, const std::string& exceptions,
                          std::map<std::string, std::string> environment = {}) {
        CheckStage stage;
        stage.options.base_url = origin().url();
        stage.options.ca_file = origin().certificate;
        stage.surroundings.environment = Environment(std::move(environment));
        stage.surroundings.system_proxy = SystemProxySettings{server, exceptions};
        return stage.run(run_of("upstream.api"));
    };
    const CheckResult through = look(proxy.at().substr(7), "127.*");
    BOOST_TEST(reached(through));
    BOOST_TEST(through.facts.at("proxies").at("source").as_string() == "system");
    const std::string dead = "127.0.0.1:" + std::to_string(free_port());
    const CheckResult failed = look(dead, "127.*");
    BOOST_TEST(text_argument(failed, "variant") == "unreachable");
    BOOST_TEST(text_argument(failed, "source") == "system");
    BOOST_TEST(reached(look(dead, "localhost")));
    BOOST_TEST(reached(look(dead, "", {{"NO_PROXY", "example.org"}})));  // any such variable, and Python asks no more
}

// The proxy works for us; requests needs one more package for it.
BOOST_AUTO_TEST_CASE(a_socks_proxy_and_a_python_without_its_package,
                     *boost::unit_test::precondition([](boost::unit_test::test_unit_id) {
                         return boost::test_tools::assertion_result(std::filesystem::exists(kMicrosocks));
                     })) {
    const std::string port = std::to_string(free_port());
    const BackgroundProcess proxy({kMicrosocks, "-i", "127.0.0.1", "-p", port});
    BOOST_REQUIRE(wait_for_port(std::stoi(port)));
    const TemporaryFolder portable;
    portable.write("python_embeded/Lib/site-packages/certifi/cacert.pem", "x");
    const auto look = [&] {
        CheckStage stage;
        stage.options.base_url = origin().url();
        stage.options.ca_file = origin().certificate;
        stage.surroundings.environment =
            Environment(std::map<std::string, std::string>{{"ALL_PROXY", "socks5h://127.0.0.1:" + port}});
        stage.context.found.install.emplace();
        stage.context.found.install->comfyui_dir = portable.path() / "ComfyUI";
        return stage.run(run_of("upstream.api"));
    };
    const CheckResult missing = look();
    BOOST_TEST(reached(missing));
    BOOST_TEST(text_argument(missing, "variant") == "socks-package");
    const Finding* finding = find_code(missing, Cause::upstream_proxy_failure);
    BOOST_TEST((finding->severity == Severity::warning));  // the variable of this shell only
    BOOST_TEST(finding->inferred);
    // The proxy is down, and the package is missing all the same.
    CheckStage down;
    down.options.base_url = origin().url();
    down.options.ca_file = origin().certificate;
    down.surroundings.environment = Environment(
        std::map<std::string, std::string>{{"ALL_PROXY", "socks5h://127.0.0.1:" + std::to_string(free_port())}});
    down.context.found.install.emplace();
    down.context.found.install->comfyui_dir = portable.path() / "ComfyUI";
    const CheckResult unreachable = down.run(run_of("upstream.api"));
    const Finding* failed = find_code(unreachable, Cause::upstream_proxy_failure);
    BOOST_REQUIRE(failed != nullptr);
    BOOST_TEST(failed->args.at("variant").as_string() == "unreachable");
    BOOST_TEST(std::any_of(failed->evidence.begin(), failed->evidence.end(),
                           [](const Evidence& seen) { return seen.id == "socks-package-missing"; }));
    portable.write("python_embeded/Lib/site-packages/socks.py", "");
    BOOST_TEST(find_code(look(), Cause::upstream_proxy_failure) == nullptr);
}
