#include "log_failures.hpp"

#include "banana/ascii.hpp"
#include "banana/bounds.hpp"
#include "plugin_imports.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>

namespace banana {
namespace {

std::string_view quoted_after(std::string_view text, std::string_view mark) {
    const std::size_t at = text.find(mark);
    if (at == std::string_view::npos || at + mark.size() >= text.size()) {
        return {};
    }
    const char quote = text[at + mark.size()];
    if (quote != '\'' && quote != '"') {
        return {};
    }
    const std::string_view rest = text.substr(at + mark.size() + 1);
    return rest.substr(0, rest.find(quote));
}

// "cannot import name 'a' from 'b' (/x/b.py)": the path.
std::string_view in_last_brackets(std::string_view text) {
    text = trim_ascii(text);
    const std::size_t open = text.rfind(" (");
    const bool has_both = open != std::string_view::npos && text.ends_with(")");
    return has_both ? text.substr(open + 2, text.size() - open - 3) : std::string_view();
}

// Whether what cannot be loaded belongs to a package of that Python, or to the system: by where it lies, by the names
// that packages give their binaries (_imaging, cv2), or as a library that a package asks the system for (libGL.so.1).
// libpython is what a plugin's module for another Python asks for.
bool is_foreign_library(std::string_view exception) {
    constexpr std::string_view kWindows = "DLL load failed while importing ";
    constexpr std::array<std::string_view, 2> kPackageFolders{"site-packages", "dist-packages"};
    if (const std::size_t at = exception.find(kWindows); at != std::string_view::npos) {
        const std::string_view module = exception.substr(at + kWindows.size());
        return module.starts_with("_") || module.starts_with("cv2:") ||
               module.starts_with("onnxruntime_pybind11_state:");
    }
    // numpy of another major version than a package was built for.
    constexpr std::array<std::string_view, 3> kNumpyMarks{"multiarray failed to import", "_ARRAY_API not found",
                                                          "numpy.dtype size changed"};
    const bool of_system = exception.starts_with("lib") && !exception.starts_with("libpython") &&
                           has(exception, "cannot open shared object");
    return of_system || has_any(exception, kPackageFolders) || has_any(exception, kNumpyMarks);
}

}  // namespace

LoadError load_error_of(LogLine line, std::string_view exception) {
    LoadError error;
    error.line = std::move(line);
    error.exception = sanitize(exception, Lines::single, bounds::kLogShownLineBytes);
    constexpr std::array<std::string_view, 11> kBinaryMarks{"DLL load failed",
                                                            "invalid ELF header",
                                                            "file too short",
                                                            "cannot read file data",
                                                            "wrong ELF class",
                                                            "ELF load command",
                                                            "cannot open shared object",
                                                            "is not a valid Win32 application",
                                                            "undefined symbol",
                                                            "mach-o",
                                                            "GLIBC_"};
    if (has_any(exception, kBinaryMarks)) {
        error.kind = is_foreign_library(exception) ? LoadFailure::library_unusable : LoadFailure::binary_unusable;
        return error;
    }
    std::string_view module = quoted_after(exception, "No module named ");
    if (!module.empty()) {
        module = module.substr(0, module.find('.'));
        error.module = sanitize(module, Lines::single, bounds::kLogModuleTextBytes);
        error.kind = is_own_module(module) ? LoadFailure::own_module_missing : LoadFailure::package_missing;
        return error;
    }
    module = quoted_after(exception, "' from ");
    if (module.empty() && has(exception, "has no attribute")) {
        module = quoted_after(exception, "module ");
    }
    if (is_own_module(module)) {
        error.module = sanitize(module, Lines::single, bounds::kLogModuleTextBytes);
        error.kind = LoadFailure::foreign_module;
        error.module_file = sanitize(in_last_brackets(exception), Lines::single, bounds::kLogShownLineBytes);
    } else if (is_foreign_library(exception)) {
        error.kind = LoadFailure::library_unusable;
    }
    return error;
}

FatalKind fatal_kind_of(std::string_view exception) {
    if (has(exception, "Added route will never be executed")) {
        return FatalKind::duplicate_route;
    }
    // The marks in the plugin's own lines, banana, heart, tick and cross, which a GBK console cannot take.
    constexpr std::array<std::string_view, 4> kOwnMarks{"\\U0001f34c", "\\u2764", "\\u2705", "\\u274c"};
    if (exception.starts_with("UnicodeEncodeError") && has_any(exception, kOwnMarks)) {
        return FatalKind::console_encoding;
    }
    constexpr std::array<std::string_view, 7> kPortMarks{"address already in use",
                                                         "[Errno 98]",
                                                         "is already in use on",
                                                         "[Errno 10048]",
                                                         "[WinError 10048]",
                                                         "while attempting to bind",
                                                         "only one usage of each socket"};
    return has_any(exception, kPortMarks) ? FatalKind::port_in_use : FatalKind::other;
}

std::string package_of_module(std::string_view module) {
    struct Known {
        std::string_view module;
        std::string_view package;
    };
    constexpr std::array<Known, 8> kKnown{{{"PIL", "Pillow"},
                                           {"cv2", "opencv-python"},
                                           {"skimage", "scikit-image"},
                                           {"sklearn", "scikit-learn"},
                                           {"yaml", "PyYAML"},
                                           {"bs4", "beautifulsoup4"},
                                           {"Crypto", "pycryptodome"},
                                           {"dotenv", "python-dotenv"}}};
    for (const Known& known : kKnown) {
        if (known.module == module) {
            return std::string(known.package);
        }
    }
    const bool plain = !module.empty() && module.size() <= bounds::kPackageNameBytes && module.front() != '-' &&
                       module.front() != '.' && std::all_of(module.begin(), module.end(), [](char c) {
                           return is_alphanumeric(c) || c == '_' || c == '-' || c == '.';
                       });
    return plain ? std::string(module) : std::string();
}

}  // namespace banana
