// How a ComfyUI was installed: what support asks first, since advice differs by it.
#pragma once

#include "banana/context.hpp"

#include <filesystem>
#include <string_view>

namespace banana {

// "portable" (with a Python of its own beside it, launchers' packages included), "desktop" (the app),
// "stability-matrix", "pinokio", "container", "source" (a git working tree); empty where nothing tells. `server`: null
// where none answered.
std::string_view install_kind_of(const std::filesystem::path& comfyui_dir, const Surroundings& surroundings,
                                 const Server* server);

}  // namespace banana
