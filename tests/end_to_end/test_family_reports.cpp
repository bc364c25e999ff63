// What reports say of the families: sentences that were once untrue of the install or the run at hand.
#include "assemble.hpp"
#include "banana/cause.hpp"
#include "banana/lookup.hpp"
#include "catalog.hpp"
#include "markdown.hpp"
#include "scenario.hpp"
#include "self_test.hpp"
#include "ticket_head.hpp"
#include "world.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <string_view>

namespace {

using namespace banana;
using namespace banana::world;

Report report_of(const WorldFaults& setting) {
    const World world(setting);
    return diagnose_world(world, "en");
}

std::string text_of(const Report& report) {
    return write_markdown(report, Data::left_out);
}

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

// The same run as another system would have made it.
std::string text_on(Report report, std::string_view system) {
    report.subject.environment["os"] = system;
    assemble(report);
    return text_of(report);
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
    const std::size_t at = text.find(what);
    return at == std::string::npos ? text : text.replace(at, what.size(), with);
}

// A release whose page asks in a way of its own; the route of the known releases is not there.
WorldFaults with_script(std::string_view what, std::string_view with) {
    WorldFaults setting;
    setting.plugin.kind = PluginKind::v3_class;
    setting.plugin.late_route = true;
    setting.plugin.replaced_files = {
        {"web/extensions/token-balance.js", replaced(table::page_script_of(PluginKind::v3_class), what, with)}};
    return setting;
}

WorldFaults family(PluginKind kind) {
    WorldFaults setting;
    setting.plugin.kind = kind;
    return setting;
}

}  // namespace

// The page of the first releases drops the node's key: what the button does works all the same.
BOOST_AUTO_TEST_CASE(a_query_that_works_with_the_stored_key_is_not_said_to_fail) {
    for (const bool refused : {true, false}) {
        WorldFaults setting = family(PluginKind::v1_report);
        setting.plugin.config = "[gemini]\napi_key = {key}\n";
        setting.run.give_other_key = refused;
        setting.run.give_key = !refused;
        setting.run.as_node = true;
        const Report report = report_of(setting);
        BOOST_TEST(report.diagnosis.narrative.headline.id == "verdict.broken.headline.stored-key-works");
        const std::string text = text_of(report);
        BOOST_TEST(!has(text, "The balance query fails"));
        BOOST_TEST(!has(text, "returns a failure"));
        // Where the key under test is not the one that was asked with, the amount is not its own.
        BOOST_TEST(amount_shown(report).empty() == refused);
    }
}

BOOST_AUTO_TEST_CASE(results_are_numbered_without_gaps) {
    WorldFaults setting = family(PluginKind::v2);
    setting.comfyui.state = ComfyuiState::down;
    const std::string text = text_of(report_of(setting));
    BOOST_TEST(has(text, "### 1. API test"));
    BOOST_TEST(has(text, "### 2. All checks"));
    BOOST_TEST(!has(text, "### 3."));
}

BOOST_AUTO_TEST_CASE(a_note_stands_in_a_line_of_its_own) {
    WorldFaults setting = family(PluginKind::v2);
    setting.run.give_key = true;
    setting.run.as_node = true;
    BOOST_TEST(has(text_of(report_of(setting)), "/api/usage/token`\n- Note: a key that is typed into a node"));
}

BOOST_AUTO_TEST_CASE(steps_are_those_of_the_system_at_hand) {
    WorldFaults marked = family(PluginKind::v3);
    marked.plugin.config = "\xEF\xBB\xBF[gemini]\napi_key = {key}\n";
    const Report with_mark = report_of(marked);
    for (const std::string_view unix_like : {"Linux 6.1", "macOS 14"}) {
        BOOST_TEST(!has(text_on(with_mark, unix_like), "Notepad"));
        BOOST_TEST(!has(text_on(with_mark, unix_like), "nano "));
    }
    const std::string on_windows = text_on(with_mark, "Windows 11");
    BOOST_TEST(has(on_windows, "in Notepad, choose"));
    BOOST_TEST(!has(on_windows, "Kate"));

    WorldFaults nameless = family(PluginKind::v3);
    nameless.upstream.reach = Reach::no_such_name;
    const Report without_name = report_of(nameless);
    BOOST_TEST(!has(text_on(without_name, "Linux 6.1"), "Windows"));
    BOOST_TEST(has(text_on(without_name, "Windows 11"), "drivers\\etc\\hosts"));
}

