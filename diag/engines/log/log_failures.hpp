// Why something failed, by the exception's text that a log has of it.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace banana {

inline bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}
template <std::size_t Count>
bool has_any(std::string_view text, const std::array<std::string_view, Count>& parts) {
    return std::any_of(parts.begin(), parts.end(), [&](std::string_view part) { return has(text, part); });
}

struct LogLine {
    int number = 0;    // one-based; 0 where the log's beginning was not read
    std::string text;  // sanitized and bounded, without time stamps; may still hold a secret: scrub before showing
};

// Why the node's file, or the plugin's package, could not be imported.
enum class LoadFailure {
    other,
    package_missing,  // No module named 'x', x from elsewhere
    package_version,  // No module named 'x.y': x is there, in a version without y
    comfyui_module,   // a module of ComfyUI's own
    python_module,    // one that comes with a whole Python
    python_removed,   // one that newer Pythons have dropped
    other_system,     // a module of Python's that exists on other systems only
    own_module_missing,
    foreign_module,    // another node's module of the same name as one of the plugin's own was found first
    shadowed,          // a file of the same name was found in the place of a package
    binary_unusable,   // an extension module that this Python or system cannot load
    library_unusable,  // a package that the plugin imports, or a library of the system, is broken
    source_broken,     // a line of a source that is no Python, to this Python
    no_permission,     // a file that ComfyUI's account may not use
    disk_full,
    text_encoding,  // a text file that was read at start is in another encoding than it was read by
    no_exports,     // the package was imported, but brings no nodes
};

struct LoadError {
    LogLine line;
    LoadFailure kind = LoadFailure::other;
    std::string exception;    // Python's text
    std::string module;       // the module that is missing or wrong, with its package, where a name is what failed
    std::string module_file;  // the file that the exception names: the one imported instead, or the one at fault
    int source_line = 0;      // source_broken: the line in that file
    bool inferred = false;    // the exception's words can have another meaning, too
};

// What the exception of a failed import means.
LoadError load_error_of(LogLine line, std::string_view exception);

enum class FatalKind { other, duplicate_route, console_encoding, port_in_use };

// What the exception that ended ComfyUI means.
FatalKind fatal_kind_of(std::string_view exception);

// Of a library or binary module that could not be loaded: what to install again, and with which tool.
struct BrokenLibrary {
    std::string pip_package;      // empty: the exception does not name one
    std::string system_library;   // a file that the system lacks: libGL.so.1
    std::string debian_package;   // that brings it; empty where not known
    std::string runtime_library;  // one of the system's that is too old: libstdc++.so.6, libc.so.6
    bool of_card = false;         // the file belongs to CUDA, the card's driver or PyTorch
    bool lacks_memory = false;    // Windows could not map it: the page file is too small
};
BrokenLibrary broken_library_of(std::string_view exception);

// What an exception says of NumPy's version.
enum class NumpyTrouble {
    none,
    other,     // a module was built for another one than the installed
    too_new,   // a module for NumPy 1 meets NumPy 2
    too_old,   // a module for NumPy 2 meets NumPy 1
    old_name,  // a source uses a name that NumPy 2 has dropped
};
NumpyTrouble numpy_trouble(std::string_view exception);

}  // namespace banana
