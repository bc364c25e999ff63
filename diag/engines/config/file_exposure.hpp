// Who besides the user can get at a file: other accounts of the machine, or everyone a git repository goes to.
#pragma once

#include <filesystem>
#include <optional>

namespace banana {

// Where other accounts can read it, by its mode and that of every folder above; false where that has no answer.
bool readable_by_others(const std::filesystem::path& file);

// The root of the git working tree whose index lists the file; none when it is not tracked or there is no answer.
// Reads .git/index itself (versions 2 to 4, SHA-1 repositories), so that git need not be installed.
// Source: git's Documentation/gitformat-index.
std::optional<std::filesystem::path> tracking_repository(const std::filesystem::path& file);

}  // namespace banana
