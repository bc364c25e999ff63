#include "manual.hpp"

#include <boost/test/unit_test.hpp>

#include "messages.hpp"
#include "option_table.hpp"

using namespace banana;

namespace {

std::string with_plain_hyphens(std::string text) {
    for (std::size_t at = text.find("\\-"); at != std::string::npos; at = text.find("\\-", at)) {
        text.erase(at, 1);
    }
    return text;
}

BOOST_AUTO_TEST_CASE(every_option_and_command_is_in_the_manual_and_the_completions) {
    const Catalog& texts = catalog("en");
    const std::string page = with_plain_hyphens(manual_page(texts, "1.2.3", "2026-11-28"));
    const std::string bash = bash_completion();
    const std::string zsh = zsh_completion(texts);
    for (const OptionRow& row : option_rows()) {
        const std::string name = "--" + std::string(row.name);
        BOOST_TEST_CONTEXT(name) {
            BOOST_TEST(page.find(name) != std::string::npos);
            BOOST_TEST(bash.find(name) != std::string::npos);
            BOOST_TEST(zsh.find(name + "[") != std::string::npos);
        }
    }
    for (const CommandRow& row : command_rows()) {
        BOOST_TEST(bash.find(row.name) != std::string::npos, row.name);
    }
    BOOST_TEST(page.starts_with(".TH BANANA-DIAG 1 \"2026-11-28\" \"banana-diag 1.2.3\"\n"));
}

BOOST_AUTO_TEST_CASE(no_line_of_the_manual_is_an_unknown_request) {
    const std::string page = manual_page(catalog("en"), "1", "2026-11-28");
    for (std::size_t at = 0; at < page.size();) {
        const std::size_t end = std::min(page.find('\n', at), page.size());
        const std::string line = page.substr(at, end - at);
        const bool known = line.starts_with(".TH ") || line.starts_with(".SH ") || line.starts_with(".SS ") ||
                           line.starts_with(".TP") || line.starts_with(".B ");
        BOOST_TEST((line.empty() || (line[0] != '.' && line[0] != '\'') || known), line);
        at = end + 1;
    }
}

}  // namespace
