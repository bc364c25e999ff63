#include "server_identity.hpp"

#include "banana/variant.hpp"
#include "comfyui_places.hpp"
#include "platform.hpp"
#include "process_view.hpp"
#include "running_copy.hpp"
#include "shell_command.hpp"
#include "text.hpp"

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

bool contains_path(const fs::path& folder, const fs::path& inner) {
    const fs::path relative = inner.lexically_relative(folder);
    return !relative.empty() && *relative.begin() != "..";
}

// Whether the plugin's folder, by its own path or linked to, lies in one that the server loads from.
bool is_loaded_from(const Install& install, const std::string& server_folder) {
    const fs::path folder = path_from_utf8(server_folder);
    const fs::path plugin = install.plugin_dir.empty() ? install.comfyui_dir / "custom_nodes" : install.plugin_dir;
    if (contains_path(folder.lexically_normal(), plugin.lexically_normal()) ||
        contains_path(real_path(folder), real_path(plugin))) {
        return true;
    }
    return !install.folder_name.empty() && real_path(folder / path_from_utf8(install.folder_name)) == real_path(plugin);
}

bool exists_here(const std::string& folder) {
    std::error_code error;
    return fs::is_directory(path_from_utf8(folder), error);
}

// The server's process stands in a ComfyUI folder of this machine: that of a container stands in one that is not here.
bool runs_here(const Server& server) {
    const fs::path directory = server.pid ? working_directory(*server.pid) : fs::path();
    return !directory.empty() && comfyui_root_above(directory).has_value();
}

bool is_switched_off(const fs::path& plugin) {
    return plugin.extension() == ".disabled" || plugin.parent_path().filename() == ".disabled";
}

}  // namespace

bool loads_install(const Server& server, const Install& install) {
    const auto& folders = server.custom_nodes_dirs;
    return std::any_of(folders.begin(), folders.end(),
                       [&](const std::string& folder) { return is_loaded_from(install, folder); });
}

void compare_with_install(RunContext& context, Server& server, CheckResult& result) {
    const std::optional<Install>& install = context.found.install;
    if (!install || server.custom_nodes_dirs.empty()) {
        return;
    }
    const auto& folders = server.custom_nodes_dirs;
    server.is_examined_install = loads_install(server, *install);
    if (*server.is_examined_install) {
        return;
    }
    // By itself it breaks nothing: it explains what else is found broken.
    Finding finding(Cause::install_server_mismatch, Severity::warning);
    const fs::path examined =
        install->plugin_dir.empty() ? install->comfyui_dir / "custom_nodes" : install->plugin_dir.parent_path();
    finding.args["url"] = server.base_url;
    finding.args["server_dir"] = folders.front();
    finding.args["server_root"] = shell_path(path_from_utf8(folders.front()).parent_path(), platform::kShell);
    finding.args["examined_dir"] = path_text(examined);
    if (std::none_of(folders.begin(), folders.end(), exists_here)) {
        // Else another machine or a container, where the same folder may have another name.
        set_variant(finding, runs_here(server) ? Variant::moved : Variant::elsewhere);
        finding.inferred = true;
    }
    for (const std::string& folder : folders) {
        finding.evidence.emplace_back("server-custom-nodes", folder);
    }
    finding.evidence.emplace_back("examined-custom-nodes", path_text(examined));
    result.findings.push_back(std::move(finding));
}

boost::asio::awaitable<void> look_for_lost_folder(RunContext& context, const Server& server, CheckResult& result) {
    const std::optional<Install>& install = context.found.install;
    if (!install || !server.is_examined_install.value_or(false) || is_switched_off(install->plugin_dir)) {
        co_return;
    }
    std::string base_url = server.base_url;
    const std::string loaded = co_await folder_of_node(context, std::move(base_url));
    const bool is_plain = !loaded.empty() && loaded.find_first_of("/\\") == std::string::npos;
    // A node of one file, which may use the class's name too, is called like it without the ending.
    const auto holds_it = [&](const std::string& folder) {
        std::error_code error;
        return exists_here(folder + "/" + loaded) || fs::exists(path_from_utf8(folder + "/" + loaded + ".py"), error);
    };
    if (!is_plain || std::any_of(server.custom_nodes_dirs.begin(), server.custom_nodes_dirs.end(), holds_it)) {
        co_return;
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
