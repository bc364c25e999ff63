// Command lines that a user can paste into a terminal, and the program's one quoting of words for shells: nothing in a
// file's name can change what a command does.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace banana {

enum class SystemName;  // banana/system_name.hpp

enum class Shell { posix, windows };  // windows: cmd and PowerShell alike

// The path as one word: backslashes before what a POSIX shell would read (but for a home folder that is written "~/",
// now or by the redactor later), double quotes on Windows where a blank or a sign needs them.
std::string shell_path(const std::filesystem::path& path, Shell shell);

// Moves or renames: `mv`, or `move`, which cmd and PowerShell both know.
std::string move_command(const std::filesystem::path& from, const std::filesystem::path& to, Shell shell);

// Opens a file: `nano`, `open -e` of macOS, `notepad`, for the Run box too. The path is as a report shows it, with "~"
// for the home folder. Empty where it cannot be written safely in one line.
std::string editor_command(SystemName system, std::string_view path);

// `python` may be empty: then the interpreter is called "python". `package` must be a plain package name, or options
// and one. A portable ComfyUI's own Python is told to leave the user's packages alone (-s), as its start scripts do.
std::string pip_command(std::string_view python, std::string_view package, Shell shell);

// The interpreter that a file below its `site-packages` belongs to, as its text tells:
// `/x/lib/python3.11/site-packages/…` is of `/x/bin/python`, `D:\\x\\Lib\\site-packages\\…` of `D:\\x\\python.exe` (a
// virtual environment's in `Scripts`). Empty where it does not tell.
std::string python_of_package_file(std::string_view file);

// Any text in single quotes, for scripts of POSIX shells.
std::string shell_literal(std::string_view text);

}  // namespace banana
