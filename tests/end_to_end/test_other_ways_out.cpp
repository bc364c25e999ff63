// What is said where the plugin has no way out and the machine shows another: a start file's proxy, a proxy script.
#include "banana/cause.hpp"
#include "banana/lookup.hpp"
#include "scenario.hpp"
#include "self_test.hpp"

#include <boost/test/unit_test.hpp>
#include <string_view>

using namespace banana;

namespace {

ScenarioOutcome outcome_of(std::string_view name) {
    const world::Scenario* const scenario = world::find_scenario(name);
    BOOST_REQUIRE(scenario != nullptr);
    ScenarioOutcome outcome = run_scenario(*scenario, "en");
    BOOST_TEST(outcome.wrong.empty());
    return outcome;
}

const Finding& finding_in(const ScenarioOutcome& outcome, Cause code) {
    const Finding* finding = find_finding(outcome.report.checks, code);
    BOOST_REQUIRE(finding != nullptr);
    return *finding;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_start_files_proxy_is_tried_and_named) {
    const ScenarioOutcome outcome = outcome_of("upstream.dns-failure:start-script");
    const Finding& finding = finding_in(outcome, Cause::upstream_dns_failure);
    BOOST_TEST(text_argument(finding, "fix_variant") == "other-way");
    BOOST_TEST(text_argument(finding, "other_way") == "start-script");
    BOOST_TEST(text_argument(finding, "other_variable") == "HTTPS_PROXY");
    BOOST_TEST(text_argument(finding, "script").find("run") != std::string_view::npos);
    BOOST_TEST(finding.inferred);  // whether ComfyUI is started with it was not seen
}

BOOST_AUTO_TEST_CASE(a_proxy_script_is_named_where_no_connection_gets_out) {
    const ScenarioOutcome outcome = outcome_of("upstream.dns-failure:proxy-script");
    const Finding& finding = finding_in(outcome, Cause::upstream_dns_failure);
    BOOST_TEST(text_argument(finding, "fix_variant") == "other-way");
    BOOST_TEST(text_argument(finding, "other_way") == "proxy-script");
    BOOST_TEST(!finding.inferred);
}
