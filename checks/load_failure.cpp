#include "load_failure.hpp"

#include "banana/bounds.hpp"
#include "banana/cause.hpp"
#include "bounded_file.hpp"
#include "comfyui_places.hpp"
#include "comfyui_process.hpp"
#include "install_finder.hpp"
#include "installed_packages.hpp"
#include "line_range.hpp"
#include "platform.hpp"
#include "python_packages.hpp"
#include "redaction.hpp"
#include "run_context.hpp"
#include "shell_command.hpp"
#include "text.hpp"
#include "web_folder.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace banana {
namespace {

namespace fs = std::filesystem;

// The sentence that quotes it has its own.
std::string_view without_full_stop(std::string_view text) {
    for (const std::string_view stop : {std::string_view("."), std::string_view("。")}) {
        if (text.ends_with(stop)) {
            text.remove_suffix(stop.size());
        }
    }
    return text;
}

// Words of Windows about a library that could not be loaded, Python's or PyTorch's.
bool is_of_windows_loader(std::string_view words) {
    constexpr auto kMarks = std::to_array<std::string_view>({"DLL load failed", "[WinError 126]", "[WinError 127]"});
    return has_any(words, kMarks);
}

// Not scrubbed; empty where the file has fewer lines.
std::string line_of(const fs::path& file, int number) {
    const BoundedFile content = read_bounded(file);
    int line = 0;
    for (const std::string_view text : LineRange(content.bytes)) {
        if (++line == number) {
            return sanitize(trim_ascii(text), Lines::single, bounds::kLogShownLineBytes);
        }
    }
    return {};
}

class LoadFailureText {
public:
    LoadFailureText(const RunContext& context, const LogScan& scan, const std::string& source)
        : context_(context), scan_(scan), source_(source) {}

    [[nodiscard]] Finding finding() const {
        const LoadError& error = *scan_.load_error;
        Finding finding(Cause::route_load_failed);
        const std::string_view exception = error.exception.empty() ? error.line.text : error.exception;
        finding.args["exception"] = context_.redactor.scrub(without_full_stop(exception));
        finding.args["log"] = source_;
        finding.args["module"] = error.module;
        finding.inferred = error.inferred;
        switch (error.kind) {
            case LoadFailure::package_missing: describe_missing_package(error, finding); break;
            case LoadFailure::package_version: describe_wrong_version(error, finding); break;
            case LoadFailure::comfyui_module: finding.args["variant"] = "comfyui-module"; break;
            case LoadFailure::python_module: finding.args["variant"] = "python-module"; break;
            case LoadFailure::python_removed: finding.args["variant"] = "python-removed"; break;
            case LoadFailure::other_system: finding.args["variant"] = "other-system"; break;
            case LoadFailure::own_module_missing:
                finding.args["variant"] = is_there_now(error.module) ? "own-module-there" : "own-module";
                break;
            case LoadFailure::foreign_module: describe_foreign_module(error, finding); break;
            case LoadFailure::shadowed: finding.args["variant"] = "shadowed"; break;
            case LoadFailure::binary_unusable: describe_binary(error, finding); break;
            case LoadFailure::library_unusable: describe_library(error, finding); break;
            case LoadFailure::source_broken: describe_source(error, finding); break;
            case LoadFailure::no_permission:
                describe_refusal(error, {"permission", "permission-unnamed"}, finding);
                break;
            case LoadFailure::disk_full: describe_refusal(error, {"disk-full", "disk-full-unnamed"}, finding); break;
            case LoadFailure::text_encoding: describe_encoding(error, finding); break;
            case LoadFailure::no_exports: finding.args["variant"] = "no-exports"; break;
            case LoadFailure::other: break;
        }
        return finding;
    }

private:
    // ComfyUI's own Python: as the log names it, as its process was started, else the one that lies beside the install.
    [[nodiscard]] ProcessPython python() const {
        const std::optional<ProcessPython> seen = python_of_process(context_);
        const bool is_path = scan_.python.find_first_of("/\\") != std::string::npos;
        if (is_path && seen) {
            return {scan_.python, seen->is_elsewhere ? seen->seen_at : path_from_utf8(scan_.python),
                    seen->is_elsewhere};
        }
        if (is_path) {
            // A log that was written in a container names a file of its own.
            const fs::path named = path_from_utf8(scan_.python);
            return {scan_.python, lies_beside_install(named) ? named : fs::path(), false};
        }
        if (seen) {
            return *seen;
        }
        if (context_.found.install && !context_.found.install->comfyui_dir.empty()) {
            if (const std::optional<fs::path> own = python_of(context_.found.install->comfyui_dir)) {
                return {path_text(*own), *own, false};
            }
        }
        return {scan_.python, {}, false};
    }

