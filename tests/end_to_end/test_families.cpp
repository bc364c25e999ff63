// Every family of the plugin with every kind of fault: the cause, and which hosts saw a key.
//
// A key may be seen by the host that the family's button asks and, after a refusal, by the hosts of the other lines
// that the family itself offers; by no other, whatever is broken.
#include "banana/cause.hpp"
#include "banana/lookup.hpp"
#include "banana/variant.hpp"
#include "scenario.hpp"
#include "self_test.hpp"
#include "world.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace banana;
using namespace banana::world;

struct FamilyCase {
    std::string_view name;
    PluginKind kind;
    std::string_view button_host;
    std::set<std::string> other_hosts;  // of its other lines
    std::string_view version;
};

const std::vector<FamilyCase>& families() {
    static const std::set<std::string> old_lines{"hk-api.aabao.top", "api.aabao.top", "cf-api.aabao.top"};
    static const std::set<std::string> all_lines{"hk-api.aabao.top", "api.aabao.top", "cf-api.aabao.top",
                                                 "api.xinbao-ai.com"};
    static const std::vector<FamilyCase> cases{
        {"V1 of the report", PluginKind::v1_report, "xinbaoapi.feng1994.xin", {}, "V0.03"},
        {"late V1", PluginKind::v1_late, "xinbaoapi.feng1994.xin", {}, "V0.03"},
        {"V2", PluginKind::v2, "api.aabao.top", {}, "V0.03"},
        {"V3 of 2025", PluginKind::v3, "hk-api.aabao.top", old_lines, "V0.09"},
        {"white label", PluginKind::white_label, "hk-api.aabao.top", old_lines, "V0.1.3"},
        {"0.2.10", PluginKind::v3_2026, "api.xinbao-ai.com", all_lines, "V0.2.10"},
        {"0.3.4", PluginKind::v3_class, "api.xinbao-ai.com", all_lines, "V0.3.4"},
        {"fork with a route", PluginKind::fork_with_route, "mirror.example.net", {}, "V0.04"},
    };
    return cases;
}

struct FaultCase {
    std::string_view name;
    void (*inject)(const FamilyCase&, WorldFaults&);
    Verdict verdict;
    std::optional<Cause> primary;
    bool reaches_lines = false;  // a refusal, after which the other lines are asked
};

std::string configured(const FamilyCase& family, std::string_view key) {
    const bool is_fork = family.kind == PluginKind::fork_with_route;
    return "[gemini]\napi_key = " + std::string(key) + "\n" +
           (is_fork ? "api_base_url = https://mirror.example.net\n" : "");
}

const std::vector<FaultCase>& faults() {
    static const std::vector<FaultCase> cases{
        {"healthy", [](const FamilyCase&, WorldFaults&) {}, Verdict::healthy, std::nullopt},
        {"sample key",
         [](const FamilyCase& family, WorldFaults& world) {
             world.plugin.config = configured(family, "YOUR_API_KEY_HERE");
         },
         Verdict::broken, Cause::config_key_placeholder},
        {"no config.ini", [](const FamilyCase&, WorldFaults& world) { world.plugin.config.reset(); }, Verdict::broken,
         Cause::config_file_missing},
        {"no key",
         [](const FamilyCase& family, WorldFaults& world) {
             const std::string whole = configured(family, "");
             world.plugin.config = "[gemini]\n" + whole.substr(whole.find("= \n") + 3);
         },
         Verdict::broken, Cause::config_key_missing},
        {"byte order mark",
         [](const FamilyCase& family, WorldFaults& world) {
             world.plugin.config = "\xEF\xBB\xBF" + configured(family, "{key}");
         },
         Verdict::broken, Cause::config_bom},
        {"refused key",
         [](const FamilyCase& family, WorldFaults& world) { world.plugin.config = configured(family, "{other-key}"); },
         Verdict::broken, Cause::upstream_key_rejected, true},
        {"as node, good key",
         [](const FamilyCase& family, WorldFaults& world) {
             world.plugin.config = configured(family, "YOUR_API_KEY_HERE");
             world.run.give_key = true;
             world.run.as_node = true;
         },
         Verdict::attention, std::nullopt},
        {"as node, refused key",
         [](const FamilyCase&, WorldFaults& world) {
             world.run.give_other_key = true;
             world.run.as_node = true;
         },
         Verdict::broken, Cause::upstream_key_rejected, true},
        {"ComfyUI off", [](const FamilyCase&, WorldFaults& world) { world.comfyui.state = ComfyuiState::down; },
         Verdict::broken, Cause::local_server_down},
        {"no such name", [](const FamilyCase&, WorldFaults& world) { world.upstream.reach = Reach::no_such_name; },
         Verdict::broken, Cause::upstream_dns_failure},
        {"two copies", [](const FamilyCase&, WorldFaults& world) { world.plugin.second_folder = "comfyui-banana-li"; },
         Verdict::broken, Cause::install_plugin_duplicate},
    };
    return cases;
}

