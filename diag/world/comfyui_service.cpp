#include "comfyui_service.hpp"

#include "banana/percent_encoding.hpp"
#include "bounded_file.hpp"
#include "text.hpp"
#include "time_text.hpp"
#include "web_url.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <ctime>
#include <fstream>

namespace banana::world {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::size_t kLogRing = 300;
constexpr std::string_view kBalanceRoutePath = "/banana/token_usage";
constexpr std::string_view kScriptInFolder = "web/extensions/token-balance.js";

// As ComfyUI's own web server answers.
ServerReply signed_by_aiohttp(ServerReply reply) {
    reply.headers.emplace_back("Server", "Python/3.11 aiohttp/3.9.5");
    return reply;
}

ServerReply json_reply(const json::value& body) {
    return signed_by_aiohttp(make_reply(200, "application/json; charset=utf-8", ascii_json(body)));
}

ServerReply text_reply(int status, std::string body) {
    return make_reply(status, "text/plain; charset=utf-8", std::move(body));
}

ServerReply not_found() {
    return signed_by_aiohttp(text_reply(404, "404: Not Found"));
}

ServerReply login_redirect() {
    ServerReply reply = text_reply(302, "");
    reply.headers.emplace_back("Location", "/login?next=%2F");
    return reply;
}

ServerReply login_form() {
    return make_reply(200, "text/html; charset=utf-8",
                      "<!DOCTYPE html><html><head><title>Gateway</title></head><body><form method=\"post\">"
                      "<input name=\"user\"><input name=\"pass\" type=\"password\"></form></body></html>");
}

std::string time_text(const char* format) {
    return local_time_text(format, std::time(nullptr));
}

}  // namespace

ComfyuiService::ComfyuiService(ComfyuiSettings settings, PluginSettings plugin, HttpClient& http)
    : settings_(std::move(settings)) {
    write_log("** ComfyUI startup time: " + time_text("%Y-%m-%d %H:%M:%S") + ".000");
    write_log("** Python executable: python3");
    write_log("ComfyUI version: 0.3.29");
    for (const std::string& line : settings_.faults.log_before) {
        write_log(line);
    }
    load_nodes();
    for (const std::string& line : settings_.faults.log_after) {
        write_log(line);
    }
    if (!settings_.faults.fatal.empty()) {
        write_log(settings_.faults.fatal);
        started_ = false;
        return;
    }
    if (!started_) {
        return;
    }
    if (!route_folders_.empty()) {
        plugin.folder = route_folders_.front();
        plugin.log = [this](const std::string& line) { write_log(line); };
        route_ = std::make_unique<PluginRoute>(std::move(plugin), http);
    }
    write_log("Starting server");
    write_log("To see the GUI go to: http://127.0.0.1:" + std::to_string(settings_.port));
}

ComfyuiService::~ComfyuiService() = default;

// ComfyUI's console, and ComfyUI-Manager's copy of it in a file.
void ComfyuiService::write_log(const std::string& line) {
    log_writes_.push_back(line);
    log_writes_.emplace_back("\n");
    while (log_writes_.size() > kLogRing) {
        log_writes_.pop_front();
    }
    if (!settings_.log_file.empty()) {
        std::ofstream file(settings_.log_file, std::ios::binary | std::ios::app);
        file << '[' << time_text("%Y-%m-%d %H:%M:%S") << ".000] " << line << '\n';
    }
}

// In directory order, as the loader's listing is taken here to be sorted.
std::vector<fs::path> ComfyuiService::plugin_folders() const {
    std::vector<fs::path> folders;
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(settings_.root / "custom_nodes", ignored)) {
        const bool skipped = entry.path().extension() == ".disabled" || entry.path().filename() == ".disabled";
        if (entry.is_directory() && !skipped && fs::exists(entry.path() / "__init__.py")) {
            folders.push_back(entry.path());
        }
    }
    std::sort(folders.begin(), folders.end());
    return folders;
}

void ComfyuiService::load_nodes() {
    if (settings_.faults.custom_nodes_off) {
        write_log("Skipping loading of custom nodes");
        return;
    }
    if (settings_.faults.foreign_route) {
        write_log("[other-balance-node] registered GET /banana/token_usage");
    }
    for (const fs::path& folder : plugin_folders()) {
        if (!load_copy(folder)) {
            return;
        }
    }
    write_log("Import times for custom nodes:");
    for (const fs::path& folder : plugin_folders()) {
        write_log("   0.0 seconds: " + path_text(folder));
    }
}

