// A small file that somebody else wrote: read within its bound, or why not.
#include "bounded_file.hpp"
#include "support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <sstream>
#include <string>

#include <sys/stat.h>

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_bounded_file)

namespace {

std::string problem_of(const std::filesystem::path& path, std::size_t limit = 100) {
    const BoundedFile file = read_bounded(path, limit);
    BOOST_TEST((!file.problem || file.bytes.empty()));
    return file.problem ? std::string(file_problem_name(*file.problem)) : "";
}

}  // namespace

BOOST_AUTO_TEST_CASE(within_the_bound_all_of_it) {
    const test::TemporaryFolder folder;
    const std::string bytes = std::string("\0\xFF\r\n", 4) + std::string(96, 'x');
    BOOST_TEST(read_bounded(folder.write("a", bytes), 100).bytes == bytes);
    BOOST_TEST(problem_of(folder.write("b", bytes + "y")) == "too-large");
    BOOST_TEST(read_bounded(folder.write("c", "")).bytes.empty());
    BOOST_TEST(problem_of(folder.write("c", "")).empty());
}

BOOST_AUTO_TEST_CASE(what_is_no_file) {
    const test::TemporaryFolder folder;
    BOOST_TEST(problem_of(folder.path() / "none") == "missing");
    BOOST_TEST(problem_of(folder.path()) == "folder");
    std::filesystem::create_symlink("none", folder.path() / "dangling");
    BOOST_TEST(problem_of(folder.path() / "dangling") == "dangling-link");
    std::filesystem::create_symlink("loop", folder.path() / "loop");
    BOOST_TEST(problem_of(folder.path() / "loop") == "link-loop");
    // Opening it to read would wait for a writer that never comes.
    BOOST_REQUIRE(::mkfifo((folder.path() / "fifo").c_str(), 0600) == 0);
    BOOST_TEST(problem_of(folder.path() / "fifo") == "not-regular");
    BOOST_TEST(problem_of("/dev/zero") == "not-regular");
}

BOOST_AUTO_TEST_CASE(of_a_stream_no_more_than_the_limit) {
    std::istringstream stream(std::string(1'000, 'x'));
    BOOST_TEST(read_bounded(stream, 10) == std::string(10, 'x'));
}

BOOST_AUTO_TEST_SUITE_END()