// V1 of the report reads no key of the request; two copies of the compiled families only warn.
void adjust(const FamilyCase& family, FaultCase& fault) {
    if (family.kind == PluginKind::v1_report && fault.name.starts_with("as node")) {
        fault.primary = Cause::frontend_key_not_sent;
        fault.verdict = Verdict::broken;
        fault.reaches_lines = true;
        if (fault.name == "as node, refused key") {
            fault.primary = Cause::upstream_key_rejected;
        }
    }
    // What a user of that release would ask: why the node's key changes nothing.
    if (family.kind == PluginKind::v1_report && fault.name == "healthy") {
        fault.verdict = Verdict::attention;
    }
    if (fault.name == "two copies" && is_v3(family.kind)) {
        fault.verdict = Verdict::attention;
        fault.primary.reset();
    }
}

const DiagnosedCause* find_other(const Diagnosis& diagnosis, Cause code) {
    const auto found = std::find_if(diagnosis.others.begin(), diagnosis.others.end(),
                                    [&](const DiagnosedCause& other) { return other.finding.code == code; });
    return found == diagnosis.others.end() ? nullptr : &*found;
}

std::string shown(const Diagnosis& diagnosis) {
    return diagnosis.primary ? std::string(code_of(diagnosis.primary->finding.code))
                             : std::string(verdict_name(diagnosis.verdict));
}

