// The clock is set while a run goes on, by hours in both directions: the run neither hangs nor ends early, and says the
// same as without, or honestly that the clocks differ.
#include "banana/json_member.hpp"
#include "support/hostile_server.hpp"
#include "support/process.hpp"
#include "support/sanitized.hpp"
#include "support/temporary_folder.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace banana::test;
namespace fs = std::filesystem;
namespace json = boost::json;
using Clock = std::chrono::steady_clock;

// Debian's libfaketime, which reads the time's offset from a file at each call.
std::string fake_time_library() {
    for (const auto& entry : fs::directory_iterator("/usr/lib")) {
        const fs::path library = entry.path() / "faketime" / "libfaketimeMT.so.1";
        std::error_code ignored;
        if (fs::exists(library, ignored)) {
            return library.string();
        }
    }
    return {};
}

boost::test_tools::assertion_result can_set_the_clock(boost::unit_test::test_unit_id) {
    boost::test_tools::assertion_result answer(!kSanitized && !fake_time_library().empty());
    answer.message() << "needs libfaketime, and no sanitizer, which must be loaded first";
    return answer;
}

enum class Monotonic { real, jumps_too };

// A run whose clock can be set.
class Run {
public:
    explicit Run(const std::vector<std::string>& arguments, Monotonic monotonic = Monotonic::real)
        : monotonic_(monotonic) {
        folder_.write("offset", "+0");
        ProcessOptions options;
        options.working_directory = folder_.path().string();
        options.environment = {{"HOME", folder_.path().string()},
                               {"TZ", "UTC"},
                               {"LD_PRELOAD", fake_time_library()},
                               {"FAKETIME_TIMESTAMP_FILE", (folder_.path() / "offset").string()},
                               {"FAKETIME_NO_CACHE", "1"},
                               {"FAKETIME_DONT_FAKE_MONOTONIC", monotonic == Monotonic::real ? "1" : "0"}};
        std::vector<std::string> command{BANANA_BINARY};
        command.insert(command.end(), arguments.begin(), arguments.end());
        command.insert(command.end(), {"--lang", "en", "-v", "--output", "r.json"});
        process_ = std::make_unique<BackgroundProcess>(command, options);
    }

    // Until the line that reports the check.
    void wait_for(const std::string& check) {
        while (const auto line = process_->read_line()) {
            if (line->find(check) != std::string::npos) {
                return;
            }
        }
        BOOST_ERROR("no line about " + check);
    }

    void set_clock(std::chrono::hours offset) {
        offset_ = offset;
        const std::string sign = offset.count() < 0 ? "" : "+";
        // In one step: half a file would be another offset.
        folder_.write("offset.new", sign + std::to_string(offset.count()) + "h");
        fs::rename(folder_.path() / "offset.new", folder_.path() / "offset");
    }

    // To the end; looks at every time in the report.
    json::value finish() {
        while (process_->read_line()) {
        }
        exit_code = process_->wait();
        milliseconds = std::chrono::duration<double, std::milli>(Clock::now() - start_).count();
        const json::value report = json::parse(read_file(folder_.path() / "r.json"));
        // A monotonic clock that jumped says what it says.
        const double longest =
            milliseconds + (monotonic_ == Monotonic::real ? 0 : 1e3 * std::chrono::duration<double>(offset_).count());
        for (const json::value& check : report.at("checks").as_array()) {
            const double began = check.at("started_ms").to_number<double>();
            const double lasted = check.at("duration_ms").to_number<double>();
            BOOST_TEST((began >= 0 && lasted >= 0 && began + lasted < longest));
            look_at_phases(check.at("facts").as_object());
        }
        std::tm parts{};
        const std::string made(report.at("generated_at").as_string());
        BOOST_TEST((::strptime(made.c_str(), "%Y-%m-%dT%H:%M:%S", &parts) != nullptr && made.ends_with("+00:00")));
        // The run may have ended before the clock was set.
        const double age = static_cast<double>(::timegm(&parts)) - static_cast<double>(std::time(nullptr));
        BOOST_TEST((std::abs(age) < 60 || std::abs(age - std::chrono::duration<double>(offset_).count()) < 60), made);
        return report;
    }

    int exit_code = -1;
    double milliseconds = 0;

private:
    void look_at_phases(const json::object& facts) const {
        const json::object* const phases = banana::object_member(facts, "phases_ms");
        if (phases == nullptr) {
            return;
        }
        for (const auto& [name, value] : *phases) {
            const double phase = value.is_null() ? 0 : value.to_number<double>();
            BOOST_TEST((phase >= 0 && phase < milliseconds), std::string_view(name));
        }
    }

    Monotonic monotonic_;
    TemporaryFolder folder_;
    std::chrono::hours offset_{0};
    Clock::time_point start_ = Clock::now();
    std::unique_ptr<BackgroundProcess> process_;
};

// Each check with its outcome and the codes of its findings.
std::set<std::string> outcomes(const json::value& report) {
    std::set<std::string> all{std::string(report.at("verdict").as_string())};
    for (const json::value& check : report.at("checks").as_array()) {
        const std::string id(check.at("id").as_string());
        all.insert(id + " " + std::string(check.at("status").as_string()));
        for (const json::value& finding : check.at("findings").as_array()) {
            all.insert(id + ": " + std::string(finding.at("code").as_string()) + " " +
                       std::string(finding.at("severity").as_string()));
        }
    }
    return all;
}

