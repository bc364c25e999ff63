#include "log_failures.hpp"

#include "banana/bounds.hpp"
#include "plugin_imports.hpp"
#include "python_packages.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>

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
        // A path within a text may have its backslashes doubled.
        std::string_view rest = exception.substr(at + mark.size());
        rest.remove_prefix(std::min(rest.find_first_not_of("/\\"), rest.size()));
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

bool is_about_numpy(std::string_view exception) {
    return numpy_trouble(exception) != NumpyTrouble::none;
}

// Whether what cannot be loaded belongs to a package of that Python, or to the system: by where it lies, by the names
// that packages give their binaries (_imaging, cv2), or as a library that a package asks the system for (libGL.so.1).
// libpython is what a plugin's module for another Python asks for.
bool is_foreign_library(std::string_view exception) {
    constexpr auto kPackageFolders = std::to_array<std::string_view>({"site-packages", "dist-packages"});
    if (const std::string_view binary = binary_of_windows(exception); !binary.empty()) {
        return binary.starts_with("_") || !package_of_binary(binary).empty() || has_any(exception, kPackageFolders);
    }
    const bool of_system = exception.starts_with("lib") && !exception.starts_with("libpython") &&
                           has(exception, "cannot open shared object");
    return of_system || has_any(exception, kPackageFolders) || is_about_numpy(exception);
}

// `module`: with dots. `is_no_package`: the exception says that what was found under its first name is a mere file.
void judge_missing(std::string_view module, bool is_no_package, LoadError& error) {
    const std::string_view top = module.substr(0, module.find('.'));
    const bool dotted = top.size() < module.size();
    const PythonPart part = python_part(top);
    if (is_own_module(top) || top.starts_with("banana_")) {
        error.kind = is_no_package ? LoadFailure::foreign_module : LoadFailure::own_module_missing;
        module = top;
    } else if (is_no_package) {
        error.kind = LoadFailure::shadowed;
        module = top;
    } else if (const ComfyuiName name = comfyui_name(top); name != ComfyuiName::no) {
        error.kind = LoadFailure::comfyui_module;
        error.inferred = name == ComfyuiName::common;
    } else if (part != PythonPart::no) {
        error.kind = part == PythonPart::removed        ? LoadFailure::python_removed
                     : part == PythonPart::other_system ? LoadFailure::other_system
                                                        : LoadFailure::python_module;
    } else if (!package_of_binary(top).empty()) {
        error.kind = LoadFailure::package_missing;
    } else if (top.starts_with("_")) {
        error.kind = LoadFailure::library_unusable;  // some package's inner part
        error.inferred = true;
    } else if (top == "custom_nodes") {
        error.kind = LoadFailure::other;
    } else if (dotted && top != "google") {
        // Python looks for the package first: where that is missing it names it alone. But google is shared by many.
        error.kind = LoadFailure::package_version;
        error.inferred = requirement_of(module).empty();
    } else {
        error.kind = LoadFailure::package_missing;
        error.inferred = !is_known_package_of(module);
    }
    error.module = sanitize(module, Lines::single, bounds::kLogModuleTextBytes);
}

// "cannot import name 'x' from partially initialized module 'y' (most likely due to a circular import) (/z/y.py)": a
// file that is named like what it imports, or a package that is broken. False: the words are others.
bool judge_half_imported(std::string_view exception, LoadError& error) {
    const std::string_view module = quoted_after(exception, "partially initialized module ");
    if (module.empty()) {
        return false;
    }
    const std::string_view top = module.substr(0, module.find('.'));
    const std::string_view file = in_last_brackets(exception);
    const bool in_packages = has(file, "site-packages") || has(file, "dist-packages");
    const bool is_known = file.find_first_of("/\\") != std::string_view::npos;
    error.kind = in_packages          ? LoadFailure::library_unusable
                 : is_own_module(top) ? LoadFailure::foreign_module
                                      : LoadFailure::shadowed;
    error.inferred = !is_known;
    error.module = sanitize(top, Lines::single, bounds::kLogModuleTextBytes);
    error.module_file = is_known ? sanitize(file, Lines::single, bounds::kLogShownLineBytes) : std::string();
    return true;
}

