#include "plugin_folder.hpp"

#include "banana/ascii.hpp"
#include "banana/bounds.hpp"
#include "bounded_file.hpp"
#include "comfyui_places.hpp"
#include "open_folder.hpp"
#include "plugin_source.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>

namespace banana {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kNodeModule = "Gemini_Imagen_Generator";
constexpr std::string_view kDisabledSuffix = ".disabled";  // case-sensitive, as the loader's
constexpr std::array<std::string_view, 4> kModulesOfV2{"config_manager", "api_client", "image_codec", "task_runner"};

fs::path balance_script(const fs::path& dir) {
    return dir / "web" / "extensions" / "token-balance.js";
}

bool is_file(const fs::path& path) {
    std::error_code error;
    return fs::is_regular_file(path, error);
}

enum class ModuleFile { other, source, binary };

struct ModuleName {
    std::string module;
    ModuleFile kind = ModuleFile::other;
};

// "balance_service.abi3.so" is a binary of the module balance_service.
ModuleName module_name(std::string_view file) {
    const std::string_view stem = file.substr(0, file.find('.'));
    if (file.ends_with(".py")) {
        return {std::string(file.substr(0, file.size() - 3)), ModuleFile::source};
    }
    const bool binary = file.ends_with(".so") || file.ends_with(".pyd");
    return {std::string(stem), binary ? ModuleFile::binary : ModuleFile::other};
}

// What the folder holds, by module.
struct Modules {
    std::map<std::string, std::vector<JudgedBinary>, std::less<>> binaries;
    std::set<std::string, std::less<>> sources;
    std::set<std::string, std::less<>> folders;
    std::set<std::string, std::less<>> loadable;  // those with a binary that the target's Python can load

