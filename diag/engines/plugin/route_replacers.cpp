#include "route_replacers.hpp"

#include "banana/bounds.hpp"
#include "bounded_file.hpp"
#include "comfyui_places.hpp"
#include "line_range.hpp"
#include "text.hpp"

#include <algorithm>

namespace banana {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMethod = "add_routes";
constexpr std::string_view kServerClass = "PromptServer";
constexpr std::size_t kShownReplacers = 3;

// `PromptServer.add_routes = mine`, `server.PromptServer.add_routes=mine`, `setattr(PromptServer, "add_routes", mine)`,
// in a source that speaks of ComfyUI's server. An object's own attribute of that name is another thing.
bool replaces_registration(std::string_view line) {
    line = trim_ascii(line);
    const std::size_t at = line.find(kMethod);
    if (line.starts_with('#') || at == std::string_view::npos) {
        return false;
    }
    if (line.find("setattr(") < at) {
        return true;
    }
    const std::string_view behind = trim_ascii(line.substr(at + kMethod.size()));
    const bool of_an_object = at > 0 && line[at - 1] == '.' && !line.substr(0, at - 1).ends_with("self");
    return of_an_object && behind.starts_with('=') && !behind.starts_with("==");
}

class ReplacerSearch {
public:
    explicit ReplacerSearch(const fs::path& custom_nodes) : custom_nodes_(custom_nodes) {}

    void look_into(const fs::path& folder, int deeper) {
        for (const fs::path& entry : list_folder(folder, bounds::kPluginFolderEntries)) {
            std::error_code none;
            const bool skipped = path_text(entry.filename()).ends_with(".disabled");
            if (found.size() >= kShownReplacers || files_ == 0 || skipped) {
                continue;
            }
            if (entry.extension() == ".py") {
                read_source(entry);
            } else if (deeper > 0 && fs::is_directory(entry, none)) {
                look_into(entry, deeper - 1);
            }
        }
    }

    std::vector<SourceLocation> found;

private:
    void read_source(const fs::path& file) {
        --files_;
        const BoundedFile source = read_bounded(file);
        const bool may_replace =
            source.bytes.find(kMethod) != std::string::npos && source.bytes.find(kServerClass) != std::string::npos;
        if (source.problem || !may_replace) {
            return;
        }
        int number = 0;
        for (const std::string_view line : LineRange(source.bytes)) {
            ++number;
            if (found.size() < kShownReplacers && replaces_registration(line)) {
                SourceLocation place;
                place.file = sanitize(path_text(file.lexically_relative(custom_nodes_)));
                std::replace(place.file.begin(), place.file.end(), '\\', '/');
                place.line = number;
                place.text = sanitize(trim_ascii(line), Lines::single, bounds::kLandmarkTextBytes);
                found.push_back(std::move(place));
            }
        }
    }

    const fs::path& custom_nodes_;
    std::size_t files_ = bounds::kSearchedSources;
};

}  // namespace

std::vector<SourceLocation> find_route_replacers(const fs::path& custom_nodes) {
    ReplacerSearch search(custom_nodes);
    search.look_into(custom_nodes, 2);
    return std::move(search.found);
}

}  // namespace banana
