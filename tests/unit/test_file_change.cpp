// A file changed as a whole or not at all: what is refused, and a process killed at every system call of the change.
#include "file_change.hpp"

#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <string>

#include "support/access_list.hpp"
#include "support/sanitized.hpp"
#include "support/temporary_folder.hpp"

using namespace banana;
namespace fs = std::filesystem;
using platform::ChangeFault;

namespace {

const std::string kOld = "[gemini]\napi_key = old\n";
const std::string kNew = "[gemini]\napi_key = new and longer\n";

struct Folder {
    test::TemporaryFolder folder;
    fs::path file = folder.write("config.ini", kOld);

    platform::SeenFile see() const {
        platform::SeenFile seen;
        BOOST_REQUIRE(platform::see_file(file, 1000, seen).done());
        return seen;
    }

    std::set<std::string> names() const {
        std::set<std::string> found;
        for (const auto& entry : fs::directory_iterator(folder.path())) {
            found.insert(entry.path().filename());
        }
        return found;
    }

    const fs::path& path() const { return folder.path(); }
};

// Stops a child at each of its system calls, and kills it at the one with this number. False where it came to its end.
bool killed_at(int wanted, const std::function<void()>& action) {
    const pid_t child = ::fork();
    BOOST_REQUIRE(child >= 0);
    if (child == 0) {
        ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
        ::raise(SIGSTOP);
        action();
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    for (int number = 1; WIFSTOPPED(status); ++number) {
        if (number == wanted) {
            ::kill(child, SIGKILL);
            ::waitpid(child, &status, 0);
            return true;
        }
        if (::ptrace(PTRACE_SYSCALL, child, nullptr, nullptr) != 0) {
            break;
        }
        ::waitpid(child, &status, 0);
    }
    return false;
}

boost::test_tools::assertion_result is_root(boost::unit_test::test_unit_id) {
    boost::test_tools::assertion_result answer(::geteuid() == 0);
    answer.message() << "only root can try this";
    return answer;
}

boost::test_tools::assertion_result may_trace(boost::unit_test::test_unit_id) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::_exit(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0 ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    boost::test_tools::assertion_result answer(!test::kSanitized && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    answer.message() << "nobody may be traced here";
    return answer;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(file_change)

BOOST_FIXTURE_TEST_CASE(the_new_file_has_the_old_ones_mode, Folder) {
    for (const unsigned mode : {0600U, 0640U, 0644U, 0755U}) {
        ::chmod(file.c_str(), mode);
        BOOST_TEST(platform::replace_file(file, see(), kNew).done());
        BOOST_TEST(test::read_file(file) == kNew);
        BOOST_TEST(see().stamp.mode == mode);
        BOOST_TEST(platform::replace_file(file, see(), kOld).done());
    }
    BOOST_TEST(names() == std::set<std::string>{"config.ini"});
}

BOOST_FIXTURE_TEST_CASE(a_file_that_changed_is_left_alone, Folder) {
    const platform::SeenFile seen = see();
    std::ofstream(file, std::ios::app) << "# by another program\n";
    const std::string now = test::read_file(file);
    BOOST_CHECK(platform::replace_file(file, seen, kNew).fault == ChangeFault::changed);
    BOOST_CHECK(platform::set_mode(file, seen, 0600).fault == ChangeFault::changed);
    BOOST_TEST(test::read_file(file) == now);
    // The same bytes in another file, as an editor saves.
    fs::remove(file);
    std::ofstream(file) << kOld;
    BOOST_CHECK(platform::replace_file(file, seen, kNew).fault == ChangeFault::changed);
    fs::remove(file);
    BOOST_CHECK(platform::replace_file(file, seen, kNew).fault == ChangeFault::changed);
    BOOST_TEST(names().empty());
}

BOOST_FIXTURE_TEST_CASE(links_folders_and_protected_files_are_left_alone, Folder) {
    platform::SeenFile seen;
    fs::create_symlink(file, path() / "link");
    BOOST_CHECK(platform::see_file(path() / "link", 1000, seen).fault == ChangeFault::not_regular);
    BOOST_CHECK(platform::see_file(path(), 1000, seen).fault == ChangeFault::not_regular);
    BOOST_CHECK(platform::see_file(file, 5, seen).fault == ChangeFault::not_regular);
    ::mkfifo((path() / "pipe").c_str(), 0600);
    BOOST_CHECK(platform::see_file(path() / "pipe", 1000, seen).fault == ChangeFault::not_regular);

    fs::create_hard_link(file, path() / "second");
    BOOST_CHECK(platform::replace_file(file, see(), kNew).fault == ChangeFault::linked);
    fs::remove(path() / "second");
    ::chmod(file.c_str(), 0444);
    BOOST_CHECK(platform::replace_file(file, see(), kNew).fault == ChangeFault::read_only);
    BOOST_TEST(test::read_file(file) == kOld);
}

// What takes the file's place between the look and the change is not followed.
BOOST_FIXTURE_TEST_CASE(a_link_put_in_the_files_place_is_not_followed, Folder) {
    const platform::SeenFile seen = see();
    std::ofstream(path() / "elsewhere") << kOld;
    fs::remove(file);
    fs::create_symlink(path() / "elsewhere", file);
    BOOST_CHECK(platform::replace_file(file, seen, kNew).fault == ChangeFault::changed);
    BOOST_TEST(test::read_file(path() / "elsewhere") == kOld);
    BOOST_TEST(fs::is_symlink(file));
}

BOOST_FIXTURE_TEST_CASE(a_new_file_replaces_nothing, Folder) {
    const platform::FileStamp like = see().stamp;
    BOOST_CHECK(platform::write_new_file(file, kNew, like, 0600).fault == ChangeFault::taken);
    BOOST_TEST(test::read_file(file) == kOld);
    BOOST_TEST(platform::write_new_file(path() / "copy", kNew, like, 0640).done());
    BOOST_TEST(test::read_file(path() / "copy") == kNew);
    BOOST_TEST((fs::status(path() / "copy").permissions() == fs::perms(0640)));
    BOOST_CHECK(platform::move_to_free_name(path() / "copy", file).fault == ChangeFault::taken);
    BOOST_TEST(platform::move_to_free_name(path() / "copy", path() / "other").done());
    BOOST_TEST(names() == (std::set<std::string>{"config.ini", "other"}));
}

// Mode bits alone would say something else: those of the group stand for the most that the list grants.
BOOST_FIXTURE_TEST_CASE(copies_have_the_access_list, Folder, *boost::unit_test::precondition(test::has_access_lists)) {
    const std::string list = test::list_with_one_reader();
    BOOST_REQUIRE(::setxattr(file.c_str(), "system.posix_acl_access", list.data(), list.size(), 0) == 0);
    const platform::FileStamp like = see().stamp;
    BOOST_TEST(like.mode == 0640U);
    BOOST_TEST(platform::write_new_file(path() / "copy", kNew, like, like.mode).done());
    BOOST_TEST((test::list_of(path() / "copy") == list));
    BOOST_TEST(platform::replace_file(file, see(), kNew).done());
    BOOST_TEST((test::list_of(file) == list));
    // A mode that grants less bounds the list.
    BOOST_TEST(platform::write_new_file(path() / "closed", kNew, like, 0600).done());
    BOOST_TEST((fs::status(path() / "closed").permissions() == fs::perms(0600)));

    // A file without one gets none from its folder either.
    const std::string of_folder = test::list_with_one_reader();
    BOOST_REQUIRE(::setxattr(path().c_str(), "system.posix_acl_default", of_folder.data(), of_folder.size(), 0) == 0);
    ::removexattr(file.c_str(), "system.posix_acl_access");
    ::chmod(file.c_str(), 0640);
    BOOST_TEST(platform::write_new_file(path() / "plain", kNew, see().stamp, 0640).done());
    BOOST_TEST(test::list_of(path() / "plain").empty());
}

// What a process that was killed leaves: no name of one that runs, and nothing that somebody else made.
BOOST_FIXTURE_TEST_CASE(only_leftovers_are_removed, Folder) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::_exit(0);
    }
    ::waitpid(child, nullptr, 0);
    const auto name_of = [](pid_t process) {
        return std::string(platform::kTemporaryPrefix) + std::to_string(process) + "-1";
    };
    fs::create_hard_link(file, path() / name_of(child));
    folder.write(name_of(::getpid()), kNew);
    folder.write(name_of(::getppid()), kNew);
    folder.write(std::string(platform::kTemporaryPrefix) + "notes", kNew);
    fs::create_directory(path() / (name_of(child) + "1"));
    fs::create_symlink(file, path() / (name_of(child) + "2"));
    platform::remove_leftovers(path());
    BOOST_TEST(names() == (std::set<std::string>{"config.ini", name_of(::getppid()), ".banana-diag-notes",
                                                 name_of(child) + "1", name_of(child) + "2"}));
    BOOST_TEST(see().stamp.links == 1U);
}

// Another account's file would become ours.
BOOST_FIXTURE_TEST_CASE(the_owner_stays, Folder, *boost::unit_test::precondition(is_root)) {
    BOOST_REQUIRE(::chown(file.c_str(), 12345, 12345) == 0);
    BOOST_TEST(platform::replace_file(file, see(), kNew).done());
    BOOST_TEST(see().stamp.owner == 12345U);
    BOOST_TEST(see().stamp.group == 12345U);
    ::chmod(path().c_str(), 0777);
    const pid_t child = ::fork();
    if (child == 0) {
        const bool changed = ::setuid(23456) == 0;
        platform::SeenFile seen;
        platform::see_file(file, 1000, seen);
        ::_exit(changed ? static_cast<int>(platform::replace_file(file, seen, kOld).fault) : 99);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    BOOST_TEST(WEXITSTATUS(status) == static_cast<int>(ChangeFault::owner));
    BOOST_TEST(test::read_file(file) == kNew);
    BOOST_TEST(names() == std::set<std::string>{"config.ini"});
}

BOOST_AUTO_TEST_CASE(killed_at_every_system_call, *boost::unit_test::precondition(may_trace)) {
    bool old_seen = false;
    bool new_seen = false;
    int number = 1;
    for (bool killed = true; killed; ++number) {
        Folder folder;
        ::chmod(folder.file.c_str(), 0640);
        const platform::SeenFile seen = folder.see();
        killed = killed_at(number, [&] { platform::replace_file(folder.file, seen, kNew); });
        const std::string now = test::read_file(folder.file);
        BOOST_TEST((now == kOld || now == kNew), "killed at stop " << number << ": " << now);
        BOOST_TEST(folder.see().stamp.mode == 0640U);
        old_seen = old_seen || now == kOld;
        new_seen = new_seen || now == kNew;
        BOOST_REQUIRE(number < 2000);
    }
    BOOST_TEST(old_seen);
    BOOST_TEST(new_seen);
    BOOST_TEST_MESSAGE("killed at " << number - 2 << " stops");

    // A backup that is there is whole.
    number = 1;
    for (bool killed = true; killed; ++number) {
        Folder folder;
        const platform::SeenFile seen = folder.see();
        killed = killed_at(number, [&] {
            platform::write_new_file(folder.path() / "backup", seen.bytes, seen.stamp, seen.stamp.mode);
        });
        if (fs::exists(folder.path() / "backup")) {
            BOOST_TEST(test::read_file(folder.path() / "backup") == kOld);
            // With a second name it could not be changed any more.
            BOOST_TEST(fs::hard_link_count(folder.path() / "backup") == 1U);
        }
        BOOST_TEST(test::read_file(folder.file) == kOld);
    }
}

BOOST_AUTO_TEST_SUITE_END()
