// Every embedded scenario through the real program, as a user would start it: the JSON report, the exit code and
// everything printed are examined from outside.
#include "banana/cause.hpp"
#include "scenario.hpp"
#include "support/process.hpp"
#include "world.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <thread>

namespace {

using namespace banana;
using namespace banana::world;
namespace json = boost::json;

// More at once than there are processors: scenarios mostly wait.
constexpr unsigned kAtOnce = 4;

const std::map<std::string_view, test::ProcessResult>& results() {
    static const std::map<std::string_view, test::ProcessResult> all = [] {
        const std::vector<Scenario>& scenarios = all_scenarios();
        std::vector<test::ProcessResult> gathered(scenarios.size());
        std::atomic<std::size_t> next{0};
        std::vector<std::thread> workers;
        for (unsigned worker = 0; worker < kAtOnce; ++worker) {
            workers.emplace_back([&] {
                for (std::size_t index = next++; index < scenarios.size(); index = next++) {
                    gathered[index] = test::run_banana({"demo", std::string(scenarios[index].name), "--output", "-",
                                                        "--format", "json", "--lang", "zh-CN"});
                }
            });
        }
        for (std::thread& worker : workers) {
            worker.join();
        }
        std::map<std::string_view, test::ProcessResult> by_name;
        for (std::size_t index = 0; index < scenarios.size(); ++index) {
            by_name.emplace(scenarios[index].name, std::move(gathered[index]));
        }
        return by_name;
    }();
    return all;
}

json::object report_of(const test::ProcessResult& result) {
    boost::system::error_code unreadable;
    const json::value value = json::parse(result.out, unreadable);
    BOOST_REQUIRE_MESSAGE(!unreadable, "standard output is no JSON: " << result.out << result.err);
    return value.as_object();
}

std::set<std::string> raised_codes(const json::object& report) {
    std::set<std::string> codes;
    for (const json::value& check : report.at("checks").as_array()) {
        for (const json::value& finding : check.as_object().at("findings").as_array()) {
            codes.emplace(finding.as_object().at("code").as_string());
        }
    }
    return codes;
}

}  // namespace

BOOST_AUTO_TEST_CASE(each_scenario_gets_its_verdict_cause_and_exit_code) {
    for (const Scenario& scenario : all_scenarios()) {
        BOOST_TEST_CONTEXT(scenario.name) {
            const test::ProcessResult& result = results().at(scenario.name);
            BOOST_REQUIRE(!result.timed_out);
            const json::object report = report_of(result);
            BOOST_TEST(report.at("verdict").as_string() == verdict_name(scenario.expected.verdict));
            BOOST_TEST(result.exit_code == (scenario.expected.verdict == Verdict::broken ? 1 : 0));
            BOOST_TEST(report.at("exit_code").to_number<int>() == result.exit_code);
            const json::value& primary = report.at("diagnosis").as_object().at("primary");
            BOOST_REQUIRE(primary.is_null() == !scenario.expected.primary.has_value());
            if (scenario.expected.primary) {
                BOOST_TEST(primary.as_object().at("code").as_string() == code_of(*scenario.expected.primary));
            }
            std::set<std::string> others;
            for (const json::value& other : report.at("diagnosis").as_object().at("others").as_array()) {
                others.emplace(other.as_object().at("code").as_string());
            }
            std::set<std::string> expected;
            for (const Cause cause : scenario.expected.others) {
                expected.emplace(code_of(cause));
            }
            BOOST_TEST(others == expected, boost::test_tools::per_element());
        }
    }
}

BOOST_AUTO_TEST_CASE(no_output_of_any_scenario_shows_a_key) {
    for (const auto& [name, result] : results()) {
        BOOST_TEST_CONTEXT(name) {
            for (const unsigned number : {0U, 1U}) {
                const Secret key = demo_key(number);
                const std::string_view bare = key.reveal().substr(3);
                BOOST_TEST(result.out.find(bare) == std::string::npos);
                BOOST_TEST(result.err.find(bare) == std::string::npos);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(every_registered_code_is_raised_and_no_other) {
    std::set<std::string> raised;
    for (const auto& [name, result] : results()) {
        raised.merge(raised_codes(report_of(result)));
    }
    for (const std::string& code : raised) {
        BOOST_TEST(cause_from_code(code).has_value(), "not registered: " << code);
        BOOST_TEST(code != "internal.check-failed");
    }
    for (const CauseInfo& entry : kCauses) {
        if (entry.severity != Severity::none) {
            BOOST_TEST(raised.contains(std::string(entry.code)), "never raised: " << entry.code);
        }
    }
}

BOOST_AUTO_TEST_CASE(healthy_worlds_raise_nothing) {
    for (const Scenario& scenario : all_scenarios()) {
        if (causes_in_name(scenario.name).empty()) {
            BOOST_TEST_CONTEXT(scenario.name) {
                BOOST_TEST(raised_codes(report_of(results().at(scenario.name))).empty());
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(the_source_documents_figures_come_from_the_upstream) {
    const json::object report = report_of(results().at(kDefaultScenario));
    const json::array& checks = report.at("checks").as_array();
    const auto check = [&](std::string_view id) -> const json::object& {
        const auto found = std::find_if(checks.begin(), checks.end(), [&](const json::value& value) {
            return value.as_object().at("id").as_string() == id;
        });
        BOOST_REQUIRE(found != checks.end());
        return found->as_object();
    };
    const json::object& balance = check("upstream.api").at("facts").as_object().at("balance").as_object();
    BOOST_TEST(balance.at("total_granted").to_number<int>() == 5'000'000);
    BOOST_TEST(balance.at("total_used").to_number<int>() == 415'000);
    BOOST_TEST(balance.at("total_available").to_number<int>() == 4'585'000);
    const json::object& round_trip = check("proxy.round-trip").at("facts").as_object();
    BOOST_TEST(std::string(round_trip.at("message").as_string()) == "余额查询失败: HTTP 401");
}

BOOST_AUTO_TEST_CASE(ambient_variables_do_not_reach_the_embedded_world) {
    test::ProcessOptions options;
    options.environment = {{"HTTPS_PROXY", "http://127.0.0.1:1"},
                           {"https_proxy", "http://127.0.0.1:1"},
                           {"REQUESTS_CA_BUNDLE", "/nonexistent"},
                           {"COMFYUI_PATH", "/nonexistent"},
                           {"BANANA_API_KEY", "x"}};
    const test::ProcessResult result =
        test::run_banana({"demo", "healthy.v1", "--output", "-", "--format", "json"}, options);
    BOOST_TEST(result.exit_code == 0);
    BOOST_TEST(report_of(result).at("verdict").as_string() == "healthy");
}

BOOST_AUTO_TEST_CASE(self_test_says_what_is_right_and_refuses_an_unknown_filter) {
    const test::ProcessResult some = test::run_banana({"self-test", "config.bom", "--lang", "en"});
    BOOST_TEST(some.exit_code == 0);
    BOOST_TEST(some.out.find("config.bom+config.key-placeholder") != std::string::npos);
    BOOST_TEST(some.out.find("2 of 2") != std::string::npos);
    BOOST_TEST(test::run_banana({"self-test", "no-such-scenario"}).exit_code == 2);
}

BOOST_AUTO_TEST_CASE(an_unknown_scenario_is_a_usage_error) {
    BOOST_TEST(test::run_banana({"demo", "no-such-scenario"}).exit_code == 2);
}