// "cannot import name 'x' from 'y' (/z/y.py)", of a y that is none of the plugin's own. False: says nothing known.
bool judge_missing_name(std::string_view exception, std::string_view module, LoadError& error) {
    const std::string_view top = module.substr(0, module.find('.'));
    const std::string_view name = quoted_after(exception, "cannot import name ");
    const std::string_view file = in_last_brackets(exception);
    const ComfyuiName comfyui = comfyui_name(top);
    if (module.empty() || name.empty()) {
        return false;
    }
    if (comfyui == ComfyuiName::common && has(file, "custom_nodes")) {
        error.kind = LoadFailure::shadowed;
        error.module = sanitize(top, Lines::single, bounds::kLogModuleTextBytes);
        error.module_file = sanitize(file, Lines::single, bounds::kLogShownLineBytes);
        return true;
    }
    const bool in_packages = has(file, "site-packages") || has(file, "dist-packages");
    if (comfyui == ComfyuiName::no && !in_packages) {
        return false;
    }
    error.kind = comfyui == ComfyuiName::no ? LoadFailure::package_version : LoadFailure::comfyui_module;
    error.inferred = comfyui != ComfyuiName::own;
    error.module = sanitize(std::string(module) + "." + std::string(name), Lines::single, bounds::kLogModuleTextBytes);
    return true;
}

// "invalid syntax (Gemini_Imagen_Generator.py, line 12)": a SyntaxError or one of its kinds, as str() writes it.
bool judge_source(std::string_view exception, LoadError& error) {
    constexpr std::string_view kLine = ", line ";
    const std::string_view place = in_last_brackets(exception);
    const std::size_t at = place.rfind(kLine);
    if (at == std::string_view::npos) {
        return false;
    }
    const std::string_view file = place.substr(0, at);
    const std::string_view digits = place.substr(at + kLine.size());
    const char* const end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, error.source_line);
    // Python writes the name without its folder: with one it is something else, and no file to be looked into.
    const bool is_name = file.ends_with(".py") && file.find_first_of("/\\:") == std::string_view::npos;
    if (read.ec != std::errc() || read.ptr != end || error.source_line < 1 || !is_name) {
        error.source_line = 0;
        return false;
    }
    error.kind = LoadFailure::source_broken;
    error.module_file = sanitize(file, Lines::single, bounds::kLogShownLineBytes);
    return true;
}

// What the system refused, by its own numbers: the words after them are in the system's language.
bool judge_refusal(std::string_view exception, LoadError& error) {
    constexpr auto kDenied = std::to_array<std::string_view>({"[Errno 13]", "[WinError 5]"});
    constexpr auto kFull = std::to_array<std::string_view>({"[Errno 28]", "[WinError 112]"});
    if (!has_any(exception, kDenied) && !has_any(exception, kFull)) {
        return false;
    }
    error.kind = has_any(exception, kDenied) ? LoadFailure::no_permission : LoadFailure::disk_full;
    error.module_file = sanitize(quoted_after(exception, ": "), Lines::single, bounds::kLogShownLineBytes);
    return true;
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

// "/lib/x86_64-linux-gnu/libstdc++.so.6: version `GLIBCXX_3.4.30' not found (required by …)": the file that is too old.
std::string_view outdated_runtime(std::string_view exception) {
    const std::size_t at = exception.find(": version `");
    if (at == std::string_view::npos || !has(exception, "' not found")) {
        return {};
    }
    const std::string_view before = exception.substr(0, at);
    const std::size_t blank = before.find_last_of(" \"'");
    return before.substr(blank == std::string_view::npos ? 0 : blank + 1);
}

bool is_library_of_card(std::string_view file) {
    constexpr auto kBeginnings = std::to_array<std::string_view>(
        {"libcuda", "libcud", "libcublas", "libcufft", "libcurand", "libcusolver", "libcusparse", "libnv", "libnccl",
         "libcupti", "libtorch", "libc10", "libamdhip", "libhip", "librocm", "libroc", "libMIOpen", "libtensorrt"});
    return std::any_of(kBeginnings.begin(), kBeginnings.end(),
                       [&](std::string_view start) { return file.starts_with(start); });
}

}  // namespace

