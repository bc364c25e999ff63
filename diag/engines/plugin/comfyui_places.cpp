#include "comfyui_places.hpp"

#include "banana/bounds.hpp"
#include "banana/json_member.hpp"
#include "bounded_file.hpp"
#include "drive_search.hpp"
#include "line_range.hpp"
#include "platform.hpp"
#include "platform_host.hpp"
#include "text.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <chrono>

namespace banana {
namespace {

namespace fs = std::filesystem;

bool is_there(const fs::path& path) {
    std::error_code error;
    return fs::exists(path, error);
}

fs::path variable_path(const Environment& environment, std::string_view name) {
    const std::optional<std::string> value = environment.get(name);
    return value && !value->empty() ? path_from_utf8(*value) : fs::path();
}

// The desktop app's own folders, by operating system; a copy of each for tests and for data on another system.
std::vector<fs::path> desktop_config_folders(const Surroundings& surroundings) {
    std::vector<fs::path> folders;
    const fs::path roaming = variable_path(surroundings.environment, "APPDATA");
    if (!roaming.empty()) {
        folders.push_back(roaming / "ComfyUI");
    }
    if (!surroundings.home.empty()) {
        folders.push_back(surroundings.home / "AppData" / "Roaming" / "ComfyUI");
        folders.push_back(surroundings.home / "Library" / "Application Support" / "ComfyUI");
        folders.push_back(surroundings.home / ".config" / "ComfyUI");
    }
    return folders;
}

// The text of one member of a small JSON file; empty where there is none.
fs::path path_in_json(const fs::path& file, std::string_view member) {
    const BoundedFile content = read_bounded(file);
    boost::system::error_code error;
    const boost::json::value value = boost::json::parse(content.bytes, error);
    const boost::json::object* members = error ? nullptr : value.if_object();
    return members != nullptr ? path_from_utf8(text_member(*members, member)) : fs::path();
}

// Where StabilityMatrix keeps its packages when it is not used from its own folder: it says so in its settings.
fs::path stability_matrix_packages(const Surroundings& surroundings) {
    const fs::path roaming = variable_path(surroundings.environment, "APPDATA");
    const fs::path library =
        roaming.empty() ? fs::path() : path_in_json(roaming / "StabilityMatrix" / "library.json", "LibraryPath");
    return library.empty() ? fs::path() : library / "Packages";
}

// Folders whose entries are looked through for names with "comfy" in them.
std::vector<fs::path> popular_folders(const Surroundings& surroundings) {
    std::vector<fs::path> folders;
    const fs::path& home = surroundings.home;
    if (!home.empty()) {
        for (const char* name : {"", "Desktop", "Downloads", "Documents", "comfy", "AI", "ai", "apps", "src", "git"}) {
            folders.push_back(home / name);
        }
        folders.push_back(home / "StabilityMatrix" / "Data" / "Packages");
        folders.push_back(home / "AppData" / "Roaming" / "StabilityMatrix" / "Packages");
        folders.push_back(home / "pinokio" / "api");
    }
    if (fs::path packages = stability_matrix_packages(surroundings); !packages.empty()) {
        folders.push_back(std::move(packages));
    }
    if constexpr (platform::kSystem != platform::System::windows) {
        for (const char* name : {"/", "/opt", "/srv", "/workspace", "/content", "/app", "/data", "/usr/local"}) {
            folders.emplace_back(name);
        }
    }
    return folders;
}

// The disks of this machine, or those of Windows as WSL shows them.
std::vector<fs::path> drives_to_search() {
    std::vector<fs::path> drives = platform::local_drives();
    if constexpr (platform::kSystem != platform::System::windows) {
        drives = list_folder("/mnt", bounds::kDriveEntries);
    }
    return drives;
}

std::string_view without_comment(std::string_view line) {
    if (trim_ascii(line).starts_with("#")) {
        return {};
    }
    return line.substr(0, line.find(" #"));
}

std::string_view unquoted(std::string_view value) {
    value = trim_ascii(value);
    const bool quoted = value.size() >= 2 && (value.front() == '"' || value.front() == '\'');
    return quoted && value.back() == value.front() ? value.substr(1, value.size() - 2) : value;
}

fs::path with_home(std::string_view text, const fs::path& home) {
    const bool in_home = text == "~" || text.starts_with("~/") || text.starts_with("~\\");
    return in_home ? home / path_from_utf8(text.substr(std::min<std::size_t>(2, text.size()))) : path_from_utf8(text);
}

// The number right behind `start`, at most three digits; 0 where there is none.
int minor_behind(std::string_view text, std::string_view start) {
    if (!text.starts_with(start)) {
        return 0;
    }
    int number = 0;
    for (const char c : text.substr(start.size(), 3)) {
        if (c < '0' || c > '9') {
            break;
        }
        number = number * 10 + (c - '0');
    }
    return number;
}

// Collects `base_path` and `custom_nodes` of each section; a section ends where a line without indent begins.
class ExtraPathsReader {
public:
    ExtraPathsReader(const fs::path& folder, const fs::path& home) : folder_(folder), home_(home) {}

