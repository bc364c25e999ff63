// The HTML report in a real browser: it must show its content, complain of nothing, and ask nobody for anything.
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

using namespace banana::test;
namespace fs = std::filesystem;

namespace {

std::string browser() {
    for (const char* path : {"/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"}) {
        if (fs::exists(path)) {
            return path;
        }
    }
    return {};
}

boost::test_tools::assertion_result is_installed(boost::unit_test::test_unit_id) {
    boost::test_tools::assertion_result result(!browser().empty());
    result.message() << "no Chromium is installed";
    return result;
}

struct Visit {
    ProcessResult process;
    std::string network_log;
};

// Loads the page as a user's browser would, but with no way to any host.
Visit visit(const fs::path& page, const TemporaryFolder& folder, const std::vector<std::string>& more = {}) {
    const fs::path log = folder.path() / "network.json";
    std::vector<std::string> command{browser(),
                                     "--headless=new",
                                     "--no-sandbox",
                                     "--disable-gpu",
                                     "--disable-dev-shm-usage",
                                     "--disable-background-networking",
                                     "--disable-component-update",
                                     "--disable-default-apps",
                                     "--disable-extensions",
                                     "--disable-sync",
                                     "--no-first-run",
                                     "--no-pings",
                                     "--host-resolver-rules=MAP * ~NOTFOUND",
                                     "--enable-logging=stderr",
                                     "--user-data-dir=" + (folder.path() / "profile").string(),
                                     "--log-net-log=" + log.string()};
    command.insert(command.end(), more.begin(), more.end());
    command.push_back("--dump-dom");
    command.push_back("file://" + page.string());
    ProcessOptions options;
    options.environment["HOME"] = folder.path().string();
    Visit result;
    result.process = run_process(command, options);
    result.network_log = read_file(log);
    return result;
}

// The requests that a page began, by the browser's own log of one event a line. What the browser asks for on its own
// account has "not an origin" there, and comes nowhere either.
std::vector<std::string> requests_of_pages(const std::string& network_log) {
    std::vector<std::string> requests;
    std::istringstream lines(network_log);
    for (std::string line; std::getline(lines, line);) {
        const bool request =
            line.find("\"initiator\":\"") != std::string::npos && line.find("\"url\":\"http") != std::string::npos;
        if (request && line.find("\"initiator\":\"not an origin\"") == std::string::npos) {
            requests.push_back(line);
        }
    }
    return requests;
}

}  // namespace

BOOST_TEST_DECORATOR(*boost::unit_test::precondition(is_installed))
BOOST_AUTO_TEST_CASE(the_page_shows_its_content_and_asks_nobody) {
    for (const char* language : {"zh-CN", "en"}) {
        const TemporaryFolder folder;
        const fs::path page = folder.path() / "report.html";
        run_banana({"demo", "--lang", language, "--output", page.string()});
        const Visit seen = visit(page, folder);
        BOOST_TEST(seen.process.exit_code == 0);
        BOOST_TEST(seen.process.out.find("YOUR_API_KEY_HERE") != std::string::npos);
        BOOST_TEST(seen.process.out.find("<svg") != std::string::npos);
        BOOST_TEST(seen.process.err.find("CONSOLE") == std::string::npos, seen.process.err);
        BOOST_TEST(seen.network_log.size() > 1000u);
        BOOST_TEST(requests_of_pages(seen.network_log) == std::vector<std::string>(), boost::test_tools::per_element());
    }
}

// Shows that the two conditions above can fail.
BOOST_TEST_DECORATOR(*boost::unit_test::precondition(is_installed))
BOOST_AUTO_TEST_CASE(a_page_that_asks_and_complains_is_noticed) {
    const TemporaryFolder folder;
    const fs::path page = folder.path() / "other.html";
    folder.write("other.html",
                 "<!DOCTYPE html><img src=\"http://banana.invalid/a.png\"><script>console.error('x')</script>");
    const Visit seen = visit(page, folder);
    BOOST_TEST(seen.process.err.find("CONSOLE") != std::string::npos, seen.process.err);
    BOOST_TEST(requests_of_pages(seen.network_log).size() == 1u);
}
