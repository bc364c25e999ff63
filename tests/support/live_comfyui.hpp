// A real aiohttp server with a plugin in it, a real upstream, and checks run against them one by one.
#pragma once

#include "banana/json_member.hpp"
#include "check.hpp"
#include "http_client.hpp"
#include "redaction.hpp"
#include "run_context.hpp"
#include "support/plugin_fixture.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace banana::test {

// An absolute path stays what it is.
inline std::string server_script(const std::string& name) {
    return (std::filesystem::path(BANANA_SOURCE_DIR) / "tests/servers" / name).string();
}

// A Python server that prints "ready PORT".
class PythonServer {
public:
    PythonServer(const std::string& script, const std::vector<std::string>& arguments,
                 const std::map<std::string, std::string>& environment = {}) {
        std::vector<std::string> command{"/usr/bin/python3", server_script(script)};
        command.insert(command.end(), arguments.begin(), arguments.end());
        ProcessOptions options;
        options.environment = environment;
        process_ = std::make_unique<BackgroundProcess>(command, options);
        const auto line = process_->read_line();
        if (!line || !line->starts_with("ready ")) {
            throw std::runtime_error("the server did not start: " + script);
        }
        port_ = std::stoi(line->substr(6));
    }
    [[nodiscard]] int port() const { return port_; }
    [[nodiscard]] std::string url(const std::string& scheme = "http") const {
        return scheme + "://127.0.0.1:" + std::to_string(port_);
    }
    [[nodiscard]] int pid() const { return process_->pid(); }

private:
    std::unique_ptr<BackgroundProcess> process_;
    int port_ = 0;
};

// The state of one run, as the runner would hold it.
class LiveRun {
public:
    LiveRun() : http(io.get_executor()), context(options, surroundings, http, redactor) {
        surroundings.home = folder.path() / "home";
        options.timeout = std::chrono::milliseconds(3000);
    }

    CheckResult run(CheckRun check) {
        CheckResult result;
        std::exception_ptr failure;
        boost::asio::co_spawn(io, check(context), [&](std::exception_ptr error, CheckResult value) {
            failure = error;
            result = std::move(value);
        });
        io.restart();
        io.run();
        if (failure) {
            std::rethrow_exception(failure);
        }
        last = result;
        return result;
    }

    // As config.key would have left it: a usable key.
    void configure(const std::string& key, KeyState state = KeyState::usable, bool sent = true) {
        ConfigReading reading;
        reading.state = state;
        reading.plugin_sends_it = sent;
        reading.source = "config.ini";
        if (state == KeyState::usable) {
            reading.key.emplace(key);
        }
        context.found.config = std::move(reading);
        folder.write("ComfyUI/custom_nodes/comfyui-banana/config.ini", "[gemini]\napi_key = " + key + "\n");
    }

    // As install.plugin would have found it.
    void install(std::string_view fixture, Family family) {
        const auto root = make_comfyui(folder);
        const auto plugin = root / "custom_nodes" / "comfyui-banana";
        copy_plugin(fixture, plugin);
        Install found;
        found.comfyui_dir = root;
        found.plugin_dir = plugin;
        found.folder_name = "comfyui-banana";
        found.family = family;
        context.found.install = std::move(found);
    }

    [[nodiscard]] std::string root() const { return (folder.path() / "ComfyUI").string(); }

    TemporaryFolder folder;
    boost::asio::io_context io;
    RunOptions options;
    Surroundings surroundings;
    Redactor redactor;
    HttpClient http;
    RunContext context;
    CheckResult last;
};

inline const Finding* finding_of(const CheckResult& result, Cause code) {
    for (const Finding& finding : result.findings) {
        if (finding.code == code) {
            return &finding;
        }
    }
    return nullptr;
}

inline std::string argument(const Finding& finding, std::string_view name) {
    const boost::json::value* value = find_member(finding.args, name);
    return value == nullptr     ? ""
           : value->is_string() ? std::string(value->get_string())
                                : boost::json::serialize(*value);
}

// Everything that a check would show, for a search.
inline std::string everything_in(const CheckResult& result) {
    std::string all = boost::json::serialize(result.facts) + boost::json::serialize(result.summary.args);
    for (const Finding& finding : result.findings) {
        all += boost::json::serialize(finding.args);
        for (const Evidence& evidence : finding.evidence) {
            all += evidence.value + evidence.file;
        }
    }
    return all;
}

}  // namespace banana::test
