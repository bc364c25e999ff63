// Python source as statements: what joins lines, what is a string, what may not run.
#include "python_statements.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_python_statements)

BOOST_AUTO_TEST_CASE(brackets_backslashes_and_triple_quotes_join_lines) {
    const auto found = python_statements("a = f(1,\n  2)\nb = 1 + \\\n  2\nc = '''x\ny'''\nd = 4\n");
    BOOST_REQUIRE(found.size() == 4u);
    BOOST_TEST(found[1].line == 3);
    BOOST_TEST(found[2].line == 5);
    BOOST_TEST(found[3].line == 7);
}

BOOST_AUTO_TEST_CASE(comments_and_docstrings_are_left_out_and_strings_are_not_code) {
    const auto found = python_statements("\"\"\"add_get('/x')\"\"\"\nx = 'a # b'  # add_get()\n");
    BOOST_REQUIRE(found.size() == 1u);
    BOOST_TEST(found[0].code.find("a # b") != std::string::npos);
    BOOST_TEST(!mentions(found[0].bare, "b"));
    BOOST_TEST(!calls(found[0].bare, "add_get"));
}

BOOST_AUTO_TEST_CASE(a_statement_knows_what_it_stands_in) {
    const auto found = python_statements(
        "class A:\n    async def f(self):\n        try:\n            g()\n        except E:\n            pass\n    x = "
        "1\n"
        "y = 2\n");
    BOOST_REQUIRE(found.size() == 8u);
    BOOST_TEST(found[1].name == "f");
    BOOST_TEST(bool(found[1].kind == PythonKind::function));
    BOOST_TEST(found[3].parent == 1);
    BOOST_TEST(found[3].guarded);
    BOOST_TEST(is_within(found, found[3], 0));
    BOOST_TEST(found[6].parent == 0);
    BOOST_TEST(!found[6].guarded);
    BOOST_TEST(found[7].parent == -1);
}

BOOST_AUTO_TEST_CASE(every_line_end_counts_once) {
    for (const char* text : {"a = 1\nb = 2\n", "a = 1\r\nb = 2\r\n", "a = 1\rb = 2\r",
                             "\xEF\xBB\xBF"
                             "a = 1\nb = 2"}) {
        const auto found = python_statements(text);
        BOOST_REQUIRE(found.size() == 2u);
        BOOST_TEST(found[1].line == 2);
    }
}

BOOST_AUTO_TEST_CASE(a_definition_is_no_call_and_a_part_of_a_name_no_name) {
    BOOST_TEST(calls("x = register (1)", "register"));
    BOOST_TEST(!calls("def register():", "register"));
    BOOST_TEST(!calls("unregister()", "register"));
    BOOST_TEST(mentions("a.register", "register"));
    BOOST_TEST(!mentions("register_all", "register"));
}

BOOST_AUTO_TEST_CASE(literals_with_their_escapes) {
    const std::vector<std::string> found = string_literals(R"(f("a\x62", 'it\'s', "\u0063"))");
    BOOST_REQUIRE(found.size() == 3u);
    BOOST_TEST(found[0] == "ab");
    BOOST_TEST(found[1] == "it's");
    BOOST_TEST(found[2] == "c");
}

BOOST_AUTO_TEST_SUITE_END()
