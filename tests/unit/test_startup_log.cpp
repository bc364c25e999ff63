#include <boost/test/unit_test.hpp>

#include "banana/cause.hpp"
#include "support/log_stage.hpp"
#include "support/plugin_fixture.hpp"
#include "support/process.hpp"

#include <unistd.h>

#include <boost/json/serialize.hpp>
#include <chrono>

namespace banana {
namespace {

namespace fs = std::filesystem;
using namespace test::log_stage;
using test::TemporaryFolder;

BOOST_AUTO_TEST_CASE(a_healthy_log_passes) {
    Stage stage(kStart + kTitle + kLoaded + kReady);
    const CheckResult result = stage.check();
    BOOST_TEST(result.findings.empty());
    BOOST_TEST(result.summary.id == "summary.startup.log.loaded");
    BOOST_TEST(text(result.facts.at("source")) == (stage.root / "user" / "comfyui.log").string());
    BOOST_TEST(result.facts.at("lines").as_array().size() == 2U);
    BOOST_TEST(result.facts.at("node_file_loaded").as_bool());
}

BOOST_AUTO_TEST_CASE(without_a_log_nothing_is_said) {
    Stage stage("");
    const CheckResult result = stage.check();
    BOOST_TEST(result.findings.empty());
    BOOST_TEST(result.skip_reason == skip_reason::not_applicable);
}

BOOST_AUTO_TEST_CASE(a_log_that_does_not_reach_back_proves_nothing) {
    Stage stage("some later line\n");
    const CheckResult result = stage.check();
    BOOST_TEST(result.findings.empty());
    BOOST_TEST(result.skip_reason.empty());
    BOOST_TEST(result.summary.id == "summary.startup.log.start-not-seen");
    BOOST_TEST(result.facts.at("node_file_loaded").is_null());
}

BOOST_AUTO_TEST_CASE(refused_origins_are_a_warning_while_that_server_runs) {
    const std::string line =
        "WARNING: request with non matching host and origin 127.0.0.1 != localhost, returning 403\n";
    Stage running(kStart + kTitle + line);
    running.found_server();
    const CheckResult result = running.check();
    const Finding* finding = test::find_code(result, Cause::local_origin_refused);
    BOOST_REQUIRE(finding != nullptr);
    BOOST_TEST((finding->severity == Severity::warning));
    BOOST_TEST(text(finding->args.at("origin")) == "localhost");
    Stage down(kStart + kTitle + line);
    BOOST_TEST(down.check().findings.empty());
}

BOOST_AUTO_TEST_CASE(a_crash_counts_only_while_nothing_answers) {
    const std::string log =
        kStart + kTitle + kTraceback + "UnicodeEncodeError: 'gbk' codec can't encode character '\\U0001f34c'\n";
    Stage stage(log);
    const CheckResult result = stage.check();
    const Finding* finding = test::find_code(result, Cause::local_crashed_at_start);
    BOOST_REQUIRE(finding != nullptr);
    BOOST_TEST(text(finding->args.at("variant")) == "console-encoding");
    Stage running(log);
    running.found_server();
    BOOST_TEST(running.check().findings.empty());
}

// That the server was ready may stand between the start and the end, in what is not read of a long log.
BOOST_AUTO_TEST_CASE(a_failure_behind_a_gap_is_no_crash) {
    const std::string chatter = "one more line of a node's own\n";
    std::string long_start;
    while (long_start.size() < 1'300'000) {
        long_start += chatter;
    }
    const std::string end = kTraceback + "RuntimeError: out of luck\n";
    Stage stage(kStart + kTitle + kLoaded + long_start + kReady + long_start + end);
    BOOST_TEST((test::find_code(stage.check(), Cause::local_crashed_at_start) == nullptr));
    Stage without_gap(kStart + kTitle + kLoaded + end);
    BOOST_TEST((test::find_code(without_gap.check(), Cause::local_crashed_at_start) != nullptr));
}

BOOST_AUTO_TEST_CASE(a_log_from_before_the_servers_start_is_not_of_that_start) {
    Stage stage(kStart + kTitle + "❌ 加载节点文件失败 Gemini_Imagen_Generator.py: No module named 'requests'\n" +
                kReady);
    stage.found_server();
    stage.context.found.server->pid = static_cast<int>(getpid());
    BOOST_TEST((test::find_code(stage.check(), Cause::route_load_failed) != nullptr));
    fs::last_write_time(stage.root / "user" / "comfyui.log", fs::file_time_type::clock::now() - std::chrono::hours(20));
    BOOST_TEST(stage.check().findings.empty());
}

// An older ComfyUI tells no log of its own, and whose process it is may not be seen: a fresh file may be of the start
// before.
BOOST_AUTO_TEST_CASE(a_log_that_nothing_ties_to_the_running_server_is_no_proof) {
    Stage stage(kStart + kTitle + kFailed + "No module named 'requests'\n" + kReady);
    CheckResult result = stage.check();
    BOOST_TEST(!test::find_code(result, Cause::route_load_failed)->inferred);
    stage.found_server();
    result = stage.check();
    const Finding* finding = test::find_code(result, Cause::route_load_failed);
    BOOST_REQUIRE(finding != nullptr);
    BOOST_TEST(finding->inferred);
    BOOST_TEST(finding->evidence.back().id == "log-start-unknown");
    BOOST_TEST(result.summary.id == "summary.startup.log.load-failed-once");
    stage.context.found.server->pid = static_cast<int>(getpid());
    result = stage.check();
    BOOST_TEST(!test::find_code(result, Cause::route_load_failed)->inferred);
    Stage healthy(kStart + kTitle + kLoaded + kReady);
    healthy.found_server();
    BOOST_TEST(healthy.check().summary.id == "summary.startup.log.loaded-once");
}

// Brought from another machine with the folder, or written in a container.
BOOST_AUTO_TEST_CASE(what_a_log_of_another_folder_says_is_no_proof) {
    const std::string end = kTitle + kTraceback + "RuntimeError: out of luck\n";
    Stage brought(kStart + "** ComfyUI Path: D:\\ComfyUI\n" + end);
    const CheckResult result = brought.check();
    const Finding* finding = test::find_code(result, Cause::local_crashed_at_start);
    BOOST_REQUIRE(finding != nullptr);
    BOOST_TEST(finding->inferred);
    BOOST_TEST(finding->evidence.back().id == "log-of-folder");
    Stage own("");
    own.folder.write("ComfyUI/user/comfyui.log", kStart + "** ComfyUI Path: " + own.root.string() + "\n" + end);
    const CheckResult told = own.check();
    BOOST_REQUIRE(test::find_code(told, Cause::local_crashed_at_start) != nullptr);
    BOOST_TEST(!test::find_code(told, Cause::local_crashed_at_start)->inferred);
}

BOOST_AUTO_TEST_CASE(what_an_old_log_says_is_no_proof) {
    const std::string crash = kStart + kTitle + kTraceback + "RuntimeError: out of luck\n";
    Stage stage(crash);
    const fs::path file = stage.root / "user" / "comfyui.log";
    CheckResult result = stage.check();
    BOOST_REQUIRE(test::find_code(result, Cause::local_crashed_at_start) != nullptr);
    BOOST_TEST(!test::find_code(result, Cause::local_crashed_at_start)->inferred);
    fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::hours(10 * 24));
    result = stage.check();
    const Finding* old = test::find_code(result, Cause::local_crashed_at_start);
    BOOST_REQUIRE(old != nullptr);
    BOOST_TEST(old->inferred);
    BOOST_TEST(old->evidence.back().id == "log-date");
    fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::hours(200 * 24));
    result = stage.check();
    BOOST_TEST(result.findings.empty());
    BOOST_TEST(result.summary.id == "summary.startup.log.outdated");
    fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::hours(10 * 24));
    // A healthy log that is newer, though the older one bears the name of the port.
    fs::rename(file, stage.root / "user" / "comfyui_8188.log");
    stage.folder.write("ComfyUI/user/comfyui.log", kStart + kTitle + kLoaded + kReady);
    stage.options.comfyui_url = "http://127.0.0.1:8188";
    BOOST_TEST(stage.check().findings.empty());
}

