// What a run knows: the options, the surroundings that were passed in, and what checks found so far.
#pragma once

#include "banana/http.hpp"
#include "banana/secret.hpp"

#include <boost/json/object.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banana {

enum class Cause : int;  // banana/cause.hpp

struct RunOptions {
    std::optional<std::filesystem::path> comfyui_dir, plugin_dir, config;
    std::string comfyui_url;   // empty: find it
    std::string base_url;      // empty: what the installed plugin would use
    std::string service_line;  // of V3; empty: the page's default
    bool as_node = false;
    std::optional<std::string> proxy;  // a URL or "none"; unset: as the plugin's requests would
    std::optional<std::filesystem::path> ca_file;
    std::vector<std::string> only, skip;
    bool deep = false;
    bool asks_once = false;  // --watch: no query that counts upstream is made a second time
    std::chrono::milliseconds wait{0};
    std::chrono::milliseconds timeout{10'000};
    std::chrono::milliseconds deadline{30'000};
};

// Environment variables, passed in so that a run can be staged.
class Environment {
public:
    enum class Names { case_sensitive, case_blind };  // blind: those of Windows

    Environment() = default;
    explicit Environment(std::map<std::string, std::string> values, Names names = Names::case_sensitive)
        : values_(std::move(values)), names_(names) {}
    // None where the variable is not set; an empty string where it is set and empty.
    [[nodiscard]] std::optional<std::string> get(std::string_view name) const;
    [[nodiscard]] const std::map<std::string, std::string>& all() const noexcept { return values_; }

private:
    std::map<std::string, std::string> values_;
    Names names_ = Names::case_sensitive;
};

// The proxy that the user has set in Windows (its Internet settings), where it is switched on.
struct SystemProxySettings {
    std::string server;      // "host:port" for everything, or "http=host:port;https=…;socks=…"
    std::string exceptions;  // hosts to be asked directly: "localhost;192.168.*;<local>"
};

// Surroundings that a test or the embedded world replaces.
struct Surroundings {
    Environment environment;
    std::optional<SystemProxySettings> system_proxy;  // none: switched off, or another system than Windows
    bool has_proxy_script = false;                    // Windows names a PAC file, which Python does not read
    std::function<std::chrono::system_clock::time_point()> now = [] { return std::chrono::system_clock::now(); };
    std::filesystem::path home;  // written "~" in every output
    std::filesystem::path working_directory;
    std::filesystem::path executable;
    // Ports tried on 127.0.0.1 and [::1] when no URL is given.
    std::vector<std::uint16_t> usual_ports;
    // False in demo and self-test: usual places of this machine are not searched.
    bool search_machine = true;
    // Whether anybody else has an account here: a file that everyone may read is then read by others.
    bool other_accounts = true;
};

// V1, V2, V3 as in contract.md; fork: same node class but no balance query.
enum class Family { unknown, v1, v2, v3, fork };

struct SourceLocation {
    std::string file;  // relative to the plugin's folder
    int line = 0;      // one-based
    std::string text;  // the line itself, trimmed and bounded
};

// Where a fact about the plugin comes from. What it was seen to do outranks what its source says, and that outranks
// what is known of its family.
enum class Provenance { observed, source, known };

// A line of service that an install offers: the label of the node's box, and the host behind it.
struct OfferedLine {
    std::string label;
    std::string base_url;  // without a trailing slash; empty where it is not known
};

// The plugin's node as the running server describes it (/object_info/<class>). Written by local.server.
struct NodeFacts {
    std::string class_name;
    std::string display_name;  // empty where the server names none
    std::string folder;        // below custom_nodes, that the class came from; empty where it does not tell
    std::vector<std::string> service_lines;  // labels of the box that chooses one, in the server's order
    std::string default_service_line;        // what that box shows first; empty without such a box
    std::vector<std::string> inputs;
    std::optional<std::string> base_url;  // default of the node's box for the address (V1's `api_base_url`)
};

// What the page's scripts show to a user.
struct PageTraits {
    std::vector<std::string> buttons;    // labels on the node, in the script's order; empty: none was recognised
    std::vector<std::string> key_boxes;  // names of the node's boxes for a key that the script reads
    bool has_task_center = false;        // 0.3.4: the key is set in a window of the page
    // Until 0.2.x an empty box falls back to the key of another node of the workflow.
    bool reads_key_of_workflow = false;
    // What the script asks for a balance, where that is not the route of the known releases, or not with a GET.
    std::string other_question;
    std::string address;  // that the script itself sends as the base URL, not the node's box; empty: none
    // Whether a script's question for the balance names a line of service; none: no question was understood.
    std::optional<bool> names_line;
    std::string line;               // that the script itself sends, whatever the node's box says; empty: none
    bool is_line_unclear = false;   // it sends what a box of another name holds
    bool asks_known_route = false;  // one of the scripts does: `other_question` is then empty
};

// A folder that only has another name or place than the loader looks for.
struct FolderMove {
    std::filesystem::path from, to;
};

// The installed plugin as its own files show it. Written by install.plugin.
struct Install {
    std::filesystem::path comfyui_dir;  // empty when only the plugin's folder is known
    std::filesystem::path plugin_dir;
    std::string folder_name;
    Family family = Family::unknown;
    std::string version;    // as the plugin states it; empty when unknown
    bool compiled = false;  // node code is a binary: no source to read
    // Base URL constant read from the source; empty when compiled or not found.
    std::string default_base_url;
    // Lines of service as the source maps them; empty when compiled or where it has none.
    std::vector<OfferedLine> service_lines;
    std::vector<std::string> addresses;  // every http(s) address in the source's literals
    // The query's way through the source holds another host, or asks the environment or a JSON file for one: the base
    // URL above proves nothing then.
    bool address_from_elsewhere = false;
    bool reads_encoded_url = false;  // the source names the option "api_base_url_enc"
    // Option of config.ini that the source reads an address from in plain text: a fork's "api_base_url"; empty when
    // none.
    std::string plain_url_option;
    // Node classes that the page's script on disk names, in its order.
    std::vector<std::string> script_classes;
    PageTraits page;        // of the scripts on disk
    std::string node_name;  // as NODE_DISPLAY_NAME_MAPPINGS of the source shows it; empty: not found
    // The source reads its key from another section or option than [gemini] api_key, or from another file.
    bool reads_other_option = false;
    bool reads_other_file = false;  // than config.ini
    // The source reads config.ini with other rules than the known releases: what those trip over may be fine here.
    bool parses_otherwise = false;
    std::string loader_header;  // first line of the loader in ComfyUI's log; empty: not found
    // Sample-key set in the installed source: true where it knows YOUR_API_KEY_HERE; none when not readable.
    std::optional<bool> knows_sample_spellings;
    // Request parameters that the installed route reads; none when not readable.
    std::optional<std::vector<std::string>> route_parameters;
    // Landmarks in Python and script sources by name, see engines/plugin_source.hpp.
    std::map<std::string, SourceLocation, std::less<>> landmarks;
    std::vector<std::filesystem::path> copies;  // other folders that hold the same plugin and are loaded
    bool is_running_copy = false;               // of several copies the server told that this is the one it loaded
};

enum class KeyState { usable, missing, empty, placeholder, malformed, unreadable };

// config.ini as the plugin will read it. Written by config.key.
struct ConfigReading {
    std::filesystem::path file;
    KeyState state = KeyState::unreadable;
    std::optional<Secret> key;  // the value after strip(), also a malformed one; none for samples
    // Whether the installed version sends this value upstream (a real key, or a sample that it does not know).
    bool plugin_sends_it = false;
    std::string source;                   // see banana/key_source.hpp
    std::filesystem::path misnamed;       // the file beside it that was meant; empty: none
    std::optional<std::string> base_url;  // of the option that the installed plugin reads, decoded as it does
};

// A key to test with. `source`: see banana/key_source.hpp.
struct KeyUnderTest {
    KeyUnderTest(Secret key, std::string source) : key(std::move(key)), source(std::move(source)) {}
    Secret key;
    std::string source;
};

struct Balance {
    std::optional<double> total_granted, total_used, total_available;
    std::optional<bool> unlimited_quota;
    std::optional<std::int64_t> expires_at;  // epoch seconds, 0: never
    boost::json::object raw;                 // the five documented members as they came
};

// Written by upstream.api.
struct UpstreamOutcome {
    std::string base_url;
    std::optional<Balance> balance;  // of the key under test that the plugin would use
    std::string balance_key_fingerprint;
    std::vector<Cause> errors;  // codes found, in order
};

// A ComfyUI that answers. Written by local.server.
struct Server {
    std::string base_url;  // without a trailing slash
    std::string version;
    std::string python_version;
    std::string os;                // as /system_stats says: nt, posix, win32, linux
    bool embedded_python = false;  // it says that it runs on a portable package's Python
    std::vector<std::string> argv;
    std::vector<std::string> custom_nodes_dirs;      // from /internal/folder_paths
    std::optional<bool> is_examined_install;         // none: cannot be told
    std::optional<int> pid;                          // of ComfyUI's process, where it can be seen
    std::optional<Environment> process_environment;  // of that process, where it can be read
    std::chrono::milliseconds waited{0};             // part of RunOptions::wait that was used up for it
};

// Written by route.registration.
struct RouteState {
    bool with_api_prefix = false;     // /api/banana/token_usage answers
    bool without_api_prefix = false;  // /banana/token_usage answers
};

// Written by frontend.extension.
struct FrontendScript {
    PageTraits page;
    std::vector<std::string> parameters;  // names that the script sends
    std::optional<bool> sends_node_key;
};

// Written by proxy.round-trip.
struct RoundTrip {
    bool balance_came = false;
    std::string outcome;  // the code found, "balance", or empty when there was no answer
};

struct Discoveries {
    std::optional<Install> install;
    std::optional<FolderMove> folder_move;  // by install.plugin: what brings the plugin where it is loaded
    std::optional<ConfigReading> config;
    std::optional<UpstreamOutcome> upstream;
    std::optional<Server> server;
    std::optional<NodeFacts> node;
    bool server_listens = false;  // local.server: something accepts connections there, ComfyUI or not
    std::optional<RouteState> route;
    std::optional<FrontendScript> frontend;
    std::optional<RoundTrip> round_trip;
};

}  // namespace banana
