#include "output_file.hpp"

#include "support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

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

BOOST_AUTO_TEST_CASE(a_report_with_data_is_one_of_ours) {
    const TemporaryFolder folder;
    const std::string comment = "<!-- banana-diag report data 1 6000 " + std::string(6000, 'A') + " -->\n";
    for (const std::string& end : {comment, "</html>\n" + comment, "\r\n" + comment}) {
        const auto ours = folder.write("report.md", "old\n" + end);
        BOOST_TEST(write_report_file(ours, "new").path == ours);
    }
    const auto quoted = folder.write("notes.md", "See the end of a report:\n\n" + comment + "\nmy own words\n");
    BOOST_TEST(write_report_file(quoted, "new").path != quoted);
}

BOOST_AUTO_TEST_CASE(an_earlier_report_is_kept_where_the_name_is_ours) {
    const TemporaryFolder folder;
    const auto first = folder.write("report.md", "first\n<!-- banana-diag report -->\n");
    const WrittenFile second = write_report_file(first, "second", Earlier::kept);
    BOOST_TEST(second.path.filename() == "report-2.md");
    BOOST_TEST(read_file(first).starts_with("first"));
}

BOOST_AUTO_TEST_CASE(the_default_name_has_the_local_time) {
    const TemporaryFolder folder;
    Surroundings surroundings;
    surroundings.working_directory = folder.path();
    surroundings.now = [] { return std::chrono::system_clock::time_point(std::chrono::seconds(1762937340)); };
    ::setenv("TZ", "Asia/Shanghai", 1);
    ::tzset();
    const auto paths = default_report_paths(surroundings, {});
    ::unsetenv("TZ");
    ::tzset();
    BOOST_TEST(paths.front().filename() == "banana-diag-report-20251112-164900.md");
    BOOST_TEST(paths.front().parent_path() == folder.path());
}

BOOST_AUTO_TEST_CASE(nothing_is_written_into_comfyui_but_where_people_look) {
    const TemporaryFolder folder;
    const auto comfyui = folder.path() / "ComfyUI";
    const auto home = folder.path() / "home";
    std::filesystem::create_directories(comfyui / "custom_nodes" / "plugin");
    std::filesystem::create_directories(home / "Documents");
    Surroundings surroundings;
    surroundings.home = home;
    const auto folders = [&] {
        std::vector<std::filesystem::path> all;
        for (const auto& path : default_report_paths(surroundings, comfyui)) {
            all.push_back(path.parent_path());
        }
        return all;
    };
    using Folders = std::vector<std::filesystem::path>;
    for (const auto& inside : {comfyui, comfyui / "custom_nodes" / "plugin"}) {
        surroundings.working_directory = inside;
        BOOST_TEST((folders() == Folders{home / "Documents", home}));
    }
    std::filesystem::create_directories(home / "Desktop");
    surroundings.working_directory = folder.path() / "ComfyUI-other";
    BOOST_TEST((folders() == Folders{surroundings.working_directory, home / "Desktop", home / "Documents", home}));
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