LoadError load_error_of(LogLine line, std::string_view exception) {
    LoadError error;
    error.line = std::move(line);
    error.exception = sanitize(exception, Lines::single, bounds::kLogShownLineBytes);
    constexpr auto kBinaryMarks = std::to_array<std::string_view>(
        {"DLL load failed", "Error loading \"", "invalid ELF header", "file too short", "cannot read file data",
         "wrong ELF class", "ELF load command", "cannot open shared object", "is not a valid Win32 application",
         "undefined symbol", "symbol not found", "Library not loaded", "mach-o", "GLIBC_", "GLIBCXX_", "CXXABI_",
         "Python version mismatch", "failed to map segment"});
    if (has_any(exception, kBinaryMarks)) {
        const std::string_view windows = binary_of_windows(exception);
        if (!windows.empty() && python_part(windows) != PythonPart::no) {
            error.kind = LoadFailure::python_module;
            error.module = sanitize(windows, Lines::single, bounds::kLogModuleTextBytes);
            return error;
        }
        const bool foreign = is_foreign_library(exception) || !outdated_runtime(exception).empty();
        error.kind = foreign ? LoadFailure::library_unusable : LoadFailure::binary_unusable;
        return error;
    }
    if (judge_source(exception, error) || judge_refusal(exception, error)) {
        return error;
    }
    if (has(exception, " codec can't decode byte")) {
        error.kind = LoadFailure::text_encoding;
        error.module =
            sanitize(exception.substr(0, exception.find(" codec")), Lines::single, bounds::kLogModuleTextBytes);
        return error;
    }
    std::string_view module = quoted_after(exception, "No module named ");
    if (!module.empty()) {
        judge_missing(module, has(exception, "is not a package"), error);
        return error;
    }
    if (judge_half_imported(exception, error)) {
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
    if (!is_own_module(module) && judge_missing_name(exception, module, error)) {
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
    static constexpr std::array<std::string_view, 4> kOwnMarks{"\\U0001f34c", "\\u2764", "\\u2705", "\\u274c"};
    if (exception.starts_with("UnicodeEncodeError") && has_any(exception, kOwnMarks)) {
        return FatalKind::console_encoding;
    }
    static constexpr std::array<std::string_view, 7> kPortMarks{"address already in use",
                                                                "[Errno 98]",
                                                                "is already in use on",
                                                                "[Errno 10048]",
                                                                "[WinError 10048]",
                                                                "while attempting to bind",
                                                                "only one usage of each socket"};
    return has_any(exception, kPortMarks) ? FatalKind::port_in_use : FatalKind::other;
}

NumpyTrouble numpy_trouble(std::string_view exception) {
    if (has(exception, "removed in the NumPy 2")) {
        return NumpyTrouble::old_name;
    }
    if (has(exception, "_ARRAY_API not found") || has(exception, "compiled using NumPy 1.x")) {
        return NumpyTrouble::too_new;
    }
    // The sizes of one structure in NumPy 1 and 2.
    constexpr std::string_view kOne = "88";
    constexpr std::string_view kTwo = "96";
    if (has(exception, "numpy.dtype size changed")) {
        const auto sizes = [&](std::string_view built, std::string_view met) {
            return has(exception, "Expected " + std::string(built)) && has(exception, "got " + std::string(met));
        };
        return sizes(kOne, kTwo)   ? NumpyTrouble::too_new
               : sizes(kTwo, kOne) ? NumpyTrouble::too_old
                                   : NumpyTrouble::other;
    }
    return has(exception, "multiarray failed to import") ? NumpyTrouble::other : NumpyTrouble::none;
}

BrokenLibrary broken_library_of(std::string_view exception) {
    BrokenLibrary broken;
    constexpr auto kNoMemory =
        std::to_array<std::string_view>({"[WinError 1455]", "paging file is too small", "页面文件太小"});
    broken.lacks_memory = has_any(exception, kNoMemory);
    broken.runtime_library = sanitize(outdated_runtime(exception), Lines::single, bounds::kLogShownLineBytes);
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
    broken.of_card = is_library_of_card(file);
    static constexpr std::array<NamedPackage, 12> kDebian{{{"libGL.so.1", "libgl1"},
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
