// Where a ComfyUI can lie on this machine, told by what the folders contain.
#pragma once

#include "banana/context.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banana {

struct ComfyPlace {
    std::filesystem::path dir;  // the folder that holds custom_nodes
    std::string how;  // option, plugin-option, working-directory, executable, environment, server, desktop, usual-place
};

// A folder with custom_nodes and ComfyUI's own modules, or with the data folders of the desktop app or of
// `--base-directory`.
bool is_comfyui_root(const std::filesystem::path& dir);

// The root that somebody means who names `dir`: itself, the ComfyUI folder of a portable package in it, or the
// root above a custom_nodes folder.
std::optional<std::filesystem::path> comfyui_root_at(const std::filesystem::path& dir);

// The nearest root at or above `dir`.
std::optional<std::filesystem::path> comfyui_root_above(const std::filesystem::path& dir);

// Working directory, the executable's folder, COMFYUI_PATH; in this order, the first that holds one.
std::optional<ComfyPlace> find_nearby_comfyui(const Surroundings& surroundings);

// Desktop app, then folders that people unpack or clone ComfyUI into. Looks at this machine: callers ask
// `surroundings.search_machine` first. Bounded; each root is listed once.
std::vector<ComfyPlace> usual_comfyui_places(const Surroundings& surroundings);

// `basePath` of the desktop app's config.json.
std::optional<std::filesystem::path> desktop_base_path(const Surroundings& surroundings);
// Folders where the desktop app writes its logs; they need not exist.
std::vector<std::filesystem::path> desktop_log_folders(const Surroundings& surroundings);

// The root's custom_nodes, then those that its extra_model_paths.yaml names; only folders that exist, each once.
std::vector<std::filesystem::path> custom_nodes_folders_of(const std::filesystem::path& root,
                                                           const Surroundings& surroundings);

// The `custom_nodes` entries of an extra_model_paths.yaml, with `base_path` applied, relative ones to `folder`.
// Reads the simple mappings that ComfyUI documents, no YAML beyond them.
std::vector<std::filesystem::path> custom_nodes_entries(std::string_view yaml, const std::filesystem::path& folder,
                                                        const std::filesystem::path& home);

// The interpreter of this ComfyUI where it has one of its own: portable package, venv, desktop app.
std::optional<std::filesystem::path> python_of(const std::filesystem::path& root);

// The x of that interpreter's version 3.x, as its virtual environment or the library beside it says; 0 where neither
// does.
int python_minor_of(const std::filesystem::path& interpreter);

// False where it is no folder or cannot be seen; never throws.
bool is_folder(const std::filesystem::path& path);

// The entries of a folder in the order in which the file system gives them, as Python's os.listdir does;
// at most `limit`. Empty where it cannot be read; throws platform::Exhausted.
std::vector<std::filesystem::path> list_folder(const std::filesystem::path& folder, std::size_t limit);

// Whether this account may not see what the folder holds, because of its own mode or of one above it.
bool is_closed_folder(const std::filesystem::path& folder);

// True for two spellings of one existing file or folder; links are followed.
bool same_place(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace banana
