// The machine itself fails: full disks, closed streams, few descriptors, little memory, signals at any moment, a clock
// that jumps. The program says so or copes; a report is whole or absent, and nothing hangs.
#include "support/hostile_server.hpp"
#include "support/json_report.hpp"
#include "support/process.hpp"
#include "support/sanitized.hpp"
#include "support/temporary_folder.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace banana::test;
namespace fs = std::filesystem;
namespace json = boost::json;

ProcessOptions inside(const TemporaryFolder& folder) {
    ProcessOptions options;
    options.working_directory = folder.path().string();
    options.environment["HOME"] = folder.path().string();
    return options;
}

// The program below a shell that changes the limits or streams first; `$0` is the program.
ProcessResult below_shell(const std::string& script, const ProcessOptions& options) {
    return run_process({"bash", "-c", script, BANANA_BINARY}, options);
}

bool is_whole_json(const std::string& text) {
    boost::system::error_code bad;
    json::parse(text, bad);
    return !bad;
}

namespace unit_test = boost::unit_test;

boost::test_tools::assertion_result may_mount(unit_test::test_unit_id) {
    const TemporaryFolder folder;
    if (::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=8k") == 0) {
        ::umount(folder.path().c_str());
        return true;
    }
    boost::test_tools::assertion_result no(false);
    no.message() << "no right to mount";
    return no;
}

boost::test_tools::assertion_result may_change_account(unit_test::test_unit_id) {
    boost::test_tools::assertion_result answer(::geteuid() == 0);
    answer.message() << "only root may become another account";
    return answer;
}

boost::test_tools::assertion_result has_faketime(unit_test::test_unit_id) {
    boost::test_tools::assertion_result answer(run_process({"sh", "-c", "command -v faketime"}).exit_code == 0);
    answer.message() << "faketime is not installed";
    return answer;
}

boost::test_tools::assertion_result is_not_sanitized(unit_test::test_unit_id) {
    boost::test_tools::assertion_result answer(!kSanitized);
    answer.message() << "sanitizers need address space, descriptors and a clock of their own";
    return answer;
}

// A ComfyUI with the plugin and a config.ini with a key.
fs::path healthy_install(const TemporaryFolder& folder) {
    const fs::path root = folder.path() / "ComfyUI";
    for (const char* file : {"main.py", "nodes.py", "server.py", "folder_paths.py"}) {
        folder.write(fs::path("ComfyUI") / file, "# ComfyUI\n");
    }
    fs::create_directories(root / "custom_nodes");
    fs::copy(fs::path(BANANA_SOURCE_DIR) / "tests/fixtures/plugin_v1", root / "custom_nodes" / "banana",
             fs::copy_options::recursive);
    folder.write("ComfyUI/custom_nodes/banana/config.ini", "[gemini]\napi_key = " + made_up_key(5) + "\n");
    fs::permissions(root / "custom_nodes" / "banana" / "config.ini", fs::perms::owner_read | fs::perms::owner_write);
    return root;
}

// The codes of errors in a report of ours; "?" where it is no report.
std::set<std::string> error_codes(const std::string& report) {
    boost::system::error_code bad;
    const json::value root = json::parse(report, bad);
    return bad ? std::set<std::string>{"?"} : banana::test::error_codes(root);
}

// Neighbours of the plugin: packages of other nodes, some with a config.ini of the same form, some that speak of its
// node, and single files. Half of them come before it in the alphabet and half behind.
void write_neighbours(const fs::path& custom_nodes, int count) {
    for (int index = 0; index < count; ++index) {
        const fs::path entry = custom_nodes / ((index % 2 == 0 ? "a-node-" : "z-node-") + std::to_string(index));
        if (index % 5 == 0) {
            std::ofstream(entry.string() + ".py") << "NODE_CLASS_MAPPINGS = {}\n";
            continue;
        }
        fs::create_directory(entry);
        std::ofstream(entry / "__init__.py") << "from .nodes import NODE_CLASS_MAPPINGS\n";
        if (index % 5 == 1) {
            std::ofstream(entry / "config.ini") << "[gemini]\napi_key = your-api-key-here\n";
        }
        if (index % 5 == 2) {
            std::ofstream(entry / "nodes.py")
                << "# Goes behind BananaImageNode.\nclass BananaImageNodeHelper:\n    pass\n"
                   "NODE_CLASS_MAPPINGS = {'BananaImageNodeHelper': BananaImageNodeHelper}\n";
        }
    }
}

