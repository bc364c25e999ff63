// What can be wrong in an embedded world. Every member changes a file, a server or a socket; none of them names a
// finding.
//
// Texts may hold "{key}", its halves "{key-start}" and "{key-end}", "{bare-key}", "{other-key}" and "{port}": the key
// that the upstream knows, the same without "sk-", one that it does not know, and the port of the world's ComfyUI. They
// are filled in when the world is made, since no key stands in this source.
#pragma once

#include "banana/context.hpp"
#include "loopback_servers.hpp"
#include "plugin_files.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace banana::world {

// How far a connection to the upstream gets.
enum class Reach { answers, no_such_name, unreachable, refused, connect_hangs };

enum class Certificate {
    good,
    self_signed,
    unknown_authority,
    missing_intermediate,
    other_name,
    expired,
    not_yet_valid,
    expires_soon,  // in five days
};

enum class AccountState { active, disabled, expired, exhausted, banned, address_not_listed };

// A key's account at the upstream; amounts in the API's own units.
struct Account {
    std::int64_t available = 4'585'000;
    std::int64_t used = 415'000;
    bool unlimited = false;
    std::int64_t expires_at = 0;  // epoch seconds, 0: never
    AccountState state = AccountState::active;
};

// The usage endpoint's answer where it is not the API's own.
struct ScriptedReply {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
    Delivery delivery = Delivery::whole;
    std::vector<std::pair<std::string, std::string>> headers;
};

struct UpstreamFaults {
    Reach reach = Reach::answers;
    Wire wire = Wire::tls;
    Certificate certificate = Certificate::good;
    int generation = 2025;  // of new-api: 2025 answers 401 to spent and expired keys, 2026 answers them with data
    Account account;
    // Host names at which the key is known; empty: at all.
    std::vector<std::string> hosts_that_know_the_key;
    // Another account for the same key at one host.
    std::map<std::string, Account> account_at_host;
    std::optional<ScriptedReply> reply;
    bool only_once = false;          // the first query is answered rightly, `reply` comes from the second on
    int refused_plugin_queries = 0;  // the plugin's first ones are refused, as by one of several servers
    bool refuses_direct = false;     // this program's own queries are refused
    std::chrono::seconds clock{0};   // added to the Date header and to the certificate's dates
    std::chrono::milliseconds delay{0};
    bool ipv6_only = false;
};

struct PluginFaults {
    PluginKind kind = PluginKind::v1_late;
    std::string folder = "comfyui-banana-gemini";
    bool installed = true;
    std::string second_folder;               // another copy, with the same config; empty: none
    std::vector<std::string> removed_files;  // relative to the folder
    std::vector<PluginFile> replaced_files;
    // None: no config.ini.
    std::optional<std::string> config = "[gemini]\napi_key = {key}\nbalance_cost_factor = 0.5\nmax_workers = 8\n";
    bool config_is_a_folder = false;
    bool readable_by_all = false;  // config.ini and every folder above it
    // Text that the import raises, as the loader logs it; empty: it loads.
    std::string import_error;
    std::string shown_service_line;             // what the node's line box shows first; empty: the family's own
    std::string shown_address;                  // V1: what the node's box for the address shows; empty: no such box
    bool late_route = false;                    // registered only after the server froze its routes
    std::chrono::milliseconds patience{5'000};  // the plugin's own time-out; 15 s in the real one
};

enum class ComfyuiState { up, down, silent, other_program, forbidden, login_page, login_form };

struct ComfyuiFaults {
    ComfyuiState state = ComfyuiState::up;
    Wire wire = Wire::plain;
    int year = 2025;  // 2023: no /api twins, no version, no log ring; 2024: no folder_paths and no log ring
    std::string address = "127.0.0.1";
    bool custom_nodes_off = false;  // --disable-all-custom-nodes
    // The server runs another tree than the one that is examined; this is that tree's config.ini.
    std::optional<std::string> other_tree_config;
    // A custom node of this name replaces PromptServer.add_routes: nothing is served below /api. Empty: none.
    std::string node_replacing_routes;
    // What a cache before ComfyUI keeps of the page script, served to whoever asks without a query. None: no cache.
    std::optional<std::string> cached_script;
    bool foreign_paths = false;                // says that its folders are D:\…, as a server on another machine
    bool hides_nodes = false;                  // does not describe its node classes
    bool foreign_route = false;                // another plugin registered the balance route first
    std::optional<ScriptedReply> route_reply;  // for refresh=1
    std::chrono::milliseconds delay{0};
    std::vector<std::string> log_before, log_after;  // lines around the plugin's own
    std::string fatal;                               // last lines of the log; the server is then down
    bool writes_log_file = true;
};

struct RunFaults {
    bool give_key = false;        // a good key, as --api-key-file would
    bool give_other_key = false;  // one that the upstream does not know
    bool as_node = false;
    bool deep = false;
    bool without_comfyui_dir = false;
    bool missing_comfyui_dir = false;  // --comfyui-dir names an empty folder
    bool give_comfyui_url = false;
    bool https_comfyui_url = false;
    std::string base_url, service_line, proxy;
    // The shell's environment, which the plugin shares unless `plugin_environment` is set.
    // "{closed-port}" and "{proxy-port}" are filled in.
    std::map<std::string, std::string> environment;
    std::optional<std::map<std::string, std::string>> plugin_environment;
    std::optional<SystemProxySettings> system_proxy;  // of Windows, filled in likewise
    bool has_proxy_script = false;                    // Windows names a PAC file
    std::string start_script_proxy;     // what the file beside ComfyUI's folder that starts it sets, filled in likewise
    int proxy_refusal = 0;              // what the world's proxy answers to CONNECT; 0: it tunnels
    std::string netrc;                  // content of ~/.netrc; empty: none
    bool trust_by_environment = false;  // REQUESTS_CA_BUNDLE instead of --ca-file
    std::chrono::milliseconds timeout{4'000};
};

struct WorldFaults {
    UpstreamFaults upstream;
    PluginFaults plugin;
    ComfyuiFaults comfyui;
    RunFaults run;
    bool bare_keys = false;        // every key is written without its "sk-"
    std::string tree = "ComfyUI";  // name of ComfyUI's folder
};

}  // namespace banana::world