// The plugin writes the file at its first query, which this run made.
BOOST_AUTO_TEST_CASE(a_file_that_was_just_written_is_not_said_to_be_missing) {
    WorldFaults setting = family(PluginKind::v2);
    setting.plugin.config.reset();
    const std::string text = text_of(report_of(setting));
    BOOST_TEST(has(text, "There was no config.ini; the new one holds only the sample"));
    BOOST_TEST(!has(text, "There is no config.ini"));
}

// Without a file a fork sends what its own source holds for a sample: no "invalid key" of the user's.
BOOST_AUTO_TEST_CASE(a_forks_own_sample_is_named_as_such) {
    WorldFaults setting = family(PluginKind::fork_with_route);
    setting.plugin.config.reset();
    const std::string text = text_of(report_of(setting));
    BOOST_TEST(has(text, "the plugin sends the sample of its own source"));
    BOOST_TEST(!has(text, "this invalid key"));
}

// Which copy answers is seen, or said not to be known: no command may take the right one out.
BOOST_AUTO_TEST_CASE(of_two_copies_the_one_that_answers_is_kept) {
    for (const PluginKind kind : {PluginKind::v3, PluginKind::v3_2026, PluginKind::v3_class}) {
        WorldFaults setting = family(kind);
        setting.plugin.second_folder = "comfyui-banana-a";  // its name would come first, and it is loaded second
        const std::string unseen = text_of(report_of(setting));
        BOOST_TEST(has(unseen, "which one that is could not be seen"));
        BOOST_TEST(!has(unseen, ".disabled comfyui"));
        BOOST_TEST(!has(unseen, "mv "));

        setting.run.give_comfyui_url = true;
        const Report report = report_of(setting);
        BOOST_TEST(has(report.subject.plugin_dir, "comfyui-banana-gemini"));
        const std::string seen = text_of(report);
        BOOST_TEST(has(seen, "The one that answers balance queries is"));
        BOOST_TEST(has(seen, "comfyui-banana-a.disabled"));
        BOOST_TEST(!has(seen, "comfyui-banana-gemini.disabled"));
    }
}

// That a page asks elsewhere, or with another method, makes a 404 on the known route no proof of anything.
BOOST_AUTO_TEST_CASE(a_page_that_asks_in_another_way_is_not_said_to_lack_its_route) {
    for (const auto& [what, with] :
         {std::pair{"/banana/token_usage", "/xyz/token_usage"},
          std::pair{"method: \"GET\"", "method: \"POST\", body: JSON.stringify({ apiKey })"}}) {
        const Report report = report_of(with_script(what, with));
        BOOST_TEST(verdict_name(report.diagnosis.verdict) == "inconclusive");
        BOOST_TEST(has(text_of(report), "asks for the balance in a way that this tool does not know"));
    }
}

BOOST_AUTO_TEST_CASE(a_key_that_may_travel_in_a_header_is_not_said_to_be_lost) {
    WorldFaults setting = with_script("&banana_api_key=${encodeURIComponent(apiKey)}", "");
    setting.plugin.replaced_files.front().text =
        replaced(setting.plugin.replaced_files.front().text, "{ method: \"GET\" }",
                 "{ method: \"GET\", headers: { \"X-Banana-Key\": apiKey } }");
    setting.plugin.late_route = false;
    const Report report = report_of(setting);
    BOOST_TEST((find_finding(report.checks, Cause::frontend_key_not_sent) == nullptr));
}

// A fork that keeps its key under other names: what [gemini] lacks is no fault.
BOOST_AUTO_TEST_CASE(other_names_for_the_key_are_no_missing_section) {
    for (const auto& [section, option] : {std::pair{"banana", "api_key"}, std::pair{"gemini", "access_token"}}) {
        WorldFaults setting = family(PluginKind::fork_with_route);
        setting.plugin.config = "[" + std::string(section) + "]\n" + option + " = {key}\n";
        setting.plugin.replaced_files = {
            {"config_manager.py",
             "import configparser\n\n\ndef get_api_key():\n    parser = configparser.ConfigParser()\n"
             "    parser.read(\"config.ini\")\n    return parser.get(\"" +
                 std::string(section) + "\", \"" + option +
                 "\")\n\n\ndef get_base_url():\n    return \"https://mirror.example.net\"\n"}};
        const Report report = report_of(setting);
        BOOST_TEST((find_finding(report.checks, Cause::config_section_missing) == nullptr));
        BOOST_TEST((find_finding(report.checks, Cause::config_key_missing) == nullptr));
        const std::string text = text_of(report);
        BOOST_TEST(has(text, "reads its key from another file, section or option"));
        BOOST_TEST(!has(text, "Start ComfyUI"));
        // Where such a plugin keeps its address is not known either.
        setting.run.give_key = true;
        const World world(setting);
        const Report with_key = diagnose_world(world, "en");
        BOOST_TEST((flag_fact(with_key.checks, check_id::upstream_api, {"host_known"}) == std::optional(false)));
    }
}