std::string now_in_http() {
    const std::time_t now = std::time(nullptr);
    std::array<char, 64> text{};
    std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", std::gmtime(&now));
    return text.data();
}

// ComfyUI and the upstream, whose clocks are right. Each answer that is awaited takes a second.
struct Servers {
    Servers() {
        install_plugin(folder, "ComfyUI", "comfyui-banana-gemini", made_up_key(72));
        const std::string body = R"({"success":true,"code":true,"message":"ok","data":{"expires_at":0,)"
                                 R"("total_available":4585000,"total_granted":5000000,"total_used":415000,)"
                                 R"("unlimited_quota":false}})";
        const std::string slow =
            "#! drip 0.003\n" + http_answer(200, "application/json", body, "Date: " + now_in_http() + "\r\n");
        server.answer("usage_token", slow);
        server.answer("banana_token_usage.refresh", slow);
        server.start();
    }

    [[nodiscard]] std::vector<std::string> run(const std::vector<std::string>& more = {}) const {
        std::vector<std::string> arguments{"run",           "--comfyui-dir", (folder.path() / "ComfyUI").string(),
                                           "--comfyui-url", server.url(),    "--base-url",
                                           server.url()};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return arguments;
    }

    TemporaryFolder folder;
    HostileServer server;
};

constexpr std::array kJumps{std::chrono::hours(5), std::chrono::hours(-5)};

// One run for each jump, all at the same time; the clock is set once `check` is reported.
void expect_at_each_jump(const std::vector<std::string>& arguments, const std::string& check,
                         const std::set<std::string>& expected) {
    std::vector<std::unique_ptr<Run>> runs;
    for (const std::chrono::hours jump : kJumps) {
        runs.push_back(std::make_unique<Run>(arguments));
        runs.back()->wait_for(check);
        runs.back()->set_clock(jump);
    }
    for (const std::unique_ptr<Run>& run : runs) {
        BOOST_TEST(outcomes(run->finish()) == expected, boost::test_tools::per_element());
        BOOST_TEST(run->exit_code == 0);
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(the_clock_is_set, *boost::unit_test::precondition(can_set_the_clock))

// The upstream of the embedded world shares the clock with the run.
BOOST_AUTO_TEST_CASE(here_and_at_the_upstream_alike) {
    const std::vector<std::string> demo{"demo", "healthy.slow"};
    Run reference(demo);
    expect_at_each_jump(demo, "config.key", outcomes(reference.finish()));
}

BOOST_FIXTURE_TEST_CASE(here_only, Servers) {
    Run reference(run());
    const std::set<std::string> as_ever = outcomes(reference.finish());
    expect_at_each_jump(run(), "startup.log", as_ever);  // in the round trip

    std::set<std::string> skewed = as_ever;  // before the upstream's answer, which names its time
    skewed.erase("upstream.api pass");
    skewed.insert({"upstream.api warn", "upstream.api: system.clock-skew warning"});
    expect_at_each_jump(run(), "config.key", skewed);
}

BOOST_FIXTURE_TEST_CASE(the_deadline_and_the_time_outs_hold, Servers) {
    server.answer("usage_token", "#! hang\n");
    for (const std::chrono::hours jump : kJumps) {
        Run late(run({"--only", "upstream.api", "--deadline", "2"}));
        BOOST_TEST(server.wait_until_asked());
        late.set_clock(jump);
        Run silent(run({"--only", "upstream.api", "--timeout", "1"}));
        BOOST_TEST(server.wait_until_asked());
        silent.set_clock(jump);
        Run waiting({"run", "--only", "local", "--wait", "2", "--comfyui-url",
                     "http://127.0.0.1:" + std::to_string(free_port())});
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        waiting.set_clock(jump);
        const std::set<std::string> seen = outcomes(silent.finish());
        BOOST_TEST(seen.contains("upstream.api: upstream.response-timeout error"));
        BOOST_TEST(silent.exit_code == 1);
        BOOST_TEST(silent.milliseconds > 900);
        late.finish();
        BOOST_TEST(late.exit_code == 3);
        BOOST_TEST(late.milliseconds > 1'900);
        BOOST_TEST(outcomes(waiting.finish()).contains("local.server: local.server-down error"));
        BOOST_TEST(waiting.exit_code == 1);
        BOOST_TEST(waiting.milliseconds > 1'900);
    }
}

// Some systems count a sleep of the machine: all time is up, and nothing may be said of what was not finished.
BOOST_FIXTURE_TEST_CASE(the_monotonic_clock_jumps_as_well, Servers) {
    server.answer("usage_token", "#! hang\n");
    Run run(this->run(), Monotonic::jumps_too);
    BOOST_TEST(server.wait_until_asked());
    run.set_clock(std::chrono::hours(5));
    const std::set<std::string> seen = outcomes(run.finish());
    BOOST_TEST(run.exit_code == 3);
    BOOST_TEST(seen.contains("inconclusive"));
    const bool blames =
        std::any_of(seen.begin(), seen.end(), [](const std::string& line) { return line.ends_with(" error"); });
    BOOST_TEST(!blames);
}

BOOST_AUTO_TEST_SUITE_END()
