#include "load_failure.hpp"

#include "banana/bounds.hpp"
#include "comfyui_places.hpp"
#include "comfyui_process.hpp"
#include "install_finder.hpp"
#include "platform.hpp"
#include "python_packages.hpp"
#include "redaction.hpp"
#include "run_context.hpp"
#include "shell_command.hpp"
#include "text.hpp"

#include <filesystem>
#include <string>

namespace banana {
namespace {

namespace fs = std::filesystem;

class LoadFailureText {
public:
    LoadFailureText(const RunContext& context, const LogScan& scan, const std::string& source)
        : context_(context), scan_(scan), source_(source) {}

    Finding finding() const {
        const LoadError& error = *scan_.load_error;
        Finding finding(Cause::route_load_failed);
        const std::string_view exception = error.exception.empty() ? error.line.text : error.exception;
        finding.args["exception"] = context_.redactor.scrub(exception);
        finding.args["log"] = source_;
        finding.args["module"] = error.module;
        const std::string package = package_of_module(error.module);
        switch (error.kind) {
            case LoadFailure::package_missing:
                if (!package.empty()) {
                    finding.args["variant"] = "package";
                    finding.args["package"] = package;
                    add_pip_command(package, "package", finding);
                }
                break;
            case LoadFailure::package_version:
                if (!package.empty()) {
                    finding.args["variant"] = "package-version";
                    finding.args["package"] = package;
                    // The one module of them that a newer version has dropped.
                    const bool dropped = error.module == "moviepy.editor";
                    add_pip_command(dropped ? "\"moviepy<2\"" : "--upgrade " + package, "package", finding);
                }
                break;
            case LoadFailure::comfyui_module: finding.args["variant"] = "comfyui-module"; break;
            case LoadFailure::python_module: finding.args["variant"] = "python-module"; break;
            case LoadFailure::own_module_missing: finding.args["variant"] = "own-module"; break;
            case LoadFailure::foreign_module: describe_foreign_module(error, finding); break;
            case LoadFailure::binary_unusable: finding.args["variant"] = "binary"; break;
            case LoadFailure::library_unusable: describe_library(error, finding); break;
            case LoadFailure::other: break;
        }
        return finding;
    }

private:
    // ComfyUI's own Python: as the log names it, as its process was started, else the one that lies beside the install.
    [[nodiscard]] std::string python() const {
        const bool is_path = scan_.python.find_first_of("/\\") != std::string::npos;
        if (is_path) {
            return scan_.python;
        }
        if (std::string seen = python_of_process(context_); !seen.empty()) {
            return seen;
        }
        if (context_.found.install && !context_.found.install->comfyui_dir.empty()) {
            if (const std::optional<fs::path> own = python_of(context_.found.install->comfyui_dir)) {
                return path_text(*own);
            }
        }
        return scan_.python;
    }

    // The command, and how to come to the Python that it names.
    void add_pip_command(const std::string& package, std::string_view variant, Finding& finding) const {
        const std::string interpreter = python();
        const bool is_path = interpreter.find_first_of("/\\") != std::string::npos;
        const bool embedded = !is_path && context_.found.server && context_.found.server->embedded_python;
        const std::string own = embedded ? "python_embeded\\python.exe" : interpreter;
        const std::string command = pip_command(own, package, platform::kShell);
        finding.args["command"] = command;
        finding.args["fix_variant"] = variant;
        if (embedded) {
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

    // The exception's own words tell which of the remedies fits.
    void describe_library(const LoadError& error, Finding& finding) const {
        const std::string_view words = error.exception;
        finding.args["variant"] = "library";
        if (is_about_numpy(words)) {
            // That NumPy 2 is too new, only the log itself may say: the same words stand for one that is too old.
            const bool is_too_new = scan_.numpy_1_module || words.find("_ARRAY_API") != std::string_view::npos ||
                                    words.find("NumPy 2") != std::string_view::npos;
            if (is_too_new) {
                add_pip_command("\"numpy<2\"", "numpy", finding);
            } else {
                finding.args["fix_variant"] = "library-unnamed";
            }
            return;
        }
        const BrokenLibrary broken = broken_library_of(words);
        if (!broken.system_library.empty()) {
            finding.args["fix_variant"] = broken.debian_package.empty() ? "library-system" : "library-debian";
            finding.args["library"] = broken.system_library;
            finding.args["package"] = broken.debian_package;
            return;
        }
        const bool windows = words.find("DLL load failed") != std::string_view::npos;
        const std::string again = "--force-reinstall --no-deps ";
        if (broken.pip_package.empty()) {
            finding.args["fix_variant"] = windows ? "library-windows-unnamed" : "library-unnamed";
            return;
        }
        finding.args["package"] = broken.pip_package;
        add_pip_command(again + broken.pip_package, windows ? "library-windows" : "library", finding);
    }

    // Another node's module, or an old binary beside the plugin's own source, which Python prefers.
    void describe_foreign_module(const LoadError& error, Finding& finding) const {
        const fs::path stale = stale_binary(error);
        if (stale.empty()) {
            finding.args["variant"] = "foreign-module";
            return;
        }
        finding.args["variant"] = "stale-binary";
        finding.args["file"] = sanitize(path_text(stale));
        finding.args["command"] = move_command(stale, fs::path(stale) += ".disabled", platform::kShell);
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
