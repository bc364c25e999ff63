#include "script_reader.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_script_reader)

namespace {

using Names = std::vector<std::string>;

void expect(std::string_view script, const Names& names, std::string_view path = "/banana/token_usage") {
    const ScriptReading reading = read_balance_script(script);
    BOOST_TEST(reading.called_path == path);
    BOOST_TEST(reading.parameters == names, boost::test_tools::per_element());
}

}  // namespace

BOOST_AUTO_TEST_CASE(template_literal_of_the_first_version) {
    const std::string script =
        "import { api } from '../../scripts/api.js';\n"
        "async function ask(baseUrl, refresh) {\n"
        "  const answer = await api.fetchApi(\n"
        "    `/banana/token_usage?base_url=${encodeURIComponent(baseUrl)}&refresh=${refresh ? 1 : 0}`,\n"
        "    { method: 'GET' });\n"
        "}\n";
    expect(script, {"base_url", "refresh"});
    BOOST_TEST(read_balance_script(script).line == 4);
    BOOST_TEST(key_parameters_in(read_balance_script(script).parameters).empty());
}

BOOST_AUTO_TEST_CASE(search_parameters_object_and_calls) {
    const std::string script =
        "const ask = async (node) => {\n"
        "  const query = new URLSearchParams({ refresh: \"1\", route: pick(node, { x: 1 }), \"flag\": y });\n"
        "  if (node.key) { query.set('banana_api_key', node.key); }\n"
        "  query.append(\"bypass_proxy\", node.flags.set ? 'true' : 'false');\n"
        "  return api.fetchApi(`/banana/token_usage?${query.toString()}`);\n"
        "};\n"
        "function other() { headers.set('X-Other', 1); fetch(`/x?unrelated=${1}`); }\n";
    expect(script, {"refresh", "route", "flag", "banana_api_key", "bypass_proxy"});
    BOOST_TEST(key_parameters_in(read_balance_script(script).parameters).at(0) == "banana_api_key");
}

BOOST_AUTO_TEST_CASE(joined_strings_and_pieces) {
    expect(
        "function a(k) { let u = '/banana/token_usage?refresh=' + r; if (k) { u += '&api_key=' + k; } return fetch(u); "
        "}",
        {"refresh", "api_key"});
    expect(
        "function a(k) { const parts = [`refresh=${r}`]; parts.push(`api_key=${k}`);"
        " return api.fetchApi('/banana/token_usage?' + parts.join('&')); }",
        {"refresh", "api_key"});
}

BOOST_AUTO_TEST_CASE(query_built_in_the_caller) {
    expect(
        "function ask(q) { return api.fetchApi(`/banana/token_usage?${q}`); }\n"
        "function press(node) { const p = new URLSearchParams(); p.set('api_key', node.k); ask(p); }",
        {"api_key"});
}

BOOST_AUTO_TEST_CASE(comments_and_other_addresses_do_not_count) {
    expect(
        "// api.fetchApi('/banana/token_usage?api_key=x')\n"
        "/* fetch(`/banana/token_usage?secret_key=${a}`) */\n"
        "function f() { const qr = 'https://example.com/pay?code=1&key=2'; const r = /[/\"]&key=/g;\n"
        " return api.fetchApi('/banana/token_usage?refresh=1'); }",
        {"refresh"});
}

BOOST_AUTO_TEST_CASE(minified) {
    expect("const a=(b,c)=>{return d.fetchApi(`/banana/token_usage?refresh=${c?1:0}&api_key=${e(b)}`)};",
           {"refresh", "api_key"});
}

BOOST_AUTO_TEST_CASE(the_path_as_it_is_called) {
    expect("fetch(`/api/banana/token_usage?refresh=1`)", {"refresh"}, "/api/banana/token_usage");
    expect("fetch(`${base}/banana/token_usage?refresh=1`)", {"refresh"});
}

BOOST_AUTO_TEST_CASE(a_renamed_route_is_another_question) {
    const std::string call = "api.fetchApi(`/mybanana/usage?refresh=${now}&api_key=${key}`);\n";
    const ScriptReading renamed = read_balance_script("api.fetchApi('/mybanana/tasks');\n" + call);
    BOOST_TEST(renamed.called_path == "/mybanana/usage");
    BOOST_TEST(renamed.line == 2);
    BOOST_TEST(renamed.is_unknown_question);
    // Beside the known route it is something else.
    const ScriptReading known = read_balance_script(call + "api.fetchApi(`/banana/token_usage?refresh=1`);");
    BOOST_TEST(known.called_path == "/banana/token_usage");
    BOOST_TEST(!known.is_unknown_question);
    BOOST_TEST(read_balance_script("api.fetchApi('/mybanana/tasks?page=2');").called_path.empty());
}

BOOST_AUTO_TEST_CASE(unclear_and_absent) {
    const ScriptReading unclear = read_balance_script("api.fetchApi(`/banana/token_usage?${make()}`)");
    BOOST_TEST(unclear.query_unclear);
    const ScriptReading absent = read_balance_script("app.registerExtension({ name: 'x' })");
    BOOST_TEST(absent.called_path.empty());
}

// The address stands in no call: what another call says is not said of it.
BOOST_AUTO_TEST_CASE(the_settings_of_another_call_do_not_count) {
    const std::string other = "fetch('/banana/redeem', { method: 'POST', headers: { 'X-Key': key } });\n";
    const ScriptReading named =
        read_balance_script("const ROUTE = '/banana/token_usage?refresh=1';\n" + other + "api.fetchApi(ROUTE);");
    BOOST_TEST(named.called_path == "/banana/token_usage");
    BOOST_TEST(!named.is_unknown_question);
    BOOST_TEST(!named.query_unclear);
    BOOST_TEST(read_balance_script("api.fetchApi('/banana/token_usage', { method: 'POST' });").is_unknown_question);
}

BOOST_AUTO_TEST_CASE(any_bytes_end) {
    for (const char* script : {"`${`${`${", "'", "/", "/*", "`", "}}}}", "((((", "\\", "`\\", "'\\"}) {
        read_balance_script(script);
    }
    std::string deep;
    for (int index = 0; index < 200000; ++index) {
        deep += "`${";
    }
    BOOST_TEST(read_balance_script(deep).called_path.empty());
    BOOST_TEST(read_balance_script(std::string(3'000'000, '{')).called_path.empty());
    std::string braces;
    std::string constructors;
    for (int index = 0; index < 100000; ++index) {
        braces += "){";
        constructors += "URLSearchParams({";
    }
    BOOST_TEST(!read_balance_script(braces + "'/banana/token_usage'").called_path.empty());
    BOOST_TEST(!read_balance_script("'/banana/token_usage';" + constructors).called_path.empty());
}

BOOST_AUTO_TEST_SUITE_END()