// The report that the program put into the folder under a name of its own; empty when none.
std::string written_report(const TemporaryFolder& folder, const std::string& extension) {
    for (const fs::directory_entry& entry : fs::directory_iterator(folder.path())) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with("banana-diag-report-") && name.ends_with(extension)) {
            return read_file(entry.path());
        }
    }
    return {};
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_full_device_as_output_or_as_standard_output) {
    const TemporaryFolder folder;
    const ProcessResult file =
        run_banana({"demo", "healthy.v1", "--output", "/dev/full", "--format", "json"}, inside(folder));
    BOOST_TEST(file.exit_code == 0);
    BOOST_TEST(is_whole_json(written_report(folder, ".json")));
    const ProcessResult stream =
        below_shell("\"$0\" demo healthy.v1 --output - --format json >/dev/full", inside(folder));
    BOOST_TEST(stream.exit_code == 4);  // the report was not delivered
    const ProcessResult lines = below_shell("\"$0\" demo healthy.v1 --output r.json >/dev/full", inside(folder));
    BOOST_TEST((lines.exit_code == 0 || lines.exit_code == 4));
    BOOST_TEST(is_whole_json(read_file(folder.path() / "r.json")));
}

BOOST_AUTO_TEST_CASE(a_small_disk_that_is_full, *unit_test::precondition(may_mount)) {
    const TemporaryFolder folder;
    const fs::path disk = folder.path() / "disk";
    fs::create_directory(disk);
    BOOST_REQUIRE(::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=8k") == 0);
    {
        const ProcessResult result =
            run_banana({"demo", "healthy.v1", "--output", (disk / "r.json").string()}, inside(folder));
        BOOST_TEST(result.exit_code == 0);
        BOOST_TEST(is_whole_json(written_report(folder, ".json")));
        BOOST_TEST(fs::is_empty(disk));  // neither half a report nor a temporary file
    }
    BOOST_TEST(::umount(disk.c_str()) == 0);
}

BOOST_AUTO_TEST_CASE(folders_that_cannot_be_written) {
    const TemporaryFolder folder;
    ProcessOptions options = inside(folder);
    options.environment["TMPDIR"] = (folder.path() / "no-such-folder").string();
    const ProcessResult no_temporary = run_banana({"demo", "healthy.v1"}, options);
    BOOST_TEST(no_temporary.exit_code == 4);  // the world has nowhere to be
    BOOST_TEST(!no_temporary.timed_out);
    BOOST_TEST(!no_temporary.err.empty());

    options = inside(folder);
    options.working_directory = "/proc/self";
    options.environment["HOME"] = "/proc/self";
    const ProcessResult read_only = run_banana({"demo", "healthy.v1"}, options);
    BOOST_TEST(read_only.exit_code == 0);
    BOOST_TEST(!read_only.err.empty());
    BOOST_TEST(read_only.out.find("# ") != std::string::npos);  // no folder takes it, and no terminal is flooded

    options.environment["HOME"] = "";
    BOOST_TEST(run_banana({"demo", "healthy.v1", "--output", "-"}, options).exit_code == 0);
}

BOOST_AUTO_TEST_CASE(folders_that_this_account_may_not_write, *unit_test::precondition(may_change_account)) {
    const TemporaryFolder folder;
    healthy_install(folder);
    fs::copy_file(BANANA_BINARY, folder.path() / "program");
    const fs::path read_only = folder.path() / "read-only";
    fs::create_directory(read_only);
    fs::permissions(read_only, fs::perms(0555));
    // The report may not go into ComfyUI's folder, so the home folder is the target there.
    for (const fs::path& place : {read_only, folder.path() / "ComfyUI"}) {
        ProcessOptions options = inside(folder);
        options.working_directory = place.string();
        options.environment["HOME"] = read_only.string();
        const ProcessResult result =
            run_process({"setpriv", "--reuid=65534", "--clear-groups", (folder.path() / "program").string(), "run",
                         "--only", "install", "--comfyui-dir", (folder.path() / "ComfyUI").string()},
                        options);
        BOOST_TEST_CONTEXT(place << result.err) {
            BOOST_TEST(result.exit_code == 0);
            BOOST_TEST(!result.err.empty());  // says why
            BOOST_TEST(result.out.find("<!-- banana-diag report data ") != std::string::npos);
            BOOST_TEST(fs::is_empty(read_only));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_limit_for_the_size_of_files) {
    const TemporaryFolder folder;
    BOOST_REQUIRE(run_banana({"demo", "healthy.v1", "--output", "first.json"}, inside(folder)).exit_code == 0);
    const ProcessResult result =
        below_shell("ulimit -f 4; exec \"$0\" render first.json --output second.json", inside(folder));
    BOOST_TEST(result.exit_code == 0);
    BOOST_TEST(result.out.find("\"schema\": 1") != std::string::npos);
    BOOST_TEST(std::distance(fs::directory_iterator(folder.path()), {}) == 1);
}

BOOST_AUTO_TEST_CASE(standard_output_by_its_name) {
    const TemporaryFolder folder;
    const ProcessResult result = below_shell(
        "echo before >out.txt; \"$0\" demo healthy.v1 -q --format json --output /dev/stdout >>out.txt", inside(folder));
    BOOST_TEST(result.exit_code == 0);
    const std::string text = read_file(folder.path() / "out.txt");
    BOOST_TEST(text.starts_with("before\n{"));
}

BOOST_AUTO_TEST_CASE(no_memory_image_is_left) {
    const TemporaryFolder folder;
    const std::string script = "ulimit -c unlimited; exec \"$0\" demo healthy.slow --output r.json";
    BackgroundProcess process({"bash", "-c", script, BANANA_BINARY}, inside(folder));
    BOOST_REQUIRE(process.read_line().has_value());
    const std::string limits = read_file("/proc/" + std::to_string(process.pid()) + "/limits");
    const std::string line = limits.substr(limits.find("Max core file size"));
    BOOST_TEST(line.substr(18, line.find('\n') - 18).find("unlimited") == std::string::npos);
    process.signal(SIGQUIT);
    BOOST_TEST(process.wait() == 128 + SIGQUIT);
    BOOST_TEST(fs::is_empty(folder.path()));
}

BOOST_AUTO_TEST_CASE(closed_streams) {
    const TemporaryFolder folder;
    for (const char* closed : {"<&-", ">&-", "2>&-", "<&- >&- 2>&-"}) {
        fs::remove(folder.path() / "r.json");
        const ProcessResult result =
            below_shell("\"$0\" demo healthy.v1 --output r.json " + std::string(closed), inside(folder));
        BOOST_TEST_CONTEXT(closed) {
            BOOST_TEST((result.exit_code == 0 || result.exit_code == 4));
            // No stream's number was taken over by the report's file.
            const std::string report = read_file(folder.path() / "r.json");
            BOOST_TEST((is_whole_json(report) && report.starts_with("{")));
        }
    }
    const ProcessResult reader_gone = below_shell(
        "\"$0\" demo healthy.v1 -v --output - --format html | head -c 10; exit ${PIPESTATUS[0]}", inside(folder));
    BOOST_TEST((reader_gone.exit_code == 4 || reader_gone.exit_code == 0));
    BOOST_TEST(reader_gone.out.size() == 10U);
}

BOOST_AUTO_TEST_CASE(signals_at_many_moments) {
    constexpr int kMoments = 36;
    int interrupted = 0;
    for (int moment = 0; moment < kMoments; ++moment) {
        const TemporaryFolder folder;
        ProcessOptions options = inside(folder);
        const fs::path temporary = folder.path() / "tmp";
        fs::create_directory(temporary);
        options.environment["TMPDIR"] = temporary.string();
        const int number = std::array{SIGINT, SIGTERM, SIGHUP}[static_cast<std::size_t>(moment % 3)];
        BackgroundProcess process({BANANA_BINARY, "demo", "healthy.slow", "--output", "r.md", "--output", "r.json"},
                                  options);
        const bool begun = moment % 2 == 0 && process.read_line().has_value();
        std::this_thread::sleep_for(std::chrono::milliseconds(moment * moment));
        process.signal(number);
        process.signal(number);  // whoever presses twice gets a whole report as well
        while (process.read_line()) {
        }
        const int code = process.wait();
        BOOST_TEST_CONTEXT("signal " << number << " after " << moment * moment << " ms") {
            BOOST_TEST((code == 0 || code == 128 + number));
            interrupted += code == 128 + number ? 1 : 0;
            for (const auto& entry : fs::directory_iterator(folder.path())) {
                const std::string name = entry.path().filename().string();
                BOOST_TEST((name == "r.md" || name == "r.json" || name == "tmp"), name);
            }
            const std::string report = read_file(folder.path() / "r.json");
            BOOST_TEST(((report.empty() && !begun) || is_whole_json(report)));
            const std::string text = read_file(folder.path() / "r.md");
            BOOST_TEST(
                ((text.empty() && !begun) ||
                 (text.find("\n<!-- banana-diag report data ") != std::string::npos && text.ends_with(" -->\n"))));
            BOOST_TEST(fs::is_empty(temporary));  // the world's folder
        }
    }
    BOOST_TEST(interrupted >= kMoments / 4);
}

// An end without any warning, at any moment of writing: the old report or the new one.
BOOST_AUTO_TEST_CASE(killed_while_reports_are_written) {
    const TemporaryFolder folder;
    BOOST_REQUIRE(run_banana({"demo", "healthy.v1", "--output", "first.json"}, inside(folder)).exit_code == 0);
    constexpr int kMoments = 40;
    for (int moment = 0; moment < kMoments; ++moment) {
        for (const int number : {SIGKILL, SIGTERM}) {
            BackgroundProcess process({BANANA_BINARY, "render", "first.json", "--output", "r.json"}, inside(folder));
            std::this_thread::sleep_for(std::chrono::microseconds(moment * 500));
            process.signal(number);
            process.wait();
            const std::string report = read_file(folder.path() / "r.json");
            BOOST_TEST((is_whole_json(report) || (report.empty() && !fs::exists(folder.path() / "r.json"))));
            for (const auto& entry : fs::directory_iterator(folder.path())) {
                const bool is_left = entry.path().filename().string().starts_with(".banana-diag-");
                BOOST_TEST((!is_left || number == SIGKILL));
                if (is_left) {
                    fs::remove(entry.path());
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(few_descriptors, *unit_test::precondition(is_not_sanitized)) {
    const TemporaryFolder folder;
    const fs::path root = healthy_install(folder);
    const std::string here = "http://127.0.0.1:" + std::to_string(free_port());
    const std::vector<std::string> commands{
        "demo healthy.v1",
        "run --comfyui-dir '" + root.string() + "' --comfyui-url " + here + " --base-url " + here,
        "run --comfyui-dir '" + root.string() + "' --only install,config",
    };
    for (const int limit : {4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 48, 80}) {
        for (const std::string& command : commands) {
            fs::remove(folder.path() / "r.json");
            const ProcessResult result = below_shell(
                "ulimit -n " + std::to_string(limit) + "; exec \"$0\" " + command + " --output r.json --deadline 10",
                inside(folder));
            BOOST_TEST_CONTEXT(limit << " descriptors, " << command << ": " << result.exit_code << result.err) {
                BOOST_TEST(!result.timed_out);
                const int code = result.exit_code;
                BOOST_TEST((code == 0 || code == 1 || code == 3 || code == 4 || code == 127));  // 127: not even loaded
                const std::string report = read_file(folder.path() / "r.json");
                BOOST_TEST((report.empty() || is_whole_json(report)));
                // Only what is true, nothing listens there, may be said.
                std::set<std::string> codes = report.empty() ? std::set<std::string>() : error_codes(report);
                if (command == commands[1]) {
                    codes.erase("local.server-down");
                    codes.erase("upstream.connection-refused");
                } else {
                    BOOST_TEST(code != 1);
                }
                BOOST_TEST(codes.empty(), (codes.empty() ? std::string() : *codes.begin()));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(little_memory, *unit_test::precondition(is_not_sanitized)) {
    const TemporaryFolder folder;
    for (const int megabytes : {20, 30, 40, 60, 80, 120, 200, 400}) {
        fs::remove(folder.path() / "r.json");
        const ProcessResult result = below_shell("ulimit -v " + std::to_string(megabytes * 1024) +
                                                     "; exec \"$0\" demo healthy.v1 --output r.json --deadline 10",
                                                 inside(folder));
        BOOST_TEST_CONTEXT(megabytes << " MB: " << result.exit_code << result.err) {
            BOOST_TEST(!result.timed_out);
            BOOST_TEST((result.exit_code == 0 || result.exit_code == 3 || result.exit_code == 4 ||
                        result.exit_code == 127));  // 127: not even loaded
            const std::string report = read_file(folder.path() / "r.json");
            BOOST_TEST((report.empty() || is_whole_json(report)));
        }
    }
}

BOOST_AUTO_TEST_CASE(ten_thousand_entries_in_custom_nodes) {
    // A disk may need half a minute to delete them.
    const fs::path memory = "/dev/shm";
    const TemporaryFolder folder(fs::exists(memory) ? memory : fs::temp_directory_path());
    const fs::path plugin = install_plugin(folder, "ComfyUI", "comfyui-banana-gemini", made_up_key(73));
    write_neighbours(plugin.parent_path(), 10'000);
    HostileServer server;
    server.start();
    const std::string deadline = kSanitized ? "300" : "30";
    const ProcessResult found =
        run_banana({"run", "--comfyui-dir", (folder.path() / "ComfyUI").string(), "--comfyui-url", server.url(),
                    "--base-url", server.url(), "--deadline", deadline, "--output", "-", "--format", "json"},
                   inside(folder));
    BOOST_TEST(found.exit_code == 0, found.err);
    BOOST_TEST(error_codes(found.out).empty());
    BOOST_TEST(std::string(json::parse(found.out).at("subject").at("plugin_dir").as_string())
                   .ends_with("/comfyui-banana-gemini"));

    // Every file has to be looked into before this can be said.
    fs::remove_all(plugin);
    const ProcessResult gone = run_banana({"run", "--comfyui-dir", (folder.path() / "ComfyUI").string(), "--only",
                                           "install", "--deadline", deadline, "--output", "-", "--format", "json"},
                                          inside(folder));
    BOOST_TEST(gone.exit_code == 1);
    BOOST_TEST((error_codes(gone.out) == std::set<std::string>{"install.plugin-not-found"}));

    rusage used{};
    BOOST_TEST(::getrusage(RUSAGE_CHILDREN, &used) == 0);
    BOOST_TEST_MESSAGE("10,000 entries: " << found.milliseconds << " ms, without the plugin " << gone.milliseconds
                                          << " ms; no child used more than " << used.ru_maxrss << " kB");
    constexpr long kEnough = 128L * 1024;
    BOOST_TEST((kSanitized || used.ru_maxrss < kEnough));
}

BOOST_AUTO_TEST_CASE(a_clock_that_is_wrong,
                     *unit_test::precondition(has_faketime) * unit_test::precondition(is_not_sanitized)) {
    const TemporaryFolder folder;
    for (const char* time : {"2001-01-01 00:00:00", "2037-12-31 23:59:58", "2026-11-01 01:59:59 x60"}) {
        const auto run = [&] {
            return run_process({"faketime", "-f", std::string("@") + time, BANANA_BINARY, "demo", "healthy.v1",
                                "--output", "-", "--format", "json", "--deadline", "20"},
                               inside(folder));
        };
        ProcessResult result = run();
        // Its semaphore has the name of a process: one that was killed may have left its own under the same number.
        for (int again = 0; again < 3 && result.err.find("sem_open") != std::string::npos; ++again) {
            result = run();
        }
        BOOST_TEST_CONTEXT(time << result.err) {
            BOOST_TEST(!result.timed_out);
            BOOST_TEST(result.exit_code == 0);  // the embedded upstream has the same clock
            BOOST_TEST(is_whole_json(result.out));
            BOOST_TEST(error_codes(result.out).empty());
        }
    }
}