bool ComfyuiService::load_copy(const fs::path& folder) {
    const PluginKind kind = settings_.plugin.kind;
    const auto stamp = [] { return "[" + time_text("%H:%M:%S") + "][Main]   "; };
    if (kind == PluginKind::fork || kind == PluginKind::fork_with_address) {
        node_loaded_ = true;
        return true;
    }
    const bool compiled = is_v3(kind);
    write_log("\x1b[93m" + stamp() + std::string(loader_header(kind)) + "\x1b[0m");
    if (fs::exists(folder / "web")) {
        served_folders_.push_back(folder);
    }
    const std::string suffix(compiled ? native_library_suffix() : ".py");
    const std::vector<std::string> modules = required_modules(kind);
    const auto missing = std::find_if(modules.begin(), modules.end(), [&](const std::string& module) {
        return !fs::exists(folder / (module + suffix));
    });
    const std::string node_file = node_file_name(kind);
    std::string failure = settings_.plugin.import_error;
    if (missing != modules.end()) {
        failure = "No module named '" + *missing + "'";
    }
    if (!fs::exists(folder / node_file)) {
        write_log(stamp() + "未找到任何有效的节点");
        return true;
    }
    if (compiled) {
        write_log(stamp() + "加载子包 segment_nodes_li 失败: No module named 'skimage'");
        write_log(stamp() + "❌ 加载节点文件失败 banana_local_crop" + suffix + ": No module named 'cv2'");
        write_log(stamp() + "✅ 成功加载节点文件: balance_service" + suffix);
    }
    if (!failure.empty()) {
        write_log(stamp() + "❌ 加载节点文件失败 " + node_file + ": " + failure);
        write_log(stamp() + "总共加载了 0 个自定义节点");
        return true;
    }
    const bool taken = route_registered_ || settings_.faults.foreign_route;
    if (taken && !compiled) {
        write_log("Traceback (most recent call last):");
        write_log("  File \"main.py\", line 312, in start_comfyui");
        write_log("RuntimeError: Added route will never be executed, method HEAD is already registered");
        started_ = false;
        return false;
    }
    if (taken) {
        write_log(stamp() + "检测到已有 /banana/token_usage GET 路由，跳过重复注册以避免 HEAD 冲突");
    } else if (!settings_.plugin.late_route) {
        route_registered_ = true;
    }
    write_log(stamp() + "✅ 成功加载节点文件: " + node_file);
    write_log(stamp() + "总共加载了 1 个自定义节点");
    const std::string class_name =
        kind == PluginKind::white_label ? "" : " (" + std::string(node_class_name(kind)) + ")";
    write_log(stamp() + "   - " + std::string(node_display_name(kind)) + class_name);
    node_loaded_ = true;
    if (!settings_.plugin.late_route) {
        route_folders_.push_back(folder);
    }
    return true;
}

ServerReply ComfyuiService::system_stats() const {
    const int year = settings_.faults.year;
    json::object system{
        {"os", year >= 2026 ? "linux" : "posix"}, {"ram_total", 34359738368},   {"ram_free", 17179869184},
        {"python_version", "3.11.9 (main)"},      {"pytorch_version", "2.4.1"}, {"embedded_python", false}};
    if (year >= 2024) {
        system["comfyui_version"] = year >= 2026 ? "0.27.0" : "0.3.29";
        json::array argv{"main.py", "--port", std::to_string(settings_.port)};
        if (settings_.faults.custom_nodes_off) {
            argv.emplace_back("--disable-all-custom-nodes");
        }
        system["argv"] = std::move(argv);
    }
    return json_reply(json::object{{"system", std::move(system)}, {"devices", json::array()}});
}

ServerReply ComfyuiService::folder_paths() const {
    const std::string folder =
        settings_.faults.foreign_paths ? "D:\\ComfyUI\\custom_nodes" : path_text(settings_.root / "custom_nodes");
    return json_reply(json::object{{"custom_nodes", json::array{folder}}, {"checkpoints", json::array()}});
}

ServerReply ComfyuiService::log_ring() const {
    json::array entries;
    for (const std::string& write : log_writes_) {
        entries.push_back(json::object{{"t", time_text("%Y-%m-%dT%H:%M:%S")}, {"m", write}});
    }
    return json_reply(
        json::object{{"entries", std::move(entries)}, {"size", json::object{{"cols", 80}, {"rows", 24}}}});
}

ServerReply ComfyuiService::extension_list() const {
    json::array paths{"/extensions/core/clipspace.js", "/extensions/core/widgetInputs.js"};
    for (const fs::path& folder : served_folders_) {
        if (fs::exists(folder / kScriptInFolder)) {
            paths.emplace_back("/extensions/" + percent_encode(path_text(folder.filename())) +
                               "/extensions/token-balance.js");
        }
    }
    return json_reply(paths);
}

