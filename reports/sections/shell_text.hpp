// Commands that a user can paste: nothing in a file's name can change what they do.
#pragma once

#include <string>
#include <string_view>

namespace banana::shell {

// By the system's name as the report has it, else by the form of the path.
bool is_windows(std::string_view operating_system, std::string_view path);

// "nano '/path/config.ini'", "notepad "C:\…"", "open -e …": by the system's name. Empty where the path cannot be
// written safely on one line.
std::string editor_command(std::string_view operating_system, std::string_view path);
}  // namespace banana::shell
