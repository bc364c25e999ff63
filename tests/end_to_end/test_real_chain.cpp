// The chain as it is in the world: Python's aiohttp, configparser and requests on the other side, none of our code.
#include "support/process.hpp"
#include "support/temporary_folder.hpp"
#include "world/certificate_authority.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

using namespace banana;
using namespace banana::test;
namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

constexpr const char* kPython = "/usr/bin/python3";

std::string server_script(const std::string& name) {
    return std::string(BANANA_SOURCE_DIR) + "/tests/servers/" + name;
}

std::string listening_port(BackgroundProcess& server) {
    while (const auto line = server.read_line()) {
        if (line->starts_with("listening ")) {
            return line->substr(std::string_view("listening ").size());
        }
    }
    BOOST_FAIL("the server did not start");
    return {};
}

// A real upstream with a certificate made now, and a real ComfyUI-like server with the V1 plugin in its folder.
class RealChain {
public:
    RealChain() : good_key(made_up_key(21)) {
        const world::CertificateAuthority authority("Test Root");
        world::LeafRequest leaf;
        leaf.names = {"localhost"};
        leaf.not_before = std::chrono::system_clock::now() - std::chrono::hours(1);
        leaf.not_after = std::chrono::system_clock::now() + std::chrono::hours(24 * 90);
        const world::TlsIdentity identity = authority.issue(leaf);
        root_certificate = folder.write("root.pem", authority.certificate_pem());
        const fs::path chain = folder.write("chain.pem", identity.chain_pem);
        const fs::path key = folder.write("key.pem", identity.private_key_pem);
        ProcessOptions options;
        options.input = good_key + "\n";
        upstream_ = std::make_unique<BackgroundProcess>(
            std::vector<std::string>{kPython, server_script("upstream.py"), chain.string(), key.string()}, options);
        base_url = "https://localhost:" + listening_port(*upstream_);
        install();
    }

    // The plugin of the source report, its base URL pointing at our upstream.
    void install() {
        const fs::path plugin = comfyui / "custom_nodes" / "comfyui-banana-gemini";
        fs::create_directories(plugin.parent_path());
        fs::copy(fs::path(BANANA_SOURCE_DIR) / "tests/fixtures/plugin_v1", plugin, fs::copy_options::recursive);
        const fs::path source = plugin / "Gemini_Imagen_Generator.py";
        std::string text = read_file(source);
        const std::string there = "https://xinbaoapi.feng1994.xin";
        text.replace(text.find(there), there.size(), base_url);
        folder.write(source, text);
        folder.write(comfyui / "main.py", "import server\n");
        folder.write(comfyui / "nodes.py", "NODE_CLASS_MAPPINGS = {}\n");
        folder.write(comfyui / "server.py", "class PromptServer:\n    instance = None\n");
        folder.write(comfyui / "folder_paths.py", "base_path = '.'\n");
        fs::create_directories(comfyui / "models");
        fs::create_directories(comfyui / "comfy");
        config_file = plugin / "config.ini";
    }

    void configure(const std::string& api_key) const {
        folder.write(config_file, "[gemini]\napi_key = " + api_key + "\nbalance_cost_factor = 0.5\nmax_workers = 8\n");
        fs::permissions(folder.path(), fs::perms::owner_all);
    }

    void start_comfyui(std::map<std::string, std::string> environment = {}) {
        ProcessOptions options;
        options.environment = std::move(environment);
        options.environment.try_emplace("REQUESTS_CA_BUNDLE", root_certificate.string());
        options.environment["PYTHONDONTWRITEBYTECODE"] = "1";
        comfyui_server_ = std::make_unique<BackgroundProcess>(
            std::vector<std::string>{kPython, "-u", server_script("comfyui_with_plugins.py"), comfyui.string()},
            options);
        url = "http://127.0.0.1:" + listening_port(*comfyui_server_);
    }

    json::value diagnose(std::vector<std::string> more = {}, int expected_exit = -1) {
        std::vector<std::string> arguments{"run", "--comfyui-dir", comfyui.string(), "--comfyui-url", url, "--output",
                                           "-",   "--format",      "json",           "--lang",        "en"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        ProcessOptions options;
        options.environment["REQUESTS_CA_BUNDLE"] = root_certificate.string();
        last = run_banana(arguments, options);
        if (expected_exit >= 0) {
            BOOST_TEST_CONTEXT(last.out << last.err) {
                BOOST_TEST(last.exit_code == expected_exit);
            }
        }
        BOOST_TEST(last.out.find(good_key.substr(6, 20)) == std::string::npos);
        BOOST_TEST(last.err.find(good_key.substr(6, 20)) == std::string::npos);
        return json::parse(last.out);
    }

    TemporaryFolder folder;
    std::string good_key;
    fs::path root_certificate;
    fs::path comfyui = folder.path() / "Com fy 香蕉" / "ComfyUI";
    fs::path config_file;
    std::string base_url;
    std::string url = "http://127.0.0.1:1";
    ProcessResult last;

private:
    std::unique_ptr<BackgroundProcess> upstream_;
    std::unique_ptr<BackgroundProcess> comfyui_server_;
};

std::string primary(const json::value& report) {
    const json::value& cause = report.at("diagnosis").at("primary");
    return cause.is_null() ? std::string() : std::string(cause.at("code").as_string());
}

const json::value& check(const json::value& report, std::string_view id) {
    for (const json::value& entry : report.at("checks").as_array()) {
        if (entry.at("id").as_string() == id) {
            return entry;
        }
    }
    throw std::runtime_error("no such check");
}

}  // namespace

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
