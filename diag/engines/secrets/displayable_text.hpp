// What may be shown of texts that could hold a secret which nobody knows to be one: lines of config.ini, paths and
// command lines.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace banana {

// A text from config.ini, sanitised, with everything "…" that could be a key or a part of one: eight letters, digits,
// `-`, `_`, `.` in a row which are no number and no word that is known to stand in such files, and shorter pieces in a
// row which together look like a key.
std::string mask_possible_keys(std::string_view text);

// A path that was given on the command line, for an error message: "…" where it could be a key, given in place of a
// file that holds one.
std::string displayable_path(const std::filesystem::path& path);

// A command line with the values of options whose name says that they are secret as "…".
std::vector<std::string> masked_arguments(const std::vector<std::string>& arguments);

}  // namespace banana
