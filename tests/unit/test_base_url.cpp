#include "base_path.hpp"
#include "base_url.hpp"

#include "banana/cause.hpp"
#include "support/run_check.hpp"
#include "support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace banana;
using banana::test::CheckStage;

namespace {

constexpr const char* kOldLine = "https://hk-api.aabao.top";
constexpr const char* kNewLine = "https://api.xinbao-ai.com";
const std::vector<std::string> kLabelsOf2025{"香港专线", "直连美区", "CF专线"};
const std::vector<std::string> kLabelsOf2026{"香港专线(旧渠道)", "直连美区(旧渠道)", "心宝❤新渠道"};

struct Case : CheckStage {
    Install& install(Family family, std::string version = {}) {
        context.found.install.emplace();
        context.found.install->family = family;
        context.found.install->version = std::move(version);
        return *context.found.install;
    }
    NodeFacts& node(std::vector<std::string> labels, std::string default_line) {
        context.found.node.emplace();
        context.found.node->service_lines = std::move(labels);
        context.found.node->default_service_line = std::move(default_line);
        return *context.found.node;
    }
    UpstreamTarget target() { return upstream_target(context); }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(the_line_that_the_page_shows_first_is_under_test, Case) {
    install(Family::v3, "V0.09");
    node(kLabelsOf2025, "香港专线");
    BOOST_TEST(target().base_url == kOldLine);
    BOOST_TEST(target().is_certain);
    // What the install shows outranks what is known of its version.
    node(kLabelsOf2026, "心宝❤新渠道");
    BOOST_TEST(target().base_url == kNewLine);
    BOOST_TEST(target().service_line == "心宝❤新渠道");
    BOOST_TEST((target().service_line_from == Provenance::observed));
    options.service_line = "香港专线(旧渠道)";
    BOOST_TEST(target().base_url == kOldLine);
}

BOOST_FIXTURE_TEST_CASE(the_line_that_the_script_sends_itself_outranks_the_nodes_box, Case) {
    Install& plugin = install(Family::v3, "V0.2.10");
    node(kLabelsOf2026, "心宝❤新渠道");
    plugin.page.line = "香港专线(旧渠道)";
    BOOST_TEST(target().base_url == kOldLine);
    BOOST_TEST(target().is_certain);
    plugin.page.line.clear();
    plugin.page.is_line_unclear = true;
    BOOST_TEST(!target().is_certain);
}

BOOST_FIXTURE_TEST_CASE(a_split_release_that_reads_the_pages_address_asks_it, Case) {
    Install& plugin = install(Family::v2);
    plugin.default_base_url = "https://api.aabao.top";
    plugin.page.address = "https://m.example.net";
    BOOST_TEST(target().base_url == "https://api.aabao.top");
    plugin.route_parameters = {"api_key", "base_url"};
    BOOST_TEST(target().base_url == "https://m.example.net");
}

BOOST_FIXTURE_TEST_CASE(labels_are_mapped_as_the_release_maps_them, Case) {
    install(Family::v3);
    for (const char* label : {"测试高速渠道(key不通用)", "心宝测试新渠道", "心宝❤测试新渠道（Key不通用）"}) {
        options.service_line = label;
        node(kLabelsOf2026, "心宝❤新渠道");
        BOOST_TEST(target().base_url == kNewLine, label);
        node(kLabelsOf2025, "香港专线");
        BOOST_TEST(target().base_url == kOldLine, label);
    }
    options.service_line = "直连美区(旧渠道)";
    BOOST_TEST(target().base_url == kOldLine);  // a label that the releases of 2025 do not know
    node(kLabelsOf2026, "心宝❤新渠道");
    BOOST_TEST(target().base_url == "https://api.aabao.top");
    options.service_line = "hidden";
    BOOST_TEST(target().base_url == "https://api666.zeabur.app");
}

BOOST_FIXTURE_TEST_CASE(without_a_server_the_version_decides_where_it_is_known, Case) {
    const auto host = [&](const char* version) {
        install(Family::v3, version);
        return target().is_certain ? target().base_url : std::string();
    };
    BOOST_TEST(host("V0.09") == kOldLine);
    BOOST_TEST(host("V0.1.3") == kOldLine);
    BOOST_TEST(host("V0.2.10") == kNewLine);
    BOOST_TEST(host("V0.3.4") == kNewLine);
    for (const char* unknown : {"", "V0.1.9", "V0.2.6", "V0.3.5", "V0.4", "V1.0", "next"}) {
        BOOST_TEST(host(unknown).empty(), unknown);
    }
}

BOOST_FIXTURE_TEST_CASE(a_newer_release_is_not_taken_for_a_known_one, Case) {
    install(Family::v3, "V0.4.0");
    node(kLabelsOf2026, "心宝❤新渠道");
    BOOST_TEST(!target().is_certain);
    BOOST_TEST(other_lines(context, target()).empty());
}

BOOST_FIXTURE_TEST_CASE(the_source_maps_its_own_lines_and_no_other_dictionary_is_one, Case) {
    Install& own = install(Family::v3, "V0.4.0");
    own.service_lines = {{"Referer", "https://elsewhere.example.net"},
                         {"香港专线", "https://hk.example.net"},
                         {"hidden", "https://hidden.example.net"}};
    own.addresses = {"https://elsewhere.example.net", "https://hk.example.net", "https://hidden.example.net"};
    BOOST_TEST(!target().is_certain);  // which line the page shows first is not known
    node({"香港专线"}, "香港专线");
    BOOST_TEST(target().base_url == "https://hk.example.net");
    BOOST_TEST(target().is_certain);
    BOOST_TEST(other_lines(context, target()).empty());
}

BOOST_FIXTURE_TEST_CASE(a_source_that_names_other_addresses_is_not_of_the_table, Case) {
    install(Family::v3, "V0.2.10").addresses = {"https://api.example.net"};
    node(kLabelsOf2026, "心宝❤新渠道");
    BOOST_TEST(!target().is_certain);
}

BOOST_FIXTURE_TEST_CASE(other_lines_are_those_that_the_install_offers, Case) {
    install(Family::v3, "V0.2.10");
    node(kLabelsOf2026, "心宝❤新渠道");
    const std::vector<OfferedLine> others = other_lines(context, target());
    BOOST_REQUIRE(others.size() == 2U);
    BOOST_TEST(others[0].label == "香港专线(旧渠道)");
    BOOST_TEST(others[0].base_url == kOldLine);
    node(kLabelsOf2025, "香港专线");
    for (const OfferedLine& line : other_lines(context, target())) {
        BOOST_TEST(line.base_url != kNewLine);
    }
    options.base_url = "https://api.example.net";
    BOOST_TEST(other_lines(context, target()).empty());
}

BOOST_FIXTURE_TEST_CASE(the_box_of_early_v1_names_the_host_and_later_ones_ignore_it, Case) {
    Install& v1 = install(Family::v1);
    v1.default_base_url = "https://constant.example.net";
    v1.route_parameters = {"base_url"};
    node({}, {}).base_url = "https://box.example.net/";
    BOOST_TEST(target().base_url == "https://box.example.net");
    v1.route_parameters = {"api_key"};
    BOOST_TEST(target().base_url == "https://constant.example.net");
    context.found.config.emplace();
    context.found.config->base_url = "https://config.example.net";
    BOOST_TEST(target().base_url == "https://config.example.net");
}

BOOST_FIXTURE_TEST_CASE(no_key_where_no_button_or_no_host_is_known, Case) {
    BOOST_TEST(!target().is_certain);
    install(Family::fork).default_base_url = "https://fork.example.net";
    BOOST_TEST(!target().is_certain);
    BOOST_TEST(target().base_url == "https://fork.example.net");
    install(Family::v2);
    BOOST_TEST(!target().is_certain);  // its constant was not found
    context.found.install->default_base_url = "https://v2.example.net";
    BOOST_TEST(target().is_certain);
    // Another folder's node says nothing of this one.
    install(Family::v3, "V0.1.3");
    node(kLabelsOf2026, "心宝❤新渠道");
    context.found.server.emplace();
    context.found.server->is_examined_install = false;
    BOOST_TEST(target().base_url == kOldLine);
}

// Where the source may take the address from elsewhere, nobody knows where the key would go.
BOOST_FIXTURE_TEST_CASE(a_default_beside_another_address_is_no_certain_one, Case) {
    Install& plugin = install(Family::v1);
    plugin.default_base_url = "https://xinbaoapi.feng1994.xin";
    plugin.route_parameters = std::vector<std::string>{"base_url"};
    BOOST_TEST(target().is_certain);
    plugin.address_from_elsewhere = true;
    BOOST_TEST(!target().is_certain);
    node({}, {}).base_url = "https://xinbaoapi.feng1994.xin";
    BOOST_TEST(!target().is_certain);
}

BOOST_FIXTURE_TEST_CASE(the_pages_own_address_is_asked, Case) {
    Install& plugin = install(Family::v1);
    plugin.default_base_url = "https://xinbaoapi.feng1994.xin";
    plugin.route_parameters = std::vector<std::string>{"base_url"};
    plugin.page.address = "https://m.example.net/";
    node({}, {}).base_url = "https://xinbaoapi.feng1994.xin";
    BOOST_TEST(target().base_url == "https://m.example.net");
    BOOST_TEST(target().is_certain);
    plugin.route_parameters->clear();  // a later one, which does not read what the page sends
    BOOST_TEST(target().base_url == "https://xinbaoapi.feng1994.xin");
}

// --base-url is this run's own: a plugin that does not read an address from the page asks its own all the same.
BOOST_FIXTURE_TEST_CASE(the_plugin_asks_its_own_address_whatever_is_given, Case) {
    options.base_url = "https://given.example.net";
    install(Family::v3, "V0.2.10");
    node(kLabelsOf2026, "心宝❤新渠道");
    BOOST_TEST(target().base_url == "https://given.example.net");
    BOOST_TEST(plugin_target(context).base_url == kNewLine);
    // What nothing else tells, the user does.
    install(Family::v3, "V0.4.0");
    BOOST_TEST(plugin_target(context).base_url == "https://given.example.net");
    BOOST_TEST(plugin_target(context).service_line == "心宝❤新渠道");
    // The early V1 asks what its page hands on.
    Install& v1 = install(Family::v1);
    v1.default_base_url = "https://constant.example.net";
    v1.route_parameters = {"base_url"};
    BOOST_TEST(plugin_target(context).base_url == "https://constant.example.net");
    context.found.frontend.emplace();
    context.found.frontend->parameters = {"base_url", "refresh"};
    BOOST_TEST(plugin_target(context).base_url == "https://given.example.net");
    v1.route_parameters = {"api_key"};
    BOOST_TEST(plugin_target(context).base_url == "https://constant.example.net");
}

BOOST_FIXTURE_TEST_CASE(the_served_script_outranks_the_one_on_disk, Case) {
    Install& plugin = install(Family::v3, "V0.2.10");
    plugin.page.names_line = true;
    node(kLabelsOf2026, "心宝❤新渠道");
    FrontendScript& served = context.found.frontend.emplace();
    BOOST_TEST(target().base_url == kNewLine);  // what was served was not understood
    served.page.names_line = false;
    BOOST_TEST(target().base_url == kOldLine);  // asked without a line the route takes the first that ever was
    BOOST_TEST(target().is_certain);
    plugin.page.names_line = false;
    served.page.names_line = true;
    BOOST_TEST(target().base_url == kNewLine);
    // Another ComfyUI's page is not that of the examined plugin.
    context.found.server.emplace();
    context.found.server->is_examined_install = false;
    BOOST_TEST(target().base_url == kOldLine);
}

BOOST_FIXTURE_TEST_CASE(a_served_script_without_an_address_leaves_the_nodes_box_unasked, Case) {
    Install& plugin = install(Family::v1);
    plugin.route_parameters = {"refresh", "base_url"};
    plugin.default_base_url = "https://own.example.net";
    node({}, "").base_url = "https://box.example.net";
    BOOST_TEST(target().base_url == "https://box.example.net");
    FrontendScript& served = context.found.frontend.emplace();
    served.page.names_line = false;
    served.parameters = {"refresh", "api_key"};
    BOOST_TEST(target().base_url == "https://own.example.net");
    served.parameters = {"refresh", "base_url"};
    BOOST_TEST(target().base_url == "https://box.example.net");
    served.page.address = "https://page.example.net";
    BOOST_TEST(target().base_url == "https://page.example.net");
}

BOOST_FIXTURE_TEST_CASE(a_plain_option_is_corrected_as_it_stands, Case) {
    const banana::test::TemporaryFolder folder;
    install(Family::fork).plain_url_option = "api_base_url";
    ConfigReading& config = context.found.config.emplace();
    config.file = folder.write("config.ini", "[gemini]\napi_key = x\napi_base_url = https://m.example.net/v1\n");
    config.base_url = "https://m.example.net/v1";
    UpstreamTarget asked;
    asked.base_url = *config.base_url;
    asked.place = AddressPlace::config;
    Finding finding(Cause::upstream_not_json);
    blame_the_base_path(context, asked, finding);
    BOOST_TEST(finding.args.at("variant").as_string() == "base-path-plain");
    BOOST_TEST(finding.args.at("option").as_string() == "api_base_url");
    BOOST_TEST(finding.args.at("line").as_int64() == 3);
    BOOST_TEST(!finding.args.contains("encoded"));
    // Where no line is seen to hold it, none is named.
    folder.write("config.ini", "[gemini]\napi_key = x\n");
    Finding unplaced(Cause::upstream_not_json);
    blame_the_base_path(context, asked, unplaced);
    BOOST_TEST(unplaced.args.at("variant").as_string() == "base-path-given");
    BOOST_TEST(!unplaced.args.contains("line"));
}
