// The options beside the key: what each family makes of a value that it cannot use.
#include "config_options.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_config_options)

namespace {

// "option:kind:used:line" of each problem.
std::string problems_in(const std::string& options, Family family) {
    Install install;
    install.family = family;
    std::string text;
    for (const OptionProblem& problem : find_option_problems(IniFile::parse("[gemini]\n" + options), &install)) {
        text += (text.empty() ? "" : " ") + std::string(problem.option) + ':' + std::string(problem.kind) + ':' +
                problem.used + ':' + std::to_string(problem.line);
    }
    return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_factor_has_the_default_of_its_family) {
    for (const char* value : {"abc", "", "0,6", "0.6 # c"}) {
        const std::string line = std::string("balance_cost_factor = ") + value + "\n";
        BOOST_TEST(problems_in(line, Family::v1) == "balance_cost_factor:number:1.0:2", value);
        BOOST_TEST(problems_in(line, Family::v2) == "balance_cost_factor:number:0.6:2", value);
        BOOST_TEST(problems_in(line, Family::v3) == "", value);
    }
}

BOOST_AUTO_TEST_CASE(the_factor_is_clamped) {
    BOOST_TEST(problems_in("balance_cost_factor = 0\n", Family::v1) == "balance_cost_factor:range:0.0001:2");
    BOOST_TEST(problems_in("balance_cost_factor = 101\n", Family::v1) == "balance_cost_factor:range:100.0:2");
    BOOST_TEST(problems_in("balance_cost_factor = 100\n", Family::v1) == "");
}

BOOST_AUTO_TEST_CASE(counts_and_switches) {
    BOOST_TEST(problems_in("max_workers = 0\n", Family::v3) == "max_workers:not-positive::2");
    BOOST_TEST(problems_in("max_workers = 2.5\n", Family::v3) == "max_workers:whole-number::2");
    BOOST_TEST(problems_in("bypass_proxy = ON\n", Family::v3) == "");
    BOOST_TEST(problems_in("bypass_proxy = maybe\n", Family::v3) == "bypass_proxy:switch::2");
    BOOST_TEST(problems_in("bypass_proxy = maybe\n", Family::v1) == "");
    BOOST_TEST(problems_in("max_workers = x\n", Family::fork) == "");
}

BOOST_AUTO_TEST_CASE(a_percent_sign_in_an_option_that_is_read) {
    BOOST_TEST(problems_in("max_workers = 8%a\n", Family::v2) == "max_workers:interpolation::2");
    BOOST_TEST(problems_in("modelscope_api_key = 8%a\n", Family::v2) == "");
}

BOOST_AUTO_TEST_CASE(the_address_of_v2_is_masked_and_of_a_fork_plain) {
    Install v2;
    v2.family = Family::v2;
    // base64 of "http://a", each byte XOR 7.
    const IniFile file = IniFile::parse("[gemini]\napi_base_url_enc = b3Nzdz0oKGY=\napi_base_url = https://b\n");
    BOOST_TEST(base_url_of(file, kPluginSection, &v2).value_or("") == "http://a");
    Install fork;
    fork.family = Family::fork;
    fork.plain_url_option = "api_base_url";
    BOOST_TEST(base_url_of(file, kPluginSection, &fork).value_or("") == "https://b");
    Install v3;
    v3.family = Family::v3;
    BOOST_TEST(!base_url_of(file, kPluginSection, &v3).has_value());
    BOOST_TEST(problems_in("api_base_url_enc = %%%\n", Family::v2) != "");
}

BOOST_AUTO_TEST_SUITE_END()
