// A server dies, or the network goes, while it is being asked: the run ends in time, and the verdict says no more than
// what was seen.
#include "support/hostile_server.hpp"
#include "support/json_report.hpp"
#include "support/process.hpp"
#include "support/real_chain.hpp"
#include "support/temporary_folder.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <set>
#include <string>
#include <thread>

namespace {

using namespace banana::test;
namespace json = boost::json;

enum class Moment { unanswered, half_answered };

// An answer with its length, as aiohttp and new-api give it.
std::string measured_answer(const std::string& body) {
    return http_answer(200, "application/json", body, "Content-Length: " + std::to_string(body.size()) + "\r\n");
}

const std::string& figures() {
    static const std::string text = R"({"success":true,"code":true,"message":"ok","data":{"expires_at":0,)"
                                    R"("total_available":4585000,"total_granted":5000000,"total_used":415000,)"
                                    R"("unlimited_quota":false}})";
    return text;
}

// ComfyUI and the upstream, each a process of its own.
struct TwoServers {
    TwoServers() {
        install_plugin(folder, "ComfyUI", "comfyui-banana-gemini", made_up_key(71));
        comfyui.start();
        upstream.start();
    }

    // Runs, and kills `victim` once it is asked for `path`.
    void kill_when_asked(const HostileServer& victim, const std::string& path, Moment moment) {
        const std::string mode = moment == Moment::unanswered ? "#! hang\n" : "#! half\n";
        victim.answer(path, mode + measured_answer(figures()));
        bool asked = false;
        std::thread killer([&] {
            asked = victim.wait_until_asked();
            victim.kill();
        });
        ProcessOptions options;
        options.working_directory = folder.path().string();
        options.environment["HOME"] = folder.path().string();
        const ProcessResult result =
            run_banana({"run", "--comfyui-dir", (folder.path() / "ComfyUI").string(), "--comfyui-url", comfyui.url(),
                        "--base-url", upstream.url(), "--lang", "en", "--timeout", "600", "--deadline", "900",
                        "--output", "-", "--format", "json"},
                       options);
        killer.join();
        BOOST_TEST(asked);
        BOOST_TEST(!result.timed_out);  // as it would be, were the end not noticed but waited for
        exit_code = result.exit_code;
        report = json::parse(result.out);
    }

    [[nodiscard]] std::set<std::string> errors() const { return error_codes(report); }

    TemporaryFolder folder;
    HostileServer comfyui;
    HostileServer upstream;
    int exit_code = -1;
    json::value report;
};

using Codes = std::set<std::string>;

// Why ComfyUI ended cannot be seen from here.
bool is_only_possible(const json::value& report) {
    return report.at("diagnosis").at("primary").at("confidence").as_string() == "possible";
}

constexpr std::array kMoments{Moment::unanswered, Moment::half_answered};

}  // namespace

BOOST_AUTO_TEST_CASE(comfyui_is_killed_in_the_round_trip) {
    for (const Moment moment : kMoments) {
        TwoServers servers;
        servers.kill_when_asked(servers.comfyui, "banana_token_usage.refresh", moment);
        BOOST_TEST(servers.exit_code == 1);
        BOOST_TEST((servers.errors() == Codes{"proxy.bad-response"}));
        BOOST_TEST(primary(servers.report) == "proxy.bad-response");
        BOOST_TEST(is_only_possible(servers.report));
    }
}

BOOST_AUTO_TEST_CASE(comfyui_is_killed_at_the_first_question) {
    for (const Moment moment : kMoments) {
        TwoServers servers;
        servers.kill_when_asked(servers.comfyui, "system_stats", moment);
        BOOST_TEST(servers.exit_code == 1);
        BOOST_TEST((servers.errors() == Codes{"local.server-down"}));
        BOOST_TEST(primary(servers.report) == "local.server-down");
    }
}

BOOST_AUTO_TEST_CASE(comfyui_is_killed_at_the_route) {
    for (const Moment moment : kMoments) {
        TwoServers servers;
        servers.kill_when_asked(servers.comfyui, "banana_token_usage", moment);
        BOOST_TEST(servers.exit_code == 3);
        BOOST_TEST(servers.errors().empty());
        BOOST_TEST(servers.report.at("diagnosis").at("primary").is_null());
    }
}

BOOST_AUTO_TEST_CASE(the_upstream_is_killed) {
    for (const Moment moment : kMoments) {
        TwoServers servers;
        servers.kill_when_asked(servers.upstream, "usage_token", moment);
        // The plugin's own query works, so the cut is worth a warning only.
        BOOST_TEST(servers.exit_code == 0);
        BOOST_TEST(servers.errors().empty());
        const json::value& upstream = check(servers.report, "upstream.api");
        BOOST_TEST(upstream.at("findings").at(0).at("code").as_string() == "upstream.connection-reset");
    }
}

// With the plugin itself waiting for an upstream that does not answer it.
BOOST_AUTO_TEST_CASE(a_real_comfyui_is_killed_in_the_round_trip) {
    RealChain chain(made_up_key(21), {"--hang-on-requests"});
    chain.configure(chain.good_key);
    chain.start_comfyui();
    bool asked = false;
    std::thread killer([&] {
        asked = chain.wait_for_upstream("hanging");
        chain.kill_comfyui();
    });
    const json::value report = chain.diagnose({}, 1);
    killer.join();
    BOOST_TEST(asked);
    BOOST_TEST(primary(report) == "proxy.bad-response");
    BOOST_TEST(is_only_possible(report));
}
