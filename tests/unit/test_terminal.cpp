#include "terminal.hpp"

#include <boost/test/unit_test.hpp>

#include "banana/cause.hpp"
#include "display_width.hpp"
#include "explain.hpp"
#include "explained_rows.hpp"
#include "support/sample_report.hpp"

#include <algorithm>
#include <sstream>
#include <string>

using namespace banana;

namespace {

TerminalStyle style_of(int width, bool unicode = true) {
    TerminalStyle style;
    style.width = width;
    style.unicode = unicode;
    return style;
}

int widest_line(const std::string& text) {
    std::istringstream lines(text);
    int widest = 0;
    for (std::string line; std::getline(lines, line);) {
        widest = std::max(widest, display_width(line));
    }
    return widest;
}

}  // namespace

BOOST_AUTO_TEST_CASE(lines_keep_to_the_width_except_commands) {
    for (const char* language : {"zh-CN", "en"}) {
        const Report report = samples::source_document(language);
        for (const int width : {60, 80, 120}) {
            std::string all;
            for (const CheckResult& check : report.checks) {
                all += check_line(check, catalog(language), style_of(width));
            }
            all += verdict_text(report, {"r.md"}, catalog(language), style_of(width));
            BOOST_TEST(widest_line(all) <= width, all);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_console_without_utf8_gets_ascii_for_english) {
    const Report report = samples::source_document("en");
    std::string all = verdict_text(report, {}, catalog("en"), style_of(80, false));
    for (const CheckResult& check : report.checks) {
        all += check_line(check, catalog("en"), style_of(80, false));
    }
    BOOST_TEST(std::all_of(all.begin(), all.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }), all);
}

BOOST_AUTO_TEST_CASE(colours_are_there_only_when_asked_for) {
    const Report report = samples::source_document("en");
    TerminalStyle style = style_of(80);
    BOOST_TEST(verdict_text(report, {}, catalog("en"), style).find('\x1b') == std::string::npos);
    style.colour = true;
    BOOST_TEST(verdict_text(report, {}, catalog("en"), style).find("\x1b[31m") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_verdict_names_cause_fix_and_report) {
    const std::string text =
        verdict_text(samples::source_document("zh-CN"), {"report.md"}, catalog("zh-CN"), style_of(80));
    for (const char* part : {"config.key-placeholder", "YOUR_API_KEY_HERE", "怎么办", "1. ", "report.md"}) {
        BOOST_TEST(text.find(part) != std::string::npos, part);
    }
}

BOOST_AUTO_TEST_CASE(only_a_balance_that_came_is_said_to_come) {
    const auto headline = [](const Report& report) { return verdict_text(report, {}, catalog("en"), style_of(120)); };
    BOOST_TEST(headline(samples::healthy("en")).find("query works") != std::string::npos);
    const std::string part = headline(samples::diagnosed(samples::passing_checks()));
    BOOST_TEST(part.find("query works") == std::string::npos);
    BOOST_TEST(part.find("was not tried") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(progress_is_one_line_that_is_removed) {
    std::ostringstream out;
    {
        ProgressLine progress(out, style_of(40));
        progress.show({"upstream.api", "proxy.round-trip"}, "waiting for something that is long", 3200);
        BOOST_TEST(out.str().find('\n') == std::string::npos);
        BOOST_TEST(display_width(out.str().substr(out.str().rfind('K') + 1)) <= 39);
    }
    BOOST_TEST(out.str().ends_with("\r\x1b[2K"));
}

BOOST_AUTO_TEST_CASE(explain_knows_every_code_and_no_other) {
    for (const char* language : {"zh-CN", "en"}) {
        for (const CauseInfo& cause : kCauses) {
            const auto text = explain(cause.code, explained_rows(cause.cause), catalog(language));
            BOOST_REQUIRE_MESSAGE(text.has_value(), cause.code);
            BOOST_TEST(text->starts_with(cause.code));
            BOOST_TEST(explain_list(catalog(language)).find(cause.code) != std::string::npos);
        }
        BOOST_TEST(!explain("config.no-such-code", {}, catalog(language)).has_value());
    }
    const ExplainedRows rows = explained_rows(Cause::config_key_placeholder);
    const std::string text = explain("config.key-placeholder", rows, catalog("en")).value();
    const std::size_t code = text.find("proxy.key-rejected");
    BOOST_REQUIRE(code != std::string::npos);
    BOOST_TEST(text.find("when the plugin was seen to send the", code) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(explain_says_in_words_what_only_a_run_can_fill_in) {
    for (const Catalog& texts : catalogs()) {
        for (const CauseInfo& cause : kCauses) {
            const std::string text = explain(cause.code, {}, texts).value_or("");
            for (const char* field : {"title", "impact", "fix", "alternatives"}) {
                const auto entry = texts.find("cause." + std::string(cause.code) + "." + field);
                for (const std::string& placeholder : placeholders(entry.value_or(""))) {
                    const std::string raw = "<" + placeholder.substr(0, placeholder.find('|')) + ">";
                    BOOST_TEST(text.find(raw) == std::string::npos, cause.code << ": " << raw);
                }
            }
        }
    }
}
