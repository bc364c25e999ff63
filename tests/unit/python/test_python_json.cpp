#include "python_json.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_python_json)

BOOST_AUTO_TEST_CASE(json_as_python_reads_it) {
    BOOST_TEST(read_python_json(R"({"a":NaN,"b":-Infinity,"c":"NaN Infinity"})").value.has_value());
    BOOST_TEST(std::string_view(read_python_json(R"({"c":"NaN"})").value->at("c").as_string()) == "NaN");
    BOOST_TEST(read_python_json("{\"a\":\"\xff\"}").value.has_value());
    BOOST_TEST(read_python_json(R"({"a":"\ud83d"})").value.has_value());
    BOOST_TEST(read_python_json(R"({"a":"\ud83d\udd11"})").value.has_value());
    BOOST_TEST(read_python_json(" \r\n\t{} ").value.has_value());
    BOOST_TEST(read_python_json("4585000").value.has_value());
    // One mark for a sequence cut short, as bytes.decode(errors="replace") sets it, not one for each of its octets.
    BOOST_TEST(std::string_view(read_python_json("{\"a\":\"\xe4\xbd\"}").value->at("a").as_string()) == "\uFFFD");
    for (const char* broken : {"", "{", "{'a':1}", "{\"a\":01}", "{\"a\":1,}", "nul", "{\"a\":\"\n\"}", "{}{}"}) {
        BOOST_TEST(!read_python_json(broken).value.has_value(), broken);
    }
}

BOOST_AUTO_TEST_SUITE_END()
