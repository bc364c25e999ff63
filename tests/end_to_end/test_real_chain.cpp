// The plugin of the source report in a real server, from healthy to the faults that its users met first.
#include "support/real_chain.hpp"

using namespace banana;
using namespace banana::test;
namespace fs = std::filesystem;
namespace json = boost::json;

BOOST_FIXTURE_TEST_CASE(a_working_install_is_healthy, RealChain) {
    configure(good_key);
    start_comfyui();
    const json::value report = diagnose({}, 0);
    BOOST_TEST(report.at("diagnosis").at("primary").is_null());
    const json::value& balance = check(report, "proxy.round-trip").at("facts").at("balance");
    BOOST_TEST(balance.at("total_available").to_number<std::int64_t>() == 4585000);
    BOOST_TEST(check(report, "upstream.api").at("facts").at("balance").at("total_used").to_number<std::int64_t>() ==
               415000);
    BOOST_TEST(last.out.find("¥4.5850") != std::string::npos);
    BOOST_TEST(last.out.find("a personal name") == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(the_sample_key_of_the_source_report, RealChain) {
    configure("YOUR_API_KEY_HERE");
    start_comfyui();
    const fs::path key_file = folder.write("key.txt", good_key + "\n");
    const json::value report = diagnose({"--api-key-file", key_file.string()}, 1);
    BOOST_TEST(primary(report) == "config.key-placeholder");
    BOOST_TEST(check(report, "upstream.api").at("facts").at("balance").at("total_granted").to_number<std::int64_t>() ==
               5000000);
    bool rejected = false;
    for (const json::value& effect : report.at("diagnosis").at("primary").at("effects").as_array()) {
        rejected = rejected || effect.as_string() == "proxy.key-rejected";
    }
    BOOST_TEST(rejected);  // this plugin sends the sample: HTTP 401, not "no key"
}

BOOST_FIXTURE_TEST_CASE(a_key_that_the_upstream_does_not_know, RealChain) {
    configure(made_up_key(22));
    start_comfyui();
    BOOST_TEST(primary(diagnose({}, 1)) == "upstream.key-rejected");
}

BOOST_FIXTURE_TEST_CASE(a_file_saved_with_a_byte_order_mark, RealChain) {
    folder.write(config_file, "\xEF\xBB\xBF[gemini]\napi_key = " + good_key + "\n");
    start_comfyui();
    BOOST_TEST(primary(diagnose({}, 1)) == "config.bom");
}

BOOST_FIXTURE_TEST_CASE(a_missing_file_is_named_before_the_plugin_writes_its_sample, RealChain) {
    start_comfyui();
    const json::value report = diagnose({}, 1);
    BOOST_TEST(primary(report) == "config.file-missing");
    BOOST_TEST(fs::exists(config_file));  // the plugin wrote it, at our query
}

BOOST_FIXTURE_TEST_CASE(comfyui_is_not_running, RealChain) {
    configure(good_key);
    BOOST_TEST(primary(diagnose({}, 1)) == "local.server-down");
}

BOOST_FIXTURE_TEST_CASE(the_upstream_certificate_is_not_trusted_by_the_plugin, RealChain) {
    configure(good_key);
    // The plugin's Python trusts another authority only.
    const world::CertificateAuthority other("Other Root");
    start_comfyui({{"REQUESTS_CA_BUNDLE", folder.write("other.pem", other.certificate_pem()).string()}});
    const json::value report = diagnose({}, 1);
    const std::string code = primary(report);
    BOOST_TEST_CONTEXT(code) {
        BOOST_TEST((code == "upstream.tls-untrusted" || code == "upstream.intercepted"));
    }
}

BOOST_FIXTURE_TEST_CASE(a_dead_proxy_in_comfyuis_environment, RealChain) {
    configure(good_key);
    const std::string proxy = "http://127.0.0.1:" + std::to_string(free_port());
    start_comfyui({{"HTTPS_PROXY", proxy}});
    const json::value report = diagnose({}, 1);
    BOOST_TEST(primary(report) == "upstream.proxy-failure");
    BOOST_TEST(last.out.find("HTTPS_PROXY") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(the_users_files_are_left_alone, RealChain) {
    configure("YOUR_API_KEY_HERE");
    start_comfyui();
    std::vector<std::pair<fs::path, fs::file_time_type>> before;
    for (const auto& entry : fs::recursive_directory_iterator(comfyui)) {
        before.emplace_back(entry.path(), fs::last_write_time(entry.path()));
    }
    diagnose({}, 1);
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(comfyui)) {
        ++count;
        static_cast<void>(entry);
    }
    BOOST_TEST(count == before.size());
    for (const auto& [path, time] : before) {
        BOOST_TEST((fs::last_write_time(path) == time));
    }
}
