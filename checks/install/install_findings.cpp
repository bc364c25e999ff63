#include "install_findings.hpp"

#include "banana/bounds.hpp"
#include "banana/cause.hpp"
#include "banana/variant.hpp"
#include "comfyui_places.hpp"
#include "platform.hpp"
#include "plugin_copies.hpp"
#include "shell_command.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>

namespace banana {
namespace {

namespace fs = std::filesystem;

// The path, or one like it that nothing has yet.
fs::path free_name(const fs::path& wanted) {
    std::error_code error;
    return fs::exists(wanted, error) ? fs::path(wanted) += "-plugin" : wanted;
}

// The plugin's folders and archives are mostly called so; the name must be in lower case.
bool is_named_as_plugin(std::string_view name) {
    static constexpr std::array<std::string_view, 4> kNames{"banana", "xinbao", "香蕉", "心宝"};
    return std::any_of(kNames.begin(), kNames.end(),
                       [&](std::string_view part) { return name.find(part) != std::string_view::npos; });
}

// An archive that by its name holds the plugin; empty where none lies there.
std::string packed_plugin(const fs::path& custom_nodes) {
    static constexpr std::array<std::string_view, 4> kEndings{".zip", ".rar", ".7z", ".gz"};
    for (const fs::path& entry : list_folder(custom_nodes, bounds::kPluginFolderEntries)) {
        const std::string name = to_lower_ascii(path_text(entry.filename()));
        const bool is_packed = std::any_of(kEndings.begin(), kEndings.end(),
                                           [&](std::string_view ending) { return name.ends_with(ending); });
        if (is_packed && is_named_as_plugin(name)) {
            return displayable_folder(entry.filename());
        }
    }
    return {};
}

// The plugin's folder in a place of this ComfyUI where nothing is loaded from; empty where none lies there. What lies
// above ComfyUI is not its own and may be anything: there only what is called like the plugin is looked into.
fs::path plugin_beside(const fs::path& comfyui) {
    if (comfyui.empty()) {
        return {};
    }
    for (const fs::path& folder : {comfyui, comfyui / "models", comfyui.parent_path()}) {
        const bool is_above = folder == comfyui.parent_path();
        for (const fs::path& entry : list_folder(folder, bounds::kPluginFolderEntries)) {
            const std::string name = to_lower_ascii(path_text(entry.filename()));
            const bool is_asked = is_above ? is_named_as_plugin(name) : name != "custom_nodes" && name != "models";
            if (is_asked && is_folder(entry) && !same_place(entry, comfyui) && has_plugin_files(entry)) {
                return entry;
            }
        }
    }
    return {};
}

// ComfyUI-Manager moves what it switches off into a folder of that name.
bool is_put_aside(const Install& install) {
    return install.plugin_dir.parent_path().filename() == ".disabled";
}

// What is wrong with all of the binaries; those for other systems, which some packages bring along, say nothing
// beside one for this system.
BinaryFault fault_of(const std::vector<JudgedBinary>& binaries) {
    BinaryFault found = BinaryFault::other_system;
    for (const JudgedBinary& binary : binaries) {
        const BinaryFault fault = binary.judgement.fault;
        if (fault != BinaryFault::other_system && found != BinaryFault::other_system && fault != found) {
            return BinaryFault::damaged;  // not one package for something else: files of several
        }
        found = fault != BinaryFault::other_system ? fault : found;
    }
    return found;
}

std::string_view variant_of(BinaryFault fault) {
    switch (fault) {
        case BinaryFault::damaged: return "damaged";
        case BinaryFault::other_processor: return "processor";
        case BinaryFault::other_python: return "python";
        case BinaryFault::other_system:
        case BinaryFault::none: break;
    }
    return "platform";
}

}  // namespace

std::string displayable_folder(const fs::path& path) {
    return sanitize(path_text(path));
}

std::string displayable_list(const std::vector<std::string>& words) {
    return sanitize(joined_with_commas(words), Lines::single, bounds::kNameListTextBytes);
}

Message install_summary(std::string_view outcome, Arguments args) {
    return Message("summary.install.plugin." + std::string(outcome), std::move(args));
}

std::string_view target_system_name(platform::System system) {
    switch (system) {
        case platform::System::windows: return "windows";
        case platform::System::mac: return "macos";
        case platform::System::gnu_linux: break;
    }
    return "linux";
}

CheckResult closed_to_us(Cause code, const fs::path& folder) {
    CheckResult result;
    Finding finding(code, Severity::warning);
    finding.inferred = true;
    set_variant(finding, Variant::closed);
    finding.args["dir"] = displayable_folder(folder);
    finding.evidence.emplace_back("closed-folder", displayable_folder(folder));
    result.summary = install_summary("closed", {{"dir", displayable_folder(folder)}});
    result.incomplete = true;
    result.findings.push_back(std::move(finding));
    return result;
}

CheckResult comfyui_not_found(const RunContext& context, const Located& located) {
    CheckResult result;
    Finding finding(Cause::install_comfyui_not_found);
    if (located.given) {
        const fs::path named = context.options.comfyui_dir ? *context.options.comfyui_dir : *context.options.plugin_dir;
        for (const fs::path& folder : {named, named / "custom_nodes"}) {
            if (is_closed_folder(folder)) {
                return closed_to_us(Cause::install_comfyui_not_found, folder);
            }
        }
        finding.args["variant"] = "given";
        finding.args["dir"] = displayable_folder(named);
        finding.evidence.emplace_back("named-folder", displayable_folder(named));
    }
    result.summary = install_summary("comfyui-not-found");
    result.findings.push_back(std::move(finding));
    return result;
}

std::optional<FolderMove> move_of_nested(const ExaminedPlace& place) {
    if (!place.search.flat.empty() || place.search.nested.empty()) {
        return std::nullopt;
    }
    const fs::path& nested = place.search.nested.front();
    return FolderMove{nested, free_name(nested.parent_path().parent_path() / nested.filename())};
}

CheckResult plugin_not_found(const ExaminedPlace& place, const fs::path& given) {
    if (given.empty() && !place.search.closed.empty()) {
        return closed_to_us(Cause::install_plugin_not_found, place.search.closed.front());
    }
    CheckResult result;
    Finding finding(Cause::install_plugin_not_found);
    const fs::path folder = place.custom_nodes.empty() ? place.place.dir / "custom_nodes" : place.custom_nodes.front();
    finding.args["custom_nodes"] = displayable_folder(folder);
    finding.args["entries"] = place.search.entries_seen;
    if (!given.empty()) {
        finding.args["variant"] = "given";
        finding.args["dir"] = displayable_folder(given);
    } else if (!place.search.flat.empty()) {
        finding.args["variant"] = "flat";
        finding.args["dir"] = displayable_folder(place.search.flat);
        finding.args["target"] = displayable_folder(free_name(place.search.flat / "comfyui-banana-gemini"));
    } else if (const std::optional<FolderMove> move = move_of_nested(place)) {
        finding.args["variant"] = "nested";
        finding.args["dir"] = displayable_folder(move->from);
        finding.args["outer"] = displayable_folder(move->from.parent_path());
        finding.args["command"] = move_command(move->from, move->to, platform::kShell);
        finding.repair = Repair::run;
    } else if (const fs::path beside = plugin_beside(place.place.dir); !beside.empty()) {
        finding.args["variant"] = "beside";
        finding.args["dir"] = displayable_folder(beside);
        finding.args["command"] = move_command(beside, free_name(folder / beside.filename()), platform::kShell);
        finding.evidence.emplace_back("plugin-folder", displayable_folder(beside));
    } else if (const std::string archive = packed_plugin(folder); !archive.empty()) {
        finding.args["variant"] = "archive";
        finding.args["dir"] = archive;
        finding.inferred = true;  // by its name
    }
    for (const fs::path& searched : place.custom_nodes) {
        finding.evidence.emplace_back("searched-folder", displayable_folder(searched));
    }
    result.summary = install_summary("plugin-not-found", {{"entries", place.search.entries_seen}});
    result.findings.push_back(std::move(finding));
    return result;
}

FolderMove move_of_disabled(const Install& install) {
    std::string name = path_text(install.plugin_dir.filename());
    if (name.ends_with(".disabled")) {
        name.resize(name.size() - std::string_view(".disabled").size());
    }
    const fs::path folder = install.plugin_dir.parent_path();
    return {install.plugin_dir, (is_put_aside(install) ? folder.parent_path() : folder) / path_from_utf8(name)};
}

void report_disabled(const Install& install, CheckResult& result) {
    Finding finding(Cause::install_plugin_disabled);
    const fs::path target = move_of_disabled(install).to;
    std::error_code error;
    finding.repair = fs::exists(fs::symlink_status(target, error)) ? Repair::manual : Repair::run;
    if (is_put_aside(install)) {
        finding.args["variant"] = "manager";
    }
    finding.args["plugin_dir"] = displayable_folder(install.plugin_dir);
    finding.args["folder"] = install.folder_name;
    finding.args["target"] = displayable_folder(target);
    finding.args["command"] = move_command(install.plugin_dir, target, platform::kShell);
    finding.evidence.emplace_back("plugin-folder", displayable_folder(install.plugin_dir));
    result.findings.push_back(std::move(finding));
}

void report_copies(const Install& install, std::span<const PluginDescription> copies, bool running_first,
                   CheckResult& result) {
    const bool all_v3 = std::all_of(copies.begin(), copies.end(),
                                    [](const PluginDescription& copy) { return copy.install.family == Family::v3; });
    Finding finding(Cause::install_plugin_duplicate, all_v3 ? Severity::warning : Severity::error);
    finding.inferred = !all_v3;
    const bool any_v3 = std::any_of(copies.begin(), copies.end(),
                                    [](const PluginDescription& copy) { return copy.install.family == Family::v3; });
    if (any_v3) {
        finding.args["variant"] = running_first ? "v3-running" : all_v3 ? "v3" : "mixed";
    }
    describe_copies(install, finding);
    finding.evidence.emplace_back(running_first ? "running-copy" : "plugin-folder",
                                  displayable_folder(install.plugin_dir));
    for (std::size_t index = 0; index < std::min(install.copies.size(), bounds::kPluginCopiesListed); ++index) {
        finding.evidence.emplace_back("plugin-copy", displayable_folder(install.copies[index]));
    }
    result.findings.push_back(std::move(finding));
}

void report_second_file(const PluginDescription& plugin, CheckResult& result) {
    constexpr std::string_view kNodeFile = "Gemini_Imagen_Generator.py";
    const std::vector<std::string>& files = plugin.route_files;
    const auto spare = std::find_if(files.rbegin(), files.rend(), [&](const auto& file) { return file != kNodeFile; });
    const auto kept = std::find_if(files.begin(), files.end(), [&](const auto& file) { return file != *spare; });
    const fs::path path = plugin.install.plugin_dir / path_from_utf8(*spare);
    Finding finding(Cause::install_plugin_duplicate);
    finding.inferred = true;
    finding.args["variant"] = "same-folder";
    finding.args["plugin_dir"] = displayable_folder(plugin.install.plugin_dir);
    finding.args["file"] = *kept;
    finding.args["other"] = *spare;
    finding.args["count"] = files.size();
    finding.args["command"] = move_command(path, fs::path(path) += ".disabled", platform::kShell);
    for (std::size_t index = 0; index < std::min(files.size(), bounds::kPluginCopiesListed); ++index) {
        finding.evidence.emplace_back("route-file", files[index], displayable_folder(plugin.install.plugin_dir));
    }
    result.findings.push_back(std::move(finding));
}

void report_missing(const PluginDescription& plugin, const TargetPython& python, CheckResult& result) {
    Finding finding(Cause::install_files_missing);
    const std::string folder = displayable_folder(plugin.install.plugin_dir);
    finding.args["files"] = displayable_list(plugin.missing);
    finding.args["count"] = plugin.missing.size();
    finding.args["plugin_dir"] = folder;
    finding.args["system"] = target_system_name(python.system);
    finding.evidence.emplace_back("missing-modules", displayable_list(plugin.missing), folder);
    if (plugin.replaces_binaries && plugin.unusable.empty()) {
        finding.args["variant"] = "loader";
        finding.inferred = true;
    }
    if (!plugin.unusable.empty()) {
        std::vector<std::string> names;
        std::vector<std::string> details;
        const BinaryFault fault = fault_of(plugin.unusable);
        for (const auto& [file, judgement] : plugin.unusable) {
            // A package for all systems: the files for the others are as they should be.
            if (judgement.fault == BinaryFault::other_system && fault != BinaryFault::other_system) {
                continue;
            }
            names.push_back(file);
            details.push_back(judgement.detail.empty() ? file : file + " (" + judgement.detail + ")");
        }
        finding.args["variant"] = variant_of(fault);
        finding.args["unusable"] = displayable_list(names);
        if (fault == BinaryFault::other_python) {
            finding.args["python"] = "3." + std::to_string(python.minor);
        }
        // A name is no proof, and Windows runs some programs for another processor.
        finding.inferred = fault == BinaryFault::other_python ||
                           (fault == BinaryFault::other_processor && python.system == platform::System::windows);
        finding.evidence.emplace_back("unusable-modules", displayable_list(details), folder);
    }
    result.findings.push_back(std::move(finding));
}

void report_no_feature(const Install& install, CheckResult& result) {
    Finding finding(Cause::install_no_balance_feature);
    finding.args["plugin_dir"] = displayable_folder(install.plugin_dir);
    finding.args["folder"] = install.folder_name;
    finding.evidence.emplace_back("plugin-folder", displayable_folder(install.plugin_dir));
    result.findings.push_back(std::move(finding));
}

}  // namespace banana