    [[nodiscard]] bool has(std::string_view module) const {
        return sources.contains(module) || binaries.contains(module);
    }
};

std::size_t count_of(const Modules& modules, std::span<const std::string_view> names) {
    return static_cast<std::size_t>(
        std::count_if(names.begin(), names.end(), [&](std::string_view name) { return modules.has(name); }));
}

Modules list_modules(const fs::path& dir, const TargetPython& target) {
    Modules modules;
    for (const fs::path& entry : list_folder(dir, bounds::kPluginFolderEntries)) {
        const std::string file = path_text(entry.filename());
        ModuleName name = module_name(file);
        if (name.kind == ModuleFile::source) {
            modules.sources.insert(std::move(name.module));
        } else if (name.kind == ModuleFile::binary) {
            BinaryJudgement judgement = judge_binary(entry, target);
            if (judgement.fault == BinaryFault::none) {
                modules.loadable.insert(name.module);
            }
            modules.binaries[std::move(name.module)].push_back({sanitize(file), std::move(judgement)});
        } else if (file.find('.') == std::string::npos && is_folder(entry)) {
            modules.folders.insert(file);
        }
    }
    return modules;
}

// Python imports the binary where both are there and it can load it.
bool is_binary_node(const Modules& modules) {
    return modules.loadable.contains(kNodeModule) ||
           (modules.binaries.contains(kNodeModule) && !modules.sources.contains(kNodeModule));
}

Family family_of(const Modules& modules, const PluginSource& source, bool has_feature) {
    if (is_binary_node(modules) || modules.sources.contains("loader_bootstrap") ||
        modules.folders.contains("segment_nodes_li")) {
        return Family::v3;
    }
    if (modules.binaries.contains("balance_service") && !modules.sources.contains("balance_service")) {
        return Family::v3;
    }
    if (modules.sources.contains("balance_service") || count_of(modules, kModulesOfV2) >= 2) {
        return has_feature ? Family::v2 : Family::fork;
    }
    if (!has_feature) {
        return source.defines_node || modules.has(kNodeModule) ? Family::fork : Family::unknown;
    }
    return Family::v1;
}

std::vector<SourceFile> read_sources(const fs::path& dir, const Modules& modules, bool& readable) {
    std::vector<SourceFile> files;
    readable = !is_closed_folder(dir) && !is_closed_folder(dir / "web" / "extensions");
    const auto read = [&](const fs::path& path, std::string name) {
        BoundedFile file = read_bounded(path);
        readable = readable && file.problem != FileProblem::permission;
        if (!file.problem && files.size() < bounds::kPluginSourceFiles) {
            files.push_back({std::move(name), std::move(file.bytes)});
        }
    };
    // Source beside a binary that is imported instead says nothing.
    const auto counts = [&](std::string_view module) {
        return modules.sources.contains(module) && (module == "__init__" || !modules.loadable.contains(module));
    };
    for (const std::string_view first : {std::string_view("__init__"), kNodeModule}) {
        if (counts(first)) {
            read(dir / path_from_utf8(std::string(first) + ".py"), std::string(first) + ".py");
        }
    }
    read(balance_script(dir), "web/extensions/token-balance.js");
    for (const std::string& module : modules.sources) {
        if (module != "__init__" && module != kNodeModule && counts(module)) {
            read(dir / path_from_utf8(module + ".py"), module + ".py");
        }
    }
    for (const char* folder : {"web/extensions", "web", "js"}) {
        for (const fs::path& entry : list_folder(dir / folder, bounds::kPluginFolderEntries)) {
            const std::string name = path_text(entry.filename());
            if (name.ends_with(".js") && name != "token-balance.js") {
                read(entry, std::string(folder) + "/" + name);
            }
        }
    }
    return files;
}

// A file that is there, but from which nothing can be loaded, counts as missing.
void report_damaged_source(const std::string& module, PluginDescription& description) {
    const std::string file = module + ".py";
    BinaryJudgement judgement = judge_source(description.install.plugin_dir / path_from_utf8(file));
    if (judgement.fault != BinaryFault::none) {
        description.missing.push_back(sanitize(module));
        description.unusable.push_back({sanitize(file), std::move(judgement)});
    }
}

// Fills `missing`, `unusable` and `shadowed`.
void check_modules(const Modules& modules, const PluginSource& source, PluginDescription& description) {
    std::set<std::string, std::less<>> required{"__init__", std::string(kNodeModule)};
    required.insert(source.required_modules.begin(), source.required_modules.end());
    if (description.install.family == Family::v3) {
        for (const std::string_view name : kModulesOfV2) {
            required.emplace(name);
        }
        required.insert({"logger", "balance_service"});
    }
    for (const std::string& name : required) {
        const bool as_source = modules.sources.contains(name);
        const bool as_binary = modules.loadable.contains(name);
        if (as_source && as_binary) {
            description.shadowed.push_back(sanitize(name));
        }
        // ComfyUI reads __init__.py itself, as a file.
        const bool present = as_source || (name != "__init__" && (as_binary || modules.folders.contains(name)));
        if (present && as_source && !as_binary) {
            report_damaged_source(name, description);
        }
        if (present) {
            continue;
        }
        description.missing.push_back(sanitize(name));
        if (const auto binaries = modules.binaries.find(name); binaries != modules.binaries.end()) {
            const auto& files = binaries->second;
            description.unusable.insert(description.unusable.end(), files.begin(), files.end());
        }
    }
}

// Not one whose longer name begins alike.
bool defines_plugin_node(std::string_view source) {
    constexpr std::string_view kDefinition = "class BananaImageNode";
    for (std::size_t at = source.find(kDefinition); at != std::string_view::npos;
         at = source.find(kDefinition, at + 1)) {
        if (source.substr(at + kDefinition.size()).find_first_of("(: \t\\") == 0) {
            return true;
        }
    }
    return false;
}

// Whether a Python file of the folder defines the plugin's node, or names its route beside a page of its own:
// another node may have taken the route without being this plugin.
bool has_plugin_source(const fs::path& dir, std::size_t& budget) {
    std::size_t read = 0;
    const bool has_page = is_folder(dir / "web") || is_folder(dir / "js");
    for (const fs::path& entry : list_folder(dir, bounds::kOtherNodeEntries)) {
        if (read >= bounds::kRenamedPluginFiles || budget == 0) {
            return false;
        }
        if (entry.extension() != ".py") {
            continue;
        }
        ++read;
        const BoundedFile file = read_bounded(entry, bounds::kRenamedPluginFileBytes);
        budget -= std::min(budget, file.bytes.size() + 1024);
        if (defines_plugin_node(file.bytes) || (has_page && file.bytes.find(kBalanceRoute) != std::string::npos)) {
            return true;
        }
    }
    return false;
}

// An archive unpacked into a folder of its own name: the package lies one level too deep.
fs::path nested_plugin(const fs::path& dir) {
    if (is_file(dir / "__init__.py")) {
        return {};
    }
    for (const fs::path& entry : list_folder(dir, bounds::kNestedPluginEntries)) {
        if (is_folder(entry) && has_plugin_files(entry)) {
            return entry;
        }
    }
    return {};
}

void add_closed(std::span<const fs::path> folders, PluginSearch& search) {
    for (const fs::path& folder : folders) {
        if (search.closed.size() < bounds::kClosedFoldersListed && is_closed_folder(folder)) {
            search.closed.push_back(folder);
        }
    }
}

void search_disabled_folder(const fs::path& folder, PluginSearch& search) {
    for (const fs::path& entry : list_folder(folder, bounds::kCustomNodesEntries)) {
        if (has_plugin_files(entry)) {
            search.disabled.push_back(entry);
        }
    }
}

// Where a ComfyUI has more nodes than this, only those are looked into at first that a cheap question lets through.
constexpr std::size_t kNodesLookedInto = 256;

class Searcher {
public:
    explicit Searcher(std::span<const fs::path> custom_nodes) {
        for (const fs::path& folder : custom_nodes) {
            folders_.push_back(std::make_unique<Folder>(folder));
            const std::size_t entries = folders_.back()->names.size();
            found_.entries_seen += entries;
            found_.complete = found_.complete && entries < bounds::kCustomNodesEntries;
        }
    }

