// upstream.api against a real nginx: certificates made at run time for each fault, and each kind of HTTP answer.
#include "banana/cause.hpp"
#include "banana/lookup.hpp"
#include "base_url.hpp"
#include "catalog.hpp"
#include "certificate_authority.hpp"
#include "support/nginx.hpp"
#include "support/process.hpp"
#include "support/run_check.hpp"
#include "support/run_of.hpp"
#include "support/temporary_folder.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

using namespace banana;
using namespace banana::test;
using namespace std::chrono_literals;

namespace {

// One nginx with a site a port.
class Sites {
public:
    Sites()
        : key(made_up_key(4)),
          authority_("Test Root"),
          outdated_("Outdated Root", std::chrono::system_clock::now() - 1h),
          stranger_("Stranger Root") {
        root = folder_.write("root.pem", authority_.certificate_pem() + outdated_.certificate_pem());
        add_tls_sites();
        add_answer_sites();
        start();
    }

    [[nodiscard]] std::string url(const std::string& site, const std::string& host = "localhost") const {
        const std::string scheme = site == "plain-http" ? "http://" : "https://";
        return scheme + host + ":" + std::to_string(ports_.at(site));
    }

    std::string key;
    std::filesystem::path root;

private:
    void add(const std::string& name, const std::string& listen, const std::string& locations) {
        const int port = free_port();
        ports_[name] = port;
        servers_ += "server { listen 127.0.0.1:" + std::to_string(port) + listen + "\n" + locations + "}\n";
    }

    void add_tls(const std::string& name, const world::CertificateAuthority& authority, world::LeafRequest leaf,
                 const std::string& locations, const std::string& settings = {}) {
        const world::TlsIdentity identity = authority.issue(leaf);
        const auto chain = folder_.write(name + ".pem", identity.chain_pem);
        const auto secret = folder_.write(name + ".key", identity.private_key_pem);
        add(name,
            " ssl; ssl_certificate " + chain.string() + "; ssl_certificate_key " + secret.string() + ";" + settings,
            locations);
    }

    static world::LeafRequest leaf(std::vector<std::string> names = {"localhost"}) {
        const auto now = std::chrono::system_clock::now();
        world::LeafRequest request;
        request.names = std::move(names);
        request.not_before = now - 48h;
        request.not_after = now + 24h * 90;
        return request;
    }

    [[nodiscard]] std::string api() const {
        return "location = /api/usage/token { return 301 /api/usage/token/; }\n"
               "location = /api/usage/token/ {\n"
               "if ($http_authorization = \"\") { return 401 '{\"error\":{\"message\":\"Token not provided\"}}'; }\n"
               "if ($http_authorization != \"Bearer " +
               key +
               "\") { return 401 '{\"error\":{\"message\":\"Invalid token\"}}'; }\n"
               "return 200 "
               "'{\"code\":true,\"message\":\"ok\",\"data\":{\"total_granted\":5000000,\"total_used\":415000,"
               "\"total_available\":4585000,\"unlimited_quota\":false,\"expires_at\":0}}'; }\n";
    }

    void add_tls_sites() {
        const auto now = std::chrono::system_clock::now();
        add_tls("good", authority_, leaf(), api());
        std::string spent = api();
        const std::string left = "\"total_available\":4585000";
        spent.replace(spent.find(left), left.size(), "\"total_available\":0");
        add_tls("spent", authority_, leaf(), spent);
        add_tls("address", authority_, leaf({"127.0.0.1"}), api());
        add_tls("unknown-authority", stranger_, leaf(), api());
        add_tls("other-name", authority_, leaf({"other.example.net"}), api());
        add_tls("deep-wildcard", authority_, leaf({"*.example.net"}), api());
        world::LeafRequest request = leaf();
        request.shape = world::ChainShape::self_signed;
        add_tls("self-signed", authority_, request, api());
        request.shape = world::ChainShape::missing_intermediate;
        add_tls("missing-intermediate", authority_, request, api());
        request = leaf();
        request.not_after = now - 1h;
        add_tls("expired", authority_, request, api());
        request = leaf();
        request.not_before = now + 24h;
        add_tls("not-yet-valid", authority_, request, api());
        request = leaf();
        request.not_after = now + 24h * 5;
        add_tls("expires-soon", authority_, request, api());
        add_tls("expired-intermediate", outdated_, leaf(), api());
        request = leaf();
        request.key_usage = "clientAuth";
        add_tls("client-only", authority_, request, api());
        add_tls("old-protocol", authority_, leaf(), api(), " ssl_protocols TLSv1.1; ssl_ciphers DEFAULT@SECLEVEL=0;");
        add_tls("tls-1.2", authority_, leaf(), api(), " ssl_protocols TLSv1.2;");
        add("plain-text", ";", api());
        add("plain-http", ";", api());
    }

