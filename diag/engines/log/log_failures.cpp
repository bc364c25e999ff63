#include "log_failures.hpp"

#include "banana/bounds.hpp"
#include "plugin_imports.hpp"
#include "python_packages.hpp"
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

// The module that "DLL load failed while importing X: …" names.
std::string_view binary_of_windows(std::string_view exception) {
    constexpr std::string_view kWindows = "DLL load failed while importing ";
    const std::size_t at = exception.find(kWindows);
    if (at == std::string_view::npos) {
        return {};
    }
    const std::string_view rest = exception.substr(at + kWindows.size());
    return rest.substr(0, rest.find_first_of(": "));
}

// The folder that follows "site-packages" in a path: the package's.
std::string_view folder_in_packages(std::string_view exception) {
    for (const std::string_view mark : {std::string_view("site-packages"), std::string_view("dist-packages")}) {
        const std::size_t at = exception.find(mark);
        if (at == std::string_view::npos || at + mark.size() + 1 >= exception.size()) {
            continue;
        }
        const std::string_view rest = exception.substr(at + mark.size() + 1);
        return rest.substr(0, rest.find_first_of("/\\.: "));
    }
    return {};
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
    constexpr std::array<std::string_view, 2> kPackageFolders{"site-packages", "dist-packages"};
    if (const std::string_view binary = binary_of_windows(exception); !binary.empty()) {
        return binary.starts_with("_") || !package_of_binary(binary).empty();
    }
    const bool of_system = exception.starts_with("lib") && !exception.starts_with("libpython") &&
                           has(exception, "cannot open shared object");
    return of_system || has_any(exception, kPackageFolders) || is_about_numpy(exception);
}

LoadFailure kind_of_missing(std::string_view module) {
    const std::string_view top = module.substr(0, module.find('.'));
    if (is_own_module(top)) {
        return LoadFailure::own_module_missing;
    }
    if (is_comfyuis_module(top)) {
        return LoadFailure::comfyui_module;
    }
    if (is_pythons_module(top)) {
        return LoadFailure::python_module;
    }
    // Python looks for the package first: where that is missing it names it alone. But google is shared by many.
    return top.size() == module.size() || top == "google" ? LoadFailure::package_missing : LoadFailure::package_version;
}

// "cannot import name logger", as a compiled module says it: without quotes or path.
std::string_view bare_name_not_found(std::string_view exception) {
    constexpr std::string_view kMark = "cannot import name ";
    const std::size_t at = exception.find(kMark);
    if (at == std::string_view::npos || has(exception, " from ")) {
        return {};
    }
    const std::string_view name = trim_ascii(exception.substr(at + kMark.size()));
    return is_own_module(name) ? name : std::string_view();
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
        error.kind = kind_of_missing(module);
        if (error.kind == LoadFailure::own_module_missing) {
            module = module.substr(0, module.find('.'));
        }
        error.module = sanitize(module, Lines::single, bounds::kLogModuleTextBytes);
        return error;
    }
    module = quoted_after(exception, "' from ");
    if (module == "google") {
        // The folder that many packages share is there, the wanted package is not.
        error.module = "google." + sanitize(quoted_after(exception, "cannot import name "), Lines::single,
                                            bounds::kLogModuleTextBytes);
        error.kind = LoadFailure::package_missing;
        return error;
    }
    if (module.empty()) {
        module = bare_name_not_found(exception);
    }
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

bool is_about_numpy(std::string_view exception) {
    constexpr std::array<std::string_view, 4> kMarks{"multiarray failed to import", "_ARRAY_API not found",
                                                     "numpy.dtype size changed", "removed in the NumPy 2.0"};
    return has_any(exception, kMarks);
}

BrokenLibrary broken_library_of(std::string_view exception) {
    BrokenLibrary broken;
    const std::string_view binary = binary_of_windows(exception);
    const std::string_view folder = folder_in_packages(exception);
    if (!binary.empty()) {
        broken.pip_package = package_of_binary(binary);
    } else if (!folder.empty()) {
        broken.pip_package = package_of_module(folder);
    }
    const bool lacks_file = exception.starts_with("lib") && has(exception, "cannot open shared object");
    if (!lacks_file) {
        return broken;
    }
    const std::string_view file = exception.substr(0, exception.find(':'));
    broken.system_library = sanitize(file, Lines::single, bounds::kLogModuleTextBytes);
    constexpr std::array<NamedPackage, 12> kDebian{{{"libGL.so.1", "libgl1"},
                                                    {"libgthread-2.0.so.0", "libglib2.0-0"},
                                                    {"libglib-2.0.so.0", "libglib2.0-0"},
                                                    {"libSM.so.6", "libsm6"},
                                                    {"libICE.so.6", "libice6"},
                                                    {"libX11.so.6", "libx11-6"},
                                                    {"libXext.so.6", "libxext6"},
                                                    {"libXrender.so.1", "libxrender1"},
                                                    {"libxcb.so.1", "libxcb1"},
                                                    {"libEGL.so.1", "libegl1"},
                                                    {"libgomp.so.1", "libgomp1"},
                                                    {"libsndfile.so.1", "libsndfile1"}}};
    const auto known =
        std::find_if(kDebian.begin(), kDebian.end(), [&](const NamedPackage& entry) { return entry.module == file; });
    broken.debian_package = known != kDebian.end() ? known->package : std::string_view();
    return broken;
}

}  // namespace banana
