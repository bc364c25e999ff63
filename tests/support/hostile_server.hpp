// A server that answers with any octets (tests/servers/hostile.py), and a ComfyUI tree to go with it.
#pragma once

#include "support/process.hpp"
#include "support/temporary_folder.hpp"

#include <csignal>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace banana::test {

inline std::string http_answer(int status, std::string_view type, std::string_view body,
                               std::string_view headers = {}) {
    return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Type: " + std::string(type) + "\r\n" +
           std::string(headers) + "Connection: close\r\n\r\n" + std::string(body);
}

inline std::string json_answer(std::string_view body, int status = 200) {
    return http_answer(status, "application/json", body);
}

class HostileServer {
public:
    // The answers of a healthy upstream and ComfyUI, to be replaced one by one.
    HostileServer() {
        const std::string figures = R"({"expires_at":0,"name":"n","object":"token_usage","total_available":4585000,)"
                                    R"("total_granted":5000000,"total_used":415000,"unlimited_quota":false})";
        answer("usage_token", json_answer(R"({"code":true,"data":)" + figures + R"(,"message":"ok"})"));
        answer("system_stats",
               json_answer(R"({"system":{"os":"posix","comfyui_version":"0.3.29","python_version":"3.11",)"
                           R"("embedded_python":false,"argv":["main.py"]},"devices":[]})"));
        answer("queue", json_answer(R"({"queue_running":[],"queue_pending":[]})"));
        answer("object_info_BananaImageNode",
               json_answer(R"({"BananaImageNode":{"input":{"required":{}},"name":"BananaImageNode"}})"));
        answer("extensions", json_answer(R"(["/extensions/comfyui-banana-gemini/extensions/token-balance.js"])"));
        answer("extensions_comfyui-banana-gemini_extensions_token-balance.js",
               http_answer(200, "text/javascript",
                           read_file(std::filesystem::path(BANANA_SOURCE_DIR) /
                                     "tests/fixtures/plugin_v1/web/extensions/token-balance.js")));
        answer(
            "banana_token_usage",
            json_answer(R"({"success":true,"data":)" + figures +
                        R"(,"raw":{},"summary":"🔑 查询时间 16:49","cost_factor":0.5,"cached":false,"stale":false})"));
        answer("internal_logs_raw", json_answer(R"({"entries":[],"size":{"cols":80,"rows":24}})"));
    }

    void answer(const std::string& name, std::string_view octets) const { folder_.write(name, octets); }

    // `tls`: a certificate chain and a private key, as files.
    void start(const std::vector<std::string>& tls = {}) {
        std::vector<std::string> command{
            "/usr/bin/python3", std::string(BANANA_SOURCE_DIR) + "/tests/servers/hostile.py", folder_.path().string()};
        command.insert(command.end(), tls.begin(), tls.end());
        process_ = std::make_unique<BackgroundProcess>(command);
        const auto line = process_->read_line();
        constexpr std::string_view kReady = "listening ";
        if (!line || !line->starts_with(kReady)) {
            throw std::runtime_error("hostile.py did not start");
        }
        port_ = line->substr(kReady.size());
    }

    // Until a request came whose answer hangs or stops in the middle; false when none comes.
    [[nodiscard]] bool wait_until_asked() const {
        const auto line = process_->read_line();
        return line && line->starts_with("asked ");
    }

    // As the system does when memory runs out: no word of farewell.
    void kill() const {
        process_->signal(SIGKILL);
        process_->wait();
    }

    [[nodiscard]] std::string url(std::string_view scheme = "http") const {
        return std::string(scheme) + "://127.0.0.1:" + port_;
    }

private:
    TemporaryFolder folder_;
    std::unique_ptr<BackgroundProcess> process_;
    std::string port_;
};

// A ComfyUI folder with the V1 plugin in it; returns the plugin's folder.
inline std::filesystem::path install_plugin(const TemporaryFolder& folder, const std::filesystem::path& comfyui,
                                            const std::string& name, const std::string& api_key) {
    namespace fs = std::filesystem;
    const fs::path plugin = folder.path() / comfyui / "custom_nodes" / name;
    fs::create_directories(plugin.parent_path());
    fs::copy(fs::path(BANANA_SOURCE_DIR) / "tests/fixtures/plugin_v1", plugin, fs::copy_options::recursive);
    for (const char* file : {"main.py", "nodes.py", "server.py", "folder_paths.py"}) {
        folder.write(comfyui / file, "# ComfyUI\n");
    }
    for (const char* name_of_folder : {"models", "comfy"}) {
        fs::create_directories(folder.path() / comfyui / name_of_folder);
    }
    folder.write(plugin / "config.ini",
                 "[gemini]\napi_key = " + api_key + "\nbalance_cost_factor = 0.5\nmax_workers = 8\n");
    return plugin;
}

}  // namespace banana::test
