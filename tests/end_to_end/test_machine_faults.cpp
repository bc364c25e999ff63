// The machine itself fails: full disks, closed streams, few descriptors, little memory, signals at any moment, a clock
// that jumps. The program says so or copes; a report is whole or absent, and nothing hangs.
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <sys/mount.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
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

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define BANANA_SANITIZED
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define BANANA_SANITIZED
#endif

}  // namespace

BOOST_AUTO_TEST_CASE(a_full_device_as_output_or_as_standard_output) {
    const TemporaryFolder folder;
    const ProcessResult file =
        run_banana({"demo", "healthy.v1", "--output", "/dev/full", "--format", "json"}, inside(folder));
    BOOST_TEST(file.exit_code == 0);
    BOOST_TEST(
        is_whole_json(file.out.substr(file.out.find("\n{") + 1, file.out.find("\n}") - file.out.find("\n{") + 1)));
    const ProcessResult stream =
        below_shell("\"$0\" demo healthy.v1 --output - --format json >/dev/full", inside(folder));
    BOOST_TEST(stream.exit_code == 4);  // the report was not delivered
    const ProcessResult lines = below_shell("\"$0\" demo healthy.v1 --output r.json >/dev/full", inside(folder));
    BOOST_TEST((lines.exit_code == 0 || lines.exit_code == 4));
    BOOST_TEST(is_whole_json(read_file(folder.path() / "r.json")));
}

BOOST_AUTO_TEST_CASE(a_small_disk_that_is_full) {
    const TemporaryFolder folder;
    const fs::path disk = folder.path() / "disk";
    fs::create_directory(disk);
    if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=8k") != 0) {
        BOOST_TEST_MESSAGE("skipped: no right to mount");
        BOOST_TEST(true);
        return;
    }
    {
        const ProcessResult result =
            run_banana({"demo", "healthy.v1", "--output", (disk / "r.json").string()}, inside(folder));
        BOOST_TEST(result.exit_code == 0);
        BOOST_TEST(result.out.find("\"schema\": 1") != std::string::npos);
        BOOST_TEST(fs::is_empty(disk));  // neither half a report nor a temporary file
    }
    BOOST_TEST(::umount(disk.c_str()) == 0);
}

BOOST_AUTO_TEST_CASE(folders_that_cannot_be_written) {
    const TemporaryFolder folder;
    ProcessOptions options = inside(folder);
    options.environment["TMPDIR"] = (folder.path() / "no-such-folder").string();
    const ProcessResult no_temporary = run_banana({"demo", "healthy.v1"}, options);
    BOOST_TEST((no_temporary.exit_code == 0 || no_temporary.exit_code == 4));
    BOOST_TEST(!no_temporary.timed_out);
    BOOST_TEST(!no_temporary.out.empty() + !no_temporary.err.empty() > 0);

    options = inside(folder);
    options.working_directory = "/proc/self";
    options.environment["HOME"] = "/proc/self";
    const ProcessResult read_only = run_banana({"demo", "healthy.v1"}, options);
    BOOST_TEST(read_only.exit_code == 0);
    BOOST_TEST(!read_only.err.empty());
    BOOST_TEST(read_only.out.find("# ") != std::string::npos);

    options.environment["HOME"] = "";
    BOOST_TEST(run_banana({"demo", "healthy.v1", "--output", "-"}, options).exit_code == 0);
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
        fs::create_directory(folder.path() / "tmp");
        options.environment["TMPDIR"] = (folder.path() / "tmp").string();
        const int number = moment % 2 == 0 ? SIGINT : SIGTERM;
        BackgroundProcess process({BANANA_BINARY, "demo", "healthy.slow", "--output", "r.md", "--output", "r.json"},
                                  options);
        std::this_thread::sleep_for(std::chrono::milliseconds(moment * moment));
        process.signal(number);
        while (process.read_line()) {
        }
        const int code = process.wait();
        BOOST_TEST_CONTEXT("after " << moment * moment << " ms") {
            BOOST_TEST((code == 0 || code == 128 + number));
            interrupted += code == 128 + number ? 1 : 0;
            for (const auto& entry : fs::directory_iterator(folder.path())) {
                const std::string name = entry.path().filename().string();
                BOOST_TEST((name == "r.md" || name == "r.json" || name == "tmp"), name);
            }
            const std::string report = read_file(folder.path() / "r.json");
            BOOST_TEST((report.empty() || is_whole_json(report)));
            if (fs::exists(folder.path() / "r.md")) {
                BOOST_TEST(read_file(folder.path() / "r.md").ends_with("<!-- banana-diag report -->\n"));
            }
        }
    }
    BOOST_TEST(interrupted >= kMoments / 4);
}

