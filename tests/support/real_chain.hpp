// The chain as it is in the world: Python's aiohttp, configparser and requests on the other side, none of our code.
#pragma once

#include "certificate_authority.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace banana::test {

inline constexpr const char* kPython = "/usr/bin/python3";

inline std::string server_script(const std::string& name) {
    return std::string(BANANA_SOURCE_DIR) + "/tests/servers/" + name;
}

inline std::string listening_port(BackgroundProcess& server) {
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
    // `key` is the one that the upstream accepts; `faults` are further options of upstream.py.
    explicit RealChain(std::string key = made_up_key(21), const std::vector<std::string>& faults = {})
        : good_key(std::move(key)) {
        const world::CertificateAuthority authority("Test Root");
        world::LeafRequest leaf;
        leaf.names = {"localhost"};
        leaf.not_before = std::chrono::system_clock::now() - std::chrono::hours(1);
        leaf.not_after = std::chrono::system_clock::now() + std::chrono::hours(24 * 90);
        const world::TlsIdentity identity = authority.issue(leaf);
        root_certificate = folder.write("root.pem", authority.certificate_pem());
        const std::filesystem::path chain = folder.write("chain.pem", identity.chain_pem);
        const std::filesystem::path private_key = folder.write("key.pem", identity.private_key_pem);
        ProcessOptions options;
        options.input = good_key + "\n";
        std::vector<std::string> command{kPython, server_script("upstream.py"), chain.string(), private_key.string()};
        command.insert(command.end(), faults.begin(), faults.end());
        upstream_ = std::make_unique<BackgroundProcess>(command, options);
        base_url = "https://localhost:" + listening_port(*upstream_);
        install();
    }

    // The plugin of the source report, its base URL pointing at our upstream.
    void install() {
        const std::filesystem::path plugin = comfyui / "custom_nodes" / "comfyui-banana-gemini";
        std::filesystem::create_directories(plugin.parent_path());
        std::filesystem::copy(std::filesystem::path(BANANA_SOURCE_DIR) / "tests/fixtures/plugin_v1", plugin,
                              std::filesystem::copy_options::recursive);
        const std::filesystem::path source = plugin / "Gemini_Imagen_Generator.py";
        std::string text = read_file(source);
        const std::string there = "https://xinbaoapi.feng1994.xin";
        text.replace(text.find(there), there.size(), base_url);
        folder.write(source, text);
        folder.write(comfyui / "main.py", "import server\n");
        folder.write(comfyui / "nodes.py", "NODE_CLASS_MAPPINGS = {}\n");
        folder.write(comfyui / "server.py", "class PromptServer:\n    instance = None\n");
        folder.write(comfyui / "folder_paths.py", "base_path = '.'\n");
        std::filesystem::create_directories(comfyui / "models");
        std::filesystem::create_directories(comfyui / "comfy");
        config_file = plugin / "config.ini";
    }

    void configure(const std::string& api_key) const {
        folder.write(config_file, "[gemini]\napi_key = " + api_key + "\nbalance_cost_factor = 0.5\nmax_workers = 8\n");
        std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all);
    }

    void start_comfyui(std::map<std::string, std::string> environment = {}, const std::vector<std::string>& more = {}) {
        ProcessOptions options;
        options.environment = std::move(environment);
        options.environment.try_emplace("REQUESTS_CA_BUNDLE", root_certificate.string());
        options.environment["PYTHONDONTWRITEBYTECODE"] = "1";
        std::vector<std::string> command{kPython, "-u", server_script("comfyui_with_plugins.py"), comfyui.string()};
        command.insert(command.end(), more.begin(), more.end());
        comfyui_server_ = std::make_unique<BackgroundProcess>(command, options);
        url = "http://127.0.0.1:" + listening_port(*comfyui_server_);
    }

    // Until the upstream prints this line; false when it does not.
    [[nodiscard]] bool wait_for_upstream(std::string_view wanted) const {
        while (const auto line = upstream_->read_line()) {
            if (*line == wanted) {
                return true;
            }
        }
        return false;
    }

    // As the system does when memory runs out: no word of farewell.
    void kill_comfyui() const {
        comfyui_server_->signal(SIGKILL);
        comfyui_server_->wait();
    }

    boost::json::value diagnose(std::vector<std::string> more = {}, int expected_exit = -1) {
        std::vector<std::string> arguments{"run",      "--comfyui-dir", comfyui.string(), "--output", "-",
                                           "--format", "json",          "--lang",         "en"};
        if (!url.empty()) {
            arguments.insert(arguments.end(), {"--comfyui-url", url});
        }
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
        return boost::json::parse(last.out);
    }

    TemporaryFolder folder;
    std::string good_key;
    std::filesystem::path root_certificate;
    std::filesystem::path comfyui = folder.path() / "Com fy 香蕉" / "ComfyUI";
    std::filesystem::path config_file;
    std::string base_url;
    std::string url = "http://127.0.0.1:1";
    ProcessResult last;

private:
    std::unique_ptr<BackgroundProcess> upstream_;
    std::unique_ptr<BackgroundProcess> comfyui_server_;
};

inline std::string primary(const boost::json::value& report) {
    const boost::json::value& cause = report.at("diagnosis").at("primary");
    return cause.is_null() ? std::string() : std::string(cause.at("code").as_string());
}

inline const boost::json::value& check(const boost::json::value& report, std::string_view id) {
    for (const boost::json::value& entry : report.at("checks").as_array()) {
        if (entry.at("id").as_string() == id) {
            return entry;
        }
    }
    throw std::runtime_error("no such check");
}

}  // namespace banana::test