ServerReply ComfyuiService::node_class(std::string_view name) const {
    const PluginKind kind = settings_.plugin.kind;
    const bool is_plugins = name == node_class_name(kind) && node_loaded_;
    if (name != "KSampler" && !is_plugins) {
        return json_reply(json::object());
    }
    json::object required;
    json::object optional;
    const std::string shown =
        settings_.plugin.shown_service_line.empty() ? default_line(kind) : settings_.plugin.shown_service_line;
    if (const std::vector<std::string> labels = line_labels(kind); is_plugins && !labels.empty()) {
        required["线路"] = json::array{json::array(labels.begin(), labels.end()), json::object{{"default", shown}}};
    }
    if (is_plugins && kind != PluginKind::fork && kind != PluginKind::fork_with_address) {
        optional[is_v3(kind) ? "banana_api_key" : "api_key"] = json::array{"STRING", json::object{{"default", ""}}};
    }
    if (is_plugins && !settings_.plugin.shown_address.empty()) {
        optional["api_base_url"] = json::array{"STRING", json::object{{"default", settings_.plugin.shown_address}}};
    }
    json::object input{{"required", std::move(required)}, {"optional", std::move(optional)}};
    json::object description{{"name", name}, {"input", std::move(input)}};
    if (is_plugins) {
        description["display_name"] = node_display_name(kind);
        const PluginFaults& plugin = settings_.plugin;
        description["python_module"] =
            "custom_nodes." + (plugin.second_folder.empty() ? plugin.folder : plugin.second_folder);
    }
    return json_reply(json::object{{name, std::move(description)}});
}

ServerReply ComfyuiService::extension_file(const std::string& path) const {
    for (const fs::path& folder : served_folders_) {
        if (path == "/extensions/" + path_text(folder.filename()) + "/extensions/token-balance.js") {
            const BoundedFile script = read_bounded(folder / kScriptInFolder);
            if (script.problem) {
                break;
            }
            return make_reply(200, "text/javascript", script.bytes);
        }
    }
    return not_found();
}

ServerReply ComfyuiService::known_route(const std::string& path) const {
    constexpr std::string_view kObjectInfo = "/object_info/";
    if (path == "/system_stats") {
        return system_stats();
    }
    if (path == "/extensions") {
        return extension_list();
    }
    if (path.starts_with(kObjectInfo) && !settings_.faults.hides_nodes) {
        return node_class(std::string_view(path).substr(kObjectInfo.size()));
    }
    if (path == "/queue") {
        return json_reply(json::object{{"queue_running", json::array()}, {"queue_pending", json::array()}});
    }
    if (path == "/prompt") {
        return json_reply(json::object{{"exec_info", json::object{{"queue_remaining", 0}}}});
    }
    return path.starts_with("/extensions/") ? extension_file(path) : not_found();
}

boost::asio::awaitable<ServerReply> ComfyuiService::balance_route(ServerRequest request) {
    const auto refresh = request.query.find("refresh");
    const bool refreshes = refresh != request.query.end() && refresh->second == "1";
    if (refreshes && settings_.faults.route_reply) {
        const ScriptedReply& scripted = *settings_.faults.route_reply;
        ServerReply reply;
        reply.status = scripted.status;
        reply.headers = scripted.headers;
        reply.headers.emplace_back("Content-Type", scripted.content_type);
        reply.body = scripted.body;
        reply.delivery = scripted.delivery;
        co_return reply;
    }
    if (settings_.faults.foreign_route) {
        co_return json_reply(json::object{{"ok", true}, {"plugin", "other-balance-node"}});
    }
    if (!route_) {
        co_return not_found();
    }
    ServerReply reply = co_await route_->answer(std::move(request));
    co_return reply;
}

boost::asio::awaitable<ServerReply> ComfyuiService::answer(ServerRequest request) {
    if (settings_.faults.delay.count() > 0) {
        co_await pause_for_reply(settings_.faults.delay);
    }
    switch (settings_.faults.state) {
        case ComfyuiState::forbidden: co_return text_reply(403, "");
        case ComfyuiState::login_page: co_return login_redirect();
        case ComfyuiState::login_form: co_return login_form();
        case ComfyuiState::other_program: co_return text_reply(200, "It works!");
        case ComfyuiState::up:
        case ComfyuiState::down:
        case ComfyuiState::silent: break;
    }
    if (request.method == "OPTIONS") {
        co_return text_reply(200, "");
    }
    if (request.method != "GET" && request.method != "HEAD") {
        co_return text_reply(405, "405: Method Not Allowed");
    }
    std::string path = decode_percent(request.path, false);
    const int year = settings_.faults.year;
    if (path == "/internal/folder_paths" || path == "/internal/logs/raw") {
        const bool paths = path == "/internal/folder_paths";
        co_return year < 2025 ? not_found() : paths ? folder_paths() : log_ring();
    }
    constexpr std::string_view kTwin = "/api";
    if (year >= 2024 && settings_.faults.node_replacing_routes.empty() && path.starts_with("/api/")) {
        path.erase(0, kTwin.size());
    }
    if (path == kBalanceRoutePath) {
        ServerReply reply = co_await balance_route(std::move(request));
        co_return reply;
    }
    const bool is_cached =
        settings_.faults.cached_script && request.query.empty() && path.ends_with("/token-balance.js");
    if (is_cached && known_route(path).status == 200) {
        ServerReply reply = make_reply(200, "text/javascript", *settings_.faults.cached_script);
        reply.headers.emplace_back("X-Cache-Status", "HIT");
        co_return reply;
    }
    co_return known_route(path);
}

}  // namespace banana::world
