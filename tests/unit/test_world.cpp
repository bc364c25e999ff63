#include "banana/cause.hpp"
#include "embedded_files.hpp"
#include "http_client.hpp"
#include "scenario.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"
#include "world.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

namespace {

using namespace banana;
using namespace banana::world;
namespace json = boost::json;

// One request as a run in this world would send it.
Exchange ask(const World& world, HttpRequest request, std::chrono::milliseconds timeout = std::chrono::seconds(20)) {
    boost::asio::io_context io;
    HttpClient client(io.get_executor(), world.overrides());
    ExchangeOptions options;
    options.timeout = timeout;
    options.trust.store = Trust::Store::bundle;
    options.trust.bundle = *world.options().ca_file;
    std::optional<Exchange> result;
    boost::asio::co_spawn(io, client.exchange(request, options),
                          [&](const std::exception_ptr& failure, Exchange exchange) {
                              BOOST_TEST(!failure);
                              result.emplace(std::move(exchange));
                          });
    io.run();
    BOOST_REQUIRE(result);
    return std::move(*result);
}

Exchange ask_upstream(const World& world, std::optional<Secret> key, std::chrono::milliseconds timeout) {
    HttpRequest request;
    request.url = "https://xinbaoapi.feng1994.xin/api/usage/token";
    request.bearer = std::move(key);
    return ask(world, std::move(request), timeout);
}

Exchange ask_comfyui(const World& world, const std::string& target, const std::string& method = "GET") {
    HttpRequest request;
    request.method = method;
    request.url = "http://127.0.0.1:" + std::to_string(world.comfyui_port()) + target;
    return ask(world, std::move(request));
}

json::object body_of(const Exchange& exchange) {
    BOOST_REQUIRE(exchange.response);
    return json::parse(exchange.response->body).as_object();
}

std::string message_of(const Exchange& exchange) {
    return std::string(body_of(exchange).at("message").as_string());
}

constexpr const char* kRefresh = "/api/banana/token_usage?refresh=1";

}  // namespace

// One truth: what the world installs is, octet by octet, what the tests have.
BOOST_AUTO_TEST_CASE(the_families_are_the_files_of_the_fixtures) {
    namespace fs = std::filesystem;
    const fs::path folder = fs::path(BANANA_SOURCE_DIR) / "tests/fixtures/families";
    std::size_t stored = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        stored += entry.is_regular_file() ? 1 : 0;
    }
    BOOST_TEST(embedded_files().size() == stored);
    for (const EmbeddedFile& file : embedded_files()) {
        BOOST_TEST(file.text == test::read_file(folder / file.path), file.path);
    }
}

BOOST_AUTO_TEST_CASE(python_takes_the_sources_of_the_families) {
    const test::ProcessResult parsed = test::run_process({"/usr/bin/python3", "-c",
                                                          "import ast, pathlib, sys\n"
                                                          "files = sorted(pathlib.Path(sys.argv[1]).rglob('*.py'))\n"
                                                          "for file in files: ast.parse(file.read_bytes(), str(file))\n"
                                                          "print(len(files) > 0)",
                                                          BANANA_SOURCE_DIR "/tests/fixtures/families"});
    BOOST_TEST(parsed.out == "True\n", parsed.err);
}

BOOST_AUTO_TEST_CASE(demo_keys_look_like_keys_and_stay_the_same) {
    const Secret key = demo_key(0);
    BOOST_TEST(key.length() == 51U);
    BOOST_TEST(key.reveal().starts_with("sk-"));
    BOOST_TEST(key.same_as(demo_key(0)));
    BOOST_TEST(!key.same_as(demo_key(1)));
}

