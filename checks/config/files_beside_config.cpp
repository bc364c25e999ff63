#include "files_beside_config.hpp"

#include "api_key.hpp"
#include "banana/bounds.hpp"
#include "bounded_file.hpp"
#include "config_encoding.hpp"
#include "ini_reader.hpp"
#include "python_text.hpp"
#include "sample_key.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>

namespace banana {
namespace {

namespace fs = std::filesystem;

bool is_renamed(std::string_view lower_name) {
    static constexpr std::array<std::string_view, 5> kNames{"config.ini", "config.ini.txt", "config.txt", "config .ini",
                                                            "config.ini.ini"};
    return std::find(kNames.begin(), kNames.end(), lower_name) != kNames.end();
}

// `config`, `config (1).ini`, `config - 副本.ini`: a copy, or the name without its ending.
bool is_copy(std::string_view lower_name) {
    return lower_name == "config" || (lower_name.starts_with("config") && lower_name.size() > 10 &&
                                      (lower_name.ends_with(".ini") || lower_name.ends_with(".ini.txt")));
}

bool is_example(std::string_view lower_name) {
    return lower_name.starts_with("config") &&
           (contains_ignoring_case(lower_name, "example") || contains_ignoring_case(lower_name, "sample") ||
            contains_ignoring_case(lower_name, "template"));
}

// Whatever its name, a file that the plugin could take a key from: the line of it.
std::optional<int> line_of_key(const fs::path& file) {
    const std::string name = path_text(file.filename());
    if (name.ends_with(".py") || name.ends_with(".js")) {
        return std::nullopt;
    }
    const BoundedFile content = read_bounded(file);
    const IniFile reading = IniFile::parse(content.problem ? std::string() : decode_config(content.bytes).text);
    const IniValue key = reading.error() ? IniValue{} : reading.get("gemini", "api_key");
    const bool real =
        key.value && !find_key_problem(python_strip(*key.value)) && !find_sample_key(python_strip(*key.value));
    return real ? std::optional<int>(key.option->line) : std::nullopt;
}

bool holds_key(const fs::path& file) {
    return line_of_key(file).has_value();
}

// The one in custom_nodes or in ComfyUI's own folder, where the plugin does not look.
std::optional<Neighbour> find_misplaced(const fs::path& file) {
    std::error_code error;
    const fs::path nodes = fs::absolute(file, error).parent_path().parent_path();
    if (error || nodes.filename() != "custom_nodes") {
        return std::nullopt;
    }
    for (const fs::path& folder : {nodes, nodes.parent_path()}) {
        const fs::path candidate = folder / "config.ini";
        if (!fs::is_regular_file(candidate, error)) {
            continue;
        }
        const BoundedFile content = read_bounded(candidate);
        const IniFile reading = IniFile::parse(content.bytes);
        if (!content.problem && !reading.error() && reading.section("gemini") != nullptr) {
            return Neighbour{path_text(candidate), "misplaced"};
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<Neighbour> find_neighbour(const fs::path& file) {
    std::error_code error;
    std::optional<Neighbour> found;
    const std::string own_name = path_text(file.filename());
    fs::directory_iterator entries(file.parent_path(), error);
    for (std::size_t count = 0;
         !error && entries != fs::directory_iterator() && count < bounds::kConfigNeighbourEntries; ++count) {
        const std::string name = path_text(entries->path().filename());
        const std::string lower = to_lower_ascii(name);
        const bool other = name != own_name;
        if (is_renamed(lower) && other) {
            return Neighbour{name, "renamed"};
        }
        if (is_example(lower)) {
            found = found ? found : Neighbour{name, "example"};
        } else if (is_copy(lower) && other && !entries->is_directory(error)) {
            found = Neighbour{name, "renamed"};
        } else if (other && (!found || found->kind == "example") && holds_key(entries->path())) {
            found = Neighbour{name, "renamed"};
        }
        entries.increment(error);
    }
    if (auto misplaced = find_misplaced(file)) {
        return misplaced;
    }
    return found;
}

std::optional<KeyCopy> find_backup(const fs::path& file) {
    std::error_code error;
    std::optional<KeyCopy> newest;
    fs::file_time_type newest_time;
    fs::directory_iterator entries(file.parent_path(), error);
    for (std::size_t count = 0;
         !error && entries != fs::directory_iterator() && count < bounds::kConfigNeighbourEntries; ++count) {
        const fs::path path = entries->path();
        std::error_code ignored;
        const fs::file_time_type time = fs::last_write_time(path, ignored);
        const bool other = path.filename() != file.filename();
        if (other && (!newest || time > newest_time)) {
            if (const std::optional<int> line = line_of_key(path)) {
                newest =
                    KeyCopy{sanitize(path_text(path.filename()), Lines::single, bounds::kConfigLineTextBytes), *line};
                newest_time = time;
            }
        }
        entries.increment(error);
    }
    return newest;
}

}  // namespace banana
