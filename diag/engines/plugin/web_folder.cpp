#include "web_folder.hpp"

#include "bounded_file.hpp"
#include "line_range.hpp"
#include "text.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace banana {

namespace fs = std::filesystem;

bool stays_within(const fs::path& path) {
    // Under Windows a path that begins at the root of a drive is a relative one.
    return !path.empty() && !path.has_root_path() && std::find(path.begin(), path.end(), "..") == path.end();
}

fs::path web_folder_of(const fs::path& plugin_dir) {
    const BoundedFile package = read_bounded(plugin_dir / "__init__.py");
    std::string found;
    for (const std::string_view line : LineRange(package.bytes)) {
        constexpr std::string_view kName = "WEB_DIRECTORY";
        const std::string_view value =
            line.starts_with(kName) ? trim_ascii(line.substr(kName.size())) : std::string_view();
        const std::string_view quoted = value.starts_with("=") ? trim_ascii(value.substr(1)) : std::string_view();
        const std::size_t closing = quoted.size() > 1 ? quoted.find(quoted.front(), 1) : std::string_view::npos;
        if (quoted.find_first_of("\"'") == 0 && closing != std::string_view::npos) {
            found = quoted.substr(1, closing - 1);
        }
    }
    const fs::path folder = path_from_utf8(found);
    return stays_within(folder) ? plugin_dir / folder : fs::path();
}

}  // namespace banana
