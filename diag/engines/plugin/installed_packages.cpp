#include "installed_packages.hpp"

#include "banana/ascii.hpp"
#include "banana/bounds.hpp"
#include "comfyui_places.hpp"
#include "text.hpp"

#include <algorithm>

namespace banana {
namespace {

namespace fs = std::filesystem;

// The x of Python 3.x by the name of the interpreter's file, of what it links to, or by its virtual environment.
int minor_of(const fs::path& interpreter) {
    const int own = python_minor_of(interpreter);
    std::error_code error;
    return own > 0 ? own : python_minor_of(fs::canonical(interpreter, error));
}

// `x/bin/python` of `x/lib/python3.11`, `x\\Scripts\\python.exe` and `x\\python.exe` of `x\\Lib`. Several Pythons
// may lie side by side: nothing is known of an interpreter that could be any of them.
std::vector<fs::path> package_folders(const fs::path& interpreter) {
    if (interpreter.empty()) {
        return {};
    }
    const fs::path folder = interpreter.parent_path();
    std::vector<fs::path> found{folder / "Lib" / "site-packages", folder.parent_path() / "Lib" / "site-packages"};
    const int minor = minor_of(interpreter);
    const std::string own = minor > 0 ? "python3." + std::to_string(minor) : std::string();
    std::vector<fs::path> versions;
    for (fs::path& entry : list_folder(folder.parent_path() / "lib", bounds::kPythonFolderEntries)) {
        const std::string name = path_text(entry.filename());
        if (own.empty() ? name.starts_with("python3.") : name == own || name == "python3") {
            versions.push_back(std::move(entry));
        }
    }
    if (own.empty() && versions.size() > 1) {
        return {};
    }
    for (const fs::path& version : versions) {
        found.push_back(version / "site-packages");
        found.push_back(version / "dist-packages");
    }
    return found;
}

// pip's spelling: small letters, a hyphen for each of `-`, `_` and `.`.
std::string pip_spelling(std::string_view name) {
    std::string plain = to_lower_ascii(name);
    std::replace(plain.begin(), plain.end(), '_', '-');
    std::replace(plain.begin(), plain.end(), '.', '-');
    return plain;
}

bool is_version(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(),
                                        [](char c) { return is_alphanumeric(c) || c == '.' || c == '+' || c == '!'; });
}

}  // namespace

std::vector<InstalledPackage> installed_of(const fs::path& interpreter, std::span<const std::string_view> names) {
    std::vector<InstalledPackage> found;
    for (const fs::path& folder : package_folders(interpreter)) {
        for (const fs::path& entry : list_folder(folder, bounds::kSitePackagesEntries)) {
            const std::string whole = path_text(entry.filename());
            const std::size_t hyphen = whole.find('-');
            if (hyphen == std::string::npos || !whole.ends_with(".dist-info")) {
                continue;
            }
            const std::string spelled = pip_spelling(std::string_view(whole).substr(0, hyphen));
            const auto asked =
                std::find_if(names.begin(), names.end(), [&](std::string_view name) { return name == spelled; });
            if (asked == names.end()) {
                continue;
            }
            std::string_view version = std::string_view(whole).substr(hyphen + 1);
            version.remove_suffix(std::string_view(".dist-info").size());
            found.push_back({std::string(*asked), is_version(version) ? std::string(version) : std::string()});
        }
    }
    return found;
}

}  // namespace banana
