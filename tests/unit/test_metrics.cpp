#include "metrics.hpp"

#include <boost/test/unit_test.hpp>

#include "support/sample_report.hpp"

#include <regex>
#include <set>
#include <sstream>
#include <string>

using namespace banana;

BOOST_AUTO_TEST_CASE(every_line_is_a_comment_or_a_sample_of_a_declared_family) {
    static const std::regex sample(
        R"re(([a-z_]+)(\{[a-z_]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\["\\n])*")*\})? -?[0-9.e+-]+)re");
    for (const char* language : {"zh-CN", "en"}) {
        std::istringstream lines(write_metrics(samples::source_document(language)));
        std::set<std::string> declared;
        for (std::string line; std::getline(lines, line);) {
            if (line.starts_with("# TYPE ")) {
                BOOST_TEST(declared.insert(line.substr(7, line.find(' ', 7) - 7)).second, line);
                continue;
            }
            if (line.starts_with("# HELP ")) {
                continue;
            }
            std::smatch match;
            BOOST_REQUIRE_MESSAGE(std::regex_match(line, match, sample), line);
            BOOST_TEST(declared.contains(match[1]), line);
        }
        BOOST_TEST(declared.size() >= 8u);
    }
}

BOOST_AUTO_TEST_CASE(verdict_cause_and_balance_are_there) {
    const std::string text = write_metrics(samples::source_document("en"));
    for (const char* line :
         {"banana_diag_verdict{verdict=\"broken\"} 1\n", "banana_diag_verdict{verdict=\"healthy\"} 0\n",
          "banana_diag_exit_code 1\n",
          "banana_diag_cause{code=\"config.key-placeholder\",role=\"primary\",confidence=\"proved\"} 1\n",
          "banana_diag_balance_tokens{kind=\"total_available\"} 4585000\n",
          "banana_diag_upstream_phase_seconds{phase=\"tcp\"} 0.0082\n"}) {
        BOOST_TEST(text.find(line) != std::string::npos, line);
    }
}

// A label that changes at each run would make a new series of every run.
BOOST_AUTO_TEST_CASE(times_are_values_and_no_labels) {
    Report report = samples::source_document("en");
    report.generated_at = "2025-11-12T16:49:00+08:00";
    const std::string before = write_metrics(report);
    BOOST_TEST(before.find("banana_diag_last_run_timestamp_seconds 1762937340\n") != std::string::npos);
    report.generated_at = "2025-11-12T03:49:00-05:30";
    const std::string after = write_metrics(report);
    BOOST_TEST(after.find("banana_diag_last_run_timestamp_seconds 1762939140\n") != std::string::npos);
    const auto without_values = [](const std::string& text) {
        return std::regex_replace(text, std::regex(" [0-9.e+-]+\n"), "\n");
    };
    BOOST_TEST(without_values(before) == without_values(after));
    report.generated_at = "yesterday";
    BOOST_TEST(write_metrics(report).find("last_run") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(label_values_are_escaped) {
    BOOST_TEST(metrics::escape_label("a\"b\\c\nd") == "a\\\"b\\\\c\\nd");
    BOOST_TEST(metrics::escape_label("\x07\xff") == "\xef\xbf\xbd");
}
