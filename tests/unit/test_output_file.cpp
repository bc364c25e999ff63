#include "output_file.hpp"

#include "support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>

#include <filesystem>

using namespace banana;
using banana::test::read_file;
using banana::test::TemporaryFolder;

BOOST_AUTO_TEST_CASE(a_strangers_file_is_never_replaced) {
    const TemporaryFolder folder;
    const auto theirs = folder.write("report.md", "my own notes about banana-diag\n");
    const WrittenFile written = write_report_file(theirs, "new\n<!-- banana-diag report -->\n");
    BOOST_TEST(!written.error);
    BOOST_TEST(written.path.filename() == "report-2.md");
    BOOST_TEST(read_file(theirs) == "my own notes about banana-diag\n");
    BOOST_TEST(read_file(written.path) == "new\n<!-- banana-diag report -->\n");
}

BOOST_AUTO_TEST_CASE(a_report_of_ours_is_replaced) {
    const TemporaryFolder folder;
    const auto ours = folder.write("metrics.prom", "# HELP banana_diag_info About\nold\n");
    const WrittenFile written = write_report_file(ours, "# HELP banana_diag_info About\nnew\n");
    BOOST_TEST(!written.error);
    BOOST_TEST(written.path == ours);
    BOOST_TEST(read_file(ours) == "# HELP banana_diag_info About\nnew\n");
    BOOST_TEST(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

BOOST_AUTO_TEST_CASE(failures_leave_nothing_behind) {
    const TemporaryFolder folder;
    BOOST_TEST(static_cast<bool>(write_report_file(folder.path() / "no" / "such" / "folder.md", "x").error));
    BOOST_TEST(static_cast<bool>(write_report_file(folder.path(), "x").error));
    BOOST_TEST(std::filesystem::is_empty(folder.path()));
}

BOOST_AUTO_TEST_CASE(the_default_name_has_the_utc_time) {
    Surroundings surroundings;
    surroundings.working_directory = "/somewhere";
    surroundings.now = [] { return std::chrono::system_clock::time_point(std::chrono::seconds(1762937340)); };
    BOOST_TEST(default_report_path(surroundings, {}).generic_string() ==
               "/somewhere/banana-diag-report-20251112T084900Z.md");
}

BOOST_AUTO_TEST_CASE(nothing_is_written_into_comfyui) {
    const TemporaryFolder folder;
    const auto comfyui = folder.path() / "ComfyUI";
    std::filesystem::create_directories(comfyui / "custom_nodes" / "plugin");
    Surroundings surroundings;
    surroundings.home = folder.path() / "home";
    for (const auto& inside : {comfyui, comfyui / "custom_nodes" / "plugin"}) {
        surroundings.working_directory = inside;
        BOOST_TEST(default_report_path(surroundings, comfyui).parent_path() == surroundings.home);
    }
    surroundings.working_directory = folder.path() / "ComfyUI-other";
    BOOST_TEST(default_report_path(surroundings, comfyui).parent_path() == surroundings.working_directory);
}

BOOST_AUTO_TEST_CASE(the_extension_names_the_format) {
    BOOST_TEST(format_of("a/b.MD", "json") == "markdown");
    BOOST_TEST(format_of("b.json", "markdown") == "json");
    BOOST_TEST(format_of("b.html", "markdown") == "html");
    BOOST_TEST(format_of("b.prom", "markdown") == "metrics");
    BOOST_TEST(format_of("b.txt", "html") == "html");
}

BOOST_AUTO_TEST_CASE(a_pipe_without_a_reader_is_not_waited_for) {
    const TemporaryFolder folder;
    const auto pipe = folder.path() / "pipe.md";
    BOOST_REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    BOOST_TEST(static_cast<bool>(write_report_file(pipe, "x").error));
}

BOOST_AUTO_TEST_CASE(a_replaced_report_hands_on_its_mode) {
    namespace fs = std::filesystem;
    const TemporaryFolder folder;
    const auto ours = folder.write("metrics.prom", "# HELP banana_diag_info About\nold\n");
    fs::permissions(ours, fs::perms::owner_read | fs::perms::owner_write);
    BOOST_TEST(!write_report_file(ours, "# HELP banana_diag_info About\nnew\n").error);
    BOOST_TEST((fs::status(ours).permissions() == (fs::perms::owner_read | fs::perms::owner_write)));
}
