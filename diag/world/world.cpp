#include "world.hpp"

#include "certificate_authority.hpp"
#include "comfyui_service.hpp"
#include "key_text.hpp"
#include "known_families.hpp"
#include "platform.hpp"
#include "text.hpp"
#include "upstream_service.hpp"

#include <fstream>
#include <random>
#include <system_error>

namespace banana::world {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::system_clock;

constexpr std::string_view kV1Host = "xinbaoapi.feng1994.xin";
constexpr std::string_view kV2Host = "api.aabao.top";
constexpr std::string_view kMirrorHost = "mirror.example.net";
constexpr std::string_view kPortalHost = "portal.example.net";

std::vector<std::string> upstream_hosts() {
    std::vector<std::string> hosts{std::string(kV1Host), std::string(kMirrorHost)};
    for (const ServiceLine& line : service_lines()) {
        hosts.emplace_back(line.base_url.substr(line.base_url.find("//") + 2));
    }
    return hosts;
}

fs::path make_temporary_folder() {
    constexpr int kAttempts = 100;
    std::random_device random;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        fs::path folder = fs::temp_directory_path() / ("banana-diag-world-" + std::to_string(random()));
        if (fs::create_directory(folder)) {
            fs::permissions(folder, fs::perms::owner_all);
            return folder;
        }
    }
    throw std::system_error(std::make_error_code(std::errc::file_exists));
}

void write_file(const fs::path& path, std::string_view bytes) {
    fs::create_directories(path.parent_path());
    std::ofstream file(path, std::ios::binary);
    file << bytes;
    file.close();
    if (!file) {
        throw std::system_error(std::make_error_code(std::errc::io_error));
    }
}

std::string replaced(std::string text, std::string_view mark, std::string_view value) {
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + value.size())) {
        text.replace(at, mark.size(), value);
    }
    return text;
}

LeafRequest leaf_request(const UpstreamFaults& faults) {
    using std::chrono::hours;
    const Clock::time_point now = Clock::now() + faults.clock;
    LeafRequest request;
    request.names = upstream_hosts();
    request.not_before = now - hours(24 * 30);
    request.not_after = now + hours(24 * 90);
    switch (faults.certificate) {
        case Certificate::self_signed: request.shape = ChainShape::self_signed; break;
        case Certificate::missing_intermediate: request.shape = ChainShape::missing_intermediate; break;
        case Certificate::other_name: request.names = {"another.example.net"}; break;
        case Certificate::expired: request.not_after = now - hours(24 * 3); break;
        case Certificate::not_yet_valid: request.not_before = now + hours(24 * 3); break;
        case Certificate::expires_soon: request.not_after = now + hours(24 * 5) + hours(1); break;
        case Certificate::good:
        case Certificate::unknown_authority: break;
    }
    return request;
}

}  // namespace

// Where an editor breaks a key: "{key-start}" and "{key-end}".
constexpr std::size_t kKeyStart = 25;

Secret demo_key(unsigned number) {
    constexpr std::string_view kCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    // The generator's sequence is fixed by the standard; a distribution's is not.
    std::mt19937 generator(20251112U + number);
    std::string key(key_text::kKeyPrefix);
    while (key.size() < key_text::kKeyPrefix.size() + key_text::kKeyTail) {
        key += kCharacters[generator() % kCharacters.size()];
    }
    return Secret(key);
}

class World::Implementation {
public:
    explicit Implementation(const WorldFaults& faults)
        : faults_(faults),
          root_(make_temporary_folder()),
          upstream_(faults.upstream, std::string(demo_key(0).reveal())),
          authority_("Banana Demo Root") {
        try {
            build();
        } catch (...) {
            remove_folder();
            throw;
        }
    }

    ~Implementation() {
        servers_.stop();
        http_.reset();
        remove_folder();
    }

