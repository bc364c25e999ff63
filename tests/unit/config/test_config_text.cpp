// What a line was meant to be, and which word of a file stands for the key.
#include "config_text.hpp"
#include "support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_config_text)

namespace {

std::string near(const std::string& text) {
    const IniFile file = IniFile::parse(text);
    const std::optional<NearOption> found = near_api_key(file, split_lines(text));
    return found ? found->kind + " " + found->name + " " + std::to_string(found->line) : "";
}

ProposedConfig proposed(const std::string& text) {
    return propose_config(text, decode_config(text));
}

}  // namespace

BOOST_AUTO_TEST_CASE(lines_by_any_end) {
    BOOST_TEST(split_lines("a\r\nb\rc\n") == (std::vector<std::string>{"a", "b", "c"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(other_formats) {
    BOOST_TEST(other_format("{\"api_key\": \"x\"}") == "JSON");
    BOOST_TEST(other_format("gemini:\n  api_key: x\n") == "YAML");
    BOOST_TEST(other_format("{\\rtf1\\ansi x}") == "RTF");
    BOOST_TEST(other_format("<?xml version=\"1.0\"?><x/>") == "XML");
    BOOST_TEST(other_format("[gemini]\napi_key = x\n").empty());
}

BOOST_AUTO_TEST_CASE(where_the_key_stands_that_the_parser_does_not_see) {
    BOOST_TEST(near("[gemini]\napi-key = x\n") == "name api-key 2");
    BOOST_TEST(near("[gemini]\napikey = x\n") == "name apikey 2");
    BOOST_TEST(near("[gemini]\n# api_key = x\n").starts_with("commented "));
    BOOST_TEST(near("[Gemini]\napi_key = x\n").starts_with("section Gemini"));
    BOOST_TEST(near("[gemini]\nother = 1\n  api_key = x\n").starts_with("swallowed "));
    BOOST_TEST(near("[gemini]\nother = 1\n").empty());
}

BOOST_AUTO_TEST_CASE(a_section_that_was_meant_to_be_gemini) {
    const IniFile file = IniFile::parse("[Gemeni]\na = 1\n[other]\nb = 2\n");
    const IniSection* section = near_section(file);
    BOOST_REQUIRE(section != nullptr);
    BOOST_TEST(section->name == "Gemeni");
    const IniFile none = IniFile::parse("[server]\na = 1\n");
    BOOST_TEST(near_section(none) == nullptr);
}

BOOST_AUTO_TEST_CASE(a_repaired_file_parses_and_shows_no_key) {
    const std::string key = test::made_up_key(3);
    const ProposedConfig config = proposed("api_key = " + key + "\n");
    BOOST_TEST(config.parses);
    const std::string shown = corrected_config(config);
    BOOST_TEST(shown.find(key.substr(0, 12)) == std::string::npos);
    BOOST_TEST(shown.find("[gemini]") != std::string::npos);
    BOOST_TEST(shown.find("<YOUR-KEY>") != std::string::npos);
    BOOST_TEST(masked_config_line("api_key = " + key).find(key.substr(0, 12)) == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
