#include "script_traits.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_script_traits)

// What a user meets of a release stands in its scripts: labels with escapes, in either quote, and nothing of comments.
BOOST_AUTO_TEST_CASE(labels_are_read_through_their_escapes) {
    const auto label = [](const std::string& escaped) {
        PageTraits traits;
        read_script_traits("node.addWidget(\"button\", \"" + escaped + "\", null, f);", traits);
        return traits.buttons.empty() ? std::string() : traits.buttons.front();
    };
    const std::string balance = "\\u67e5\\u8be2\\u4f59\\u989d";
    BOOST_TEST(label("\\ud83d\\udd11 " + balance) == "🔑 查询余额");
    BOOST_TEST(label("\\u{1f511} " + balance) == "🔑 查询余额");
    BOOST_TEST(label("\\ud83d " + balance) == "\uFFFD 查询余额");
    BOOST_TEST(label("\\udd11\\ud83d" + balance) == "\uFFFD\uFFFD查询余额");
    BOOST_TEST(label(balance + "\\ud8") == "查询余额ud8");
}

BOOST_AUTO_TEST_CASE(buttons_and_key_boxes_as_the_script_names_them) {
    PageTraits traits;
    read_script_traits(
        "node.addWidget(\"button\", \"\\u67e5\\u8be2\\u4f59\\u989d\", null, query);\n"
        "// node.addWidget(\"button\", \"复制微信号\")\n"
        "const label = `二维码\\n加群`;\n"
        "const key = valueOf(node, 'banana_api_key') ?? valueOf(node, \"api_key\");\n",
        traits);
    const std::vector<std::string> buttons{"查询余额", "二维码 加群"};
    const std::vector<std::string> boxes{"banana_api_key", "api_key"};
    BOOST_TEST(traits.buttons == buttons, boost::test_tools::per_element());
    BOOST_TEST(traits.key_boxes == boxes, boost::test_tools::per_element());
    BOOST_TEST(!traits.has_task_center);
    BOOST_TEST(!traits.reads_key_of_workflow);
}

BOOST_AUTO_TEST_CASE(other_places_for_a_key) {
    PageTraits traits;
    read_script_traits("openPanel('心宝任务中心');", traits);
    BOOST_TEST(traits.has_task_center);
    read_script_traits("graph.findNodesByType(\"XinbaoApiKeyPurge\")", traits);
    BOOST_TEST(traits.reads_key_of_workflow);
}

BOOST_AUTO_TEST_CASE(any_bytes_give_traits) {
    PageTraits traits;
    read_script_traits("\"\\u\" '\\u{' `\\u{67e5` \"\\u12\" \"\\", traits);
    BOOST_TEST(traits.buttons.empty());
}

// The line that the button asks is the script's matter, where it does not take the one of the node's box.
BOOST_AUTO_TEST_CASE(a_line_that_the_script_sends_itself) {
    const auto read = [](const std::string& value, const std::string& before = "") {
        PageTraits traits;
        read_script_traits("async function ask(node) {\n" + before +
                               "  return await api.fetchApi(`/banana/token_usage?refresh=1&route=${" + value +
                               "}`, { method: \"GET\", title: \"查询余额\" });\n}\n",
                           traits);
        return traits;
    };
    BOOST_TEST(read("encodeURIComponent('香港专线(旧渠道)')").line == "香港专线(旧渠道)");
    BOOST_TEST(read("'hk'").line == "hk");
    BOOST_TEST(read("encodeURIComponent(route)").line == "");
    BOOST_TEST(read("encodeURIComponent(valueOf(node, \"route\"))").line == "");
    const std::string other = "  const route = valueOf(node, \"channel\") || \"直连美区\";\n";
    BOOST_TEST(read("encodeURIComponent(route)", other).is_line_unclear);
    const std::string own = "  const route = valueOf(node, \"route\") || \"直连美区\";\n";
    BOOST_TEST(!read("encodeURIComponent(route)", own).is_line_unclear);
    PageTraits set;
    read_script_traits(
        "async function ask(node) {\n  const query = new URLSearchParams();\n  query.set(\"refresh\", \"1\");\n"
        "  query.set(\"route\", \"CF专线\");\n"
        "  return await api.fetchApi(\"/banana/token_usage?\" + query);\n}\n",
        set);
    BOOST_TEST(set.line == "CF专线");
}

// The page says which address is asked, where it has one of its own.
BOOST_AUTO_TEST_CASE(an_address_that_the_script_sends_itself) {
    const auto address = [](const char* script) {
        PageTraits traits;
        read_script_traits(script, traits);
        return traits.address;
    };
    BOOST_TEST(address("const baseUrl = \"https://m.example.net\";") == "https://m.example.net");
    BOOST_TEST(address("params.set('base_url', 'https://m.example.net');") == "https://m.example.net");
    BOOST_TEST(address("const baseUrl = inputValue(node, 'base_url');") == "");
    BOOST_TEST(address("const baseUrl = inputValue(node, 'base_url') || 'https://m.example.net';") == "");
    BOOST_TEST(address("const DEFAULT_BASE_URL = 'https://m.example.net';") == "");
    BOOST_TEST(address("open('https://m.example.net');") == "");
}

BOOST_AUTO_TEST_SUITE_END()
