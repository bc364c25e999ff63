// Command lines that a user can paste into a terminal.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace banana {

enum class Shell { posix, windows };  // windows: cmd and PowerShell alike

// The path as one word: backslashes before what a POSIX shell would read (a leading home folder may still be
// written "~" by the redactor), double quotes on Windows where a blank or a sign needs them.
std::string shell_path(const std::filesystem::path& path, Shell shell);

// Moves or renames: `mv`, or `move`, which cmd and PowerShell both know.
std::string move_command(const std::filesystem::path& from, const std::filesystem::path& to, Shell shell);

// `python` may be empty: then the interpreter is called "python". `package` must be a plain package name, or options
// and one. A portable ComfyUI's own Python is told to leave the user's packages alone (-s), as its start scripts do.
std::string pip_command(std::string_view python, std::string_view package, Shell shell);

// The interpreter that a file below its `site-packages` belongs to, as its text tells:
// `/x/lib/python3.11/site-packages/…` is of `/x/bin/python`, `D:\\x\\Lib\\site-packages\\…` of `D:\\x\\python.exe` (a
// virtual environment's in `Scripts`). Empty where it does not tell.
std::string python_of_package_file(std::string_view file);

}  // namespace banana