    void add_answer(const std::string& name, const std::string& body) {
        add_tls(name, authority_, leaf(), "location / { " + body + " }\n");
    }

    void add_answer_sites() {
        add_answer("rate-limited", "return 429;");
        add_answer("server-error", "return 502;");
        add_answer("not-found", "return 404;");
        add_answer("blocked", "return 403;");
        add_answer("moved", "rewrite ^/api/usage/token$ /v2/usage redirect; return 404;");
        add_answer("gateway", "return 401 '{\"message\":\"No API key found in request\"}';");
        add_answer("teapot", "return 418 'x';");
        add_answer("portal", "default_type text/html; return 200 '<html><title>Log in</title></html>';");
        add_answer("empty", "return 200 '';");
        add_answer("list", "return 200 '[1,2]';");
        add_answer("closes", "return 444;");
        add_answer("elsewhere", "return 302 https://portal.example.net/login;");
        add_answer("downgrade", "return 302 http://localhost/api/usage/token;");
        add_answer("loop", "return 307 /api/usage/token;");
        folder_.write("www/drip/body", std::string(4'000, ' '));
        add_answer("drip", "root " + (folder_.path() / "www").string() + "; limit_rate 10; try_files /drip/body =404;");
    }

    void start() {
        nginx_ = std::make_unique<BackgroundProcess>(nginx_command(folder_, servers_));
        BOOST_REQUIRE(wait_for_port(ports_.at("good")));
    }

    TemporaryFolder folder_;
    world::CertificateAuthority authority_;
    world::CertificateAuthority outdated_;
    world::CertificateAuthority stranger_;
    std::map<std::string, int> ports_;
    std::string servers_;
    std::unique_ptr<BackgroundProcess> nginx_;
};

Sites& sites() {
    static Sites all;
    return all;
}

// upstream.api alone, with the key that the sites know.
CheckResult probe(const std::string& url, std::chrono::milliseconds timeout = 5s, const std::string& key = sites().key,
                  bool by_ca_file = true) {
    CheckStage stage;
    stage.options.base_url = url;
    stage.options.timeout = timeout;
    if (by_ca_file) {
        stage.options.ca_file = sites().root;
    }
    stage.context.given_key.emplace(Secret(key), "api-key-file");
    CheckResult result = stage.run(run_of("upstream.api"));
    BOOST_TEST(boost::json::serialize(result.facts).find(key) == std::string::npos);
    return result;
}

// The case, its code, and what people read, for who runs this test with --log_level=message.
std::string table_row(const std::string& site, const Finding& finding) {
    const Catalog& texts = catalog("en");
    const std::string code(code_of(finding.code));
    const std::string sentence = texts.text(texts.cause_text_id(code, "message", finding.args), finding.args);
    return "| " + site + " | " + code + " | " + sentence + " |";
}

struct Expected {
    std::string site;
    Cause code;
    std::string variant;
};

struct NeedsNginx {
    NeedsNginx() { BOOST_REQUIRE_MESSAGE(has_nginx(), "nginx is not installed: tests/run.sh installs it"); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(nginx, NeedsNginx)

BOOST_AUTO_TEST_CASE(each_fault_has_its_code) {
    const std::vector<Expected> all{
        {"unknown-authority", Cause::upstream_tls_untrusted, "untrusted"},
        {"self-signed", Cause::upstream_tls_untrusted, "self-signed"},
        {"missing-intermediate", Cause::upstream_tls_untrusted, "incomplete"},
        {"other-name", Cause::upstream_tls_hostname, ""},
        {"deep-wildcard", Cause::upstream_tls_hostname, ""},
        {"address", Cause::upstream_tls_hostname, ""},
        {"expired", Cause::upstream_tls_expired, "certificate"},
        {"not-yet-valid", Cause::upstream_tls_expired, "certificate"},
        {"expired-intermediate", Cause::upstream_tls_expired, "intermediate"},
        {"client-only", Cause::upstream_tls_untrusted, "unfit"},
        {"old-protocol", Cause::upstream_tls_handshake, "old-protocol"},
        {"plain-text", Cause::upstream_tls_handshake, "plain-text"},
        {"rate-limited", Cause::upstream_rate_limited, "gateway"},
        {"server-error", Cause::upstream_server_error, ""},
        {"not-found", Cause::upstream_not_found, ""},
        {"moved", Cause::upstream_not_found, "moved"},
        {"blocked", Cause::upstream_blocked, "page"},
        {"gateway", Cause::upstream_blocked, "unauthorized"},
        {"teapot", Cause::upstream_unexpected_status, ""},
        {"portal", Cause::upstream_not_json, "html"},
        {"empty", Cause::upstream_not_json, "empty"},
        {"list", Cause::upstream_bad_shape, "not-object"},
        {"closes", Cause::upstream_connection_reset, ""},
        {"elsewhere", Cause::upstream_redirected, "other-origin"},
        {"downgrade", Cause::upstream_redirected, "downgrade"},
        {"loop", Cause::upstream_redirected, "loop"},
    };
    for (const Expected& expected : all) {
        BOOST_TEST_CONTEXT(expected.site) {
            const CheckResult result = probe(sites().url(expected.site));
            BOOST_TEST(result.findings.size() == 1U);
            BOOST_REQUIRE(!result.findings.empty());
            const Finding& finding = result.findings.front();
            BOOST_TEST(code_of(finding.code) == code_of(expected.code));
            BOOST_TEST(text_argument(finding, "variant") == expected.variant);
            BOOST_TEST((finding.severity == Severity::error));
            BOOST_TEST(result.facts.at("balance").is_null());
            BOOST_TEST_MESSAGE(table_row(expected.site, finding));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_good_key_has_its_balance) {
    for (const char* site : {"good", "tls-1.2"}) {
        const CheckResult result = probe(sites().url(site));
        BOOST_TEST(result.findings.empty());
        BOOST_TEST(!result.incomplete);
        BOOST_TEST(result.facts.at("balance").at("total_available").as_int64() == 4585000);
        BOOST_TEST(result.facts.at("queries").as_int64() == 1);  // the slash redirect is not counted
        BOOST_TEST(result.facts.at("http_status").as_int64() == 200);
        BOOST_TEST(result.facts.at("tls").at("days_left").as_int64() == 89);
    }
    BOOST_TEST(probe(sites().url("address", "127.0.0.1")).findings.empty());
    BOOST_TEST(probe(sites().url("plain-http")).findings.empty());  // on loopback a key may go in the clear
}

BOOST_AUTO_TEST_CASE(an_unknown_key_is_refused_by_the_api_itself) {
    const CheckResult result = probe(sites().url("good"), 5s, made_up_key(5));
    BOOST_REQUIRE(result.findings.size() == 1U);
    BOOST_TEST(code_of(result.findings.front().code) == "upstream.key-rejected");
    BOOST_TEST(text_argument(result.findings.front(), "variant") == "unknown");
    BOOST_TEST(result.findings.front().key_source == "api-key-file");
}

// A key is given that is refused; the configured one is accepted.
CheckResult probe_with_two_keys(const std::string& site) {
    CheckStage stage;
    stage.options.base_url = sites().url(site);
    stage.options.ca_file = sites().root;
    stage.context.given_key.emplace(Secret(made_up_key(5)), "api-key-file");
    ConfigReading config;
    config.key.emplace(Secret(sites().key));
    config.source = "config.ini";
    config.state = KeyState::usable;
    stage.context.found.config.emplace(std::move(config));
    return stage.run(run_of("upstream.api"));
}

BOOST_AUTO_TEST_CASE(a_key_with_nothing_left_is_not_recommended) {
    const CheckResult result = probe_with_two_keys("spent");
    const Finding* finding = find_code(result, Cause::upstream_key_rejected);
    BOOST_REQUIRE(finding != nullptr);
    BOOST_TEST(!finding->args.contains("fix_variant"));
    BOOST_TEST(find_code(result, Cause::upstream_quota_exhausted) != nullptr);
}

BOOST_AUTO_TEST_CASE(a_balance_belongs_to_the_key_it_came_for) {
    const CheckResult result = probe_with_two_keys("good");
    BOOST_TEST(result.facts.at("balance").is_null());
    BOOST_TEST(result.facts.at("by_key").at(1).at("balance").is_object());
    BOOST_TEST(result.summary.id == "summary.upstream.api.failed-for-key");
    BOOST_TEST(result.summary.args.at("key_source") == "api-key-file");
    const Finding* finding = find_code(result, Cause::upstream_key_rejected);
    BOOST_REQUIRE(finding != nullptr);
    BOOST_TEST(finding->args.at("fix_variant").as_string() == "configured-key-works");
    BOOST_TEST(finding->args.at("accepted_source").as_string() == "config.ini");
}

BOOST_AUTO_TEST_CASE(the_presented_chain_is_read_where_it_is_not_trusted) {
    const CheckResult result = probe(sites().url("unknown-authority"));
    BOOST_TEST(result.facts.at("tls").at("subject").as_string() == "CN=localhost");
    BOOST_TEST(result.facts.at("tls").at("verified").as_bool() == false);
    BOOST_TEST(result.facts.at("queries").as_int64() == 0);
}

BOOST_AUTO_TEST_CASE(the_certificate_that_does_not_pass_is_named) {
    const CheckResult result = probe(sites().url("expired-intermediate"));
    BOOST_REQUIRE(!result.findings.empty());
    BOOST_TEST(result.findings.front().args.at("subject").as_string() == "CN=Outdated Root R1");
}

// Nobody looked for a key: that none is there is not claimed.
BOOST_AUTO_TEST_CASE(no_key_known_is_not_no_key) {
    CheckStage stage;
    stage.options.base_url = sites().url("good");
    stage.options.ca_file = sites().root;
    const CheckResult unknown = stage.run(run_of("upstream.api"));
    BOOST_TEST(unknown.summary.id == "summary.upstream.api.key-unknown");
    BOOST_TEST(unknown.incomplete);
    stage.options.base_url = sites().url("gateway");
    BOOST_TEST(stage.run(run_of("upstream.api")).findings.empty());
    stage.context.found.config.emplace();
    BOOST_TEST(stage.run(run_of("upstream.api")).summary.id == "summary.upstream.api.no-key");
}

BOOST_AUTO_TEST_CASE(a_sample_is_not_sent) {
    const CheckResult result = probe(sites().url("good"), 5s, "YOUR_API_KEY_HERE");
    BOOST_TEST(result.findings.empty());
    BOOST_TEST(result.incomplete);
    BOOST_TEST(result.summary.id == "summary.upstream.api.sample");
}

BOOST_AUTO_TEST_CASE(a_key_that_fits_into_no_header_is_not_sent) {
    const CheckResult result = probe(sites().url("good"), 5s, "sk-\xef\xbd\x81" + std::string(47, 'b'));
    BOOST_TEST(result.findings.empty());
    BOOST_TEST(result.incomplete);
    BOOST_TEST(result.summary.id == "summary.upstream.api.unfit");
}

// A folder was named and not read: the address is only the documented default.
BOOST_AUTO_TEST_CASE(no_key_goes_to_a_guessed_address) {
    RunOptions options;
    options.comfyui_dir = "/nonexistent";
    CheckStage stage;
    stage.options = options;
    BOOST_TEST(!upstream_target(stage.context).is_certain);
    stage.options.base_url = sites().url("good");
    BOOST_TEST(upstream_target(stage.context).is_certain);
}

BOOST_AUTO_TEST_CASE(a_certificate_near_its_end_is_a_warning) {
    const CheckResult result = probe(sites().url("expires-soon"));
    BOOST_REQUIRE(result.findings.size() == 1U);
    BOOST_TEST(code_of(result.findings.front().code) == "upstream.tls-expiring");
    BOOST_TEST(!result.facts.at("balance").is_null());
}

BOOST_AUTO_TEST_CASE(an_answer_that_drips_ends_at_the_limit) {
    const CheckResult result = probe(sites().url("drip"), 1'000ms);
    BOOST_REQUIRE(!result.findings.empty());
    BOOST_TEST(code_of(result.findings.front().code) == "upstream.response-timeout");
}

// The environment's bundle is the plugin's; this system does not know that authority.
BOOST_AUTO_TEST_CASE(stores_that_disagree_show_a_program_in_between) {
    CheckStage stage;
    stage.options.base_url = sites().url("good");
    stage.surroundings.environment =
        Environment(std::map<std::string, std::string>{{"REQUESTS_CA_BUNDLE", sites().root.string()}});
    stage.context.given_key.emplace(Secret(sites().key), "api-key-file");
    const CheckResult result = stage.run(run_of("upstream.api"));
    BOOST_REQUIRE(result.findings.size() == 1U);
    BOOST_TEST(code_of(result.findings.front().code) == "upstream.intercepted");
    BOOST_TEST((result.findings.front().severity == Severity::warning));
    BOOST_TEST(!result.facts.at("balance").is_null());
}

BOOST_AUTO_TEST_CASE(a_bundle_that_is_missing) {
    CheckStage stage;
    stage.options.base_url = sites().url("good");
    stage.surroundings.environment =
        Environment(std::map<std::string, std::string>{{"CURL_CA_BUNDLE", "/nonexistent/bundle.pem"}});
    const CheckResult result = stage.run(run_of("upstream.api"));
    BOOST_REQUIRE(result.findings.size() == 1U);
    BOOST_TEST(code_of(result.findings.front().code) == "upstream.tls-untrusted");
    BOOST_TEST(text_argument(result.findings.front(), "variant") == "bundle");
}

BOOST_AUTO_TEST_SUITE_END()
