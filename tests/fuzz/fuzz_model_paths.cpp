// Any extra_model_paths.yaml gives paths that its text names, no more than it has lines.
#include "comfyui_places.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view yaml(reinterpret_cast<const char*>(data), size);
    const auto entries = banana::custom_nodes_entries(yaml, "/comfyui", "/home/user");
    const auto lines = std::count_if(yaml.begin(), yaml.end(), [](char c) { return c == '\n' || c == '\r'; }) + 1;
    const bool empty_entry =
        std::any_of(entries.begin(), entries.end(), [](const std::filesystem::path& entry) { return entry.empty(); });
    if (static_cast<std::ptrdiff_t>(entries.size()) > lines || empty_entry) {
        std::abort();
    }
    return 0;
}