// A guess is no address that the key's status could be from.
BOOST_AUTO_TEST_CASE(a_guessed_address_is_called_one) {
    WorldFaults setting = family(PluginKind::v3_2026);
    setting.plugin.replaced_files = {{"pyproject.toml", "[project]\nname = \"banana-li\"\nversion = \"0.4.0\"\n"}};
    const std::string text = text_of(report_of(setting));
    BOOST_TEST(has(text, "**Balance API**: which address the button asks is not known"));
    BOOST_TEST(has(text, "An address of this service, asked without a key"));
    BOOST_TEST(!has(text, "Start ComfyUI and run again"));
}

BOOST_AUTO_TEST_CASE(lines_are_offered_where_the_plugin_has_them) {
    for (const PluginKind kind : {PluginKind::v1_report, PluginKind::v2, PluginKind::v3_2026}) {
        WorldFaults setting = family(kind);
        setting.upstream.reach = Reach::no_such_name;
        BOOST_TEST(has(text_of(report_of(setting)), "offers several lines") == is_v3(kind));
    }
}

// Which address the release asks is not known: what is met at the one tried in its place is no cause.
BOOST_AUTO_TEST_CASE(what_is_met_at_a_guessed_address_is_no_cause) {
    for (const Reach reach : {Reach::no_such_name, Reach::refused}) {
        WorldFaults setting = family(PluginKind::v3_2026);
        setting.comfyui.hides_nodes = true;
        setting.plugin.replaced_files = {{"pyproject.toml", "[project]\nname = \"banana-li\"\nversion = \"0.9.0\"\n"}};
        setting.upstream.reach = reach;
        const Report report = report_of(setting);
        BOOST_TEST((report.diagnosis.verdict == Verdict::inconclusive));
        const std::string text = text_of(report);
        BOOST_TEST(has(text, "which address this release asks could not be found out"));
        BOOST_TEST(!has(text, "The plugin cannot reach the upstream"));
        BOOST_TEST(!has(text, "nslookup"));
    }
}

// Which line the page's script sends is not known: without a key every line refuses, and none is tried with one.
BOOST_AUTO_TEST_CASE(a_key_that_may_not_leave_goes_to_no_other_line) {
    WorldFaults setting = family(PluginKind::v3_2026);
    setting.plugin.replaced_files = {
        {"web/extensions/token-balance.js",
         replaced(table::page_script_of(PluginKind::v3_2026), "widgetValue(node, \"route\")",
                  "widgetValue(node, \"channel\") || \"直连美区\"")}};
    table::reply_with(setting, 401, "application/json", R"({"error":{"message":"无效的令牌","type":"new_api_error"}})");
    setting.comfyui.state = ComfyuiState::down;  // no query but this tool's
    const World world(setting);
    const Report report = diagnose_world(world, "en");
    BOOST_TEST(world.key_hosts().empty());
    BOOST_TEST(!has(text_of(report), "upstream.key-of-other-line"));
}

// Its own words name the host: what the direct query met there is what it met.
BOOST_AUTO_TEST_CASE(a_guess_that_the_plugins_words_confirm_is_one_no_longer) {
    WorldFaults setting = family(PluginKind::v1_late);
    for (PluginFile& file : plugin_files(PluginKind::v1_late)) {
        if (file.path == "Gemini_Imagen_Generator.py") {
            file.text = replaced(file.text, "\"https://xinbaoapi.feng1994.xin\"", "os.environ[\"ADDRESS\"]");
            setting.plugin.replaced_files.push_back(file);
        }
    }
    setting.upstream.reach = Reach::refused;
    const Report report = report_of(setting);
    BOOST_REQUIRE((flag_fact(report.checks, check_id::upstream_api, {"host_known"}) == std::optional(false)));
    BOOST_REQUIRE(report.diagnosis.primary.has_value());
    BOOST_TEST((report.diagnosis.primary->finding.code == Cause::upstream_connection_refused));
    BOOST_TEST(has(text_of(report), "Nothing accepts connections at xinbaoapi.feng1994.xin"));
}