    [[nodiscard]] RunOptions options() const {
        const RunFaults& run = faults_.run;
        RunOptions options;
        if (run.missing_comfyui_dir) {
            options.comfyui_dir = root_ / "nothing-here";
        } else if (!run.without_comfyui_dir) {
            options.comfyui_dir = tree();
        }
        const std::string scheme = run.https_comfyui_url ? "https://" : "http://";
        const std::string address = faults_.comfyui.address == "::1" ? "[::1]" : faults_.comfyui.address;
        if (run.give_comfyui_url || run.https_comfyui_url) {
            options.comfyui_url = scheme + address + ":" + std::to_string(comfyui_port_);
        }
        if (!run.trust_by_environment) {
            options.ca_file = trusted_;
        }
        if (!run.proxy.empty()) {
            options.proxy = filled(run.proxy);
        }
        options.base_url = run.base_url;
        options.service_line = run.service_line;
        options.as_node = run.as_node;
        options.deep = run.deep;
        options.timeout = run.timeout;
        return options;
    }

    [[nodiscard]] Surroundings surroundings() const {
        Surroundings surroundings;
        surroundings.environment = environment(faults_.run.environment);
        surroundings.system_proxy = system_proxy();
        surroundings.has_proxy_script = faults_.run.has_proxy_script;
        surroundings.home = home();
        surroundings.working_directory = root_ / "work";
        surroundings.executable = root_ / "work" / "banana-diag";
        surroundings.usual_ports = {comfyui_port_};
        surroundings.search_machine = false;
        return surroundings;
    }

    [[nodiscard]] const NameOverrides& overrides() const { return overrides_; }
    [[nodiscard]] const WorldFaults& faults() const { return faults_; }
    [[nodiscard]] const fs::path& root() const { return root_; }
    [[nodiscard]] std::uint16_t comfyui_port() const { return comfyui_port_; }

    [[nodiscard]] std::set<std::string> key_hosts() const { return upstream_.hosts_that_saw_a_key(); }

    [[nodiscard]] std::set<std::string> foreign_key_hosts() const {
        std::set<std::string> foreign;
        for (const std::string& host : upstream_.hosts_that_saw_a_key()) {
            if (!may_see_the_key(host)) {
                foreign.insert(host);
            }
        }
        return foreign;
    }

private:
    void build() {
        fs::create_directories(root_ / "work");
        fs::create_directories(root_ / "nothing-here");
        fs::create_directories(home());
        trusted_ = root_ / "demo-root.pem";
        write_file(trusted_, authority_.certificate_pem());
        write_netrc();
        closed_port_ = servers_.reserve_closed_port();
        listen_upstream();
        listen_proxy();
        write_tree(tree(), faults_.plugin.config);
        if (!faults_.run.start_script_proxy.empty()) {
            write_start_script();
        }
        if (faults_.comfyui.other_tree_config) {
            write_tree(other_tree(), faults_.comfyui.other_tree_config);
        }
        listen_comfyui();
        share_with_all();
        servers_.start();
    }

    void write_start_script() const {
        const std::string proxy = filled(faults_.run.start_script_proxy);
        const std::string folder = path_text(tree().filename());
        if (platform::kSystem == platform::System::windows) {
            write_file(tree().parent_path() / "run_nvidia_gpu.bat", "@echo off\r\nset HTTPS_PROXY=" + proxy +
                                                                        "\r\n.\\python_embeded\\python.exe -s " +
                                                                        folder + "\\main.py\r\npause\r\n");
        } else {
            write_file(tree().parent_path() / "run.sh",
                       "#!/bin/sh\nexport HTTPS_PROXY=" + proxy + "\nexec python3 " + folder + "/main.py\n");
        }
    }

