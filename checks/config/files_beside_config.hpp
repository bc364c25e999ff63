// Files near config.ini that may be what was meant, or hold a key. They are read, within bounds, and never written.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace banana {

// A file that may be what was meant: `config.ini.txt`, `Config.ini` or `config.ini.example` beside the one in
// question, or a config.ini one or two folders above it.
struct Neighbour {
    std::string name;
    std::string_view kind;  // renamed, misplaced, example
};

// None where nothing near `file` looks like it; one that is misplaced comes first, an example last.
std::optional<Neighbour> find_neighbour(const std::filesystem::path& file);

// A copy beside the file that holds a real key, as editors, people and updates leave them: of several the last changed.
struct KeyCopy {
    std::string name;
    int line = 0;
};

std::optional<KeyCopy> find_backup(const std::filesystem::path& file);

}  // namespace banana