// --base-url is this tool's own where the plugin takes no address from the page.
BOOST_AUTO_TEST_CASE(a_given_address_is_not_said_to_be_the_plugins) {
    WorldFaults setting = family(PluginKind::v3_2026);
    setting.run.base_url = "https://given.example.net";
    const Report report = report_of(setting);
    const std::string text = text_of(report);
    BOOST_TEST(has(text, "holds for this tool alone; the installed plugin asks"));
    BOOST_TEST(has(text, "`https://api.xinbao-ai.com`"));
    BOOST_TEST(plugin_text(report.subject, "base_url") == "https://api.xinbao-ai.com");
}

// Python cannot write such a key into a header: nothing was sent, and nothing refused.
BOOST_AUTO_TEST_CASE(a_key_that_fits_into_no_header_is_not_said_to_be_refused) {
    for (const PluginKind kind : {PluginKind::v1_late, PluginKind::v2, PluginKind::v3_2026}) {
        WorldFaults setting = family(kind);
        setting.plugin.config = "[gemini]\napi_key = {key}\xe2\x80\x8b\n";
        const Report report = report_of(setting);
        BOOST_REQUIRE(report.diagnosis.primary.has_value());
        BOOST_TEST((report.diagnosis.primary->finding.code == Cause::config_key_malformed));
        const std::string text = text_of(report);
        BOOST_TEST(!has(text, "which refuses it"));
        BOOST_TEST(!has(text, "sends this invalid key"));
        BOOST_TEST(has(text, "nothing is sent to the upstream"));
    }
}

// The key that was refused stands in the node's box, or in the file of the test mode: config.ini is not to be edited.
BOOST_AUTO_TEST_CASE(what_to_do_about_a_refused_key_names_the_place_where_it_stands) {
    WorldFaults setting = family(PluginKind::v2);
    setting.run.give_other_key = true;
    setting.run.as_node = true;
    setting.plugin.config = "[gemini]\napi_key = YOUR_API_KEY_HERE\n";
    const std::string text = text_of(report_of(setting));
    BOOST_TEST(has(text, "the node's key box if the key stands there"));
    BOOST_TEST(!has(text, "put it into config.ini behind"));
}

// The list of exceptions that Python reads is the one in small letters.
BOOST_AUTO_TEST_CASE(an_exception_goes_into_the_list_that_is_in_force) {
    WorldFaults setting = family(PluginKind::v2);
    setting.run.environment = {
        {"https_proxy", "http://127.0.0.1:{closed-port}"}, {"no_proxy", "localhost"}, {"NO_PROXY", "example.net"}};
    BOOST_TEST(has(text_on(report_of(setting), "Linux"), "export no_proxy=\"$no_proxy,api.aabao.top\""));
    BOOST_TEST(has(text_on(report_of(setting), "Windows 11"), "set no_proxy=%no_proxy%,api.aabao.top"));
    setting.run.environment.erase("no_proxy");
    BOOST_TEST(has(text_on(report_of(setting), "Linux"), "export NO_PROXY=\"$NO_PROXY,api.aabao.top\""));
    setting.run.environment.erase("NO_PROXY");
    BOOST_TEST(has(text_on(report_of(setting), "Linux"), "export NO_PROXY=api.aabao.top"));
}

// The balance came: nothing is said to keep it from coming.
BOOST_AUTO_TEST_CASE(what_a_working_query_disproves_has_no_effect) {
    WorldFaults setting = family(PluginKind::v2);
    setting.run.environment = {{"https_proxy", "http://127.0.0.1:{closed-port}"}};
    setting.run.plugin_environment.emplace();
    const Report report = report_of(setting);
    BOOST_TEST((report.diagnosis.verdict == Verdict::attention));
    const std::string text = text_of(report);
    BOOST_TEST(has(text, "The configured proxy does not work"));
    BOOST_TEST(!has(text, "every balance query fails"));
}