BOOST_AUTO_TEST_CASE(few_descriptors) {
    const TemporaryFolder folder;
    for (const int limit : {4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 48}) {
        fs::remove(folder.path() / "r.json");
        const ProcessResult result = below_shell(
            "ulimit -n " + std::to_string(limit) + "; exec \"$0\" demo healthy.v1 --output r.json --deadline 10",
            inside(folder));
        BOOST_TEST_CONTEXT(limit << " descriptors: " << result.exit_code << result.err) {
            BOOST_TEST(!result.timed_out);
            BOOST_TEST((result.exit_code == 0 || result.exit_code == 1 || result.exit_code == 3 ||
                        result.exit_code == 4 || result.exit_code == 127));  // 127: not even loaded
            const std::string report = read_file(folder.path() / "r.json");
            BOOST_TEST((report.empty() || is_whole_json(report)));
        }
    }
}

BOOST_AUTO_TEST_CASE(little_memory) {
#ifdef BANANA_SANITIZED
    BOOST_TEST_MESSAGE("skipped: sanitizers need address space");
    BOOST_TEST(true);
#else
    const TemporaryFolder folder;
    for (const int megabytes : {20, 30, 40, 60, 80, 120, 200, 400}) {
        fs::remove(folder.path() / "r.json");
        const ProcessResult result = below_shell("ulimit -v " + std::to_string(megabytes * 1024) +
                                                     "; exec \"$0\" demo healthy.v1 --output r.json --deadline 10",
                                                 inside(folder));
        BOOST_TEST_CONTEXT(megabytes << " MB: " << result.exit_code << result.err) {
            BOOST_TEST(!result.timed_out);
            BOOST_TEST((result.exit_code == 0 || result.exit_code == 1 || result.exit_code == 3 ||
                        result.exit_code == 4 || result.exit_code == 127));  // 127: not even loaded
            const std::string report = read_file(folder.path() / "r.json");
            BOOST_TEST((report.empty() || is_whole_json(report)));
        }
    }
#endif
}

BOOST_AUTO_TEST_CASE(ten_thousand_entries_in_custom_nodes) {
    const TemporaryFolder folder;
    for (const char* file : {"main.py", "nodes.py", "server.py", "folder_paths.py"}) {
        folder.write(fs::path("ComfyUI") / file, "# ComfyUI\n");
    }
    const fs::path nodes = folder.path() / "ComfyUI" / "custom_nodes";
    fs::create_directories(nodes);
    for (int index = 0; index < 10'000; ++index) {
        const std::string name = "node-" + std::to_string(index);
        if (index % 2 == 0) {
            fs::create_directory(nodes / name);
        } else {
            folder.write(nodes / (name + ".py"), "");
        }
    }
    fs::copy(fs::path(BANANA_SOURCE_DIR) / "tests/fixtures/plugin_v1", nodes / "zzz-banana",
             fs::copy_options::recursive);
    const ProcessResult result = run_banana({"run", "--comfyui-dir", (folder.path() / "ComfyUI").string(), "--only",
                                             "install", "--output", "-", "--format", "json", "--deadline", "20"},
                                            inside(folder));
    BOOST_TEST(!result.timed_out);
    BOOST_TEST(result.out.find("zzz-banana") != std::string::npos);
    BOOST_TEST(result.milliseconds < 20'000);
}

BOOST_AUTO_TEST_CASE(a_clock_that_is_wrong) {
    if (run_process({"sh", "-c", "command -v faketime"}).exit_code != 0) {
        BOOST_TEST_MESSAGE("skipped: faketime is not installed");
        BOOST_TEST(true);
        return;
    }
#ifndef BANANA_SANITIZED
    const TemporaryFolder folder;
    for (const char* time : {"2001-01-01 00:00:00", "2037-12-31 23:59:58", "2026-11-01 01:59:59 x60"}) {
        const ProcessResult result =
            run_process({"faketime", "-f", std::string("@") + time, BANANA_BINARY, "demo", "healthy.v1", "--output",
                         "-", "--format", "json", "--deadline", "20"},
                        inside(folder));
        BOOST_TEST_CONTEXT(time << result.err) {
            BOOST_TEST(!result.timed_out);
            BOOST_TEST((result.exit_code == 0 || result.exit_code == 1 || result.exit_code == 3));
            BOOST_TEST(is_whole_json(result.out));
        }
    }
#endif
}
