#include "log_files.hpp"
#include "support/plugin_fixture.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>

using namespace banana;
using namespace banana::test;

BOOST_AUTO_TEST_SUITE(test_log_files)

namespace fs = std::filesystem;

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
