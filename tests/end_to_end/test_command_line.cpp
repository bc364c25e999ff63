// The program as a user calls it: exit codes, where the report goes, and what is never overwritten.
#include "support/json_report.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace banana::test;
namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

ProcessOptions inside(const TemporaryFolder& folder) {
    ProcessOptions options;
    options.working_directory = folder.path().string();
    options.environment["HOME"] = folder.path().string();
    return options;
}

std::vector<fs::path> files_in(const fs::path& folder) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder)) {
        files.push_back(entry.path());
    }
    return files;
}

std::size_t lines_of(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

BOOST_AUTO_TEST_CASE(exit_code_0_for_a_healthy_install) {
    const TemporaryFolder folder;
    const ProcessResult result = run_banana({"demo", "healthy.v1"}, inside(folder));
    BOOST_TEST(result.exit_code == 0);
    const auto files = files_in(folder.path());
    BOOST_REQUIRE(files.size() == 1U);
    BOOST_TEST(files[0].filename().string().starts_with("banana-diag-report-"));
    BOOST_TEST(result.out.find(files[0].filename().string()) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(exit_code_1_for_a_broken_one) {
    const TemporaryFolder folder;
    const ProcessResult result = run_banana({"demo"}, inside(folder));
    BOOST_TEST(result.exit_code == 1);
    BOOST_TEST(result.out.find("config.key-placeholder") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(exit_code_2_for_wrong_usage_with_one_clear_line) {
    const TemporaryFolder folder;
    const std::string key = made_up_key(31);
    for (const std::vector<std::string>& arguments : {std::vector<std::string>{"--nonsense"},
                                                      {"fly"},
                                                      {"--timeout", "soon"},
                                                      {"demo", "no.such"},
                                                      {"explain", "no.such"},
                                                      {"render", "missing.json"},
                                                      {"redact", "missing.log"},
                                                      {"run", "--api-key-file", "missing.txt"},
                                                      {"run", "--as-node"},
                                                      {"--" + key},
                                                      {key},
                                                      {"run", "--only", key}}) {
        const ProcessResult result = run_banana(arguments, inside(folder));
        BOOST_TEST_CONTEXT(result.err) {
            BOOST_TEST(result.exit_code == 2);
            BOOST_TEST(result.out.empty());
            BOOST_TEST(lines_of(result.err) <= 2U);
            BOOST_TEST(result.err.find(key.substr(3, 8)) == std::string::npos);
        }
    }
    BOOST_TEST(files_in(folder.path()).empty());
}

BOOST_AUTO_TEST_CASE(a_config_file_is_no_key_file) {
    const TemporaryFolder folder;
    const std::string key = made_up_key(32);
    for (const std::string& text : {"[gemini]\napi_key = " + key + "\n", "api_key: " + key}) {
        folder.write("config.ini", text);
        const ProcessResult result =
            run_banana({"run", "--api-key-file", "config.ini", "--lang", "en"}, inside(folder));
        BOOST_TEST(result.exit_code == 2);
        BOOST_TEST(result.err.find("Put the key alone into a text file") != std::string::npos, result.err);
        BOOST_TEST(result.err.find(key.substr(3, 8)) == std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(unusable_header_files_are_told_without_their_content) {
    const TemporaryFolder folder;
    const std::string token = made_up_key(33).substr(3);
    folder.write("good", "Cookie: session=" + token + "\n");
    for (const std::string& text : std::vector<std::string>{"", "\n\n", token + "\n", "X Token: " + token, "X-Token:\n",
                                                            "Host: " + token, "X-Token: a\x01" + token}) {
        folder.write("headers", text);
        const ProcessResult result = run_banana({"run", "--comfyui-header-file", "headers"}, inside(folder));
        BOOST_TEST_CONTEXT(result.err) {
            BOOST_TEST(result.exit_code == 2);
            BOOST_TEST(result.err.find(token.substr(0, 8)) == std::string::npos);
        }
    }
    for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
             {"--comfyui-header-file", "missing"},
             {"--comfyui-header-file", "-", "--api-key-file", "-"},
             {"--comfyui-header-file", "good", "--comfyui-url", "http://192.0.2.7:8188"},
             {"--comfyui-header-file", "good", "--comfyui-url", "192.0.2.7:8188"}}) {
        BOOST_TEST(run_banana(arguments, inside(folder)).exit_code == 2);
    }
    BOOST_TEST(files_in(folder.path()).size() == 2U);
}

BOOST_AUTO_TEST_CASE(exit_code_3_when_nothing_is_proved) {
    const TemporaryFolder folder;
    const ProcessResult result =
        run_banana({"demo", "healthy.slow", "--deadline", "0.1", "--output", "r.json"}, inside(folder));
    BOOST_TEST(result.exit_code == 3);
    const json::value report = json::parse(read_file(folder.path() / "r.json"));
    BOOST_TEST(report.at("verdict").as_string() == "inconclusive");
    BOOST_TEST(report.at("diagnosis").at("primary").is_null());
}

BOOST_AUTO_TEST_CASE(as_node_over_plain_http_to_another_machine_is_refused) {
    const TemporaryFolder folder;
    ProcessOptions options = inside(folder);
    options.environment["BANANA_API_KEY"] = made_up_key(32);
    const ProcessResult result = run_banana({"run", "--as-node", "--base-url", "http://upstream.invalid"}, options);
    BOOST_TEST(result.exit_code == 2);
}

BOOST_AUTO_TEST_CASE(an_unwritable_output_says_so_and_the_report_goes_where_it_can) {
    const TemporaryFolder folder;
    const ProcessResult result =
        run_banana({"demo", "healthy.v1", "--output", "no/such/folder/report.md"}, inside(folder));
    BOOST_TEST(result.exit_code == 0);
    BOOST_TEST(result.err.find("no/such/folder/report.md") != std::string::npos);
    BOOST_TEST(result.out.find("# ") == std::string::npos);  // the terminal is not flooded
    const auto files = files_in(folder.path());
    BOOST_REQUIRE(files.size() == 1U);
    BOOST_TEST(result.out.find(files.front().filename().string()) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_full_disk_loses_nothing) {
    const TemporaryFolder folder;
    const ProcessResult result =
        run_banana({"demo", "healthy.v1", "--format", "json", "--output", "/dev/full"}, inside(folder));
    BOOST_TEST(result.exit_code == 0);
    const auto files = files_in(folder.path());
    BOOST_REQUIRE(files.size() == 1U);
    BOOST_TEST(read_file(files.front()).find("\"schema\": 1") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_there_is_not_replaced) {
    const TemporaryFolder folder;
    folder.write("notes.md", "mine\n");
    run_banana({"demo", "healthy.v1", "--output", "notes.md"}, inside(folder));
    BOOST_TEST(read_file(folder.path() / "notes.md") == "mine\n");
    BOOST_TEST(!read_file(folder.path() / "notes-2.md").empty());
}

BOOST_AUTO_TEST_CASE(an_unreadable_config_is_a_finding) {
    const TemporaryFolder folder;
    const ProcessResult result = run_banana(
        {"run", "--only", "config.key", "--config", "missing/config.ini", "--output", "-", "--format", "json"},
        inside(folder));
    BOOST_TEST(result.exit_code == 1);
    BOOST_TEST(json::parse(result.out).at("diagnosis").at("primary").at("code").as_string() == "config.file-missing");
}

// "id status" of every check that ran or should have, in report order.
std::vector<std::string> statuses(const json::value& report) {
    std::vector<std::string> all;
    for (const json::value& check : report.at("checks").as_array()) {
        if (check.at("skip_reason") != "not-selected") {
            all.push_back(std::string(check.at("id").as_string()) + " " + std::string(check.at("status").as_string()));
        }
    }
    return all;
}

json::value report_of(const std::string& scenario, const std::vector<std::string>& more, int& exit_code) {
    const TemporaryFolder folder;
    std::vector<std::string> arguments{"demo", scenario, "--deep", "--output", "-", "--format", "json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const ProcessResult result = run_banana(arguments, inside(folder));
    exit_code = result.exit_code;
    BOOST_TEST_REQUIRE(!result.out.empty());
    return json::parse(result.out);
}

// The experiments alone find out as much as within a whole run.
BOOST_AUTO_TEST_CASE(only_the_experiments) {
    for (const char* scenario : {"healthy.v1", "healthy.v3"}) {
        int exit_code = -1;
        const std::vector<std::string> whole = statuses(report_of(scenario, {}, exit_code));
        const std::vector<std::string> before{"install.plugin pass",     "config.key pass",
                                              "local.server pass",       "route.registration pass",
                                              "frontend.extension pass", "proxy.round-trip pass"};
        for (const char* names : {"deep.*", "deep", "deep.key-override,deep.key-destination"}) {
            const std::vector<std::string> seen = statuses(report_of(scenario, {"--only", names}, exit_code));
            BOOST_TEST_CONTEXT(scenario << " " << names) {
                BOOST_TEST(exit_code == 0);
                BOOST_TEST_REQUIRE(seen.size() == before.size() + 2);
                BOOST_TEST(std::vector<std::string>(seen.begin(), seen.end() - 2) == before,
                           boost::test_tools::per_element());
                BOOST_TEST(std::vector<std::string>(seen.end() - 2, seen.end()) ==
                               std::vector<std::string>(whole.end() - 2, whole.end()),
                           boost::test_tools::per_element());
                BOOST_TEST(seen[seen.size() - 2] == "deep.key-override pass");
            }
        }
    }
}

// No check needs more than what `--only` selects with it, and alone it finds nothing that the whole run does not.
BOOST_AUTO_TEST_CASE(only_one_check_each) {
    for (const char* scenario : {"healthy.v1", "config.key-placeholder", "local.server-down"}) {
        int exit_code = -1;
        const json::value whole = report_of(scenario, {}, exit_code);
        const std::set<std::string> all = error_codes(whole);
        for (const json::value& check : whole.at("checks").as_array()) {
            const std::string id(check.at("id").as_string());
            const json::value report = report_of(scenario, {"--only", id}, exit_code);
            BOOST_TEST_CONTEXT(scenario << " " << id) {
                const std::vector<std::string> seen = statuses(report);
                const std::string own = id + " " + std::string(check.at("status").as_string());
                BOOST_TEST((std::find(seen.begin(), seen.end(), own) != seen.end()), own);
                const std::set<std::string> codes = error_codes(report);
                BOOST_TEST(std::includes(all.begin(), all.end(), codes.begin(), codes.end()));
                BOOST_TEST(exit_code == (codes.empty() ? 0 : 1));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(standard_output_is_purely_the_report_when_asked_for) {
    const TemporaryFolder folder;
    const ProcessResult result = run_banana({"demo", "--output", "-", "--format", "json"}, inside(folder));
    const json::value report = json::parse(result.out);
    BOOST_TEST(report.at("schema").as_int64() == 1);
    BOOST_TEST(!result.err.empty());
}

BOOST_AUTO_TEST_CASE(several_outputs_in_one_run) {
    const TemporaryFolder folder;
    run_banana({"demo", "--output", "a.md", "--output", "b.json", "--output", "c.html", "--output", "d.prom"},
               inside(folder));
    BOOST_TEST(read_file(folder.path() / "a.md").find("# ") != std::string::npos);
    BOOST_TEST(read_file(folder.path() / "b.json").starts_with("{"));
    BOOST_TEST(read_file(folder.path() / "c.html").starts_with("<!DOCTYPE html>"));
    BOOST_TEST(read_file(folder.path() / "d.prom").starts_with("#"));
    // Reports of ours are replaced in place: four files stay four.
    run_banana({"demo", "--output", "a.md", "--output", "b.json", "--output", "c.html", "--output", "d.prom"},
               inside(folder));
    BOOST_TEST(files_in(folder.path()).size() == 4U);
}

BOOST_AUTO_TEST_CASE(render_writes_an_earlier_report_in_another_language) {
    const TemporaryFolder folder;
    run_banana({"demo", "--lang", "zh-CN", "--output", "first.json", "--output", "zh.md"}, inside(folder));
    const ProcessResult result =
        run_banana({"render", "first.json", "--lang", "zh-CN", "--output", "again.md", "-q"}, inside(folder));
    BOOST_TEST(result.exit_code == 1);
    BOOST_TEST(read_file(folder.path() / "again.md") == read_file(folder.path() / "zh.md"));
    run_banana({"render", "first.json", "--lang", "en", "--output", "en.md"}, inside(folder));
    BOOST_TEST(read_file(folder.path() / "en.md").find("config.ini") != std::string::npos);
    BOOST_TEST(read_file(folder.path() / "en.md") != read_file(folder.path() / "zh.md"));
}

BOOST_AUTO_TEST_CASE(redact_masks_and_keeps_the_rest) {
    const TemporaryFolder folder;
    const std::string key = made_up_key(33);
    const std::string text = "line one\r\nAPI Key: `" + key + "`\nbytes \xC4\xE3 stay\n";
    folder.write("old.md", text);
    const ProcessResult result = run_banana({"redact", "old.md"}, inside(folder));
    BOOST_TEST(result.exit_code == 0);
    BOOST_TEST(result.out ==
               "line one\r\nAPI Key: `" + key.substr(0, 6) + "…" + key.substr(47) + "`\nbytes \xC4\xE3 stay\n");
    ProcessOptions options = inside(folder);
    options.input = text;
    BOOST_TEST(run_banana({"redact", "-"}, options).out == result.out);
}

BOOST_AUTO_TEST_CASE(an_interrupted_run_still_writes_a_partial_report) {
    const TemporaryFolder folder;
    const std::string file = (folder.path() / "partial.json").string();
    ProcessOptions options = inside(folder);
    // A server that accepts and never answers keeps the run waiting.
    BackgroundProcess silent({"/usr/bin/python3", "-u", "-c",
                              "import socket,time\ns=socket.socket();s.bind(('127.0.0.1',0));s.listen(8)\n"
                              "print(s.getsockname()[1])\ntime.sleep(60)"});
    const std::string port = silent.read_line().value();
    for (const int number : {SIGINT, SIGTERM}) {
        BackgroundProcess run({BANANA_BINARY, "run", "--comfyui-url", "http://127.0.0.1:" + port, "--only",
                               "local.server", "--timeout", "50", "--deadline", "55", "--output", file},
                              options);
        std::this_thread::sleep_for(std::chrono::milliseconds(700));
        run.signal(number);
        BOOST_TEST(run.wait() == 128 + number);
        const json::value report = json::parse(read_file(file));
        BOOST_TEST(report.at("exit_code").as_int64() == 128 + number);
    }
}

BOOST_AUTO_TEST_CASE(colours_and_escapes_only_where_wanted) {
    const TemporaryFolder folder;
    BOOST_TEST(run_banana({"demo", "healthy.v1"}, inside(folder)).out.find('\x1b') == std::string::npos);
    ProcessOptions options = inside(folder);
    BOOST_TEST(run_banana({"demo", "healthy.v1", "--color", "always"}, options).out.find("\x1b[") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(every_code_is_explained_in_both_languages) {
    const TemporaryFolder folder;
    for (const char* lang : {"en", "zh-CN"}) {
        const ProcessResult list = run_banana({"explain", "--lang", lang}, inside(folder));
        BOOST_TEST(list.exit_code == 0);
        BOOST_TEST(list.out.find("upstream.key-of-other-line") != std::string::npos);
        const ProcessResult one = run_banana({"explain", "config.bom", "--lang", lang}, inside(folder));
        BOOST_TEST(one.exit_code == 0);
        BOOST_TEST(one.out.find("config.bom") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(a_closed_standard_output_does_not_end_the_run_by_a_signal) {
    const TemporaryFolder folder;
    const ProcessResult result =
        run_process({"/bin/sh", "-c", std::string(BANANA_BINARY) + " demo healthy.v1 --output - | true; echo done"},
                    inside(folder));
    BOOST_TEST(result.out == "done\n");
    const ProcessResult closed = run_process(
        {"/bin/sh", "-c", std::string(BANANA_BINARY) + " demo healthy.v1 --output kept.md >&-"}, inside(folder));
    BOOST_TEST(closed.exit_code == 0);
    BOOST_TEST(!read_file(folder.path() / "kept.md").empty());
}
