// A ComfyUI-like server over the tree on disk: loads the plugin folder as the real loader would, then serves what
// contract.md section 2 says, the balance route among it.
#pragma once

#include "faults.hpp"
#include "plugin_route.hpp"

#include <deque>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace banana::world {

struct ComfyuiSettings {
    ComfyuiFaults faults;
    PluginFaults plugin;
    std::filesystem::path root;  // of the tree that this server runs
    std::uint16_t port = 0;
    std::filesystem::path log_file;  // empty: none is written
};

class ComfyuiService {
public:
    ComfyuiService(ComfyuiSettings settings, PluginSettings plugin, HttpClient& http);
    ~ComfyuiService();
    ComfyuiService(const ComfyuiService&) = delete;
    ComfyuiService& operator=(const ComfyuiService&) = delete;

    // On the servers' thread only.
    boost::asio::awaitable<ServerReply> answer(ServerRequest request);

    // False where starting ended in a fatal error: nothing listens then.
    [[nodiscard]] bool started() const noexcept { return started_; }

private:
    void load_nodes();
    // True: the copy registered the route, or defines the node at least.
    bool load_copy(const std::filesystem::path& folder);
    void write_log(const std::string& line);
    [[nodiscard]] std::vector<std::filesystem::path> plugin_folders() const;
    [[nodiscard]] ServerReply system_stats() const;
    [[nodiscard]] ServerReply folder_paths() const;
    [[nodiscard]] ServerReply log_ring() const;
    [[nodiscard]] ServerReply extension_list() const;
    [[nodiscard]] ServerReply node_class(std::string_view name) const;
    [[nodiscard]] ServerReply extension_file(const std::string& path) const;
    [[nodiscard]] ServerReply known_route(const std::string& path) const;
    boost::asio::awaitable<ServerReply> balance_route(ServerRequest request);

    ComfyuiSettings settings_;
    std::unique_ptr<PluginRoute> route_;
    std::vector<std::filesystem::path> served_folders_;  // of loaded plugins with a web folder
    std::vector<std::filesystem::path> route_folders_;
    std::deque<std::string> log_writes_;  // the server keeps its last 300
    bool node_loaded_ = false;
    bool route_registered_ = false;
    bool started_ = true;
};

}  // namespace banana::world
