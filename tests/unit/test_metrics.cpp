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

BOOST_AUTO_TEST_CASE(label_values_are_escaped) {
    BOOST_TEST(metrics::escape_label("a\"b\\c\nd") == "a\\\"b\\\\c\\nd");
    BOOST_TEST(metrics::escape_label("\x1b\xff") == "\xef\xbf\xbd");
}
