// What is known of the plugin's families: hosts of the lines of service, samples, parameters.
#include "known_families.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_known_families)

namespace {

std::string host_of(std::string_view label, LineRules rules) {
    return base_url_of_line(label, rules).value_or("none");
}

}  // namespace

BOOST_AUTO_TEST_CASE(rules_follow_the_offered_labels_before_the_version) {
    const std::vector<std::string> old{"香港专线", "直连美区", "CF专线", "测试高速渠道(key不通用)"};
    const std::vector<std::string> with_new{"香港专线(旧渠道)", "心宝❤新渠道"};
    const std::vector<std::string> other{"香港专线", "某线"};
    BOOST_TEST(bool(line_rules(old, "V0.3.4") == LineRules::old_lines));
    BOOST_TEST(bool(line_rules(with_new, "V0.1.1") == LineRules::new_line));
    BOOST_TEST(bool(line_rules(other, "V0.1.1") == LineRules::unknown));
}

BOOST_AUTO_TEST_CASE(rules_by_version_alone) {
    BOOST_TEST(bool(line_rules({}, "V0.09") == LineRules::old_lines));
    BOOST_TEST(bool(line_rules({}, "V0.1.3") == LineRules::old_lines));
    BOOST_TEST(bool(line_rules({}, "V0.2.9") == LineRules::unknown));
    BOOST_TEST(bool(line_rules({}, "V0.2.10") == LineRules::new_line));
    BOOST_TEST(bool(line_rules({}, "V0.3.5") == LineRules::unknown));
    BOOST_TEST(bool(line_rules({}, "") == LineRules::unknown));
    BOOST_TEST(is_newer_than_known("0.3.5"));
    BOOST_TEST(!is_newer_than_known("V0.3.4"));
}

BOOST_AUTO_TEST_CASE(old_releases_ask_the_first_line_for_what_they_do_not_know) {
    BOOST_TEST(host_of("直连美区", LineRules::old_lines) == "https://api.aabao.top");
    BOOST_TEST(host_of("CF", LineRules::old_lines) == "https://cf-api.aabao.top");
    for (const char* label : {"", "hk", "直连美区(旧渠道)", "心宝❤新渠道", "测试高速渠道(key不通用)"}) {
        BOOST_TEST(host_of(label, LineRules::old_lines) == "https://hk-api.aabao.top", label);
    }
    BOOST_TEST(host_of("hidden", LineRules::old_lines) == "https://api666.zeabur.app");
}

BOOST_AUTO_TEST_CASE(new_releases_map_the_labels_of_old_workflows) {
    for (const char* label :
         {"心宝❤新渠道", "测试高速渠道(key不通用)", "心宝测试新渠道", "心宝❤测试新渠道(Key不通用)"}) {
        BOOST_TEST(host_of(label, LineRules::new_line) == "https://api.xinbao-ai.com", label);
    }
    BOOST_TEST(host_of("直连美区(旧渠道)", LineRules::new_line) == "https://api.aabao.top");
    BOOST_TEST(host_of("直连美区", LineRules::unknown) == "none");
    BOOST_TEST(default_line_of(LineRules::new_line) == "心宝❤新渠道");
    BOOST_TEST(default_line_of(LineRules::old_lines) == "香港专线");
}

BOOST_AUTO_TEST_CASE(samples_that_a_family_knows) {
    BOOST_TEST(plugin_knows_sample(Family::v1, std::nullopt, "your-api-key-here"));
    BOOST_TEST(!plugin_knows_sample(Family::v1, std::nullopt, "YOUR_API_KEY_HERE"));
    BOOST_TEST(plugin_knows_sample(Family::v1, true, "YOUR_API_KEY_HERE"));
    BOOST_TEST(plugin_knows_sample(Family::v3, std::nullopt, "Your Api Key Here"));
    BOOST_TEST(!plugin_knows_sample(Family::v3, std::nullopt, "YOUR_API_KEY"));
    BOOST_TEST(!plugin_knows_sample(Family::v2, std::nullopt, "\"YOUR_API_KEY_HERE\""));
    BOOST_TEST(!plugin_knows_sample(Family::fork, std::nullopt, "you api_key"));
}

BOOST_AUTO_TEST_CASE(keys_for_drawing_only) {
    BOOST_TEST(is_key_for_drawing_only(Family::v3, "fixsk-a"));
    BOOST_TEST(!is_key_for_drawing_only(Family::v3, "666a"));
    BOOST_TEST(is_key_for_drawing_only(Family::v2, "666a"));
    BOOST_TEST(!is_key_for_drawing_only(Family::v1, "fixsk-a"));
}

BOOST_AUTO_TEST_CASE(the_parameter_that_carries_the_key) {
    Install install;
    install.family = Family::v1;
    BOOST_TEST(key_parameter_of(&install) == "");
    install.family = Family::v2;
    BOOST_TEST(key_parameter_of(&install) == "api_key");
    install.family = Family::v3;
    BOOST_TEST(key_parameter_of(&install) == "banana_api_key");
    install.route_parameters = std::vector<std::string>{"api_key", "route"};
    BOOST_TEST(key_parameter_of(&install) == "api_key");
    BOOST_TEST(key_parameter_of(nullptr) == "");
}

BOOST_AUTO_TEST_SUITE_END()
