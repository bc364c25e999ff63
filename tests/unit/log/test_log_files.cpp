#include "log_files.hpp"
#include "log_scanner.hpp"
#include "log_text.hpp"
#include "support/log_samples.hpp"
#include "support/plugin_fixture.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <fstream>

using namespace banana;
using namespace banana::test;

BOOST_AUTO_TEST_SUITE(test_log_files)

namespace fs = std::filesystem;

BOOST_AUTO_TEST_CASE(a_huge_log_is_read_from_its_end) {
    const TemporaryFolder folder;
    const fs::path path = folder.write("comfyui.log", failed("No module named 'old'"));
    // A sparse file: a gigabyte by its size.
    fs::resize_file(path, 1024UL * 1024 * 1024);
    {
        std::ofstream stream(path, std::ios::binary | std::ios::app);
        stream << "\n" << kStart << kLoaded << kReady;
    }
    const LogText log = read_log_end(path, 64 * 1024);
    BOOST_TEST(!log.problem.has_value());
    BOOST_TEST(!log.complete);
    BOOST_TEST(log.text.size() <= 3 * 64 * 1024 + 16);
    BOOST_TEST(scan_log(log.text, kFolder, log.complete).node_file_loaded.value());
}

BOOST_AUTO_TEST_CASE(what_is_no_readable_file) {
    const TemporaryFolder folder;
    BOOST_TEST((read_log_end(folder.path()).problem == FileProblem::folder));
    BOOST_TEST((read_log_end(folder.path() / "none").problem == FileProblem::missing));
    fs::create_symlink("loop", folder.path() / "loop");
    BOOST_TEST((read_log_end(folder.path() / "loop").problem == FileProblem::link_loop));
    BOOST_TEST(read_log_end(folder.write("empty.log", "")).complete);
}

BOOST_AUTO_TEST_CASE(which_file_is_the_newest_start) {
    const TemporaryFolder folder;
    const fs::path root = test::make_comfyui(folder);
    Surroundings surroundings;
    surroundings.search_machine = false;
    const auto write = [&](const char* name, int age_minutes) {
        const fs::path path = folder.write(name, "x\n");
        fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::minutes(age_minutes));
        return path;
    };
    const fs::path old_place = write("ComfyUI/comfyui.log", 30);
    const fs::path in_user = write("ComfyUI/user/comfyui.log", 20);
    const fs::path by_port = write("ComfyUI/user/comfyui_8189.log", 25);
    const fs::path above = write("comfyui.log", 10);
    write("ComfyUI/user/comfyui.prev.log", 1);
    write("ComfyUI/user/comfyui.prev2.log", 1);
    LogPlaces places;
    places.comfyui_dir = root;
    write("ComfyUI/user/comfyui-manager-notes.log", 1);
    const std::vector<fs::path> by_time{above, in_user, by_port, old_place};
    std::vector<fs::path> found;
    for (const LogFile& file : find_log_files(places, surroundings)) {
        found.push_back(file.path);
    }
    BOOST_TEST((found == by_time));
    places.port = 8189;
    BOOST_TEST(find_log_files(places, surroundings).front().path == by_port);
    write("ComfyUI/user/comfyui_8189.log", 60 * 24 * 365);
    BOOST_TEST(find_log_files(places, surroundings).front().path == above);
    places.argv = {"main.py", "--user-directory", (folder.path() / "users").string()};
    const fs::path moved = write("users/comfyui_8189.log", 2);
    BOOST_TEST(find_log_files(places, surroundings).front().path == moved);
}

BOOST_AUTO_TEST_SUITE_END()