BOOST_AUTO_TEST_CASE(the_upstream_redirects_to_the_slash_and_answers_with_the_documented_figures) {
    const World world((WorldFaults()));
    const Exchange exchange = ask_upstream(world, demo_key(0), std::chrono::seconds(20));
    BOOST_REQUIRE(exchange.ok());
    BOOST_TEST(exchange.response->status == 200);
    BOOST_TEST(exchange.redirects.size() == 1U);
    const json::object data = body_of(exchange).at("data").as_object();
    BOOST_TEST(data.at("total_granted").to_number<int>() == 5'000'000);
    BOOST_TEST(data.at("total_used").to_number<int>() == 415'000);
    BOOST_TEST(data.at("total_available").to_number<int>() == 4'585'000);
    BOOST_TEST(!body_of(exchange).contains("success"));
}

BOOST_AUTO_TEST_CASE(the_upstream_refuses_an_unknown_key_in_the_words_of_its_year) {
    const World world((WorldFaults()));
    const Exchange exchange = ask_upstream(world, demo_key(1), std::chrono::seconds(20));
    BOOST_REQUIRE(exchange.response);
    BOOST_TEST(exchange.response->status == 401);
    BOOST_TEST(body_of(exchange).at("error").at("type").as_string() == "new_api_error");

    WorldFaults newer;
    newer.upstream.generation = 2026;
    const World later(newer);
    const Exchange refused = ask_upstream(later, demo_key(1), std::chrono::seconds(20));
    BOOST_REQUIRE(refused.response);
    BOOST_TEST(refused.response->status == 401);
    BOOST_TEST(body_of(refused).at("success").as_bool() == false);
}

BOOST_AUTO_TEST_CASE(each_fault_of_the_way_is_a_fault_on_the_wire) {
    struct Case {
        std::string_view scenario;
        NetworkFailure failure;
    };
    const Case cases[] = {
        {"upstream.dns-failure", NetworkFailure::name_not_found},
        {"upstream.network-unreachable", NetworkFailure::unreachable},
        {"upstream.connection-refused", NetworkFailure::refused},
        {"upstream.connect-timeout", NetworkFailure::connect_timeout},
        {"upstream.connection-reset", NetworkFailure::reset},
        {"upstream.response-timeout", NetworkFailure::timed_out},
        {"upstream.response-timeout:drip", NetworkFailure::timed_out},
        {"upstream.tls-untrusted", NetworkFailure::tls_untrusted},
        {"upstream.tls-untrusted:self-signed", NetworkFailure::tls_self_signed},
        {"upstream.tls-untrusted:missing-intermediate", NetworkFailure::tls_untrusted},
        {"upstream.tls-hostname", NetworkFailure::tls_hostname},
        {"upstream.tls-expired", NetworkFailure::tls_expired},
        {"system.clock-skew+upstream.tls-expired", NetworkFailure::tls_not_yet_valid},
        {"upstream.tls-handshake", NetworkFailure::tls_plain_text},
        {"upstream.tls-handshake:old-protocol", NetworkFailure::tls_protocol_version},
        {"upstream.tls-handshake:cut", NetworkFailure::tls_handshake},
        {"upstream.redirected", NetworkFailure::redirect_other_origin},
        {"upstream.redirected:loop", NetworkFailure::redirect_loop},
    };
    for (const Case& one : cases) {
        BOOST_TEST_CONTEXT(one.scenario) {
            const Scenario* scenario = find_scenario(one.scenario);
            BOOST_REQUIRE(scenario != nullptr);
            const World world(faults_of(*scenario));
            const bool waits =
                one.failure == NetworkFailure::connect_timeout || one.failure == NetworkFailure::timed_out;
            const auto timeout = waits ? std::chrono::milliseconds(500) : std::chrono::seconds(20);
            const Exchange exchange = ask_upstream(world, demo_key(0), timeout);
            BOOST_REQUIRE(exchange.error);
            BOOST_TEST(static_cast<int>(exchange.error->failure) == static_cast<int>(one.failure));
        }
    }
}

BOOST_AUTO_TEST_CASE(the_server_behaves_like_comfyui) {
    const World world((WorldFaults()));
    BOOST_TEST(body_of(ask_comfyui(world, "/system_stats")).contains("system"));
    BOOST_TEST(body_of(ask_comfyui(world, "/api/system_stats")).contains("system"));
    BOOST_TEST(ask_comfyui(world, "/api/internal/folder_paths").response->status == 404);
    BOOST_TEST(body_of(ask_comfyui(world, "/internal/folder_paths")).contains("custom_nodes"));
    BOOST_TEST(body_of(ask_comfyui(world, "/object_info/Unknown")).empty());
    BOOST_TEST(body_of(ask_comfyui(world, "/object_info/BananaImageNode")).size() == 1U);
    const Exchange unknown = ask_comfyui(world, "/nowhere");
    BOOST_TEST(unknown.response->status == 404);
    BOOST_TEST(unknown.response->body == "404: Not Found");
    BOOST_TEST(ask_comfyui(world, "/nowhere", "POST").response->status == 405);
    const Exchange script = ask_comfyui(world, "/extensions/comfyui-banana-gemini/extensions/token-balance.js");
    BOOST_TEST(script.response->status == 200);
    BOOST_TEST(script.response->body.find("/banana/token_usage") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_source_documents_plugin_sends_the_sample_key_and_an_edit_needs_no_restart) {
    const Scenario* scenario = find_scenario(kDefaultScenario);
    BOOST_REQUIRE(scenario != nullptr);
    const World world(faults_of(*scenario));
    const Exchange before = ask_comfyui(world, kRefresh);
    BOOST_TEST(before.response->status == 400);
    BOOST_TEST(message_of(before) == "余额查询失败: HTTP 401");

    const auto config = *world.options().comfyui_dir / "custom_nodes" / "comfyui-banana-gemini" / "config.ini";
    BOOST_REQUIRE(std::filesystem::exists(config));
    std::ofstream(config) << "[gemini]\napi_key = " << demo_key(0).reveal() << "\nbalance_cost_factor = 0.5\n";
    const Exchange after = ask_comfyui(world, kRefresh);
    BOOST_TEST(after.response->status == 200);
    const std::string summary(body_of(after).at("summary").as_string());
    BOOST_TEST(summary.find("估算费用: 可用 ¥4.5850 / 已用 ¥0.4150 (仅参考)") != std::string::npos);
    BOOST_TEST(summary.find("到期: 不过期") != std::string::npos);
    // Bodies are ASCII, as Python's json.dumps writes them.
    for (const char byte : after.response->body) {
        BOOST_REQUIRE(static_cast<unsigned char>(byte) < 0x80);
    }
}

BOOST_AUTO_TEST_CASE(nothing_is_cached_before_the_first_query) {
    const World world((WorldFaults()));
    const Exchange empty = ask_comfyui(world, "/banana/token_usage?refresh=0");
    BOOST_TEST(empty.response->status == 200);
    BOOST_TEST(body_of(empty).at("success").as_bool() == false);
    BOOST_TEST(body_of(empty).at("stale").as_bool());
    ask_comfyui(world, kRefresh);
    BOOST_TEST(body_of(ask_comfyui(world, "/banana/token_usage?refresh=0")).at("cached").as_bool());
}

BOOST_AUTO_TEST_CASE(later_versions_hide_every_cause_behind_one_sentence) {
    WorldFaults faults;
    faults.plugin.kind = PluginKind::v2;
    faults.upstream.certificate = Certificate::expired;
    const World world(faults);
    const Exchange exchange = ask_comfyui(world, kRefresh);
    BOOST_TEST(exchange.response->status == 400);
    BOOST_TEST(message_of(exchange) == "余额查询失败，请检查 API 服务与网络状态，或联系服务提供者");
    const Exchange log = ask_comfyui(world, "/internal/logs/raw");
    BOOST_TEST(log.response->body.find("(SSLError)") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_line_of_service_chooses_the_host) {
    WorldFaults faults;
    faults.plugin.kind = PluginKind::v3;
    faults.upstream.hosts_that_know_the_key = {"api.aabao.top"};
    const World world(faults);
    BOOST_TEST(ask_comfyui(world, kRefresh).response->status == 400);
    const Exchange right = ask_comfyui(world, std::string(kRefresh) + "&route=us");
    BOOST_TEST(right.response->status == 200);
    const std::string summary(body_of(right).at("summary").as_string());
    BOOST_TEST(summary.find("剩余可用积分: 917") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_missing_config_file_becomes_a_sample_at_the_first_query) {
    WorldFaults faults;
    faults.plugin.config.reset();
    const World world(faults);
    const auto config = *world.options().comfyui_dir / "custom_nodes" / "comfyui-banana-gemini" / "config.ini";
    BOOST_TEST(!std::filesystem::exists(config));
    BOOST_TEST(message_of(ask_comfyui(world, kRefresh)) == "未配置有效的 API Key");
    BOOST_TEST(std::filesystem::exists(config));
}

BOOST_AUTO_TEST_CASE(the_folder_is_gone_afterwards_and_closed_to_others_before) {
    std::filesystem::path folder;
    {
        const World world((WorldFaults()));
        folder = world.folder();
        using std::filesystem::perms;
        const perms mode = std::filesystem::status(folder).permissions();
        BOOST_TEST(((mode & perms::others_all) == perms::none));
    }
    BOOST_TEST(!std::filesystem::exists(folder));
}

BOOST_AUTO_TEST_CASE(a_world_ends_at_once_though_a_request_hangs) {
    WorldFaults faults;
    faults.comfyui.route_reply.emplace();
    faults.comfyui.route_reply->delivery = Delivery::never;
    const World world(faults);
    HttpRequest request;
    request.url = "http://127.0.0.1:" + std::to_string(world.comfyui_port()) + kRefresh;
    BOOST_TEST(!ask(world, std::move(request), std::chrono::milliseconds(100)).response);
    // Here it ends, or the test never does.
}

BOOST_AUTO_TEST_CASE(every_cause_code_has_a_scenario_of_its_name) {
    std::set<Cause> covered;
    for (const Scenario& scenario : all_scenarios()) {
        const std::vector<Cause> named = causes_in_name(scenario.name);
        if (named.size() == 1) {
            covered.insert(named.front());
        }
    }
    for (const CauseInfo& entry : kCauses) {
        // A check that threw is never a cause, and no outside fault provokes it.
        if (entry.severity != Severity::none) {
            BOOST_TEST(covered.contains(entry.cause), "no scenario: " << entry.code);
        }
    }
}

BOOST_AUTO_TEST_CASE(the_table_is_as_large_as_promised_and_expects_what_its_names_say) {
    std::size_t doubles = 0;
    std::size_t sound = 0;
    std::set<std::string_view> names;
    for (const Scenario& scenario : all_scenarios()) {
        BOOST_TEST_CONTEXT(scenario.name) {
            BOOST_TEST(names.insert(scenario.name).second);
            const std::vector<Cause> named = causes_in_name(scenario.name);
            doubles += named.size() == 2 ? 1 : 0;
            sound += named.empty() ? 1 : 0;
            BOOST_TEST(named.empty() == scenario.name.starts_with("healthy."));
            BOOST_TEST((scenario.expected.verdict == Verdict::broken) == scenario.expected.primary.has_value());
            for (const Cause cause : named) {
                const auto& others = scenario.expected.others;
                const auto& found = scenario.expected.found;
                const bool expected = scenario.expected.primary == cause ||
                                      std::find(others.begin(), others.end(), cause) != others.end() ||
                                      std::find(found.begin(), found.end(), cause) != found.end();
                BOOST_TEST(expected, "does not expect " << code_of(cause));
            }
        }
    }
    BOOST_TEST(doubles >= 20U);
    BOOST_TEST(sound >= 10U);
}

BOOST_AUTO_TEST_CASE(a_wrong_diagnosis_is_noticed) {
    Diagnosis diagnosis;
    diagnosis.verdict = Verdict::broken;
    diagnosis.primary.emplace(Finding(Cause::config_bom));
    CheckResult check;
    check.findings.emplace_back(Cause::config_bom);
    const std::vector<CheckResult> checks{check};

    Expectation expected;
    expected.verdict = Verdict::broken;
    expected.primary = Cause::config_bom;
    expected.found = {Cause::config_bom};
    BOOST_TEST(differences(expected, checks, diagnosis).empty());

    Expectation other_primary = expected;
    other_primary.primary = Cause::config_syntax;
    BOOST_TEST(differences(other_primary, checks, diagnosis).size() == 1U);

    Expectation more = expected;
    more.others = {Cause::upstream_tls_expired};
    more.found = {Cause::proxy_no_key};
    BOOST_TEST(differences(more, checks, diagnosis).size() == 2U);

    // What the diagnosis lists beyond the expected is wrong too.
    diagnosis.others.emplace_back(Finding(Cause::proxy_no_key));
    BOOST_TEST(differences(expected, checks, diagnosis).size() == 1U);

    Expectation sound;
    BOOST_TEST(differences(sound, checks, Diagnosis()).size() == 1U);  // inconclusive is not healthy
}
