// Puts together where ComfyUI and the plugin are from the options and from what lies on this machine.
#pragma once

#include "comfyui_places.hpp"
#include "plugin_folder.hpp"

#include <filesystem>
#include <optional>
#include <vector>

namespace banana {

// A ComfyUI with what its custom_nodes folders hold.
struct ExaminedPlace {
    ComfyPlace place;
    std::vector<std::filesystem::path> custom_nodes;
    PluginSearch search;
    // Any copy of the plugin, switched off or one folder too deep included.
    [[nodiscard]] bool has_plugin() const noexcept {
        return !search.loaded.empty() || !search.disabled.empty() || !search.nested.empty();
    }
};

ExaminedPlace examine_place(ComfyPlace place, const Surroundings& surroundings);

// The place with other custom_nodes folders than its own: those that a running server names. Only folders that
// exist here count; none where none does.
std::optional<ExaminedPlace> examine_server_folders(const Server& server);

// What `--comfyui-dir` or `--plugin-dir` name; none where no option is given or it names no ComfyUI.
std::optional<ExaminedPlace> examine_given_place(const RunOptions& options, const Surroundings& surroundings);

// The first place that has the plugin, else the first place, else nothing.
const ExaminedPlace* best_place(const std::vector<ExaminedPlace>& places);

// Why of several copies one is the one to take out.
enum class CopyChoice {
    undecided,  // each may be the right one
    link,       // it is a link to another one, never what that leads to
    no_key,     // it has no config.ini or no key in it, and another one has
    backup,     // its name is that of a backup
    running,    // the running ComfyUI answers from another one
};

struct SuperfluousCopy {
    std::filesystem::path path;  // empty where undecided
    std::filesystem::path kept;
    CopyChoice choice = CopyChoice::undecided;
};

// The install must have copies.
SuperfluousCopy superfluous_copy(const Install& install);

}  // namespace banana
