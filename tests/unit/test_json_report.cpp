#include "json.hpp"

#include <boost/test/unit_test.hpp>

#include "assemble.hpp"
#include "banana/bounds.hpp"
#include "banana/cause.hpp"
#include "diagnosis.hpp"
#include "markdown.hpp"
#include "report_data.hpp"
#include "report_document.hpp"
#include "support/sample_report.hpp"

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

using namespace banana;
namespace json = boost::json;

namespace {

json::object written(const Report& report) {
    return json::parse(write_json(report)).as_object();
}

std::vector<std::string> keys_of(const json::value& value) {
    std::vector<std::string> keys;
    for (const auto& member : value.as_object()) {
        keys.emplace_back(member.key());
    }
    return keys;
}

ReportError error_of(const std::string& text) {
    const auto result = read_json(text);
    BOOST_REQUIRE(std::holds_alternative<ReportError>(result));
    return std::get<ReportError>(result);
}

// The report with one member changed.
ReportError error_after(void (*change)(json::object&)) {
    json::object root = written(samples::source_document("en"));
    change(root);
    return error_of(json::serialize(root));
}

using Keys = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_CASE(the_documented_members_stand_in_the_documented_order) {
    const json::object root = written(samples::source_document("zh-CN"));
    BOOST_TEST(keys_of(root) == (Keys{"schema", "tool", "generated_at", "lang", "verdict", "exit_code", "subject",
                                      "checks", "diagnosis"}),
               boost::test_tools::per_element());
    BOOST_TEST(
        keys_of(root.at("subject")) ==
            (Keys{"comfyui_dir", "comfyui_url", "comfyui_version", "plugin_dir", "plugin_version", "plugin_family",
                  "config_file", "base_url", "environment", "plugin", "install_kind", "key_under_test", "options"}),
        boost::test_tools::per_element());
    const json::value& finding = root.at("checks").at(1).at("findings").at(0);
    BOOST_TEST(finding.at("code").as_string() == "config.key-placeholder");
    BOOST_TEST(finding.at("severity").as_string() == "error");
    BOOST_TEST(keys_of(finding.at("evidence").at(0)) == (Keys{"id", "label", "value", "file", "line"}),
               boost::test_tools::per_element());
    const json::value& primary = root.at("diagnosis").at("primary");
    BOOST_TEST(keys_of(primary) == (Keys{"code", "confidence", "title", "because", "leads_to", "fix", "alternatives",
                                         "effects", "skipped_checks"}),
               boost::test_tools::per_element());
    BOOST_TEST(primary.at("effects").at(0).as_string() == "proxy.key-rejected");
    BOOST_TEST(root.at("verdict").as_string() == "broken");
    BOOST_TEST(root.at("exit_code").as_int64() == 1);
}

BOOST_AUTO_TEST_CASE(a_healthy_report_has_no_primary_cause) {
    const json::object root = written(samples::healthy("en"));
    BOOST_TEST(root.at("diagnosis").at("primary").is_null());
    BOOST_TEST(root.at("verdict").as_string() == "healthy");
}

BOOST_AUTO_TEST_CASE(a_report_read_back_is_the_same_report_in_either_language) {
    for (const char* language : {"zh-CN", "en"}) {
        const Report original = samples::source_document("zh-CN");
        auto result = read_json(write_json(original));
        BOOST_REQUIRE(std::holds_alternative<Report>(result));
        Report report = std::get<Report>(std::move(result));
        report.lang = language;
        report.diagnosis = diagnose(report.checks, report.subject);
        const Report expected = samples::source_document(language);
        BOOST_TEST(write_json(report) == write_json(expected));
        BOOST_TEST(write_markdown(report, Data::left_out) == write_markdown(expected, Data::left_out));
    }
}

BOOST_AUTO_TEST_CASE(what_is_no_report_is_told_apart) {
    using Kind = ReportError::Kind;
    BOOST_TEST((error_of("").kind == Kind::not_json));
    BOOST_TEST((error_of("{").kind == Kind::not_json));
    BOOST_TEST((error_of("[]").kind == Kind::not_a_report));
    BOOST_TEST((error_of("{}").kind == Kind::not_a_report));
    BOOST_TEST((error_of(std::string(100, '[') + std::string(100, ']')).kind == Kind::not_json));
    BOOST_TEST((error_of(std::string(bounds::kReportBytes + 1, ' ')).kind == Kind::too_large));
    BOOST_TEST((error_of("\xff\xfe{}").kind == Kind::not_json));
}

BOOST_AUTO_TEST_CASE(a_wrong_member_is_named_with_its_place) {
    using Kind = ReportError::Kind;
    ReportError error = error_after([](json::object& root) { root["schema"] = 2; });
    BOOST_TEST((error.kind == Kind::other_schema));
    error = error_after([](json::object& root) { root["checks"].at(1).as_object().erase("status"); });
    BOOST_TEST((error.kind == Kind::missing_member));
    BOOST_TEST(error.path == "checks[1].status");
    error = error_after([](json::object& root) { root["checks"].at(2).as_object()["duration_ms"] = "x"; });
    BOOST_TEST((error.kind == Kind::wrong_type));
    BOOST_TEST(error.path == "checks[2].duration_ms");
    error = error_after([](json::object& root) { root["checks"].at(2).as_object()["duration_ms"] = -1; });
    BOOST_TEST((error.kind == Kind::bad_value));
    error = error_after(
        [](json::object& root) { root["checks"].at(1).at("findings").at(0).as_object()["code"] = "config.new"; });
    BOOST_TEST((error.kind == Kind::unknown_code));
    BOOST_TEST(error.path == "checks[1].findings[0].code");
    error = error_after([](json::object& root) { root["checks"].at(1).as_object()["skip_reason"] = "deadline"; });
    BOOST_TEST((error.kind == Kind::bad_value));
    error = error_after([](json::object& root) { root["checks"].as_array().push_back(root["checks"].at(0)); });
    BOOST_TEST((error.kind == Kind::bad_value));
    BOOST_TEST(error.path.ends_with("].id"));
}

BOOST_AUTO_TEST_CASE(text_read_back_loses_its_control_characters) {
    json::object root = written(samples::source_document("en"));
    root["checks"].at(1).at("findings").at(0).at("evidence").at(0).as_object()["value"] = "a\x1b[31mb\u202ec";
    const auto result = read_json(json::serialize(root));
    BOOST_REQUIRE(std::holds_alternative<Report>(result));
    BOOST_TEST(std::get<Report>(result).checks[1].findings[0].evidence[0].value == "abc");
}

// Written by earlier versions of this program (tests/fixtures/reports, by date).
BOOST_AUTO_TEST_CASE(reports_of_earlier_versions_are_still_read_and_told) {
    int count = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(std::filesystem::path(BANANA_SOURCE_DIR) / "tests/fixtures/reports")) {
        std::ifstream in(entry.path(), std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
        auto read = read_json(text);
        BOOST_REQUIRE_MESSAGE(std::holds_alternative<Report>(read), entry.path());
        Report report = std::get<Report>(std::move(read));
        assemble(report);
        const json::value then = json::parse(text);
        BOOST_TEST((verdict_name(report.diagnosis.verdict) == then.at("verdict").get_string()), entry.path());
        BOOST_REQUIRE(report.diagnosis.primary.has_value());
        BOOST_TEST((code_of(report.diagnosis.primary->finding.code) ==
                    then.at("diagnosis").at("primary").at("code").get_string()));
        for (const Catalog& texts : catalogs()) {
            const std::string shown = write_markdown(report_document(report, texts));
            for (const char* argument : {"<file>", "<line>", "<sample>"}) {
                BOOST_TEST(shown.find(argument) == std::string::npos, texts.language() << ": " << argument);
            }
        }
        ++count;
    }
    BOOST_TEST(count == 2);
}
