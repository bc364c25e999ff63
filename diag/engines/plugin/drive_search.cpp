#include "drive_search.hpp"

#include "banana/bounds.hpp"
#include "comfyui_places.hpp"
#include "platform.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace banana {
namespace {

namespace fs = std::filesystem;

// What people and packages call such folders; looked for in any case.
bool is_promising(std::string_view name) {
    static constexpr std::array<std::string_view, 16> kParts{"comfy", "aki",    "秋叶",   "绘",      "画", "整合",
                                                             "便携",  "stable", "matrix", "pinokio", "sd", "webui",
                                                             "ai",    "模型",   "心宝",   "banana"};
    return std::any_of(kParts.begin(), kParts.end(),
                       [&](std::string_view part) { return contains_ignoring_case(name, part); });
}

// The system's own, full of folders and never ComfyUI's; people's own are searched by name elsewhere.
bool is_the_systems(std::string_view name) {
    static constexpr std::array<std::string_view, 10> kNames{
        "Windows",     "Windows.old", "Program Files", "Program Files (x86)",
        "ProgramData", "PerfLogs",    "Recovery",      "System Volume Information",
        "Users",       "MSOCache"};
    return name.starts_with('$') || std::any_of(kNames.begin(), kNames.end(), [&](std::string_view other) {
               return equal_ignoring_case(name, other);
           });
}

class Search {
public:
    explicit Search(const DriveSearchLimits& limits) : limits_(limits) {}

    std::vector<fs::path> run(const std::vector<fs::path>& drives) {
        std::vector<fs::path> level = drives;
        for (int depth = 0; depth < kDepth; ++depth) {
            std::vector<fs::path> below;
            for (const fs::path& folder : level) {
                if (depth == kDepth - 1 && !is_promising(path_text(folder.filename()))) {
                    break;  // the promising ones stand first
                }
                for (fs::path& entry : subfolders(folder)) {
                    if (depth > 0 || !is_the_systems(path_text(entry.filename()))) {
                        below.push_back(std::move(entry));
                    }
                }
            }
            std::stable_partition(below.begin(), below.end(),
                                  [](const fs::path& folder) { return is_promising(path_text(folder.filename())); });
            for (const fs::path& folder : below) {
                look_at(folder);
            }
            level = std::move(below);
        }
        return std::move(found_);
    }

private:
    // The last of them only below promising names: `D:\软件\AI\ComfyUI-aki-v1.6\ComfyUI`.
    static constexpr int kDepth = 3;

    bool is_over() {
        over_ = over_ || opened_ >= limits_.folders || limits_.is_time_up();
        return over_;
    }

    std::vector<fs::path> subfolders(const fs::path& folder) {
        if (is_over()) {
            return {};
        }
        ++opened_;
        return platform::subfolders_of(folder, bounds::kUsualPlaceEntries);
    }

    void look_at(const fs::path& folder) {
        if (is_over()) {
            return;
        }
        ++opened_;
        add(folder);
        add(folder / "ComfyUI");
        const std::string name = path_text(folder.filename());
        if (contains_ignoring_case(name, "matrix")) {
            add_packages(folder / "Data" / "Packages", {});
            add_packages(folder / "Packages", {});
        } else if (contains_ignoring_case(name, "pinokio")) {
            add_packages(folder / "api", "app");
        }
    }

    void add_packages(const fs::path& folder, const fs::path& inside) {
        for (const fs::path& package : subfolders(folder)) {
            add(inside.empty() ? package : package / inside);
        }
    }

    void add(const fs::path& folder) {
        if (is_comfyui_root(folder) && std::none_of(found_.begin(), found_.end(),
                                                    [&](const fs::path& other) { return same_place(other, folder); })) {
            found_.push_back(folder);
        }
    }

    const DriveSearchLimits& limits_;
    std::size_t opened_ = 0;
    bool over_ = false;
    std::vector<fs::path> found_;
};

}  // namespace

std::vector<fs::path> search_drives(const std::vector<fs::path>& drives, const DriveSearchLimits& limits) {
    return Search(limits).run(drives);
}

}  // namespace banana
