#include "plugin_imports.hpp"

#include "banana/bounds.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace banana {
namespace {

// Modules that the families are made of (contract.md, families); their import names are global.
constexpr std::array<std::string_view, 7> kOwnModules{
    "Gemini_Imagen_Generator", "logger",      "config_manager", "api_client",
    "balance_service",         "image_codec", "task_runner"};

// `import a, b as c`, `from .a import b`, `from . import a`: the modules of the plugin's own folder.
std::vector<std::string> imported_modules(const PythonStatement& statement) {
    std::string_view text = trim_ascii(statement.bare);
    const bool from = text.starts_with("from ");
    if ((!from && !text.starts_with("import ")) || statement.parent >= 0 || statement.guarded) {
        return {};
    }
    text = trim_ascii(text.substr(from ? 5 : 7));
    const bool relative = from && text.starts_with(".");
    if (from) {
        const std::size_t end = text.find(" import ");
        const bool package_itself = relative && trim_ascii(text.substr(0, end)) == ".";
        text = package_itself && end != std::string_view::npos ? text.substr(end + 8) : text.substr(0, end);
    }
    std::vector<std::string> modules;
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        std::string_view name = trim_ascii(text.substr(0, comma));
        name.remove_prefix(std::min(name.find_first_not_of(".( "), name.size()));
        name = name.substr(0, name.find_first_of(" .)"));
        if (relative || is_own_module(name)) {
            modules.emplace_back(name);
        }
        text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    }
    std::erase_if(modules, [](const std::string& name) {
        return name.empty() || name == "*" || name.size() > bounds::kPythonModuleNameBytes;
    });
    return modules;
}

}  // namespace

bool is_own_module(std::string_view name) {
    return std::find(kOwnModules.begin(), kOwnModules.end(), name) != kOwnModules.end();
}

std::vector<std::string> required_modules(const std::vector<PythonFile>& files) {
    std::set<std::string> required;
    std::vector<std::string> open{"__init__", "Gemini_Imagen_Generator"};
    while (!open.empty()) {
        const std::string name = open.back() + ".py";
        open.pop_back();
        const auto file = std::find_if(files.begin(), files.end(), [&](const PythonFile& f) { return f.name == name; });
        if (file == files.end()) {
            continue;
        }
        for (const PythonStatement& statement : file->statements) {
            for (const std::string& module : imported_modules(statement)) {
                if (required.insert(module).second) {
                    open.push_back(module);
                }
            }
        }
    }
    return {required.begin(), required.end()};
}

}  // namespace banana
