#include "log_files.hpp"

#include "banana/bounds.hpp"
#include "comfyui_places.hpp"
#include "text.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

namespace banana {
namespace {

namespace fs = std::filesystem;

// The value of `--name value` or `--name=value`; empty when not given.
std::string option_value(const std::vector<std::string>& argv, std::string_view name) {
    for (std::size_t index = 0; index < argv.size(); ++index) {
        const std::string_view word = argv[index];
        if (word == name && index + 1 < argv.size()) {
            return argv[index + 1];
        }
        if (word.starts_with(name) && word.size() > name.size() && word[name.size()] == '=') {
            return std::string(word.substr(name.size() + 1));
        }
    }
    return {};
}

std::vector<fs::path> log_folders(const LogPlaces& places, const Surroundings& surroundings) {
    std::vector<fs::path> folders;
    if (const std::string user = option_value(places.argv, "--user-directory"); !user.empty()) {
        folders.push_back(path_from_utf8(user));
    }
    if (const std::string base = option_value(places.argv, "--base-directory"); !base.empty()) {
        folders.push_back(path_from_utf8(base) / "user");
    }
    if (!places.comfyui_dir.empty()) {
        folders.push_back(places.comfyui_dir / "user");
        folders.push_back(places.comfyui_dir);
        // A portable package is started from the folder above.
        folders.push_back(places.comfyui_dir.parent_path());
    }
    if (surroundings.search_machine) {
        const std::optional<fs::path> desktop = desktop_base_path(surroundings);
        if (desktop && (places.comfyui_dir.empty() || same_place(*desktop, places.comfyui_dir))) {
            const std::vector<fs::path> logs = desktop_log_folders(surroundings);
            folders.insert(folders.end(), logs.begin(), logs.end());
        }
    }
    return folders;
}

// "comfyui.log", "comfyui_8188.log", "comfyui_2025-11-12T16-49-00.log"; not ".prev.log", nor another program's
// "comfyui-manager-notes.log".
bool is_log_name(std::string_view name) {
    constexpr std::string_view kStart = "comfyui";
    constexpr std::string_view kEnd = ".log";
    if (!name.starts_with(kStart) || !name.ends_with(kEnd) || name.size() < kStart.size() + kEnd.size()) {
        return false;
    }
    name.remove_prefix(kStart.size());
    name.remove_suffix(kEnd.size());
    return name.find_first_not_of("0123456789_-.TZ") == std::string_view::npos;
}

struct Candidate {
    LogFile file;
    bool named_after_port;
};

// A start without `--port` writes to another file than the one named after the port.
constexpr std::chrono::hours kAboutAsNew{24};

}  // namespace

std::vector<LogFile> find_log_files(const LogPlaces& places, const Surroundings& surroundings) {
    const std::string port_name = places.port ? "comfyui_" + std::to_string(*places.port) + ".log" : std::string();
    std::vector<Candidate> found;
    for (const fs::path& folder : log_folders(places, surroundings)) {
        for (const fs::path& entry : list_folder(folder, bounds::kLogFolderEntries)) {
            const std::string name = path_text(entry.filename());
            if (!is_log_name(name)) {
                continue;
            }
            std::error_code error;
            const fs::file_time_type changed = fs::last_write_time(entry, error);
            const bool is_file = !error && fs::is_regular_file(entry, error);
            if (is_file) {
                found.push_back({{entry, changed}, name == port_name});
            }
        }
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const Candidate& a, const Candidate& b) { return a.file.changed > b.file.changed; });
    std::stable_partition(
        found.begin(), found.end(),
        [newest = found.empty() ? fs::file_time_type() : found.front().file.changed](const Candidate& candidate) {
            return candidate.named_after_port && newest - candidate.file.changed <= kAboutAsNew;
        });
    std::vector<LogFile> files;
    for (Candidate& candidate : found) {
        files.push_back(std::move(candidate.file));
    }
    return files;
}

}  // namespace banana