    // In ComfyUI's folder, or beside it as in a portable package.
    [[nodiscard]] bool lies_beside_install(const fs::path& file) const {
        const fs::path root = context_.found.install ? context_.found.install->comfyui_dir.parent_path() : fs::path();
        const fs::path behind = root.empty() ? fs::path() : file.lexically_normal().lexically_relative(root);
        return stays_within(behind);
    }

    // The command, and how to come to the Python that it names.
    void add_pip_command(const std::string& package, std::string_view variant, Finding& finding) const {
        const ProcessPython interpreter = python();
        const bool is_path = interpreter.path.find_first_of("/\\") != std::string::npos;
        const bool embedded = !is_path && context_.found.server && context_.found.server->embedded_python;
        const std::string own = embedded ? "python_embeded\\python.exe" : interpreter.path;
        const std::string command = pip_command(own, package, platform::kShell);
        finding.args["command"] = command;
        finding.args["fix_variant"] = variant;
        if (interpreter.is_elsewhere) {
            finding.args["python"] = "container";
        } else if (embedded) {
            finding.args["python"] = "portable";
        } else if (!is_path) {
            finding.args["python"] = runs_on_windows() ? "not-found-windows" : "not-found";
        } else {
            finding.args["python"] = command.starts_with('"') ? "quoted" : "found";
        }
    }

    [[nodiscard]] bool runs_on_windows() const {
        if (context_.found.server && !context_.found.server->os.empty()) {
            return context_.found.server->os == "nt" || context_.found.server->os == "win32";
        }
        return platform::kShell == Shell::windows;
    }

    // Of the packages that bring the same module, those that lie in that Python; of any other package, itself.
    [[nodiscard]] std::vector<InstalledPackage> installed_siblings(std::string_view package) const {
        const std::array<std::string_view, 1> alone{package};
        const std::span<const std::string_view> siblings = siblings_of(package);
        return installed_of(python().seen_at, siblings.empty() ? std::span<const std::string_view>(alone) : siblings);
    }

    void describe_missing_package(const LoadError& error, Finding& finding) const {
        const std::string package = package_of_module(error.module);
        if (package.empty()) {
            return;
        }
        finding.args["variant"] = error.inferred ? "package-guessed" : "package";
        finding.args["package"] = package;
        if (is_built_for_card(package)) {
            finding.args["fix_variant"] = "card-package";
            return;
        }
        // A package of a name that is only supposed may be anybody's.
        if (error.inferred) {
            finding.args["fix_variant"] = "package-guessed";
            return;
        }
        const std::string_view requirement = requirement_of(error.module);
        if (!requirement.empty() || siblings_of(package).empty()) {
            add_pip_command(requirement.empty() ? package : std::string(requirement), "package", finding);
            return;
        }
        // One of them is there and broken: a second one would be written over it.
        if (!reinstall(package, "library", finding)) {
            add_pip_command(package, "package", finding);
        }
    }

    // Which version has it cannot be told from the name: only of some that newer ones have dropped.
    void describe_wrong_version(const LoadError& error, Finding& finding) const {
        const std::string package = package_of_module(error.module);
        if (package.empty()) {
            return;
        }
        finding.args["variant"] = "package-version";
        finding.args["package"] = package;
        const std::string_view requirement = requirement_of(error.module);
        if (is_built_for_card(package)) {
            finding.args["fix_variant"] = "card-package";
        } else if (requirement.empty()) {
            finding.args["fix_variant"] = "version-unknown";
        } else {
            add_pip_command(std::string(requirement), "package", finding);
        }
    }

    // Installs the very package and version again that are there. False: none of them is seen there.
    bool reinstall(const std::string& package, std::string_view variant, Finding& finding) const {
        const std::vector<InstalledPackage> installed = installed_siblings(package);
        if (installed.empty()) {
            return false;
        }
        std::vector<std::string> names;
        for (const InstalledPackage& entry : installed) {
            if (std::find(names.begin(), names.end(), entry.name) == names.end()) {
                names.push_back(entry.name);
            }
        }
        if (names.size() > 1) {
            finding.args["package"] = joined_with_commas(names);
            finding.args["fix_variant"] = "library-several";
            return true;
        }
        const InstalledPackage& only = installed.front();
        const bool is_own_build = only.version.find('+') != std::string::npos;
        finding.args["package"] = only.name;
        if (is_own_build) {
            const bool for_card = is_built_for_card(only.name) || only.name.starts_with("onnxruntime");
            finding.args["fix_variant"] = for_card ? "card-package" : "library-choice";
            return true;
        }
        // Of two versions, as a broken upgrade leaves them, nobody knows which one is meant.
        const bool is_one = installed.size() == 1 && !only.version.empty();
        const std::string pinned = is_one ? only.name + "==" + only.version : only.name;
        add_pip_command("--force-reinstall --no-deps " + pinned, variant, finding);
        return true;
    }

