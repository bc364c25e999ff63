// What a run says of `fix` at its end: what would be mended is named where it is not the cause itself.
#include "session.hpp"

#include "banana/cause.hpp"

#include "support/sample_report.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>
#include <utility>

using namespace banana;

namespace {

// A key that others can read, which `fix` puts right, beside what the report says.
Report with_exposed_key(Report report) {
    Finding exposed(Cause::config_key_exposed);
    exposed.repair = Repair::run;
    report.checks.front().findings.push_back(std::move(exposed));
    return report;
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_cause_itself_needs_no_name) {
    Report report = samples::source_document("en");
    report.diagnosis.primary->finding.repair = Repair::run;
    const std::string offer = fix_offer(with_exposed_key(std::move(report)), catalog("en"), 200);
    BOOST_TEST(offer.starts_with("This can be fixed for you (the change"));
    BOOST_TEST(offer.ends_with("\n    banana-diag fix\n"));
}

BOOST_AUTO_TEST_CASE(what_is_mended_beside_the_cause_is_named) {
    Report report = samples::source_document("en");
    report.diagnosis.primary->finding.repair = Repair::manual;
    for (CheckResult& check : report.checks) {
        for (Finding& finding : check.findings) {
            finding.repair = Repair::manual;
        }
    }
    const std::string offer = fix_offer(with_exposed_key(std::move(report)), catalog("en"), 200);
    BOOST_TEST(offer.starts_with("The cause above needs your own hand."));
    BOOST_TEST(has(offer, "Others can read the key"));
}

BOOST_AUTO_TEST_CASE(without_a_cause_what_is_mended_is_named) {
    for (const char* language : {"zh-CN", "en"}) {
        const Report report = with_exposed_key(samples::healthy(language));
        const Catalog& texts = catalog(language);
        const std::string offer = fix_offer(report, texts, 200);
        BOOST_TEST(has(offer, texts.text("cause.config.key-exposed.title")));
        BOOST_TEST(!has(offer, texts.text("program.fix-offer-beside").substr(0, 20)));
    }
}

BOOST_AUTO_TEST_CASE(the_offer_fits_the_terminal_and_its_command_stands_whole) {
    const std::string offer = fix_offer(with_exposed_key(samples::healthy("en")), catalog("en"), 40);
    for (std::size_t at = 0; at < offer.size();) {
        const std::size_t end = offer.find('\n', at);
        BOOST_TEST(end - at <= 40u);
        at = end + 1;
    }
    BOOST_TEST(has(offer, "\n    banana-diag fix\n"));
}
