#include "server_identity.hpp"

#include "banana/ascii.hpp"
#include "banana/bounds.hpp"
#include "banana/cause.hpp"
#include "banana/variant.hpp"
#include "comfyui_places.hpp"
#include "comfyui_process.hpp"
#include "platform.hpp"
#include "process_view.hpp"
#include "shell_command.hpp"
#include "text.hpp"
#include "web_url.hpp"

#include <algorithm>
#include <system_error>

namespace banana {
namespace {

namespace fs = std::filesystem;

// Absolute, with links resolved as far as the path exists.
fs::path real_path(const fs::path& path) {
    std::error_code error;
    fs::path real = fs::weakly_canonical(path, error);
    return error ? path.lexically_normal() : real;
}

// A path of Windows as WSL shows it, and the other way round; any other as it stands.
fs::path path_here(const std::string& text) {
    const bool has_drive =
        text.size() > 2 && is_letter(text[0]) && text[1] == ':' && (text[2] == '\\' || text[2] == '/');
    if (platform::kSystem == platform::System::windows || !has_drive) {
        return path_from_utf8(text);
    }
    std::string path = "/mnt/" + to_lower_ascii(text.substr(0, 1)) + text.substr(2);
    std::replace(path.begin(), path.end(), '\\', '/');
    return path_from_utf8(path);
}

fs::path plugin_folder_of(const Install& install) {
    return install.plugin_dir.empty() ? install.comfyui_dir / "custom_nodes" : install.plugin_dir;
}

// Whether the path or a folder above it is `folder`.
bool lies_below(fs::path path, const fs::path& folder) {
    for (int steps = 0; steps < bounds::kParentFolders && !path.empty(); ++steps) {
        if (same_place(path, folder)) {
            return true;
        }
        if (path == path.parent_path()) {
            break;
        }
        path = path.parent_path();
    }
    return false;
}

// Whether the plugin's folder, by its own path or by a link or mount, lies in `folder`. What is one folder under two
// names is told by the system's own mark of it, never by the names.
bool lies_in(const Install& install, const fs::path& folder) {
    const fs::path plugin = plugin_folder_of(install);
    if (lies_below(plugin.lexically_normal(), folder) || lies_below(real_path(plugin), folder)) {
        return true;
    }
    const std::vector<fs::path> entries = list_folder(folder, bounds::kPluginFolderEntries);
    return std::any_of(entries.begin(), entries.end(),
                       [&](const fs::path& entry) { return same_place(entry, plugin); });
}

// The folder as the process sees it; empty where it is not there, or the process's root cannot be seen.
fs::path seen_by(int process, const std::string& folder) {
    const fs::path root = root_folder(process);
    const fs::path path = path_from_utf8(folder);
    const fs::path seen = root.empty() || !path.is_absolute() ? fs::path() : root / path.relative_path();
    std::error_code error;
    return !seen.empty() && fs::is_directory(seen, error) ? seen : fs::path();
}

// Through the eyes of the server's own process, which may have another root or other mounts than we. None: not seen.
std::optional<bool> loads_as_its_process_sees(int process, const Server& server, const Install& install) {
    bool any = false;
    for (const std::string& folder : server.custom_nodes_dirs) {
        const fs::path seen = seen_by(process, folder);
        if (!seen.empty() && lies_in(install, seen)) {
            return true;
        }
        any = any || !seen.empty();
    }
    return any ? std::optional<bool>(false) : std::nullopt;
}

bool loads_as_we_see(const Server& server, const Install& install) {
    const auto& folders = server.custom_nodes_dirs;
    return std::any_of(folders.begin(), folders.end(),
                       [&](const std::string& folder) { return lies_in(install, path_here(folder)); });
}

bool exists_here(const std::string& folder) {
    std::error_code error;
    return fs::is_directory(path_here(folder), error);
}

bool exists_nowhere_here(const Server& server) {
    const auto& folders = server.custom_nodes_dirs;
    return std::none_of(folders.begin(), folders.end(), exists_here);
}

// The server's process stands in a ComfyUI folder of this machine: that of a container stands in one that is not here.
bool runs_here(const Server& server) {
    const fs::path directory = server.pid ? working_directory(*server.pid) : fs::path();
    return !directory.empty() && comfyui_root_above(directory).has_value();
}

bool is_on_this_machine(const Server& server) {
    const std::optional<WebUrl> url = parse_web_url(server.base_url);
    return url && is_loopback_host(url->host);
}

// A server whose folders are not here: the one ComfyUI process that has them where it stands, in a container or under
// mounts of its own; its port may be forwarded from there.
std::optional<int> contained_process(const Server& server) {
    std::optional<int> only;
    for (const int process : processes_with_main()) {
        const bool is_it = !seen_by(process, server.custom_nodes_dirs.front()).empty();
        if (is_it && only) {
            return std::nullopt;
        }
        only = is_it ? process : only;
    }
    return only;
}

bool is_switched_off(const fs::path& plugin) {
    return plugin.extension() == ".disabled" || plugin.parent_path().filename() == ".disabled";
}

}  // namespace

bool loads_install(const Server& server, const Install& install) {
    if (const auto seen = server.pid ? loads_as_its_process_sees(*server.pid, server, install) : std::nullopt) {
        return *seen;
    }
    return loads_as_we_see(server, install);
}

void compare_with_install(RunContext& context, Server& server, CheckResult& result) {
    const std::optional<Install>& install = context.found.install;
    if (!install || server.custom_nodes_dirs.empty()) {
        return;
    }
    const auto& folders = server.custom_nodes_dirs;
    const std::optional<bool> seen =
        server.pid ? loads_as_its_process_sees(*server.pid, server, *install) : std::nullopt;
    bool is_it = seen ? *seen : loads_as_we_see(server, *install);
    bool was_seen = seen.has_value();
    const bool is_contained = !is_it && !server.pid && exists_nowhere_here(server) && is_on_this_machine(server) &&
                              context.surroundings.search_machine;
    const std::optional<int> contained = is_contained ? contained_process(server) : std::nullopt;
    if (contained) {
        is_it = loads_as_its_process_sees(*contained, server, *install).value_or(false);
        was_seen = true;
    }
    // That this process is the one that answers is only the likeliest: a port can be forwarded from anywhere.
    const bool is_sure = !contained;
    server.is_examined_install = is_it && !is_sure ? std::nullopt : std::optional(is_it);
    if (is_it) {
        return;
    }
    // By itself it breaks nothing: it explains what else is found broken.
    Finding finding(Cause::install_server_mismatch, Severity::warning);
    const fs::path examined =
        install->plugin_dir.empty() ? install->comfyui_dir / "custom_nodes" : install->plugin_dir.parent_path();
    finding.inferred = !is_sure;
    finding.args["url"] = server.base_url;
    finding.args["server_dir"] = folders.front();
    finding.args["server_root"] = shell_path(path_from_utf8(folders.front()).parent_path(), platform::kShell);
    finding.args["examined_dir"] = path_text(examined);
    if (exists_nowhere_here(server) && !was_seen) {
        // Else another machine or a container, where the same folder may have another name.
        const bool moved = runs_here(server);
        const bool nearby = !moved && is_on_this_machine(server);
        set_variant(finding, moved ? Variant::moved : Variant::elsewhere);
        finding.inferred = true;
        if (nearby) {
            // The examined folder may be mounted there.
            finding.args["fix_variant"] = "nearby";
            server.is_examined_install.reset();
        }
    }
    if (was_seen && same_place(path_here(folders.front()), examined)) {
        finding.args["variant"] = "same-name";
    }
    for (const std::string& folder : folders) {
        finding.evidence.emplace_back("server-custom-nodes", folder);
    }
    finding.evidence.emplace_back("examined-custom-nodes", path_text(examined));
    result.findings.push_back(std::move(finding));
}

void look_for_lost_folder(const RunContext& context, const Server& server, const std::string& loaded,
                          CheckResult& result) {
    const std::optional<Install>& install = context.found.install;
    if (!install || !server.is_examined_install.value_or(false) || is_switched_off(install->plugin_dir)) {
        return;
    }
    const bool is_plain = !loaded.empty() && loaded.find_first_of("/\\") == std::string::npos;
    // A node of one file, which may use the class's name too, is called like it without the ending.
    const auto holds_it = [&](const std::string& folder) {
        std::error_code error;
        return exists_here(folder + "/" + loaded) || fs::exists(path_from_utf8(folder + "/" + loaded + ".py"), error);
    };
    if (!is_plain || std::any_of(server.custom_nodes_dirs.begin(), server.custom_nodes_dirs.end(), holds_it)) {
        return;
    }
    Finding finding(Cause::install_server_mismatch, Severity::warning);
    const fs::path lost = path_from_utf8(server.custom_nodes_dirs.front()) / path_from_utf8(loaded);
    finding.inferred = true;
    set_variant(finding, Variant::moved);
    finding.args["url"] = server.base_url;
    finding.args["server_dir"] = sanitize(path_text(lost));
    finding.args["server_root"] = shell_path(lost.parent_path().parent_path(), platform::kShell);
    finding.args["examined_dir"] = sanitize(path_text(install->plugin_dir));
    finding.evidence.emplace_back("server-custom-nodes", sanitize(path_text(lost)));
    finding.evidence.emplace_back("examined-custom-nodes", sanitize(path_text(install->plugin_dir)));
    result.findings.push_back(std::move(finding));
}

}  // namespace banana