    // Another copy of a file helps where the file is the fault.
    static void describe_binary(const LoadError& error, Finding& finding) {
        finding.args["variant"] = "binary";
        if (error.exception.find("failed to map segment") != std::string::npos) {
            finding.args["variant"] = "no-exec";
        } else if (error.exception.find("Python version mismatch") != std::string::npos) {
            finding.args["variant"] = "other-python";
        } else if (is_of_windows_loader(error.exception)) {
            finding.args["fix_variant"] = "binary-windows";
        }
    }

    void describe_numpy(NumpyTrouble trouble, Finding& finding) const {
        // That NumPy 2 is too new, only the log itself may say: the same words stand for one that is too old.
        if (trouble == NumpyTrouble::other && scan_.numpy_1_module) {
            trouble = NumpyTrouble::too_new;
        }
        if (trouble == NumpyTrouble::old_name) {
            finding.args.erase("variant");  // the plugin's own source may use the name
        }
        constexpr std::string_view kBelowTwo = "\"numpy<2\"";
        switch (trouble) {
            case NumpyTrouble::too_new:
            case NumpyTrouble::old_name:
                if (lacks_numpy_1()) {
                    finding.args["fix_variant"] = "numpy-only-2";
                } else {
                    add_pip_command(std::string(kBelowTwo), trouble == NumpyTrouble::old_name ? "numpy-name" : "numpy",
                                    finding);
                }
                break;
            case NumpyTrouble::too_old: finding.args["fix_variant"] = "numpy-too-old"; break;
            case NumpyTrouble::other:
            case NumpyTrouble::none: finding.args["fix_variant"] = "numpy-unclear"; break;
        }
    }

    // NumPy 1 is there for Pythons up to 3.12.
    [[nodiscard]] bool lacks_numpy_1() const {
        constexpr int kLastMinor = 12;
        const std::string_view version =
            context_.found.server ? std::string_view(context_.found.server->python_version) : std::string_view();
        int minor = 0;
        if (version.starts_with("3.")) {
            const std::string_view digits = version.substr(2);
            std::from_chars(digits.data(), digits.data() + digits.size(), minor);
        } else if (const fs::path own = python().seen_at; !own.empty()) {
            minor = python_minor_of(own);
        }
        return minor > kLastMinor;
    }

    // The exception's own words tell which of the remedies fits.
    void describe_library(const LoadError& error, Finding& finding) const {
        const std::string_view words = error.exception;
        finding.args["variant"] = "library";
        if (const NumpyTrouble trouble = numpy_trouble(words); trouble != NumpyTrouble::none) {
            describe_numpy(trouble, finding);
            return;
        }
        const BrokenLibrary broken = broken_library_of(words);
        if (broken.lacks_memory) {
            finding.args["variant"] = "memory";
            finding.args["fix_variant"] = "library-memory";
            return;
        }
        if (!broken.runtime_library.empty()) {
            finding.args["variant"] = "runtime";  // the file that needs a newer one may be the plugin's
            finding.args["fix_variant"] = "library-runtime";
            finding.args["library"] = broken.runtime_library;
            return;
        }
        if (!broken.system_library.empty()) {
            finding.args["fix_variant"] = broken.of_card                  ? "library-card"
                                          : broken.debian_package.empty() ? "library-system"
                                                                          : "library-debian";
            finding.args["library"] = broken.system_library;
            finding.args["package"] = broken.debian_package;
            return;
        }
        const bool windows = is_of_windows_loader(words);
        const std::string& package = broken.pip_package;
        if (package.empty()) {
            finding.args["fix_variant"] = windows ? "library-windows-unnamed" : "library-unnamed";
            return;
        }
        finding.args["package"] = package;
        const std::string_view variant = windows ? "library-windows" : "library";
        if (is_built_for_card(package)) {
            finding.args["fix_variant"] = windows ? "library-windows-card" : "card-package";
        } else if (!reinstall(package, variant, finding)) {
            const bool needs_choice = !siblings_of(package).empty();
            if (needs_choice) {
                std::vector<std::string> names(siblings_of(package).begin(), siblings_of(package).end());
                finding.args["package"] = joined_with_commas(names);
                finding.args["fix_variant"] = windows ? "library-windows-choice" : "library-choice";
            } else if (is_version_bound(package)) {
                finding.args["fix_variant"] = windows ? "library-windows-unnamed" : "library-unnamed";
            } else {
                add_pip_command("--force-reinstall --no-deps " + package, variant, finding);
            }
        }
    }

