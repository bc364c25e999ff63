// proxy.round-trip and the --deep experiments: real plugins of each family in real aiohttp servers, their own Python
// requests, and a real upstream on loopback.
#include "banana/cause.hpp"
#include "support/live_comfyui.hpp"
#include "support/run_of.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>

using namespace banana;
using namespace banana::test;

namespace {

struct Fixture : LiveRun {
    ~Fixture() {
        // No key in anything that was shown.
        for (const std::string& text : shown) {
            BOOST_TEST(text.find(good) == std::string::npos);
            BOOST_TEST(text.find(bad) == std::string::npos);
        }
    }

    void start_upstream(const std::vector<std::string>& arguments = {}) {
        upstream = std::make_unique<PythonServer>("usage_upstream.py", arguments,
                                                  std::map<std::string, std::string>{{"GOOD_KEY", good}});
        options.base_url = upstream->url();
    }

    // The server with the plugin, asked as far as the checks before the round trip go.
    void start(const std::vector<std::string>& arguments = {}, std::map<std::string, std::string> environment = {}) {
        std::vector<std::string> all{root()};
        all.insert(all.end(), arguments.begin(), arguments.end());
        environment.emplace("HOME", (folder.path() / "home").string());
        server = std::make_unique<PythonServer>("comfyui.py", all, environment);
        options.comfyui_url = server->url();
        show(run_of("local.server"));
        BOOST_REQUIRE(context.found.server);
        show(run_of("route.registration"));
        BOOST_REQUIRE(context.found.route);
        show(run_of("frontend.extension"));
    }

    // Valid until the next check.
    const CheckResult& show(CheckRun check) {
        run(check);
        shown.push_back(everything_in(last));
        return last;
    }

    // V2's base URL is in its config file: base64 of the bytes XOR 7.
    void configure_v2(const std::string& key, const std::string& base_url) {
        configure(key);
        const ProcessResult encoded = run_process(
            {"/usr/bin/python3", "-c",
             "import base64,sys; print(base64.b64encode(bytes(b ^ 7 for b in sys.argv[1].encode())).decode())",
             base_url});
        folder.write("ComfyUI/custom_nodes/comfyui-banana/config.ini",
                     "[gemini]\napi_key = " + key + "\napi_base_url_enc = " + encoded.out + "\n");
        context.found.config->base_url = base_url;
    }

    // What upstream.api would have left after asking with this key.
    void direct_balance(const std::string& key, double available = 4585000) {
        UpstreamOutcome outcome;
        outcome.base_url = options.base_url;
        outcome.balance.emplace();
        outcome.balance->total_granted = 5000000;
        outcome.balance->total_available = available;
        outcome.balance->expires_at = 0;
        outcome.balance_key_fingerprint = Secret(key).fingerprint();
        context.found.upstream = std::move(outcome);
    }

    const Finding& expect(const CheckResult& result, Cause code) {
        BOOST_REQUIRE(result.findings.size() == 1U);
        BOOST_TEST(code_of(result.findings[0].code) == code_of(code));
        return result.findings[0];
    }