    PluginSearch search() {
        const bool choosy = found_.entries_seen > kNodesLookedInto;
        look_into([&](const Folder& folder, const Name& name) { return !choosy || may_hold_plugin(folder, name); });
        if (choosy && found_.loaded.empty()) {
            look_into([&](const Folder& folder, const Name& name) { return !may_hold_plugin(folder, name); });
        }
        if (found_.loaded.empty()) {
            look_further();
        }
        return std::move(found_);
    }

private:
    using Name = fs::path::string_type;

    struct Folder {
        explicit Folder(const fs::path& folder) : path(folder), opened(folder) {}
        fs::path path;
        platform::OpenFolder opened;
        std::vector<Name> names = opened.names(bounds::kCustomNodesEntries);
    };

    // Says yes to every folder that has the plugin's files, but a renamed one with binaries alone and without the page.
    static bool may_hold_plugin(const Folder& folder, const Name& name) {
        const auto same = [](Name::value_type unit, char c) {
            return static_cast<unsigned>(unit) < 0x80 && to_lower(static_cast<char>(unit)) == c;
        };
        const auto named = [&](std::string_view word) {
            return std::search(name.begin(), name.end(), word.begin(), word.end(), same) != name.end();
        };
        const bool is_disabled_folder =
            std::equal(name.begin(), name.end(), kDisabledSuffix.begin(), kDisabledSuffix.end(), same);
        return named("banana") || named("gemini") || is_disabled_folder ||
               folder.opened.holds(name, "/Gemini_Imagen_Generator.py") ||
               folder.opened.holds(name, "/web/extensions/token-balance.js");
    }

    template <typename Chosen>
    void look_into(Chosen chosen) {
        for (const auto& folder : folders_) {
            for (const Name& name : folder->names) {
                if (chosen(*folder, name)) {
                    look_at(folder->path / name);
                }
            }
        }
    }

    void look_at(const fs::path& entry) {
        const std::string name = path_text(entry.filename());
        if (name == "__pycache__") {
            return;
        }
        if (name == kDisabledSuffix) {
            search_disabled_folder(entry, found_);
        } else if (!has_plugin_files(entry)) {
            if (!name.ends_with(kDisabledSuffix)) {
                unknown_.push_back(entry);
            }
        } else if (name.ends_with(kDisabledSuffix)) {
            found_.disabled.push_back(entry);
        } else {
            add(entry);
        }
    }

    // ComfyUI loads a folder by its __init__.py, and only logs that it could not where there is none.
    void add(const fs::path& entry) {
        (is_file(entry / "__init__.py") ? found_.loaded : without_init_).push_back(entry);
    }

    // By content, and by what keeps one from seeing it.
    void look_further() {
        std::size_t budget = bounds::kRenamedPluginBytes;
        for (const fs::path& entry : unknown_) {
            if (!is_folder(entry)) {
                continue;
            }
            if (has_plugin_source(entry, budget)) {
                add(entry);
            } else if (const fs::path nested = nested_plugin(entry); !nested.empty()) {
                found_.nested.push_back(nested);
            }
        }
        found_.complete = found_.complete && budget > 0;
        if (found_.loaded.empty()) {
            found_.loaded = std::move(without_init_);
        }
        for (const auto& folder : folders_) {
            if (found_.flat.empty() && has_plugin_files(folder->path)) {
                found_.flat = folder->path;
            }
        }
        if (found_.loaded.empty() && found_.disabled.empty() && found_.nested.empty() && found_.flat.empty()) {
            for (const auto& folder : folders_) {
                add_closed({&folder->path, 1}, found_);
            }
            add_closed(unknown_, found_);
        }
    }

