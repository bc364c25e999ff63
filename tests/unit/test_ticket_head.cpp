#include "ticket_head.hpp"

#include "support/sample_report.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>

using namespace banana;

BOOST_AUTO_TEST_CASE(a_ticket_can_be_closed_from_the_head) {
    for (const char* language : {"zh-CN", "en"}) {
        const Report report = samples::source_document(language);
        const std::string head = ticket_head_text(report, catalog(language));
        BOOST_TEST(std::count(head.begin(), head.end(), '\n') <= 12);
        for (const std::string& part :
             {std::string("config.key-placeholder"), report.tool_version, report.subject.plugin_version,
              report.subject.comfyui_version, report.subject.key_under_test->masked, std::string("YOUR_API_KEY_HERE"),
              std::string("api_key = <YOUR-KEY>"), std::string("xinbaoapi.feng1994.xin"), std::string("HTTP 200"),
              std::string("4,585,000")}) {
            BOOST_TEST(head.find(part) != std::string::npos, part << " in\n" << head);
        }
    }
}

BOOST_AUTO_TEST_CASE(the_amount_is_the_plugins_own) {
    const Report healthy = samples::healthy("zh-CN");
    BOOST_TEST(amount_shown(samples::source_document("zh-CN")).empty());
    const std::string head = ticket_head_text(healthy, catalog("zh-CN"));
    BOOST_TEST(head.find(amount_shown(healthy)) != std::string::npos);
}