    void line(std::string_view raw) {
        const std::string_view text = without_comment(raw);
        const std::string_view content = trim_ascii(text);
        if (content.empty()) {
            return;
        }
        const std::size_t indent = text.find_first_not_of(" \t");
        if (indent == 0) {
            end_section();
            in_block_ = false;
            return;
        }
        if (in_block_ && indent > block_indent_) {
            entries_.emplace_back(unquoted(content));
            return;
        }
        in_block_ = false;
        const std::size_t colon = content.find(':');
        if (colon == std::string_view::npos) {
            return;
        }
        const std::string_view key = unquoted(content.substr(0, colon));
        const std::string_view value = unquoted(content.substr(colon + 1));
        if (key == "base_path") {
            base_ = std::string(value);
        } else if (key == "custom_nodes" && (value.starts_with("|") || value.starts_with(">"))) {
            in_block_ = true;
            block_indent_ = indent;
        } else if (key == "custom_nodes" && !value.empty()) {
            entries_.emplace_back(value);
        }
    }

    std::vector<fs::path> finish() {
        end_section();
        return std::move(paths_);
    }

private:
    void end_section() {
        const fs::path base = base_.empty() ? folder_ : folder_ / with_home(base_, home_);
        for (const std::string& entry : entries_) {
            paths_.push_back((base / with_home(entry, home_)).lexically_normal());
        }
        entries_.clear();
        base_.clear();
    }

