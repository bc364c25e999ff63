#include "plugin_copies.hpp"

#include "banana/bounds.hpp"
#include "install_finder.hpp"
#include "platform.hpp"
#include "shell_command.hpp"
#include "text.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace banana {
namespace {

std::string_view name_of(CopyChoice choice) {
    switch (choice) {
        case CopyChoice::link: return "link";
        case CopyChoice::no_key: return "no-key";
        case CopyChoice::backup: return "backup";
        case CopyChoice::running: return "running";
        case CopyChoice::undecided: break;
    }
    return "undecided";
}

}  // namespace

void describe_copies(const Install& install, Finding& finding) {
    namespace fs = std::filesystem;
    finding.args["plugin_dir"] = sanitize(path_text(install.plugin_dir));
    finding.args["other"] = sanitize(path_text(install.copies.front()));
    finding.args["count"] = install.copies.size() + 1;
    if (install.copies.size() > 1) {
        // One command takes out one copy, and a reason for one says nothing of the others.
        std::vector<std::string> names{install.folder_name};
        for (const fs::path& copy : install.copies) {
            names.push_back(sanitize(path_text(copy.filename()), Lines::single, bounds::kFileNameBytes));
        }
        finding.args["fix_variant"] = "several";
        finding.args["copies"] = sanitize(joined_with_commas(names), Lines::single, bounds::kNameListTextBytes);
        return;
    }
    const SuperfluousCopy spare = superfluous_copy(install);
    if (spare.choice == CopyChoice::undecided) {
        finding.args["fix_variant"] = "undecided";
        return;
    }
    finding.args["kept"] = sanitize(path_text(spare.kept));
    finding.args["reason"] = name_of(spare.choice);
    finding.args["command"] = move_command(spare.path, fs::path(spare.path) += ".disabled", platform::kShell);
}

}  // namespace banana