BOOST_AUTO_TEST_CASE(a_caught_exception_at_the_end_is_no_proof_of_a_crash) {
    Stage stage(kStart + kTitle + kTraceback + "ValueError: of another node\nits own remark\n");
    const CheckResult result = stage.check();
    BOOST_REQUIRE(test::find_code(result, Cause::local_crashed_at_start) != nullptr);
    BOOST_TEST(test::find_code(result, Cause::local_crashed_at_start)->inferred);
}

BOOST_AUTO_TEST_CASE(two_copies_are_named_as_the_cause_of_a_crash) {
    const std::string log = kStart + kTitle + kTitle + kTraceback +
                            "RuntimeError: Added route will never be executed, method HEAD is already registered\n";
    Stage stage(log);
    CheckResult result = stage.check();
    BOOST_REQUIRE_EQUAL(result.findings.size(), 1U);
    BOOST_TEST(text(result.findings.front().args.at("variant")) == "duplicate-route");
    stage.context.found.install->copies = {stage.root / "custom_nodes" / "q"};
    result = stage.check();
    const Finding* finding = test::find_code(result, Cause::install_plugin_duplicate);
    BOOST_REQUIRE(finding != nullptr);
    BOOST_TEST((finding->severity == Severity::error));
    BOOST_TEST(test::find_code(result, Cause::local_crashed_at_start) != nullptr);
}

