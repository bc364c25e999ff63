// What --watch rests on: folders that are watched, and how often the upstream may be asked.
#include "folder_watch.hpp"
#include "query_budget.hpp"
#include "watch.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "support/temporary_folder.hpp"

using namespace banana;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(watch)

BOOST_AUTO_TEST_CASE(at_most_one_query_in_ten_seconds) {
    QueryBudget budget;
    const QueryBudget::Time start{};
    BOOST_TEST(budget.wait(start).count() == 0);
    budget.spend(start);
    BOOST_TEST(budget.wait(start).count() == 10);
    BOOST_TEST(budget.wait(start + 9'500ms).count() == 1);
    BOOST_TEST(budget.wait(start + 10s).count() == 0);
}

BOOST_AUTO_TEST_CASE(at_most_ten_in_twenty_minutes) {
    QueryBudget budget;
    QueryBudget::Time now{};
    for (int count = 0; count < 10; ++count, now += 10s) {
        BOOST_TEST(budget.wait(now).count() == 0);
        budget.spend(now);
    }
    BOOST_TEST(budget.wait(now).count() == 20 * 60 - 100);
    now += 20min - 100s;
    BOOST_TEST(budget.wait(now).count() == 0);
    budget.spend(now);
    BOOST_TEST(budget.wait(now).count() == 10);
}

BOOST_AUTO_TEST_CASE(other_limits) {
    QueryBudget budget({5s, 60s, 2});
    const QueryBudget::Time start{};
    budget.spend(start);
    BOOST_TEST(budget.wait(start).count() == 5);
    budget.spend(start + 5s);
    BOOST_TEST(budget.wait(start + 5s).count() == 55);
    BOOST_TEST(budget.wait(start + 60s).count() == 0);
}

BOOST_AUTO_TEST_CASE(changes_are_told) {
    const test::TemporaryFolder folder;
    platform::FolderWatch watch({folder.path()});
    BOOST_TEST(!watch.changed(0ms));
    folder.write("config.ini", "a");
    BOOST_TEST(watch.changed(5s));
    // As editors save: a new file renamed over the old one.
    folder.write("config.ini.new", "b");
    fs::rename(folder.path() / "config.ini.new", folder.path() / "config.ini");
    BOOST_TEST(watch.changed(5s));
    fs::remove(folder.path() / "config.ini");
    BOOST_TEST(watch.changed(5s));
}

BOOST_AUTO_TEST_CASE(what_programs_leave_behind_does_not_count) {
    const test::TemporaryFolder folder;
    platform::FolderWatch watch({folder.path()});
    folder.write("a.pyc", "a");
    folder.write("banana.log", "a");
    folder.write("config.ini.banana-diag-20261128-101500.bak", "a");
    fs::create_directory(folder.path() / "__pycache__");
    BOOST_TEST(!watch.changed(50ms));
}

// As an update does it: what has the folder's name afterwards is another one.
BOOST_AUTO_TEST_CASE(a_folder_that_is_put_anew_is_watched_again) {
    const test::TemporaryFolder folder;
    const fs::path plugin = folder.path() / "plugin";
    for (const bool moved : {false, true}) {
        fs::create_directory(plugin);
        platform::FolderWatch watch({plugin});
        if (moved) {
            fs::rename(plugin, folder.path() / "old");
        } else {
            fs::remove(plugin);
        }
        BOOST_TEST(watch.changed(5s));
        while (watch.changed(50ms)) {  // what the loss is told with besides
        }
        fs::create_directory(plugin);
        BOOST_TEST(watch.changed(5s));
        folder.write("plugin/config.ini", "a");
        BOOST_TEST(watch.changed(5s));
        fs::remove_all(plugin);
    }
}

// A wait that comes back at once, again and again, would take a whole processor.
BOOST_AUTO_TEST_CASE(a_folder_that_is_gone_is_waited_for) {
    const test::TemporaryFolder folder;
    const fs::path plugin = folder.path() / "plugin";
    fs::create_directory(plugin);
    platform::FolderWatch watch({plugin});
    fs::remove(plugin);
    int changes = 0;
    const auto begin = std::chrono::steady_clock::now();
    for (int count = 0; count < 10; ++count) {
        changes += watch.changed(20ms) ? 1 : 0;
    }
    BOOST_TEST(changes <= 4);
    BOOST_TEST((std::chrono::steady_clock::now() - begin >= 100ms));
}

BOOST_AUTO_TEST_CASE(comparing_tells_the_same) {
    const test::TemporaryFolder folder;
    folder.write("config.ini", "a");
    const std::unique_ptr<platform::ChangeTeller> teller = platform::comparing_teller({folder.path()});
    BOOST_TEST(teller->changes(0ms).empty());
    folder.write("config.ini", "longer");
    BOOST_TEST((teller->changes(0ms) == std::vector<std::string>{"config.ini"}));
    folder.write("new", "x");
    BOOST_TEST((teller->changes(0ms) == std::vector<std::string>{"new"}));
    fs::remove(folder.path() / "new");
    BOOST_TEST((teller->changes(0ms) == std::vector<std::string>{"new"}));
    BOOST_TEST(teller->changes(0ms).empty());
}

// Else a file from another time zone would be looked at again and again, each time with a query.
BOOST_AUTO_TEST_CASE(a_date_in_the_future_is_no_change) {
    const auto began = fs::file_time_type::clock::now();
    BOOST_TEST(was_saved_between(began, began, began + 3s));
    BOOST_TEST(was_saved_between(began + 2s, began, began + 3s));
    BOOST_TEST(!was_saved_between(began - 1s, began, began + 3s));
    BOOST_TEST(!was_saved_between(began + 8h, began, began + 3s));
}

BOOST_AUTO_TEST_SUITE_END()
