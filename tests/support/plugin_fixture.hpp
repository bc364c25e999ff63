// ComfyUI trees with the plugin in them, made from tests/fixtures.
#pragma once

#include "banana/context.hpp"
#include "support/temporary_folder.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace banana::test {

// A folder that is a ComfyUI root by its content; returns it.
inline std::filesystem::path make_comfyui(const TemporaryFolder& folder, const std::string& name = "ComfyUI") {
    folder.write(name + "/main.py", "# entry point\n");
    folder.write(name + "/nodes.py", "# nodes\n");
    folder.write(name + "/custom_nodes/example_node.py.example", "");
    return folder.path() / name;
}

// A machine on which no ComfyUI is to be found, with an empty home folder.
inline Surroundings nowhere(const TemporaryFolder& folder) {
    Surroundings surroundings;
    surroundings.home = folder.path() / "home";
    surroundings.working_directory = folder.path() / "elsewhere";
    surroundings.executable = folder.path() / "elsewhere" / "banana-diag";
    surroundings.search_machine = false;
    std::filesystem::create_directories(surroundings.home);
    std::filesystem::create_directories(surroundings.working_directory);
    return surroundings;
}

// Copies the fixture ("plugin_v1", "plugin_v2", "plugin_v3") to `target`.
inline void copy_plugin(std::string_view fixture, const std::filesystem::path& target) {
    std::filesystem::create_directories(target.parent_path());
    std::filesystem::copy(std::filesystem::path(BANANA_SOURCE_DIR) / "tests" / "fixtures" / fixture, target,
                          std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
}

inline void write_bytes(const std::filesystem::path& file, std::string_view bytes) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream stream(file, std::ios::binary);
    stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

inline constexpr std::string_view kElfStart =
    "\x7F"
    "ELF made up for a test";
inline constexpr std::string_view kPeStart = "MZ made up for a test";
inline constexpr std::string_view kMachStart = "\xCF\xFA\xED\xFE made up for a test";

// The compiled family: source parts from the fixture, a binary of each module with this suffix (".so", ".pyd",
// ".darwin.so", ".abi3.so") and these first bytes.
inline void write_compiled_plugin(const std::filesystem::path& target, std::string_view suffix,
                                  std::string_view bytes) {
    copy_plugin("plugin_v3", target);
    for (const char* module : {"Gemini_Imagen_Generator", "logger", "config_manager", "api_client", "balance_service",
                               "image_codec", "task_runner", "banana_local_crop"}) {
        write_bytes(target / (std::string(module) + std::string(suffix)), bytes);
    }
}

}  // namespace banana::test