    fs::path folder_;
    fs::path home_;
    std::string base_;
    std::vector<std::string> entries_;
    bool in_block_ = false;
    std::size_t block_indent_ = 0;
    std::vector<fs::path> paths_;
};

}  // namespace

bool is_folder(const fs::path& path) {
    std::error_code error;
    return fs::is_directory(path, error);
}

std::vector<fs::path> list_folder(const fs::path& folder, std::size_t limit) {
    std::vector<fs::path> entries;
    std::error_code error;
    fs::directory_iterator at(folder, fs::directory_options::skip_permission_denied, error);
    for (; !error && at != fs::directory_iterator() && entries.size() < limit; at.increment(error)) {
        entries.push_back(at->path());
    }
    platform::throw_if_exhausted(error);
    return entries;
}

bool is_closed_folder(const fs::path& folder) {
    std::error_code error;
    const fs::directory_iterator at(folder, error);
    platform::throw_if_exhausted(error);
    return error == std::errc::permission_denied;
}

bool same_place(const fs::path& a, const fs::path& b) {
    return platform::is_same_file(a, b);
}

bool is_comfyui_root(const fs::path& dir) {
    if (dir.empty() || !is_folder(dir / "custom_nodes")) {
        return false;
    }
    const bool has_code = is_there(dir / "main.py") || is_there(dir / "nodes.py") ||
                          is_there(dir / "folder_paths.py") || is_folder(dir / "comfy");
    return has_code || (is_folder(dir / "models") && (is_folder(dir / "user") || is_folder(dir / "output")));
}

std::optional<fs::path> comfyui_root_at(const fs::path& dir) {
    if (is_comfyui_root(dir)) {
        return dir;
    }
    if (is_comfyui_root(dir / "ComfyUI")) {
        return dir / "ComfyUI";
    }
    if (is_folder(dir / "custom_nodes")) {
        return dir;
    }
    for (const fs::path& entry : list_folder(dir, bounds::kGivenFolderEntries)) {
        if (contains_ignoring_case(path_text(entry.filename()), "comfy") && is_comfyui_root(entry)) {
            return entry;
        }
    }
    // Somebody named custom_nodes itself, or the plugin's folder.
    for (const fs::path& above : {dir, dir.parent_path()}) {
        if (above.filename() == "custom_nodes" && is_folder(above)) {
            return above.parent_path();
        }
    }
    return std::nullopt;
}

std::optional<fs::path> comfyui_root_above(const fs::path& dir) {
    fs::path at = dir;
    for (int steps = 0; steps < bounds::kParentFolders && !at.empty(); ++steps) {
        for (const fs::path& candidate : {at, at / "ComfyUI"}) {
            if (is_comfyui_root(candidate)) {
                return candidate;
            }
        }
        if (at == at.parent_path()) {
            break;
        }
        at = at.parent_path();
    }
    return std::nullopt;
}

std::optional<ComfyPlace> find_nearby_comfyui(const Surroundings& surroundings) {
    if (const auto root = comfyui_root_above(surroundings.working_directory)) {
        return ComfyPlace{*root, "working-directory"};
    }
    if (const auto root = comfyui_root_above(surroundings.executable.parent_path())) {
        return ComfyPlace{*root, "executable"};
    }
    const fs::path named = variable_path(surroundings.environment, "COMFYUI_PATH");
    if (!named.empty()) {
        if (const auto root = comfyui_root_at(named)) {
            return ComfyPlace{*root, "environment"};
        }
    }
    return std::nullopt;
}

std::vector<ComfyPlace> usual_comfyui_places(const Surroundings& surroundings) {
    std::vector<ComfyPlace> places;
    const auto add = [&](const fs::path& dir, const char* how) {
        const bool known = std::any_of(places.begin(), places.end(),
                                       [&](const ComfyPlace& place) { return same_place(place.dir, dir); });
        if (!known) {
            places.push_back({dir, how});
        }
    };
    if (const auto base = desktop_base_path(surroundings); base && is_folder(*base / "custom_nodes")) {
        add(*base, "desktop");
    }
    for (const fs::path& folder : popular_folders(surroundings)) {
        for (const fs::path& entry : list_folder(folder, bounds::kUsualPlaceEntries)) {
            const std::string name = path_text(entry.filename());
            if (!contains_ignoring_case(name, "comfy")) {
                continue;
            }
            // The last is Pinokio's layout.
            for (const fs::path& candidate : {entry, entry / "ComfyUI", entry / "app"}) {
                if (is_comfyui_root(candidate)) {
                    add(candidate, "usual-place");
                }
            }
        }
    }
    using Clock = std::chrono::steady_clock;
    const Clock::time_point end = Clock::now() + bounds::kDriveTime;
    const DriveSearchLimits limits{bounds::kDriveFolders, [&] { return Clock::now() >= end; }};
    for (const fs::path& root : search_drives(drives_to_search(), limits)) {
        add(root, "usual-place");
    }
    return places;
}

std::optional<fs::path> desktop_base_path(const Surroundings& surroundings) {
    for (const fs::path& folder : desktop_config_folders(surroundings)) {
        if (fs::path base = path_in_json(folder / "config.json", "basePath"); !base.empty()) {
            return base;
        }
    }
    return std::nullopt;
}

std::vector<fs::path> desktop_log_folders(const Surroundings& surroundings) {
    std::vector<fs::path> folders;
    for (const fs::path& folder : desktop_config_folders(surroundings)) {
        folders.push_back(folder / "logs");
    }
    if (!surroundings.home.empty()) {
        folders.push_back(surroundings.home / "Library" / "Logs" / "ComfyUI");
    }
    return folders;
}

std::vector<fs::path> custom_nodes_entries(std::string_view yaml, const fs::path& folder, const fs::path& home) {
    ExtraPathsReader reader(folder, home);
    while (!yaml.empty()) {
        const std::size_t end = std::min(yaml.find_first_of("\r\n"), yaml.size());
        reader.line(yaml.substr(0, end));
        yaml.remove_prefix(std::min(end + 1, yaml.size()));
    }
    return reader.finish();
}

std::vector<fs::path> custom_nodes_folders_of(const fs::path& root, const Surroundings& surroundings) {
    std::vector<fs::path> folders;
    const auto add = [&](const fs::path& folder) {
        const bool known = std::any_of(folders.begin(), folders.end(),
                                       [&](const fs::path& other) { return same_place(other, folder); });
        if (!known && is_folder(folder)) {
            folders.push_back(folder);
        }
    };
    add(root / "custom_nodes");
    const BoundedFile file = read_bounded(root / "extra_model_paths.yaml");
    if (!file.problem) {
        for (const fs::path& entry : custom_nodes_entries(file.bytes, root, surroundings.home)) {
            add(entry);
        }
    }
    return folders;
}

std::optional<fs::path> python_of(const fs::path& root) {
    const fs::path above = root.parent_path();
    for (const fs::path& candidate : {
             above / "python_embeded" / "python.exe",
             above / "python_embedded" / "python.exe",
             above / "python" / "python.exe",
             root / ".venv" / "Scripts" / "python.exe",
             root / "venv" / "Scripts" / "python.exe",
             root / "env" / "Scripts" / "python.exe",
             root / ".venv" / "bin" / "python",
             root / "venv" / "bin" / "python",
             root / "env" / "bin" / "python",
             above / ".venv" / "bin" / "python",
             above / "venv" / "bin" / "python",
         }) {
        if (is_there(candidate)) {
            return candidate;
        }
    }
    return std::nullopt;
}

int python_minor_of(const fs::path& interpreter) {
    if (const int named = minor_behind(path_text(interpreter.filename()), "python3."); named > 0) {
        return named;
    }
    // venv/pyvenv.cfg of venv/bin/python: "version = 3.12.3", or "version_info" of virtualenv.
    const BoundedFile settings = read_bounded(interpreter.parent_path().parent_path() / "pyvenv.cfg");
    for (const std::string_view line : LineRange(settings.bytes)) {
        const std::size_t equals = line.find('=');
        if (line.starts_with("version") && equals != std::string_view::npos) {
            return minor_behind(trim_ascii(line.substr(equals + 1)), "3.");
        }
    }
    for (const fs::path& entry : list_folder(interpreter.parent_path(), bounds::kPythonFolderEntries)) {
        const std::string name = path_text(entry.filename());
        const int minor = name.ends_with(".dll") ? minor_behind(name, "python3") : 0;
        if (minor > 0) {
            return minor;  // "python312.dll"; "python3.dll" serves every version
        }
    }
    return 0;
}

}  // namespace banana