BOOST_AUTO_TEST_CASE(a_route_that_was_taken) {
    const std::string log =
        kStart + "心宝❤Banana Loader\n检测到已有 /banana/token_usage GET 路由，跳过重复注册以避免 HEAD 冲突\n" +
        "✅ 成功加载节点文件: Gemini_Imagen_Generator.so\n" + kReady;
    Stage stage(log);
    CheckResult result = stage.check();
    BOOST_REQUIRE(test::find_code(result, Cause::route_duplicate) != nullptr);
    BOOST_TEST(!test::find_code(result, Cause::route_duplicate)->inferred);
    // A second loader of the plugin's own kind: a copy that is no longer there.
    CheckResult twice = Stage(kStart + "心宝❤Banana Loader\n" + log.substr(kStart.size())).check();
    BOOST_REQUIRE(test::find_code(twice, Cause::route_duplicate) != nullptr);
    BOOST_TEST(test::find_code(twice, Cause::route_duplicate)->inferred);
    stage.context.found.install->copies = {stage.root / "custom_nodes" / "q"};
    result = stage.check();
    BOOST_REQUIRE_EQUAL(result.findings.size(), 1U);
    BOOST_TEST((result.findings.front().code == Cause::install_plugin_duplicate));
    BOOST_TEST((result.findings.front().severity == Severity::warning));
}

// A server of before August 2024 does not tell its options; one that does was asked by local.server.
BOOST_AUTO_TEST_CASE(switched_off_by_the_log_of_a_server_that_does_not_tell_its_options) {
    Stage stage(kStart + "Skipping loading of custom nodes\n" + kReady);
    stage.found_server();
    CheckResult result = stage.check();
    const Finding* finding = test::find_code(result, Cause::install_plugin_disabled);
    BOOST_REQUIRE(finding != nullptr);
    BOOST_TEST(text(finding->args.at("variant")) == "command-line");
    stage.context.found.server->argv = {"main.py"};
    result = stage.check();
    BOOST_TEST(result.findings.empty());
}