    void listen_upstream() {
        const UpstreamFaults& faults = faults_.upstream;
        const CertificateAuthority stranger("Unknown Demo Root");
        const bool unknown = faults.certificate == Certificate::unknown_authority;
        const TlsIdentity identity = (unknown ? stranger : authority_).issue(leaf_request(faults));
        const std::string address = faults.ipv6_only ? "::1" : "127.0.0.1";
        upstream_port_ = servers_.listen(
            faults.wire, [this](ServerRequest request) { return answer_upstream(std::move(request)); }, &identity,
            address);
        NameOverride target;
        target.address = address;
        target.port = upstream_port_;
        switch (faults.reach) {
            case Reach::answers: break;
            case Reach::no_such_name: target.address.clear(); break;
            // TCP to the broadcast address fails at once with ENETUNREACH; no packet is sent.
            case Reach::unreachable: target.address = "255.255.255.255"; break;
            case Reach::refused: target.port = closed_port_; break;
            case Reach::connect_hangs: target.port = servers_.listen_black_hole(); break;
        }
        for (const std::string& host : upstream_hosts()) {
            overrides_[host] = target;
        }
        NameOverride portal;
        portal.address = address;
        portal.port = upstream_port_;
        overrides_[std::string(kPortalHost)] = portal;
    }

    boost::asio::awaitable<ServerReply> answer_upstream(ServerRequest request) {
        if (faults_.upstream.delay.count() > 0) {
            co_await pause_for_reply(faults_.upstream.delay);
        }
        co_return upstream_.answer(request);
    }

    void listen_proxy() {
        std::map<std::string, std::uint16_t> targets;
        for (const std::string& host : upstream_hosts()) {
            targets[host] = overrides_.at(host).port;
        }
        proxy_port_ = servers_.listen_proxy(std::move(targets), faults_.run.proxy_refusal);
    }

    void write_tree(const fs::path& tree, const std::optional<std::string>& config) {
        for (const char* folder : {"custom_nodes", "comfy", "models/checkpoints", "user", "web"}) {
            fs::create_directories(tree / folder);
        }
        write_file(tree / "main.py", "import server\n");
        write_file(tree / "server.py", "class PromptServer:\n    instance = None\n");
        write_file(tree / "nodes.py", "NODE_CLASS_MAPPINGS = {}\n");
        write_file(tree / "folder_paths.py", "base_path = \".\"\n");
        write_file(tree / "custom_nodes" / "websocket_image_save.py", "NODE_CLASS_MAPPINGS = {}\n");
        if (const std::string& node = faults_.comfyui.node_replacing_routes; !node.empty()) {
            write_file(tree / "custom_nodes" / path_from_utf8(node) / "__init__.py",
                       "from server import PromptServer\n\n\ndef add_routes(self):\n    "
                       "self.app.add_routes(self.routes)\n\n\nPromptServer.add_routes = add_routes\n");
        }
        if (!faults_.plugin.installed) {
            return;
        }
        write_plugin(tree / "custom_nodes" / path_from_utf8(faults_.plugin.folder), config);
        if (!faults_.plugin.second_folder.empty()) {
            write_plugin(tree / "custom_nodes" / path_from_utf8(faults_.plugin.second_folder), config);
        }
    }

    void write_plugin(const fs::path& folder, const std::optional<std::string>& config) {
        const PluginFaults& faults = faults_.plugin;
        for (const PluginFile& file : plugin_files(faults.kind)) {
            write_file(folder / path_from_utf8(file.path), file.text);
        }
        for (const std::string& name : faults.removed_files) {
            fs::remove_all(folder / path_from_utf8(name));
        }
        for (const PluginFile& file : faults.replaced_files) {
            write_file(folder / path_from_utf8(file.path), filled(file.text));
        }
        const fs::path config_file = folder / "config.ini";
        if (faults.config_is_a_folder) {
            fs::create_directory(config_file);
        } else if (config) {
            write_file(config_file, filled(*config));
            platform::set_readers(config_file, platform::Readers::owner);
        }
    }

    void write_netrc() const {
        if (!faults_.run.netrc.empty()) {
            write_file(home() / ".netrc", faults_.run.netrc);
            fs::permissions(home() / ".netrc", fs::perms::owner_read | fs::perms::owner_write);
        }
    }

