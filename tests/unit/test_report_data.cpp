#include "report_data.hpp"

#include "html.hpp"
#include "markdown.hpp"
#include "support/sample_report.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>
#include <vector>

using namespace banana;

namespace {

ReportError::Kind refusal_of(const std::string& text) {
    const auto read = read_any_report(text);
    BOOST_REQUIRE(std::holds_alternative<ReportError>(read));
    return std::get<ReportError>(read).kind;
}

// What a chat does to a long line: breaks it after so many characters, and begins each piece with something.
std::string broken(const std::string& text, std::size_t width, std::string_view begin) {
    std::string all;
    for (std::size_t at = 0; at < text.size(); at += width) {
        all += std::string(begin) + text.substr(at, width) + "\r\n";
    }
    return all;
}

std::string data_line(const std::string& markdown) {
    return markdown.substr(markdown.find("<!-- banana-diag report data"));
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_format_with_data_reads_back_as_the_same_report) {
    const Report report = samples::source_document("zh-CN");
    const std::string json = write_json(report);
    for (const std::string& text : {json, write_markdown(report), write_html(report)}) {
        auto read = read_any_report(text);
        BOOST_REQUIRE(std::holds_alternative<Report>(read));
        Report again = std::get<Report>(std::move(read));
        again.diagnosis = report.diagnosis;
        BOOST_TEST(write_json(again) == json);
    }
}

BOOST_AUTO_TEST_CASE(the_comment_is_one_line_within_its_bound) {
    const std::string comment = data_comment(samples::source_document("zh-CN"), Data::inside);
    BOOST_TEST(comment.size() <= kReportDataBytes);
    BOOST_TEST(comment.find('\n') == std::string::npos);
    BOOST_TEST(comment.find("--", 4) == comment.size() - 3);
    BOOST_TEST(ends_as_a_report("x\n" + comment + "\n"));
}

BOOST_AUTO_TEST_CASE(a_chat_may_break_indent_and_quote_the_lines) {
    const std::string data = data_line(write_markdown(samples::source_document("en")));
    for (const std::string_view begin : {"", "  ", "> ", "\t"}) {
        for (const std::size_t width : {40U, 77U, 500U}) {
            BOOST_TEST(std::holds_alternative<Report>(read_any_report("# Report\n\n" + broken(data, width, begin))),
                       width << " '" << begin << "'");
        }
    }
}

BOOST_AUTO_TEST_CASE(damage_is_named) {
    const std::string whole = write_markdown(samples::source_document("en"));
    const std::size_t data = whole.find("<!-- banana-diag report data");
    BOOST_TEST((refusal_of(whole.substr(0, whole.size() - 300)) == ReportError::Kind::data_cut));
    BOOST_TEST((refusal_of(whole.substr(0, data)) == ReportError::Kind::no_data));
    BOOST_TEST((refusal_of("<!DOCTYPE html><p>x</p>") == ReportError::Kind::no_data));
    BOOST_TEST((refusal_of("not a report") == ReportError::Kind::not_json));
    std::string changed = whole;
    char& letter = changed[whole.size() - 200];
    letter = letter == 'A' ? 'B' : 'A';
    BOOST_TEST((refusal_of(changed) == ReportError::Kind::data_changed));
    BOOST_TEST(
        (refusal_of(write_markdown(samples::source_document("en"), Data::left_out)) == ReportError::Kind::no_data));
}

BOOST_AUTO_TEST_CASE(every_cut_and_every_changed_character_is_refused) {
    const std::string data = data_line(write_markdown(samples::healthy("en")));
    for (std::size_t length = 30; length + 8 < data.size(); length += 7) {
        BOOST_TEST(std::holds_alternative<ReportError>(read_any_report(data.substr(0, length))), length);
    }
    for (std::size_t at = 40; at + 10 < data.size(); at += 11) {
        std::string changed = data;
        changed[at] = changed[at] == 'x' ? 'y' : 'x';
        BOOST_TEST(std::holds_alternative<ReportError>(read_any_report(changed)), at);
    }
}