BOOST_AUTO_TEST_CASE(a_key_in_the_log_is_found_and_never_shown) {
    const std::string key = test::made_up_key(7);
    Stage stage(kStart + kTitle + kLoaded + kReady + "❌ 读取配置文件失败: [line 2]: 'api_key：" + key + "'\n" +
                "❌ 余额查询失败，错误摘要: " + key + "\n");
    ConfigReading config;
    config.key.emplace(key);
    config.source = "config.ini";
    stage.context.redactor.learn(*config.key);
    stage.context.found.config = std::move(config);
    const CheckResult result = stage.check();
    const Finding* finding = test::find_code(result, Cause::security_key_in_log);
    BOOST_REQUIRE(finding != nullptr);
    BOOST_TEST((finding->severity == Severity::warning));
    BOOST_TEST(finding->key_source == "config.ini");
    BOOST_TEST(finding->args.at("count").to_number<int>() == 2);
    BOOST_TEST(finding->evidence.front().line.value() == 6);
    BOOST_TEST(boost::json::serialize(finding->args).find(key) == std::string::npos);
    BOOST_TEST(finding->evidence.front().value.find(key) == std::string::npos);
    BOOST_TEST(boost::json::serialize(result.facts).find(key) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_given_key_is_searched_for_too) {
    const std::string key = test::made_up_key(8);
    Stage stage(kStart + key + "\n");
    stage.context.given_key.emplace(Secret(key), "environment");
    const CheckResult result = stage.check();
    BOOST_REQUIRE(test::find_code(result, Cause::security_key_in_log) != nullptr);
    BOOST_TEST(test::find_code(result, Cause::security_key_in_log)->key_source == "environment");
}

// A real server: its own log against an older file, and the loader's lines as the plugin's Python prints them.
struct RealServer {
    RealServer(const TemporaryFolder& folder, const std::vector<std::string>& options = {}) {
        std::vector<std::string> command{"/usr/bin/python3",
                                         std::string(BANANA_SOURCE_DIR) + "/tests/servers/comfyui_with_plugins.py",
                                         (folder.path() / "ComfyUI").string()};
        command.insert(command.end(), options.begin(), options.end());
        process.emplace(command);
        for (std::optional<std::string> line = process->read_line(); line; line = process->read_line()) {
            if (line->starts_with("listening ")) {
                url = "http://127.0.0.1:" + line->substr(10);
                return;
            }
        }
    }
    std::optional<test::BackgroundProcess> process;
    std::string url;
};

// What a real server's log says of a plugin that lacks the file.
Finding load_failure_without(const char* fixture, const char* file) {
    Stage stage("");
    test::copy_plugin(fixture, stage.root / "custom_nodes" / "p");
    fs::remove(stage.root / "custom_nodes" / "p" / file);
    const RealServer server(stage.folder);
    BOOST_REQUIRE(!server.url.empty());
    stage.context.found.server.emplace();
    stage.context.found.server->base_url = server.url;
    const CheckResult result = stage.check();
    const Finding* finding = test::find_code(result, Cause::route_load_failed);
    BOOST_REQUIRE(finding != nullptr);
    return *finding;
}

BOOST_AUTO_TEST_CASE(the_servers_own_log_wins_over_a_file_of_another_run) {
    Stage stage(kStart + kTitle + kFailed + "No module named 'long_gone_package'\n" + kReady);
    test::copy_plugin("plugin_v1", stage.root / "custom_nodes" / "p");
    const RealServer server(stage.folder);
    BOOST_REQUIRE(!server.url.empty());
    stage.context.found.server.emplace();
    stage.context.found.server->base_url = server.url;
    const CheckResult result = stage.check();
    BOOST_TEST(result.findings.empty());
    BOOST_TEST(text(result.facts.at("source")) == server.url + "/internal/logs/raw");
    BOOST_TEST(result.summary.id == "summary.startup.log.loaded");
}

BOOST_AUTO_TEST_CASE(a_real_import_error_is_read_from_the_running_server) {
    const Finding finding = load_failure_without("plugin_v2", "balance_service.py");
    BOOST_TEST(text(finding.args.at("variant")) == "own-module");
    BOOST_TEST(text(finding.args.at("module")) == "balance_service");
}

BOOST_AUTO_TEST_CASE(a_package_that_python_could_not_import) {
    BOOST_TEST(text(load_failure_without("plugin_v1", "logger.py").args.at("module")) == "logger");
}

BOOST_AUTO_TEST_CASE(two_real_copies_end_a_real_server) {
    Stage stage("");
    for (const char* name : {"p", "q"}) {
        test::copy_plugin("plugin_v1", stage.root / "custom_nodes" / name);
    }
    fs::create_directories(stage.root / "user");
    const test::ProcessResult process = test::run_process(
        {"/bin/sh", "-c",
         "/usr/bin/python3 " + std::string(BANANA_SOURCE_DIR) + "/tests/servers/comfyui_with_plugins.py " +
             stage.root.string() + " > " + (stage.root / "user" / "comfyui.log").string() + " 2>&1"});
    BOOST_TEST(process.exit_code == 1);
    const CheckResult installed = [&] {
        stage.options.comfyui_dir = stage.root;
        return stage.run(banana::test::run_of("install.plugin"));
    }();
    BOOST_TEST(test::find_code(installed, Cause::install_plugin_duplicate) != nullptr);
    const CheckResult result = stage.check();
    BOOST_TEST(test::find_code(result, Cause::install_plugin_duplicate) != nullptr);
    const Finding* finding = test::find_code(result, Cause::local_crashed_at_start);
    BOOST_REQUIRE(finding != nullptr);
    BOOST_TEST(text(finding->args.at("variant")) == "duplicate-route");
}

BOOST_AUTO_TEST_CASE(custom_nodes_switched_off_in_a_real_log) {
    Stage stage("");
    test::copy_plugin("plugin_v1", stage.root / "custom_nodes" / "p");
    const RealServer server(stage.folder, {"--disable-all-custom-nodes"});
    BOOST_REQUIRE(!server.url.empty());
    stage.context.found.server.emplace();
    stage.context.found.server->base_url = server.url;
    const CheckResult result = stage.check();
    BOOST_TEST(test::find_code(result, Cause::install_plugin_disabled) != nullptr);
}

BOOST_AUTO_TEST_CASE(of_a_gigabyte_of_log_the_end_is_examined) {
    Stage stage(kStart);
    const fs::path log = stage.root / "user" / "comfyui.log";
    fs::resize_file(log, 1024UL * 1024 * 1024);  // sparse
    {
        std::ofstream stream(log, std::ios::binary | std::ios::app);
        stream << "\n" << kStart << kTitle << kFailed << "No module named 'PIL'\n" << kReady;
    }
    const CheckResult result = stage.check();
    BOOST_TEST(test::find_code(result, Cause::route_load_failed) != nullptr);
    BOOST_TEST(!result.facts.at("complete").as_bool());
}

// The file that the exception names is the plugin's: no other node is to blame.
BOOST_AUTO_TEST_CASE(a_name_that_the_plugins_own_file_lacks) {
    for (const char* file : {"/c/custom_nodes/p/config_manager.py", "C:\\c\\custom_nodes\\p\\config_manager.py"}) {
        Stage stage(kStart + kTitle + kFailed + "cannot import name 'x' from 'config_manager' (" + file + ")\n" +
                    kReady);
        const CheckResult result = stage.check();
        const Finding* finding = test::find_code(result, Cause::route_load_failed);
        BOOST_REQUIRE(finding != nullptr);
        BOOST_TEST(!finding->args.contains("variant"), file);
    }
}

}  // namespace
}  // namespace banana
