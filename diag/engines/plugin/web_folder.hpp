// The folder of the plugin's that ComfyUI serves to the page.
#pragma once

#include <filesystem>

namespace banana {

// A relative path that leads nowhere but below where it starts.
bool stays_within(const std::filesystem::path& path);

// `WEB_DIRECTORY = "./web"` of the plugin's package, as its source says; empty where that cannot be read from it.
std::filesystem::path web_folder_of(const std::filesystem::path& plugin_dir);

}  // namespace banana
