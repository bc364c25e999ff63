#include "shell_text.hpp"

#include "banana/ascii.hpp"
#include "banana/system_name.hpp"
#include "inline_text.hpp"

#include <algorithm>

namespace banana::shell {
namespace {

bool is_plain(char c) {
    return is_alphanumeric(c) || std::string_view("-._/").find(c) != std::string_view::npos;
}

// A leading "~/" must stay outside the quotes, or the shell does not expand it.
std::string posix_quoted(std::string_view path) {
    const std::string home = path.starts_with("~/") ? "~/" : "";
    const std::string_view rest = path.substr(home.size());
    if (std::all_of(rest.begin(), rest.end(), is_plain) && !rest.starts_with('-')) {
        return home + std::string(rest);
    }
    std::string quoted = home + "'";
    for (const char c : rest) {
        quoted += c == '\'' ? "'\\''" : std::string(1, c);
    }
    return quoted + "'";
}

// A Windows path cannot hold a quote; a percent sign would name a variable.
std::string windows_quoted(std::string_view path) {
    if (path.find('"') != std::string_view::npos || path.find('%') != std::string_view::npos) {
        return {};
    }
    const bool home = path.starts_with("~\\") || path.starts_with("~/");
    return "\"" + (home ? "%USERPROFILE%" + std::string(path.substr(1)) : std::string(path)) + "\"";
}

}  // namespace

bool is_windows(std::string_view operating_system, std::string_view path) {
    return system_named(operating_system, path) == SystemName::windows;
}

std::string editor_command(std::string_view operating_system, std::string_view path) {
    if (path.empty() || one_line(path) != path || path.find("…") != std::string_view::npos) {
        return {};
    }
    if (is_windows(operating_system, path)) {
        const std::string quoted = windows_quoted(path);
        return quoted.empty() ? std::string() : "notepad " + quoted;
    }
    const bool mac = system_named(operating_system, path) == SystemName::macos;
    return (mac ? "open -e " : "nano ") + posix_quoted(path);
}

}  // namespace banana::shell