    const std::string good = made_up_key(1);
    const std::string bad = made_up_key(2);
    std::unique_ptr<PythonServer> upstream;
    std::unique_ptr<PythonServer> server;
    std::vector<std::string> shown;
};

struct FirstVersion : Fixture {
    FirstVersion() { install("plugin_v1", Family::v1); }
};

struct SecondVersion : Fixture {
    SecondVersion() { install("plugin_v2", Family::v2); }
};

std::string closed_url() {
    return "http://127.0.0.1:" + std::to_string(free_port());
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(first_version, FirstVersion)

BOOST_AUTO_TEST_CASE(a_balance_comes_back) {
    start_upstream();
    configure(good);
    direct_balance(good);
    start();
    const CheckResult result = show(run_of("proxy.round-trip"));
    BOOST_TEST(result.findings.empty());
    BOOST_TEST(!result.incomplete);
    const auto& balance = result.facts.at("balance").as_object();
    BOOST_TEST(balance.at("total_available").as_int64() == 4585000);
    BOOST_TEST(balance.size() == 5U);
    BOOST_TEST(result.facts.at("summary_lines").as_array().size() == 3U);
    BOOST_TEST(result.facts.at("success").as_bool());
    BOOST_TEST(result.facts.at("url").as_string().find("/api/banana/token_usage?refresh=1&base_url=") !=
               std::string::npos);
    BOOST_TEST(context.found.round_trip->balance_came);
}

BOOST_AUTO_TEST_CASE(another_keys_balance_is_noticed) {
    start_upstream();
    configure(good);
    start();
    direct_balance(good, 4600000);
    BOOST_TEST(show(run_of("proxy.round-trip")).findings.empty());  // something was used in between
    direct_balance(good, 1000000);
    expect(show(run_of("proxy.round-trip")), Cause::proxy_balance_mismatch);
    direct_balance(bad, 1000000);
    BOOST_TEST(show(run_of("proxy.round-trip")).findings.empty());  // another key: nothing to compare
}

BOOST_AUTO_TEST_CASE(no_key_and_refused_keys) {
    start_upstream();
    configure("your-api-key-here", KeyState::placeholder, false);
    start();
    expect(show(run_of("proxy.round-trip")), Cause::proxy_no_key);
    // This version sends the sample that it does not know.
    configure("YOUR_API_KEY_HERE", KeyState::placeholder);
    const Finding& sample = expect(show(run_of("proxy.round-trip")), Cause::proxy_key_rejected);
    BOOST_TEST(argument(sample, "status") == "401");
    configure(bad);
    BOOST_TEST(!expect(show(run_of("proxy.round-trip")), Cause::proxy_key_rejected).inferred);
    configure("sk-密钥");
    const Finding& unusable = expect(show(run_of("proxy.round-trip")), Cause::proxy_key_rejected);
    BOOST_TEST(argument(unusable, "variant") == "unusable");
}

// One more query tells a service whose servers differ; a limit is not asked again, nor anything under --watch.
BOOST_AUTO_TEST_CASE(a_refusal_that_comes_and_goes_is_asked_once_more) {
    const auto query = [&](const std::vector<std::string>& upstream_arguments) {
        start_upstream(upstream_arguments);
        configure(good);
        start();
        direct_balance(good);
        return show(run_of("proxy.round-trip"));
    };
    const auto queries = [&] { return number_member(last.facts, "upstream_queries").value_or(1); };
    BOOST_TEST(argument(expect(query({"--refuse-first", "1"}), Cause::proxy_key_rejected), "variant") ==
               "comes-and-goes");
    BOOST_TEST(queries() == 2);
    BOOST_TEST(argument(expect(query({"--refuse-first", "2"}), Cause::proxy_key_rejected), "variant") ==
               "works-directly");
    BOOST_TEST(queries() == 2);
    for (const char* status : {"429", "407"}) {
        BOOST_TEST(query({"--status", status}).findings.size() == 1U);
        BOOST_TEST(queries() == 1, status);
    }
    options.asks_once = true;
    BOOST_TEST(argument(expect(query({"--refuse-first", "1"}), Cause::proxy_key_rejected), "variant") ==
               "works-directly");
    BOOST_TEST(queries() == 1);
}

BOOST_AUTO_TEST_CASE(upstream_faults_by_their_own_words) {
    configure(good);
    start_upstream();
    start();
    options.base_url = closed_url();
    BOOST_TEST(argument(expect(show(run_of("proxy.round-trip")), Cause::proxy_upstream_failed), "kind") == "refused");
    options.base_url = "https" + upstream->url().substr(4);
    BOOST_TEST(argument(expect(show(run_of("proxy.round-trip")), Cause::proxy_upstream_failed), "kind") == "tls");
    start_upstream({"--status", "503", "--body", "busy"});
    const Finding& busy = expect(show(run_of("proxy.round-trip")), Cause::proxy_upstream_failed);
    BOOST_TEST(argument(busy, "kind") == "http-status");
    BOOST_TEST(argument(busy, "status") == "503");
    BOOST_TEST(argument(busy, "proof") == "message");
    start_upstream({"--body", "<html>portal</html>"});
    BOOST_TEST(argument(expect(show(run_of("proxy.round-trip")), Cause::proxy_upstream_failed), "kind") == "not-json");
    start_upstream({"--body", "[1]"});
    BOOST_TEST(argument(expect(show(run_of("proxy.round-trip")), Cause::proxy_upstream_failed), "kind") == "shape");
}

BOOST_AUTO_TEST_CASE(success_without_data_is_none) {
    configure(good);
    start_upstream({"--body", R"({"success": false, "message": "record not found"})"});
    start();
    const CheckResult result = show(run_of("proxy.round-trip"));
    const Finding& finding = expect(result, Cause::proxy_upstream_failed);
    BOOST_TEST(argument(finding, "kind") == "api-error");
    BOOST_TEST(argument(finding, "message") == "record not found");
    BOOST_TEST(!result.facts.at("success").as_bool());
}

BOOST_AUTO_TEST_CASE(an_answer_in_no_known_form) {
    configure(good);
    start_upstream({"--body", R"({"code": true})"});
    start();
    const CheckResult result = show(run_of("proxy.round-trip"));
    BOOST_TEST(argument(expect(result, Cause::proxy_upstream_failed), "variant") == "no-words");
}

BOOST_AUTO_TEST_CASE(a_netrc_entry_replaces_the_key) {
    start_upstream();
    configure(good);
    direct_balance(good);
    folder.write("home/.netrc", "machine 127.0.0.1 login someone password private\n");
    start();
    const Finding& finding = expect(show(run_of("proxy.round-trip")), Cause::proxy_netrc_override);
    BOOST_TEST(argument(finding, "line") == "1");
    BOOST_TEST(!finding.inferred);
    BOOST_TEST(shown.back().find("private") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_slow_upstream_and_a_slow_plugin) {
    configure(good);
    start_upstream({"--delay", "30"});
    start();
    options.timeout = std::chrono::milliseconds(100);
    const auto begin = std::chrono::steady_clock::now();
    expect(show(run_of("proxy.round-trip")), Cause::proxy_response_timeout);
    const auto took = std::chrono::steady_clock::now() - begin;
    // The plugin has its own limit, which is longer than the one given here.
    BOOST_TEST((took > std::chrono::seconds(8)));
}

BOOST_AUTO_TEST_CASE(the_stored_key_goes_where_the_request_says) {
    start_upstream();
    configure(good);
    start();
    const CheckResult result = show(run_of("deep.key-destination"));
    const Finding& finding = expect(result, Cause::security_key_sent_anywhere);
    BOOST_TEST(argument(finding, "held") == "configured");
    // The file was edited, but another copy answers.
    configure(bad);
    folder.write("ComfyUI/custom_nodes/comfyui-banana/config.ini", "[gemini]\napi_key = " + good + "\n");
    BOOST_TEST(argument(expect(show(run_of("deep.key-destination")), Cause::security_key_sent_anywhere), "held") ==
               "other");
    configure("your-api-key-here", KeyState::placeholder, false);
    BOOST_TEST(show(run_of("deep.key-destination")).findings.empty());
    BOOST_TEST(last.summary.id == "summary.deep.key-destination.no-key");
    configure("YOUR_API_KEY_HERE", KeyState::placeholder);
    BOOST_TEST(argument(expect(show(run_of("deep.key-destination")), Cause::security_key_sent_anywhere), "held") ==
               "sample");
}

BOOST_AUTO_TEST_CASE(the_first_version_ignores_a_key_in_the_request) {
    start_upstream();
    configure(good);
    start();
    const Finding& finding = expect(show(run_of("deep.key-override")), Cause::proxy_key_override_ignored);
    BOOST_TEST(argument(finding, "variant") == "listener");
    BOOST_TEST(last.facts.at("upstream_queries").as_int64() == 0);
}

BOOST_AUTO_TEST_CASE(no_experiment_behind_a_proxy) {
    start_upstream();
    configure(good);
    start({}, {{"http_proxy", closed_url()}});
    BOOST_TEST(show(run_of("deep.key-destination")).skip_reason == skip_reason::not_applicable);
    BOOST_TEST(last.summary.args.at("reason").as_string() == "through-proxy");
}

BOOST_AUTO_TEST_CASE(an_old_server_is_asked_by_the_path_it_has) {
    start_upstream();
    configure(good);
    start({"--no-api"});
    BOOST_TEST(show(run_of("proxy.round-trip")).findings.empty());
    BOOST_TEST(!last.facts.at("page_path").as_bool());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(second_version, SecondVersion)

BOOST_AUTO_TEST_CASE(the_configured_key_and_the_nodes_own) {
    start_upstream();
    configure_v2(good, upstream->url());
    direct_balance(good);
    start();
    BOOST_TEST(show(run_of("proxy.round-trip")).findings.empty());
    BOOST_TEST(!last.facts.at("key_sent").as_bool());
    context.given_key.emplace(Secret(bad), "api-key-file");
    redactor.learn(context.given_key->key);
    options.as_node = true;
    context.found.upstream->errors = {Cause::upstream_key_rejected};  // of the given key, asked directly
    const CheckResult result = show(run_of("proxy.round-trip"));
    BOOST_TEST(result.facts.at("key_sent").as_bool());
    BOOST_TEST(expect(result, Cause::proxy_key_rejected).key_source == "api-key-file");
}

BOOST_AUTO_TEST_CASE(the_log_proves_what_the_message_hides) {
    start_upstream();
    configure_v2(good, closed_url());
    options.base_url.clear();
    start();
    // ConnectionError may be many things: the direct call tells which.
    UpstreamOutcome outcome;
    outcome.base_url = *context.found.config->base_url;
    outcome.errors = {Cause::upstream_connection_refused};
    context.found.upstream = std::move(outcome);
    const Finding& refused = expect(show(run_of("proxy.round-trip")), Cause::proxy_upstream_failed);
    BOOST_TEST(argument(refused, "kind") == "refused");
    BOOST_TEST(argument(refused, "proof") == "direct-call");
    BOOST_TEST(refused.inferred);

    start_upstream({"--body", "<html>portal</html>"});
    configure_v2(good, upstream->url());
    context.found.upstream.reset();
    const Finding& portal = expect(show(run_of("proxy.round-trip")), Cause::proxy_upstream_failed);
    BOOST_TEST(argument(portal, "kind") == "not-json");
    BOOST_TEST(argument(portal, "proof") == "log");
    BOOST_TEST(!portal.inferred);
}

BOOST_AUTO_TEST_CASE(a_hidden_401_by_the_direct_call_or_netrc) {
    start_upstream();
    configure_v2(bad, upstream->url());
    start();
    UpstreamOutcome outcome;
    outcome.base_url = upstream->url();
    outcome.errors = {Cause::upstream_key_rejected};
    context.found.upstream = std::move(outcome);
    const Finding& rejected = expect(show(run_of("proxy.round-trip")), Cause::proxy_key_rejected);
    BOOST_TEST(argument(rejected, "proof") == "direct-call");
    BOOST_TEST(rejected.inferred);

    configure_v2(good, upstream->url());
    direct_balance(good);
    folder.write("home/.netrc", "default login someone password private\n");
    const Finding& netrc = expect(show(run_of("proxy.round-trip")), Cause::proxy_netrc_override);
    BOOST_TEST(argument(netrc, "proof") == "netrc");
}

// requests raises InvalidSchema without PySocks, which this family hides.
BOOST_AUTO_TEST_CASE(a_socks_proxy_that_only_the_direct_call_can_use) {
    start_upstream();
    configure_v2(good, upstream->url());
    direct_balance(good);
    const std::map<std::string, std::string> socks{{"ALL_PROXY", "socks5h://127.0.0.1:1"}, {"NO_PROXY", "example.net"}};
    start({}, socks);
    context.found.server->process_environment = Environment(socks);
    const Finding& finding = expect(show(run_of("proxy.round-trip")), Cause::proxy_upstream_failed);
    BOOST_TEST(argument(finding, "proof") == "environment");
    BOOST_TEST(argument(finding, "variant") == "socks-suspected");
    BOOST_TEST(finding.inferred);
}

BOOST_AUTO_TEST_CASE(nothing_known_is_said_so) {
    start_upstream({"--status", "500", "--body", "{}"});
    configure_v2(good, upstream->url());
    start({"--no-internal"});
    const Finding& finding = expect(show(run_of("proxy.round-trip")), Cause::proxy_upstream_failed);
    BOOST_TEST(argument(finding, "kind") == "unknown");
    BOOST_TEST(argument(finding, "proof") == "none");
    BOOST_TEST(finding.inferred);
}

BOOST_AUTO_TEST_CASE(a_key_in_the_request_is_used) {
    start_upstream();
    configure_v2(good, upstream->url());
    direct_balance(good);
    start();
    show(run_of("proxy.round-trip"));
    BOOST_TEST(show(run_of("deep.key-override")).findings.empty());
    BOOST_TEST(last.facts.at("key_used").as_bool());
    BOOST_TEST(last.facts.at("upstream_queries").as_int64() == 1);
    BOOST_TEST(show(run_of("deep.key-destination")).skip_reason == skip_reason::not_applicable);
}

BOOST_AUTO_TEST_CASE(a_route_that_crashes) {
    start_upstream();
    folder.write("ComfyUI/custom_nodes/comfyui-banana/__init__.py",
                 "from server import PromptServer\n"
                 "@PromptServer.instance.routes.get('/banana/token_usage')\n"
                 "async def handle(request):\n    raise RuntimeError('x')\n");
    start();
    const Finding& finding = expect(show(run_of("proxy.round-trip")), Cause::proxy_bad_response);
    BOOST_TEST(argument(finding, "variant") == "server-error");
}

BOOST_AUTO_TEST_CASE(a_socks_proxy_without_its_package) {
    start_upstream();
    folder.write("ComfyUI/custom_nodes/comfyui-banana/__init__.py",
                 "from aiohttp import web\n"
                 "from server import PromptServer\n"
                 "@PromptServer.instance.routes.get('/banana/token_usage')\n"
                 "async def handle(request):\n"
                 "    answer = {'success': False, 'message': 'Missing dependencies for SOCKS support.'}\n"
                 "    return web.json_response(answer, status=400)\n");
    start();
    const Finding& finding = expect(show(run_of("proxy.round-trip")), Cause::proxy_upstream_failed);
    BOOST_TEST(argument(finding, "kind") == "proxy");
    BOOST_TEST(argument(finding, "variant") == "socks");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_CASE(third_version_asks_the_line_that_the_page_shows_first, Fixture) {
    install("plugin_v3", Family::v3);
    std::filesystem::copy_file(server_script("v3_node.py"), context.found.install->plugin_dir / "__init__.py",
                               std::filesystem::copy_options::overwrite_existing);
    start_upstream();
    options.base_url.clear();
    configure(good);
    // Only the new line works; a query without `route` would ask the other.
    start({}, {{"LINE_HK", closed_url()}, {"LINE_NEW", upstream->url()}});
    BOOST_TEST(show(run_of("proxy.round-trip")).findings.empty());
    BOOST_TEST(last.facts.at("line").as_string() == "心宝❤新渠道");
    options.service_line = "香港专线";
    expect(show(run_of("proxy.round-trip")), Cause::proxy_upstream_failed);
    BOOST_TEST(last.facts.at("line").as_string() == "香港专线");
    // The node's key goes under the name that this script uses.
    options.service_line.clear();
    context.given_key.emplace(Secret(bad), "environment");
    redactor.learn(context.given_key->key);
    options.as_node = true;
    const Finding& finding = expect(show(run_of("proxy.round-trip")), Cause::proxy_upstream_failed);
    BOOST_TEST(argument(finding, "kind") == "http-status");
    BOOST_TEST(last.facts.at("url").as_string().find("banana_api_key=") != std::string::npos);
}
