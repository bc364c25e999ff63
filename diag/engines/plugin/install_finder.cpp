#include "install_finder.hpp"

#include "bounded_file.hpp"
#include "ini_reader.hpp"
#include "sample_key.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace banana {
namespace {

namespace fs = std::filesystem;

fs::path absolute(const fs::path& path, const Surroundings& surroundings) {
    fs::path full = path.is_absolute() ? path : surroundings.working_directory / path;
    full = full.lexically_normal();
    // "dir/" has no file name; the folder's own is wanted.
    return full.has_filename() ? full : full.parent_path();
}

// The root above the custom_nodes folder that holds the plugin's folder; empty when it lies elsewhere.
fs::path root_of_plugin(const fs::path& plugin) {
    for (const fs::path& above : {plugin.parent_path(), plugin.parent_path().parent_path()}) {
        if (above.filename() == "custom_nodes") {
            return above.parent_path();
        }
    }
    return {};
}

// The named folder first, whatever the search thought of it.
void put_first(const fs::path& plugin, const std::vector<fs::path>& custom_nodes, PluginSearch& search) {
    const auto is_it = [&](const fs::path& other) { return same_place(other, plugin); };
    const bool is_loaded = std::any_of(custom_nodes.begin(), custom_nodes.end(), [&](const fs::path& folder) {
        return same_place(folder, plugin.parent_path());
    });
    if (!is_loaded) {
        search.loaded = {plugin};  // those that are loaded are no copies of one that is not
        return;
    }
    if (std::any_of(search.disabled.begin(), search.disabled.end(), is_it)) {
        search.loaded.clear();
        return;
    }
    std::erase_if(search.loaded, is_it);
    search.loaded.insert(search.loaded.begin(), plugin);
}

// What would be lost with the copy: nothing without a config.ini or a key in it, else perhaps the user's key.
int key_rank(const fs::path& copy) {
    const BoundedFile file = read_bounded(copy / "config.ini");
    if (file.problem == FileProblem::missing || file.problem == FileProblem::dangling_link) {
        return 0;
    }
    const IniFile ini = IniFile::parse(file.bytes);
    if (file.problem || ini.error()) {
        return 2;
    }
    const IniValue key = ini.get("gemini", "api_key");
    const std::string value(trim_ascii(key.value.value_or(std::string())));
    return !key.error && (value.empty() || find_sample_key(value)) ? 1 : 2;
}

// As people and unpackers call what they set aside.
bool is_backup_name(const fs::path& copy) {
    static constexpr std::array<std::string_view, 7> kMarks{"bak", "old", "副本", "备份", "copy", " (1)", ".disabled"};
    const std::string name = path_text(copy.filename());
    return std::any_of(kMarks.begin(), kMarks.end(),
                       [&](std::string_view mark) { return contains_ignoring_case(name, mark); });
}

}  // namespace

ExaminedPlace examine_place(ComfyPlace place, const Surroundings& surroundings) {
    ExaminedPlace examined;
    examined.custom_nodes = custom_nodes_folders_of(place.dir, surroundings);
    examined.search = search_plugins(examined.custom_nodes);
    examined.place = std::move(place);
    return examined;
}

std::optional<ExaminedPlace> examine_server_folders(const Server& server) {
    ExaminedPlace examined;
    for (const std::string& text : server.custom_nodes_dirs) {
        const fs::path folder = path_from_utf8(text);
        if (folder.is_absolute() && is_folder(folder)) {
            examined.custom_nodes.push_back(folder);
        }
    }
    if (examined.custom_nodes.empty()) {
        return std::nullopt;
    }
    examined.place = ComfyPlace{examined.custom_nodes.front().parent_path(), "server"};
    examined.search = search_plugins(examined.custom_nodes);
    return examined;
}

std::optional<ExaminedPlace> examine_given_place(const RunOptions& options, const Surroundings& surroundings) {
    std::optional<ExaminedPlace> examined;
    if (options.comfyui_dir) {
        const std::optional<fs::path> root = comfyui_root_at(absolute(*options.comfyui_dir, surroundings));
        if (root) {
            examined = examine_place({*root, "option"}, surroundings);
        } else if (!options.plugin_dir) {
            return std::nullopt;
        }
    }
    if (options.plugin_dir) {
        const fs::path plugin = absolute(*options.plugin_dir, surroundings);
        if (!is_folder(plugin)) {
            return std::nullopt;
        }
        if (!examined) {
            const fs::path root = root_of_plugin(plugin);
            examined = root.empty() ? ExaminedPlace() : examine_place({root, "plugin-option"}, surroundings);
            examined->place.how = "plugin-option";
        }
        put_first(plugin, examined->custom_nodes, examined->search);
    }
    return examined;
}

const ExaminedPlace* best_place(const std::vector<ExaminedPlace>& places) {
    const auto found = std::find_if(places.begin(), places.end(), [](const auto& place) { return place.has_plugin(); });
    if (found != places.end()) {
        return &*found;
    }
    return places.empty() ? nullptr : &places.front();
}

SuperfluousCopy superfluous_copy(const Install& install) {
    std::vector<fs::path> copies = install.copies;
    copies.push_back(install.plugin_dir);
    const auto is_link = [&](const fs::path& copy) {
        std::error_code error;
        return fs::is_symlink(copy, error) && std::any_of(copies.begin(), copies.end(), [&](const fs::path& other) {
                   return other != copy && same_place(other, copy);
               });
    };
    if (const auto link = std::find_if(copies.begin(), copies.end(), is_link); link != copies.end()) {
        const auto target = std::find_if(copies.begin(), copies.end(), [&](const fs::path& other) {
            return other != *link && same_place(other, *link);
        });
        return {*link, *target, CopyChoice::link};
    }
    // The lowest rank goes, the highest stays; of several with the same rank that of the examined copy counts.
    const auto choose = [&](const auto& rank, CopyChoice choice) -> std::optional<SuperfluousCopy> {
        const auto below = [&](const fs::path& a, const fs::path& b) { return rank(a) < rank(b); };
        const auto lowest = std::min_element(copies.begin(), copies.end(), below);
        const auto highest = std::max_element(copies.begin(), copies.end(), below);
        return rank(*lowest) < rank(*highest) ? std::optional(SuperfluousCopy{*lowest, *highest, choice})
                                              : std::nullopt;
    };
    if (auto by_key = choose([](const fs::path& copy) { return key_rank(copy); }, CopyChoice::no_key)) {
        return *by_key;
    }
    if (install.is_running_copy) {
        return {install.copies.front(), install.plugin_dir, CopyChoice::running};
    }
    return choose([](const fs::path& copy) { return is_backup_name(copy) ? 0 : 1; }, CopyChoice::backup)
        .value_or(SuperfluousCopy{});
}

}  // namespace banana
