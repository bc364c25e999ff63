#include "assemble.hpp"

#include "banana/cause.hpp"
#include "markdown.hpp"
#include "report_document.hpp"
#include "support/sample_report.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <utility>

using namespace banana;

namespace {

// ComfyUI is not there, on a machine with that system.
std::string report_of_silence(const char* os, const char* variant, const char* language) {
    std::vector<CheckResult> checks = samples::passing_checks();
    Finding down(Cause::local_server_down);
    down.args = {{"variant", variant}, {"url", "http://127.0.0.1:8188"}, {"ports", "8188, 8000"}};
    samples::add(checks, check_id::local_server, std::move(down));
    Report report = samples::diagnosed(std::move(checks), language);
    report.subject.environment["os"] = os;
    report.subject.config_file.clear();
    assemble(report);
    return write_markdown(report_document(report, catalog(language)));
}

bool holds(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

// Who double-clicks a program has a window with keys and no command line.
BOOST_AUTO_TEST_CASE(windows_user_presses_a_key_and_is_told_how_to_run_a_command) {
    for (const char* variant : {"usual", "given", "process-listens"}) {
        const std::string waits = report_of_silence("Windows 10.0.22631", variant, "zh-CN");
        BOOST_TEST(holds(waits, "按 R"), waits);
        BOOST_TEST(!holds(waits, "--wait"), waits);
        BOOST_TEST(holds(waits, "`cmd`"), waits);
    }
    // The advice about an address stays what it is.
    const std::string moved = report_of_silence("Windows 10.0.22631", "other-address", "en");
    BOOST_TEST(holds(moved, "--comfyui-url"), moved);
    BOOST_TEST(!holds(moved, "press R"), moved);
    const std::string starts = report_of_silence("Windows 10.0.22631", "starting", "en");
    BOOST_TEST(holds(starts, "press R"), starts);
    BOOST_TEST(!holds(starts, "`cmd`"), starts);  // no command, no word about commands
}

BOOST_AUTO_TEST_CASE(another_systems_user_is_given_the_command) {
    for (const char* variant : {"usual", "starting"}) {
        const std::string report = report_of_silence("Linux 6.1", variant, "en");
        BOOST_TEST(holds(report, "banana-diag run --wait"), report);
        BOOST_TEST(!holds(report, "press R"), report);
        BOOST_TEST(!holds(report, "`cmd`"), report);
    }
}