// An address is corrected where it is set, which is not in config.ini with every family.
BOOST_AUTO_TEST_CASE(a_wrong_address_is_corrected_where_it_is_set) {
    WorldFaults given = family(PluginKind::v3_2026);
    given.run.base_url = "no address";
    std::string text = text_of(report_of(given));
    BOOST_TEST(has(text, "Correct the address behind `--base-url`"));
    BOOST_TEST(!has(text, "api_base_url_enc"));
    WorldFaults encoded = family(PluginKind::v2);
    encoded.plugin.config = table::config_with_base_url("no address");
    text = text_of(report_of(encoded));
    BOOST_TEST(has(text, "The address comes from `api_base_url_enc` in config.ini"));
    BOOST_TEST(!has(text, "Correct the address behind"));
    // The node's box outranks what config.ini holds.
    WorldFaults box = family(PluginKind::v1_report);
    box.plugin.shown_address = "https://xinbaoapi.feng1994.xin/v1";
    table::reply_with(box, 404, "application/json", "{}");
    text = text_of(report_of(box));
    BOOST_TEST(has(text, "In the node's box for the address"));
    BOOST_TEST(!has(text, "api_base_url_enc"));
}

// A saved login that no query has met yet is told all the same, and where it was met, told once.
BOOST_AUTO_TEST_CASE(a_saved_login_is_seen_behind_another_fault) {
    WorldFaults setting = family(PluginKind::v2);
    setting.run.netrc = "machine api.aabao.top login a password b\n";
    const auto notices = [](const Report& report) {
        std::size_t count = 0;
        for (const CheckResult& check : report.checks) {
            count += static_cast<std::size_t>(
                std::count_if(check.findings.begin(), check.findings.end(),
                              [](const Finding& finding) { return finding.code == Cause::proxy_netrc_override; }));
        }
        return count;
    };
    BOOST_TEST(notices(report_of(setting)) == 1U);
    for (const bool is_off : {true, false}) {
        WorldFaults behind = setting;
        behind.comfyui.state = is_off ? ComfyuiState::down : ComfyuiState::up;
        behind.plugin.config = is_off ? "[gemini]\napi_key = {key}\n" : "[gemini]\napi_key = YOUR_API_KEY_HERE\n";
        const Report report = report_of(behind);
        BOOST_TEST(notices(report) == 1U);
        BOOST_REQUIRE(report.diagnosis.primary.has_value());
        BOOST_TEST((report.diagnosis.primary->finding.code ==
                    (is_off ? Cause::local_server_down : Cause::config_key_placeholder)));
        BOOST_TEST(has(text_of(report), "A saved password replaces the plugin's key"));
    }
    setting.run.netrc = "machine other.example.net login a password b\n";
    BOOST_TEST(notices(report_of(setting)) == 0U);
}

// An address of this tool's own that does not answer comes after what is wrong with the install.
BOOST_AUTO_TEST_CASE(what_is_met_at_a_given_address_comes_after_what_is_wrong_here) {
    WorldFaults setting = family(PluginKind::v3_2026);
    setting.run.base_url = "https://given.example.net";
    setting.upstream.reach = Reach::refused;
    setting.comfyui.state = ComfyuiState::down;
    const Report report = report_of(setting);
    BOOST_REQUIRE(report.diagnosis.primary.has_value());
    BOOST_TEST((report.diagnosis.primary->finding.code == Cause::local_server_down));
    const std::string text = text_of(report);
    BOOST_TEST(has(text, "the installed plugin asks another one"));
    BOOST_TEST(!has(text, "The plugin cannot connect, so there is no balance"));
}

// In the plugin's test mode the key of another file is in use: that one is to be edited, not config.ini.
BOOST_AUTO_TEST_CASE(a_refused_key_of_the_test_mode_is_put_right_in_its_own_file) {
    WorldFaults setting = family(PluginKind::v2);
    setting.run.environment = {{"BANANA_GEMINI_USE_LOCAL_TEST", "1"}};
    setting.plugin.replaced_files = {{"banana_gemini_test.local.ini", "[gemini_test]\napi_key = {other-key}\n"}};
    setting.comfyui.state = ComfyuiState::down;
    const Report report = report_of(setting);
    const Finding* refused = find_finding(report.checks, Cause::upstream_key_rejected);
    BOOST_REQUIRE(refused != nullptr);
    BOOST_TEST(refused->key_source == "banana_gemini_test.local.ini");
    const std::string text = text_of(report);
    BOOST_TEST(has(text, "in its test mode the plugin takes the key from there"));
    BOOST_TEST(!has(text, "put it into config.ini behind"));
}
