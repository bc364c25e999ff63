#include "installed_packages.hpp"
#include "support/plugin_fixture.hpp"

#include <array>
#include <boost/test/unit_test.hpp>

using namespace banana;
using namespace banana::test;

BOOST_AUTO_TEST_SUITE(test_installed_packages)

BOOST_AUTO_TEST_CASE(packages_are_read_of_the_very_python_and_of_no_neighbour) {
    const TemporaryFolder folder;
    folder.write("usr/lib/python3.10/dist-packages/opencv_python-4.1.dist-info/METADATA", "");
    folder.write("usr/lib/python3.11/site-packages/opencv_python_headless-4.8.0.dist-info/METADATA", "");
    folder.write("usr/bin/python3.11", "");
    constexpr auto kNames = std::to_array<std::string_view>({"opencv-python", "opencv-python-headless"});
    const std::filesystem::path programs = folder.path() / "usr" / "bin";
    std::error_code no_links;  // as under Windows
    std::filesystem::create_symlink("python3.11", programs / "python3", no_links);
    for (const std::string& program : {std::string("python3.11"), std::string(no_links ? "python3.11" : "python3")}) {
        const std::vector<InstalledPackage> found = installed_of(programs / program, kNames);
        BOOST_REQUIRE_EQUAL(found.size(), 1U);
        BOOST_TEST(found.front().name == "opencv-python-headless");
        BOOST_TEST(found.front().version == "4.8.0");
    }
    // Which of the two it runs on cannot be seen.
    BOOST_TEST(installed_of(programs / "comfy-python", kNames).empty());
    BOOST_TEST(installed_of({}, kNames).empty());
}

BOOST_AUTO_TEST_SUITE_END()
