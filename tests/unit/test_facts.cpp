// What checks state, typed once: written under the members' names, and read back from whatever a report holds.
#include "banana/facts.hpp"

#include <boost/test/unit_test.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

using namespace banana;

BOOST_AUTO_TEST_CASE(facts_come_back_as_they_were_written) {
    facts::Query query;
    query.url = "http://127.0.0.1:8188/api/banana/token_usage";
    query.key_sent = true;
    query.success = false;
    query.balance = boost::json::object{{"total_available", 5}};
    query.summary_lines = facts::Texts{"a", "b"};
    query.cost_factor = 0.5;
    const boost::json::object written = facts::to_json(query);
    BOOST_TEST(boost::json::serialize(facts::to_json(facts::read<facts::Query>(written))) ==
               boost::json::serialize(written));
    BOOST_TEST(!written.contains("cached"));
    BOOST_TEST(!written.contains("message"));
}

BOOST_AUTO_TEST_CASE(what_is_unset_is_left_out_or_null) {
    BOOST_TEST(boost::json::serialize(facts::to_json(facts::Place())) == "{}");
    BOOST_TEST(boost::json::serialize(facts::to_json(facts::ApiKey())) ==
               R"({"present":false,"length":null,"sha256_8":null})");
}

BOOST_AUTO_TEST_CASE(a_fact_of_another_kind_is_taken_for_none) {
    const auto read = [](const char* text) {
        return facts::read<facts::Server>(boost::json::parse(text).get_object());
    };
    BOOST_TEST(!read(R"({"is_examined_install": "yes"})").is_examined_install.has_value());
    BOOST_TEST(!read(R"({"is_examined_install": null})").is_examined_install.has_value());
    BOOST_TEST((read(R"({"is_examined_install": false})").is_examined_install == std::optional(false)));
    BOOST_TEST(!read(R"({"pid": 1e300})").pid.has_value());
    BOOST_TEST(!read(R"({"custom_nodes_dirs": {"a": 1}})").custom_nodes_dirs.has_value());
    const auto dirs = read(R"({"custom_nodes_dirs": ["/a", 3, null, "/b"]})").custom_nodes_dirs;
    BOOST_TEST(dirs.value() == (facts::Texts{"/a", "/b"}), boost::test_tools::per_element());
    const auto upstream = facts::read<facts::Upstream>(
        boost::json::parse(R"({"tls": [], "phases_ms": {"dns": 2, "tcp": "x"}, "http_status": 200.0})").get_object());
    BOOST_TEST(!upstream.tls.has_value());
    BOOST_TEST((upstream.phases_ms->dns == std::optional(2.0)));
    BOOST_TEST(!upstream.phases_ms->tcp.has_value());
    BOOST_TEST((upstream.http_status == std::optional(200)));
}