std::string joined(const std::set<std::string>& hosts) {
    std::string all;
    for (const std::string& host : hosts) {
        all += (all.empty() ? "" : " ") + host;
    }
    return all.empty() ? "-" : all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(each_family_with_each_fault) {
    for (const FamilyCase& family : families()) {
        for (FaultCase fault : faults()) {
            adjust(family, fault);
            BOOST_TEST_CONTEXT(family.name << ": " << fault.name) {
                WorldFaults setting;
                setting.plugin.kind = family.kind;
                setting.plugin.config = configured(family, "{key}");
                fault.inject(family, setting);
                const World world(setting);
                const Report report = diagnose_world(world, "en");
                BOOST_TEST(verdict_name(report.diagnosis.verdict) == verdict_name(fault.verdict));
                const Cause none = Cause::internal_check_failed;
                const Cause primary = report.diagnosis.primary ? report.diagnosis.primary->finding.code : none;
                BOOST_TEST(code_of(primary) == code_of(fault.primary.value_or(none)));
                BOOST_TEST(report.subject.plugin_version == family.version);
                const CheckResult* query = find_check(report.checks, check_id::upstream_api);
                BOOST_REQUIRE(query != nullptr);
                const std::string asked = boost::json::serialize(query->facts);
                BOOST_TEST(asked.find("https://" + std::string(family.button_host) + "/") != std::string::npos, asked);
                if (fault.primary == Cause::config_file_missing) {
                    // The query of this run made the plugin write one; the fork has no such code.
                    const bool writes = family.kind != PluginKind::fork_with_route;
                    const Variant variant = variant_of(report.diagnosis.primary->finding);
                    BOOST_TEST((variant == (writes ? Variant::just_written : Variant::example)));
                }
                if (family.kind == PluginKind::fork_with_route && fault.primary == Cause::config_key_placeholder) {
                    // The corrected file keeps the fork's address.
                    const auto& evidence = report.diagnosis.primary->finding.evidence;
                    BOOST_TEST(std::any_of(evidence.begin(), evidence.end(), [](const Evidence& line) {
                        return line.value.find("api_base_url = https://mirror.example.net") != std::string::npos;
                    }));
                }
                if (fault.primary == Cause::local_server_down) {
                    BOOST_TEST(!report.diagnosis.primary->remedy.restart);  // it is started by the step before
                }
                // That the plugin's own query fails is a symptom of each of these faults.
                BOOST_TEST((report.diagnosis.verdict != Verdict::broken ||
                            find_other(report.diagnosis, Cause::proxy_upstream_failed) == nullptr));
                std::set<std::string> allowed{std::string(family.button_host)};
                if (fault.reaches_lines) {
                    allowed.insert(family.other_hosts.begin(), family.other_hosts.end());
                }
                const std::set<std::string> seen = world.key_hosts();
                BOOST_TEST(std::includes(allowed.begin(), allowed.end(), seen.begin(), seen.end()), joined(seen));
                std::cout << std::left << std::setw(18) << family.name << std::setw(22) << fault.name << std::setw(26)
                          << shown(report.diagnosis) << joined(seen) << '\n';
            }
        }
    }
}

// A key of an old line after an update whose default is the new one, and the other way round.
BOOST_AUTO_TEST_CASE(a_key_of_another_line) {
    struct Case {
        PluginKind kind;
        std::string_view knows, line;
    };
    for (const Case& each : {Case{PluginKind::v3_2026, "hk-api.aabao.top", "香港专线(旧渠道)"},
                             Case{PluginKind::v3_class, "cf-api.aabao.top", "CF专线(旧渠道)"},
                             Case{PluginKind::v3, "api.aabao.top", "直连美区"}}) {
        WorldFaults setting;
        setting.plugin.kind = each.kind;
        setting.upstream.hosts_that_know_the_key = {std::string(each.knows)};
        const World world(setting);
        const Report report = diagnose_world(world, "en");
        BOOST_REQUIRE(report.diagnosis.primary.has_value());
        BOOST_TEST(code_of(report.diagnosis.primary->finding.code) == code_of(Cause::upstream_key_of_other_line));
        BOOST_TEST(report.diagnosis.primary->finding.args.at("right_line").as_string() == each.line);
    }
}

// What the running server shows first is what the button asks, whatever is known of the release.
BOOST_AUTO_TEST_CASE(the_line_that_the_server_shows_first_is_asked) {
    WorldFaults setting;
    setting.plugin.kind = PluginKind::v3_2026;
    setting.plugin.shown_service_line = "直连美区(旧渠道)";
    setting.upstream.hosts_that_know_the_key = {"api.aabao.top"};
    const World world(setting);
    const Report report = diagnose_world(world, "en");
    BOOST_TEST(verdict_name(report.diagnosis.verdict) == "healthy");
    BOOST_TEST(joined(world.key_hosts()) == "api.aabao.top");
    BOOST_TEST(plugin_text(report.subject, "line") == setting.plugin.shown_service_line);
}

// The address of config.ini, not the one that the fork's own source falls back to.
BOOST_AUTO_TEST_CASE(a_forks_configured_address_is_asked) {
    WorldFaults setting;
    setting.plugin.kind = PluginKind::fork_with_route;
    setting.plugin.config = "[gemini]\napi_key = {key}\napi_base_url = https://cf-api.aabao.top\n";
    const World world(setting);
    const Report report = diagnose_world(world, "en");
    BOOST_TEST(joined(world.key_hosts()) == "cf-api.aabao.top");
    BOOST_TEST(plugin_text(report.subject, "base_url") == "https://cf-api.aabao.top");
}

// Forks without a balance query have no button that would send a key anywhere.
BOOST_AUTO_TEST_CASE(a_fork_without_a_query_sends_no_key) {
    for (const PluginKind kind : {PluginKind::fork, PluginKind::fork_with_address}) {
        WorldFaults setting;
        setting.plugin.kind = kind;
        setting.plugin.config = "[gemini]\napi_key = {key}\napi_base_url = https://mirror.example.net\n";
        const World world(setting);
        const Report report = diagnose_world(world, "en");
        BOOST_REQUIRE(report.diagnosis.primary.has_value());
        BOOST_TEST(code_of(report.diagnosis.primary->finding.code) == code_of(Cause::install_no_balance_feature));
        BOOST_TEST(joined(world.key_hosts()) == "-");
    }
}

// Without the server's word and with a version between those that are known, nobody knows which line the button asks.
BOOST_AUTO_TEST_CASE(an_unknown_release_with_comfyui_off_gets_no_key_sent) {
    for (const std::string_view version : {"0.1.9", "0.9.0"}) {
        WorldFaults setting;
        setting.plugin.kind = PluginKind::v3_2026;
        setting.plugin.replaced_files = {
            {"pyproject.toml", "[project]\nname = \"banana-li\"\nversion = \"" + std::string(version) + "\"\n"}};
        setting.comfyui.state = ComfyuiState::down;
        const World world(setting);
        const Report report = diagnose_world(world, "en");
        BOOST_REQUIRE(report.diagnosis.primary.has_value());
        BOOST_TEST(code_of(report.diagnosis.primary->finding.code) == code_of(Cause::local_server_down));
        BOOST_TEST(joined(world.key_hosts()) == "-");
    }
}

// No key went anywhere, nothing is claimed, and one step says how to go on.
void expect_withheld(const WorldFaults& setting, std::string_view step) {
    const World world(setting);
    const Report report = diagnose_world(world, "en");
    BOOST_TEST(verdict_name(report.diagnosis.verdict) == "inconclusive");
    BOOST_TEST(joined(world.key_hosts()) == "-");
    const auto& steps = report.diagnosis.narrative.next_steps;
    BOOST_REQUIRE_EQUAL(steps.size(), 1U);
    BOOST_TEST(steps.front().id == step);
}

// Asked without the line that the page would name, the plugin would send its key to a line of its own choice.
BOOST_AUTO_TEST_CASE(a_line_that_nobody_knows_is_not_asked_through_the_plugin_either) {
    WorldFaults setting;
    setting.plugin.kind = PluginKind::v3_2026;
    setting.plugin.replaced_files = {{"pyproject.toml", "[project]\nname = \"banana-li\"\nversion = \"0.9.0\"\n"}};
    setting.comfyui.hides_nodes = true;
    expect_withheld(setting, "report.try.name-line.running");
}

BOOST_AUTO_TEST_CASE(an_unencrypted_address_in_the_box_gets_no_key_and_no_other_host_either) {
    WorldFaults setting;
    setting.plugin.kind = PluginKind::v1_late;
    setting.plugin.shown_address = "http://mirror.example.net";
    setting.upstream.wire = Wire::plain;
    expect_withheld(setting, "report.try.https");
}

// The lines of the plugin's own source that a report cites, by what stands there.
BOOST_AUTO_TEST_CASE(cited_lines_show_what_they_are_cited_for) {
    struct Cited {
        PluginKind kind;
        std::string_view landmark, file, text;  // empty text: the source shows none, so none is cited
    };
    constexpr std::string_view kNode = "Gemini_Imagen_Generator.py";
    constexpr std::string_view kScript = "web/extensions/token-balance.js";
    const std::vector<Cited> cited{
        {PluginKind::v1_report, "load-config", kNode, "load_config()"},
        {PluginKind::v1_late, "load-config", kNode, "load_config()"},
        {PluginKind::v2, "load-config", kNode, "settings = config_manager.load_config()"},
        {PluginKind::fork_with_route, "load-config", kNode, "or config_manager.get_api_key()"},
        {PluginKind::v1_late, "error-response", kNode, "\"success\": False"},
        {PluginKind::v2, "error-response", kNode, "\"message\": str(failure)"},
        {PluginKind::fork_with_route, "error-response", kNode, "\"message\": str(failure)"},
        {PluginKind::v2, "node-key-priority", kNode, "api_key.strip() or config_manager.load_config()"},
        {PluginKind::fork_with_route, "fetch-usage", kNode, "fetch_token_usage, base_url, key"},
        {PluginKind::v3, "load-config", kNode, ""},
        {PluginKind::v3_class, "error-response", kNode, ""},
        {PluginKind::v1_report, "script-error", kScript, "❌"},
        {PluginKind::v3_2026, "script-error", kScript, "❌"},
        {PluginKind::white_label, "script-fetch", kScript, "api.fetchApi("},
    };
    for (const Cited& each : cited) {
        BOOST_TEST_CONTEXT(static_cast<int>(each.kind) << " " << each.landmark) {
            WorldFaults setting;
            setting.plugin.kind = each.kind;
            setting.comfyui.state = ComfyuiState::down;
            setting.upstream.reach = Reach::refused;
            const World world(setting);
            const Report report = diagnose_world(world, "en");
            const boost::json::value* text =
                find_fact(report.checks, check_id::install_plugin, {"landmarks", each.landmark, "text"});
            BOOST_REQUIRE((text != nullptr) == !each.text.empty());
            if (text != nullptr) {
                const std::string_view shown(text->get_string());
                BOOST_TEST(shown.find(each.text) != std::string_view::npos, shown);
                BOOST_TEST(find_fact(report.checks, check_id::install_plugin, {"landmarks", each.landmark, "file"})
                               ->get_string() == each.file);
            }
        }
    }
}

// What a reader meets of this release is named as this release has it.
BOOST_AUTO_TEST_CASE(a_report_names_the_node_and_the_buttons_of_this_release) {
    struct Named {
        PluginKind kind;
        std::string_view node, key_box, loader;
        std::vector<std::string> buttons;
    };
    const std::vector<Named> cases{
        {PluginKind::v2, "心宝❤Banana", "api_key", "🍌 Banana Node Loader", {"查询余额", "复制微信号", "二维码"}},
        {PluginKind::white_label, "香蕉", "banana_api_key", "香蕉 Loader", {"查询余额"}},
        {PluginKind::v3_class,
         "心宝♥BananaV4",
         "banana_api_key",
         "心宝❤Banana Loader",
         {"查询余额", "兑换积分", "二维码"}},
    };
    for (const Named& each : cases) {
        WorldFaults setting;
        setting.plugin.kind = each.kind;
        const World world(setting);
        const Report report = diagnose_world(world, "en");
        BOOST_TEST(plugin_text(report.subject, "node") == each.node);
        BOOST_TEST(plugin_text(report.subject, "key_box") == each.key_box);
        BOOST_TEST(plugin_text(report.subject, "loader_header") == each.loader);
        const boost::json::value* buttons = plugin_fact(report.subject, "buttons");
        BOOST_REQUIRE(buttons != nullptr);
        BOOST_TEST(boost::json::value_to<std::vector<std::string>>(*buttons) == each.buttons,
                   boost::test_tools::per_element());
        BOOST_TEST(find_member(report.subject.plugin, {"node", "from"})->get_string() == "observed");
    }
}
