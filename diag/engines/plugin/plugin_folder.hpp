// The plugin's folder: recognised by its content, described from its own files.
#pragma once

#include "banana/context.hpp"
#include "binary_module.hpp"

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace banana {

// The Python that loads the plugin, told by the interpreter beside the ComfyUI; else any of this system.
TargetPython target_python_of(const std::filesystem::path& comfyui_dir);

struct PluginSearch {
    std::vector<std::filesystem::path> loaded;    // in directory order: the loader takes the first one first
    std::vector<std::filesystem::path> disabled;  // under a name that the loader skips
    std::vector<std::filesystem::path> nested;    // one folder too deep, as some archives unpack
    std::filesystem::path flat;                   // a custom_nodes folder in which the plugin's files lie loose
    // Folders that this account may not look into; looked for only where no copy was found, and only the first few.
    std::vector<std::filesystem::path> closed;
    std::size_t entries_seen = 0;
    bool complete = true;  // false where a folder has more entries than are looked at
};

// Looks at every entry of the folders. Names decide nothing: file names within do, and if no loaded copy is
// found by them, the content of the Python files (within a bound). Among hundreds of nodes each is asked for two of the
// plugin's files first, and all are looked into only where that finds no loaded copy. A folder without `__init__.py`,
// of which ComfyUI loads nothing, stands in `loaded` only where no other folder does.
PluginSearch search_plugins(std::span<const std::filesystem::path> custom_nodes);

// By the names of its files alone.
bool has_plugin_files(const std::filesystem::path& dir);

struct JudgedBinary {
    std::string file;
    BinaryJudgement judgement;
};

struct PluginDescription {
    Install install;  // comfyui_dir and copies are left to the caller
    bool has_balance_feature = true;
    std::vector<std::string> missing;    // modules that it cannot load without, by name; "__init__" included
    std::vector<JudgedBinary> unusable;  // files of those modules that the target's Python cannot load
    std::vector<std::string> shadowed;   // modules that are there as source and as binary: the binary is imported
    // Python files of the folder that each define the node and register its route; the loader runs them all.
    std::vector<std::string> route_files;
    // Its loader deletes its own binaries and fetches them from GitHub where the release changes: without GitHub they
    // are gone, and nothing else took them.
    bool replaces_binaries = false;
    bool readable = true;  // false: this account may not read all that was looked for
};

// Reads the folder's own files, each up to 1 MiB; never throws for what it finds there, but platform::Exhausted.
PluginDescription describe_plugin(const std::filesystem::path& dir, const TargetPython& target);

}  // namespace banana
