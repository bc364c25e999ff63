// The embedded plugin's GET /banana/token_usage: reads the real config.ini at every request by the plugin's own
// rules, really calls the upstream, and answers as each version family does (contract.md sections 1.2 to 1.4).
#pragma once

#include "banana/context.hpp"
#include "faults.hpp"
#include "http_client.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <utility>

namespace banana::world {

struct PluginSettings {
    PluginKind kind = PluginKind::v1_report;
    std::filesystem::path folder;  // of the copy that answers
    std::optional<SystemProxySettings> system_proxy;
    Environment environment;        // of the embedded ComfyUI's process
    std::filesystem::path home;     // for .netrc
    std::filesystem::path trusted;  // PEM bundle that its Python trusts
    std::chrono::milliseconds patience{5'000};
    // One line to the server's log, without the line break.
    std::function<void(const std::string&)> log;
};

// Used on the servers' thread only.
class PluginRoute {
public:
    PluginRoute(PluginSettings settings, HttpClient& http) : settings_(std::move(settings)), http_(http) {}

    boost::asio::awaitable<ServerReply> answer(ServerRequest request);

private:
    struct Query;  // what one request asks for

    [[nodiscard]] Query read_query(const ServerRequest& request);
    boost::asio::awaitable<Exchange> ask_upstream(Query query);
    [[nodiscard]] std::string failure_of(const Exchange& exchange, const Query& query);
    [[nodiscard]] ServerReply success(const boost::json::value& body, const Query& query, bool cached) const;
    [[nodiscard]] std::string summary_of(const boost::json::object& data, const Query& query) const;
    void write_sample_config() const;
    void log_failure(const std::string& summary);
    [[nodiscard]] bool is_v1() const;
    [[nodiscard]] bool hands_none_on() const;  // a binary of 2025 without a key

    PluginSettings settings_;
    HttpClient& http_;
    std::map<std::pair<std::string, std::string>, boost::json::value> cache_;  // by base URL and key
};

// Python's json.dumps with its defaults: ASCII only.
std::string ascii_json(const boost::json::value& value);

}  // namespace banana::world