    std::vector<std::unique_ptr<Folder>> folders_;
    PluginSearch found_;
    std::vector<fs::path> without_init_;
    std::vector<fs::path> unknown_;  // looked into, and none of the plugin's files is there
};

}  // namespace

TargetPython target_python_of(const fs::path& comfyui_dir) {
    TargetPython target;
    const std::optional<fs::path> python = comfyui_dir.empty() ? std::nullopt : python_of(comfyui_dir);
    if (python) {
        target.system = python->extension() == ".exe" ? platform::System::windows : platform::kSystem;
        target.minor = python_minor_of(*python);
    }
    return target;
}

bool has_plugin_files(const fs::path& dir) {
    bool node = false;
    bool balance = false;
    bool client = false;
    bool web = false;
    for (const fs::path& entry : list_folder(dir, bounds::kPluginFolderEntries)) {
        const std::string file = path_text(entry.filename());
        web = web || file == "web";
        const ModuleName name = module_name(file);
        if (name.kind == ModuleFile::other) {
            continue;
        }
        node = node || name.module == kNodeModule;
        balance = balance || name.module == "balance_service";
        client = client || name.module == "api_client" || name.module == "task_runner";
    }
    return node || (balance && client) || (web && is_file(balance_script(dir)));
}

PluginSearch search_plugins(std::span<const fs::path> custom_nodes) {
    Searcher searcher(custom_nodes);
    return searcher.search();
}

PluginDescription describe_plugin(const fs::path& dir, const TargetPython& target) {
    PluginDescription description;
    const Modules modules = list_modules(dir, target);
    const std::vector<SourceFile> files = read_sources(dir, modules, description.readable);
    PluginSource source = scan_plugin_source(files);

    const bool has_feature =
        source.names_route || modules.has("balance_service") || is_file(balance_script(dir)) || is_binary_node(modules);
    Install& install = description.install;
    install.plugin_dir = dir;
    install.folder_name = sanitize(path_text(dir.filename()), Lines::single, bounds::kFileNameBytes);
    install.family = family_of(modules, source, has_feature);
    description.has_balance_feature = has_feature;
    install.version = std::move(source.version);
    if (install.version.empty()) {
        install.version = pyproject_version(read_bounded(dir / "pyproject.toml").bytes);
        if (source.version_is_computed && !install.version.empty() && !install.version.starts_with('V')) {
            install.version.insert(0, 1, 'V');  // as the loader shows it
        }
    }
    install.compiled = is_binary_node(modules);
    install.default_base_url = std::move(source.default_base_url);
    install.address_from_elsewhere = source.address_from_elsewhere && !install.compiled;
    install.reads_encoded_url = source.reads_encoded_url && !install.compiled;
    install.knows_sample_spellings = source.knows_sample_spellings;
    install.route_parameters = std::move(source.route_parameters);
    install.service_lines = std::move(source.service_lines);
    install.addresses = std::move(source.addresses);
    install.plain_url_option = std::move(source.plain_url_option);
    install.script_classes = std::move(source.script_classes);
    install.page = std::move(source.page);
    install.node_name = std::move(source.node_name);
    install.reads_other_option = source.reads_other_option && !install.compiled;
    install.reads_other_file = source.reads_other_file && !install.compiled;
    install.parses_otherwise = source.parses_otherwise && !install.compiled;
    install.loader_header = std::move(source.loader_header);
    if (install.compiled) {
        // What is left as source says nothing about the binary route.
        install.default_base_url.clear();
        install.knows_sample_spellings.reset();
        install.route_parameters.reset();
        install.service_lines.clear();
        install.addresses.clear();
        install.plain_url_option.clear();
        install.node_name.clear();
    }
    install.landmarks = std::move(source.landmarks);
    description.route_files = std::move(source.route_files);
    description.replaces_binaries = source.replaces_binaries;
    if (install.family != Family::fork && install.family != Family::unknown) {
        check_modules(modules, source, description);
    }
    return description;
}

}  // namespace banana