    // The world's folder is closed to others unless the scenario is about just that.
    void share_with_all() const {
        if (!faults_.plugin.readable_by_all) {
            return;
        }
        using fs::perms;
        const perms folder_mode =
            perms::owner_all | perms::group_read | perms::group_exec | perms::others_read | perms::others_exec;
        fs::permissions(root_, folder_mode);
        for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root_)) {
            if (entry.is_directory()) {
                fs::permissions(entry.path(), folder_mode);
            } else {
                platform::set_readers(entry.path(), platform::Readers::everyone);
            }
        }
    }

    void listen_comfyui() {
        ComfyuiFaults faults = faults_.comfyui;
        // The port comes first: the log and the command line name it.
        const TlsIdentity identity = comfyui_identity();
        const Wire wire = faults.state == ComfyuiState::silent ? Wire::silent : faults.wire;
        comfyui_port_ = closed_port_;
        const bool may_listen = faults.state != ComfyuiState::down && faults.fatal.empty() && !dies_of_a_copy();
        if (may_listen) {
            comfyui_port_ = servers_.listen(
                wire, [this](ServerRequest request) { return comfyui_->answer(std::move(request)); }, &identity,
                faults.address);
        }
        for (std::string& line : faults.log_before) {
            line = filled(line);
        }
        for (std::string& line : faults.log_after) {
            line = filled(line);
        }
        faults.fatal = filled(faults.fatal);

        ComfyuiSettings settings;
        settings.root = faults.other_tree_config ? other_tree() : tree();
        settings.port = comfyui_port_;
        if (faults.writes_log_file) {
            settings.log_file = settings.root / "user" / ("comfyui_" + std::to_string(comfyui_port_) + ".log");
        }
        settings.faults = std::move(faults);
        settings.plugin = faults_.plugin;

        PluginSettings plugin;
        plugin.kind = faults_.plugin.kind;
        plugin.system_proxy = system_proxy();
        plugin.environment = environment(faults_.run.plugin_environment.value_or(faults_.run.environment));
        plugin.home = home();
        plugin.trusted = trusted_;
        plugin.patience = faults_.plugin.patience;
        http_ = std::make_unique<HttpClient>(servers_.executor(), overrides_);
        comfyui_ = std::make_unique<ComfyuiService>(std::move(settings), std::move(plugin), *http_);
    }

    // The family's own host or lines, and what this world's settings name.
    [[nodiscard]] bool may_see_the_key(std::string_view host) const {
        const auto is_named = [&](std::string_view text) { return text.find(host) != std::string_view::npos; };
        const PluginFaults& plugin = faults_.plugin;
        if (host == kMirrorHost || host == kPortalHost || is_named(faults_.run.base_url)) {
            return true;
        }
        if (!plugin.installed) {
            return false;
        }
        if (!is_v3(plugin.kind)) {
            const std::string_view own = plugin.kind == PluginKind::v2 ? kV2Host
                                         : is_fork(plugin.kind)        ? std::string_view()
                                                                       : kV1Host;
            return host == own;
        }
        return std::any_of(service_lines().begin(), service_lines().end(), [&](const ServiceLine& line) {
            const bool old_lines = plugin.kind == PluginKind::v3 || plugin.kind == PluginKind::white_label;
            const bool offered = !old_lines || line.name != service_lines().back().name;
            return offered && line.base_url.ends_with(host);
        });
    }

    // Two copies of V1 or V2 in one folder: aiohttp refuses the second route and ComfyUI ends.
    [[nodiscard]] bool dies_of_a_copy() const {
        const PluginFaults& plugin = faults_.plugin;
        const bool loaded = plugin.import_error.empty() && plugin.removed_files.empty() && !plugin.late_route;
        return plugin.installed && loaded && !is_v3(plugin.kind) && plugin.kind != PluginKind::fork &&
               plugin.kind != PluginKind::fork_with_address && !faults_.comfyui.custom_nodes_off &&
               (!plugin.second_folder.empty() || faults_.comfyui.foreign_route);
    }

    [[nodiscard]] TlsIdentity comfyui_identity() const {
        LeafRequest request;
        request.names = {"localhost", "127.0.0.1"};
        request.not_before = Clock::now() - std::chrono::hours(24);
        request.not_after = Clock::now() + std::chrono::hours(24 * 365);
        request.shape = ChainShape::self_signed;
        return authority_.issue(request);
    }

    [[nodiscard]] Environment environment(std::map<std::string, std::string> values) const {
        for (auto& [name, value] : values) {
            value = filled(value);
        }
        if (faults_.run.trust_by_environment) {
            values["REQUESTS_CA_BUNDLE"] = path_text(trusted_);
        }
        values["HOME"] = path_text(home());
        return Environment(std::move(values));
    }

    [[nodiscard]] std::optional<SystemProxySettings> system_proxy() const {
        std::optional<SystemProxySettings> settings = faults_.run.system_proxy;
        if (settings) {
            settings->server = filled(settings->server);
        }
        return settings;
    }

    [[nodiscard]] std::string written_key(unsigned number) const {
        const Secret key = demo_key(number);
        return std::string(faults_.bare_keys ? key.reveal().substr(3) : key.reveal());
    }

    [[nodiscard]] std::string filled(std::string text) const {
        text = replaced(std::move(text), "{key}", written_key(0));
        text = replaced(std::move(text), "{bare-key}", demo_key(0).reveal().substr(3));
        text = replaced(std::move(text), "{key-start}", written_key(0).substr(0, kKeyStart));
        text = replaced(std::move(text), "{key-end}", written_key(0).substr(kKeyStart));
        text = replaced(std::move(text), "{other-key}", written_key(1));
        text = replaced(std::move(text), "{port}", std::to_string(comfyui_port_));
        text = replaced(std::move(text), "{closed-port}", std::to_string(closed_port_));
        return replaced(std::move(text), "{proxy-port}", std::to_string(proxy_port_));
    }

    [[nodiscard]] fs::path tree() const { return root_ / "disk" / path_from_utf8(faults_.tree); }
    [[nodiscard]] fs::path other_tree() const { return root_ / "second-disk" / "ComfyUI"; }
    [[nodiscard]] fs::path home() const { return root_ / "home"; }

    void remove_folder() const {
        std::error_code ignored;
        fs::remove_all(root_, ignored);
    }

    WorldFaults faults_;
    fs::path root_;
    fs::path trusted_;
    UpstreamService upstream_;
    CertificateAuthority authority_;
    NameOverrides overrides_;
    std::uint16_t closed_port_ = 0, upstream_port_ = 0, proxy_port_ = 0, comfyui_port_ = 0;
    LoopbackServers servers_;
    std::unique_ptr<HttpClient> http_;
    std::unique_ptr<ComfyuiService> comfyui_;
};

World::World(const WorldFaults& faults) : implementation_(std::make_unique<Implementation>(faults)) {}
World::~World() = default;

RunOptions World::options() const {
    return implementation_->options();
}
Surroundings World::surroundings() const {
    return implementation_->surroundings();
}
NameOverrides World::overrides() const {
    return implementation_->overrides();
}
std::optional<Secret> World::given_key() const {
    const RunFaults& run = implementation_->faults().run;
    if (!run.give_key && !run.give_other_key) {
        return std::nullopt;
    }
    const Secret key = demo_key(run.give_key ? 0 : 1);
    return Secret(implementation_->faults().bare_keys ? key.reveal().substr(3) : key.reveal());
}
const fs::path& World::folder() const noexcept {
    return implementation_->root();
}
std::set<std::string> World::key_hosts() const {
    return implementation_->key_hosts();
}

std::set<std::string> World::foreign_key_hosts() const {
    return implementation_->foreign_key_hosts();
}

std::uint16_t World::comfyui_port() const noexcept {
    return implementation_->comfyui_port();
}

}  // namespace banana::world
