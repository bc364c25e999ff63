// The system that the examined install is on: steps and commands are those of this one.
#pragma once

#include "banana/lookup.hpp"

#include <string_view>

namespace banana {

enum class SystemName { unknown, windows, gnu_linux, macos };

// By the system's own name, else by the form of a path on it.
constexpr SystemName system_named(std::string_view operating_system, std::string_view path) noexcept {
    const bool on_a_drive = path.size() > 2 && path[1] == ':' && (path[2] == '\\' || path[2] == '/');
    if (operating_system.starts_with("Windows") || on_a_drive) {
        return SystemName::windows;
    }
    if (operating_system.starts_with("Darwin") || operating_system.starts_with("macOS")) {
        return SystemName::macos;
    }
    return operating_system.empty() && !path.starts_with('/') && !path.starts_with('~') ? SystemName::unknown
                                                                                        : SystemName::gnu_linux;
}

inline SystemName system_of(const Subject& subject) {
    return system_named(text_member(subject.environment, "os"),
                        subject.config_file.empty() ? subject.plugin_dir : subject.config_file);
}

// As texts tell systems apart: "windows", "unix"; "any" where it is not known.
constexpr std::string_view text_name(SystemName system) noexcept {
    switch (system) {
        case SystemName::windows: return "windows";
        case SystemName::gnu_linux:
        case SystemName::macos: return "unix";
        case SystemName::unknown: break;
    }
    return "any";
}

}  // namespace banana
