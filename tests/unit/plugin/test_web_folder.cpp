#include "support/plugin_fixture.hpp"
#include "web_folder.hpp"

#include <boost/test/unit_test.hpp>

using namespace banana;
using namespace banana::test;

BOOST_AUTO_TEST_SUITE(test_web_folder)

BOOST_AUTO_TEST_CASE(the_folder_that_is_served_is_read_and_never_left) {
    const TemporaryFolder folder;
    const auto served = [&](const std::string& package) {
        folder.write("p/__init__.py", package);
        return web_folder_of(folder.path() / "p");
    };
    BOOST_TEST(served("WEB_DIRECTORY = \"./web\"\n").lexically_normal() == folder.path() / "p" / "web");
    BOOST_TEST(served("import os\r\nWEB_DIRECTORY='js/page' # x\r\n") == folder.path() / "p" / "js/page");
    for (const char* none : {"", "WEB_DIRECTORY = os.path.join(here, 'web')\n", "WEB_DIRECTORY = '/etc'\n",
                             "WEB_DIRECTORY = '../other'\n", "# WEB_DIRECTORY = 'web'\n"}) {
        BOOST_TEST(served(none).empty(), none);
    }
    for (const char* outside : {"", "..", "a/../../b", "/etc/passwd"}) {
        BOOST_TEST(!stays_within(outside), outside);
    }
    BOOST_TEST(stays_within("extensions/token-balance.js"));
}

BOOST_AUTO_TEST_SUITE_END()
