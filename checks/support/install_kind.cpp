#include "install_kind.hpp"

#include "banana/ascii.hpp"
#include "comfyui_places.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <system_error>

namespace banana {
namespace {

namespace fs = std::filesystem;

bool is_there_at(const fs::path& path) {
    std::error_code error;
    return fs::exists(path, error);
}

bool has_part(const fs::path& path, std::string_view name) {
    return std::any_of(path.begin(), path.end(),
                       [&](const fs::path& part) { return equal_ignoring_case(path_text(part), name); });
}

// The app starts the main.py that it brings along in its resources.
bool is_desktop(const fs::path& dir, const Surroundings& surroundings, const Server* server) {
    const auto of_app = [](const std::string& argument) {
        const fs::path path = path_from_utf8(argument);
        return path.filename() == "main.py" && has_part(path, "resources");
    };
    if (server != nullptr && std::any_of(server->argv.begin(), server->argv.end(), of_app)) {
        return true;
    }
    const auto base = surroundings.search_machine ? desktop_base_path(surroundings) : std::nullopt;
    return base && same_place(*base, dir);
}

// The files by which Docker and Podman mark a container; on Windows these names are none of a file system's root.
bool is_in_container() {
    static constexpr std::array<const char*, 2> kMarks{"/.dockerenv", "/run/.containerenv"};
    return std::any_of(kMarks.begin(), kMarks.end(),
                       [](const fs::path& mark) { return mark.is_absolute() && is_there_at(mark); });
}

// `python_embeded` of the official package, `python` of launchers' packages.
bool has_python_beside(const fs::path& dir) {
    static constexpr std::array<const char*, 3> kFolders{"python_embeded", "python_embedded", "python"};
    const fs::path above = dir.parent_path();
    return std::any_of(kFolders.begin(), kFolders.end(),
                       [&](const char* name) { return is_there_at(above / name / "python.exe"); });
}

}  // namespace

std::string_view install_kind_of(const fs::path& comfyui_dir, const Surroundings& surroundings, const Server* server) {
    if (surroundings.search_machine && is_in_container()) {
        return "container";
    }
    if (is_desktop(comfyui_dir, surroundings, server)) {
        return "desktop";
    }
    if (has_part(comfyui_dir, "StabilityMatrix")) {
        return "stability-matrix";
    }
    if (has_part(comfyui_dir, "pinokio")) {
        return "pinokio";
    }
    if ((server != nullptr && server->embedded_python) || (!comfyui_dir.empty() && has_python_beside(comfyui_dir))) {
        return "portable";
    }
    return !comfyui_dir.empty() && is_there_at(comfyui_dir / ".git") ? "source" : "";
}

}  // namespace banana
