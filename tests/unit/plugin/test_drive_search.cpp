#include "drive_search.hpp"
#include "support/plugin_fixture.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>

using namespace banana;
using namespace banana::test;

BOOST_AUTO_TEST_SUITE(test_drive_search)

namespace fs = std::filesystem;

namespace {

const DriveSearchLimits kWide{1'000, [] { return false; }};

std::vector<fs::path> in_order(std::vector<fs::path> paths) {
    std::sort(paths.begin(), paths.end());
    return paths;
}

}  // namespace

BOOST_AUTO_TEST_CASE(roots_are_found_two_folders_deep_whatever_they_are_called) {
    const TemporaryFolder folder;
    std::vector<fs::path> wanted;
    for (const char* place :
         {"AI 绘画/ComfyUI 便携版/ComfyUI", "下载/新建文件夹/ComfyUI", "ComfyUI-aki-v1.3", "sd/aki-v1.6",
          "StabilityMatrix/Data/Packages/ComfyUI", "tools/StabilityMatrix/Packages/comfy", "pinokio/api/comfy.git/app",
          "软件/AI/ComfyUI-aki-v1.6/ComfyUI"}) {
        wanted.push_back(test::make_comfyui(folder, place));
    }
    test::make_comfyui(folder, "too/deep/for/ComfyUI");
    test::make_comfyui(folder, "Windows/ComfyUI");
    test::make_comfyui(folder, "Program Files/x/ComfyUI");
    BOOST_TEST(in_order(search_drives({folder.path()}, kWide)) == in_order(wanted), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(promising_names_come_before_the_limit) {
    const TemporaryFolder folder;
    for (int number = 0; number < 50; ++number) {
        fs::create_directories(folder.path() / ("games-" + std::to_string(number)));
    }
    const fs::path root = test::make_comfyui(folder, "ComfyUI");
    const std::vector<fs::path> found = search_drives({folder.path()}, DriveSearchLimits{3, [] { return false; }});
    BOOST_TEST(found == std::vector{root}, boost::test_tools::per_element());
    BOOST_TEST(search_drives({folder.path()}, DriveSearchLimits{1'000, [] { return true; }}).empty());
}

BOOST_AUTO_TEST_CASE(a_drive_that_is_not_there_is_an_empty_one) {
    BOOST_TEST(search_drives({"/nowhere/at/all"}, kWide).empty());
}

BOOST_AUTO_TEST_SUITE_END()
