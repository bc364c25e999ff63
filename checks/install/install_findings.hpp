// What install.plugin says of what it found.
#pragma once

#include "banana/check_result.hpp"
#include "install_search.hpp"
#include "plugin_folder.hpp"

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace banana {

// A path, and a list with commas, as they may be shown.
std::string displayable_folder(const std::filesystem::path& path);
std::string displayable_list(const std::vector<std::string>& words);

// The sentence `summary.install.plugin.<outcome>`.
Message install_summary(std::string_view outcome, Arguments args = {});

// "windows", "macos", "linux".
std::string_view target_system_name(platform::System system);

// The folder may not be read by this account: nothing is known, so nothing is wrong yet.
CheckResult closed_to_us(Cause code, const std::filesystem::path& folder);

CheckResult comfyui_not_found(const RunContext& context, const Located& located);

CheckResult plugin_not_found(const ExaminedPlace& place, const std::filesystem::path& given);
// Where the plugin only lies one folder too deep: what brings it up.
std::optional<FolderMove> move_of_nested(const ExaminedPlace& place);

void report_disabled(const Install& install, CheckResult& result);
// From a name or place that the loader skips to one that it looks at.
FolderMove move_of_disabled(const Install& install);

// V3 notices a route that is already there; older families register it again, which ends ComfyUI at start
// unless another route was added in between.
void report_copies(const Install& install, std::span<const PluginDescription> copies, bool running_first,
                   CheckResult& result);

// The loader runs every Python file of the folder, a forgotten copy of the node's file too.
void report_second_file(const PluginDescription& plugin, CheckResult& result);

void report_missing(const PluginDescription& plugin, const TargetPython& python, CheckResult& result);

void report_no_feature(const Install& install, CheckResult& result);

}  // namespace banana