    // The exception names the file without its folder.
    void describe_source(const LoadError& error, Finding& finding) const {
        std::error_code none;
        const fs::path dir = context_.found.install ? context_.found.install->plugin_dir : fs::path();
        const fs::path file = dir / path_from_utf8(error.module_file);
        const bool is_own = !dir.empty() && fs::is_regular_file(file, none);
        finding.args["variant"] = "source";
        finding.args["fix_variant"] = is_own ? "source" : "source-elsewhere";
        finding.args["file"] = error.module_file;
        finding.args["line"] = error.source_line;
        if (is_own) {
            finding.evidence.emplace_back("source-line", context_.redactor.scrub(line_of(file, error.source_line)),
                                          error.module_file, error.source_line);
        }
    }

    // The variants' names: where the exception names the file, and where it does not.
    struct RefusalVariants {
        std::string_view named;
        std::string_view unnamed;
    };

    void describe_refusal(const LoadError& error, const RefusalVariants& variants, Finding& finding) const {
        if (!error.module_file.empty()) {
            finding.args["variant"] = variants.named;
            finding.args["file"] = context_.redactor.scrub(error.module_file);
        } else {
            finding.args["variant"] = variants.unnamed;
        }
    }

    // What Windows' Python takes for the encoding of a text that names none, or UTF-8.
    void describe_encoding(const LoadError& error, Finding& finding) const {
        finding.args["variant"] = "encoding";
        finding.args["fix_variant"] = error.module.find("utf") == std::string::npos ? "encoding-of-system" : "encoding";
    }

    // Another node's module, or an old binary beside the plugin's own source, which Python prefers.
    void describe_foreign_module(const LoadError& error, Finding& finding) const {
        const fs::path stale = stale_binary(error);
        if (stale.empty()) {
            // A half update, or files that import each other: nobody else has anything to do with it.
            if (!is_the_plugins(error.module_file)) {
                finding.args["variant"] = "foreign-module";
            }
            return;
        }
        finding.args["variant"] = "stale-binary";
        finding.args["file"] = sanitize(path_text(stale));
        finding.args["command"] = move_command(stale, fs::path(stale) += ".disabled", platform::kShell);
    }

    // As a source, or as a binary that this system loads: what is missing after all is told by install.plugin.
    [[nodiscard]] bool is_there_now(const std::string& module) const {
        const fs::path dir = context_.found.install ? context_.found.install->plugin_dir : fs::path();
        const std::vector<fs::path> entries =
            dir.empty() ? std::vector<fs::path>() : list_folder(dir, bounds::kPluginFolderEntries);
        return std::any_of(entries.begin(), entries.end(), [&](const fs::path& entry) {
            const std::string name = path_text(entry.filename());
            const bool is_module = name.ends_with(".py") || name.ends_with(".so") || name.ends_with(".pyd");
            return is_module && name.starts_with(module + ".");
        });
    }

    [[nodiscard]] bool is_the_plugins(std::string_view file) const {
        const std::string folder = context_.found.install ? context_.found.install->folder_name : std::string();
        return !folder.empty() && (has(file, "/" + folder + "/") || has(file, "\\" + folder + "\\"));
    }

    [[nodiscard]] fs::path stale_binary(const LoadError& error) const {
        const fs::path dir = context_.found.install ? context_.found.install->plugin_dir : fs::path();
        std::error_code none;
        if (dir.empty() || !fs::exists(dir / path_from_utf8(error.module + ".py"), none)) {
            return {};
        }
        for (const fs::path& entry : list_folder(dir, bounds::kPluginFolderEntries)) {
            const std::string name = path_text(entry.filename());
            const bool is_binary = name.ends_with(".so") || name.ends_with(".pyd");
            const bool is_meant = error.module_file.empty() || error.module_file.ends_with(name);
            if (is_binary && is_meant && name.starts_with(error.module + ".")) {
                return entry;
            }
        }
        return {};
    }

    const RunContext& context_;
    const LogScan& scan_;
    const std::string& source_;
};

}  // namespace

Finding load_failure(const RunContext& context, const LogScan& scan, const std::string& source) {
    return LoadFailureText(context, scan, source).finding();
}

}  // namespace banana
