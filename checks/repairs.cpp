#include "repairs.hpp"

#include "api_key.hpp"
#include "banana/bounds.hpp"
#include "banana/cause.hpp"
#include "banana/facts.hpp"
#include "banana/lookup.hpp"
#include "bounded_file.hpp"
#include "comfyui_places.hpp"
#include "config_encoding.hpp"
#include "config_mending.hpp"
#include "file_change.hpp"
#include "ini_reader.hpp"
#include "install_finder.hpp"
#include "python_text.hpp"
#include "sample_key.hpp"
#include "server_identity.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>

namespace banana {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kConfigName = "config.ini";

bool has_run_repair(const CheckResult* check, bool of_exposure) {
    return check != nullptr && std::any_of(check->findings.begin(), check->findings.end(), [&](const Finding& finding) {
               return finding.repair == Repair::run && (finding.code == Cause::config_key_exposed) == of_exposure;
           });
}

bool is_inside(const fs::path& file, const fs::path& folder) {
    const fs::path relative = file.lexically_relative(folder);
    return !relative.empty() && *relative.begin() != "..";
}

// Another ComfyUI of this machine that has the plugin too.
bool is_installed_elsewhere(const fs::path& plugin, const Surroundings& surroundings) {
    if (!surroundings.search_machine) {
        return false;
    }
    const std::vector<ComfyPlace> places = usual_comfyui_places(surroundings);
    return std::any_of(places.begin(), places.end(), [&](const ComfyPlace& place) {
        const PluginSearch search = examine_place(place, surroundings).search;
        return std::any_of(search.loaded.begin(), search.loaded.end(),
                           [&](const fs::path& other) { return !same_place(other, plugin); });
    });
}

// Whether `plugin` is the copy that the running ComfyUI has loaded or would load; without one, whether it is the only
// copy.
std::optional<CopyDoubt> doubt_of_plugin(const Install& install, const Discoveries& found,
                                         const Surroundings& surroundings) {
    const bool lists_folders = found.server && !found.server->custom_nodes_dirs.empty();
    if (lists_folders && !loads_install(*found.server, install)) {
        return CopyDoubt::server_elsewhere;
    }
    if (!install.copies.empty() && !install.is_running_copy) {
        return CopyDoubt::several_copies;
    }
    if (!lists_folders && is_installed_elsewhere(install.plugin_dir, surroundings)) {
        return CopyDoubt::several_installs;
    }
    return std::nullopt;
}

std::optional<CopyDoubt> doubt_of_config(const Install& install, const fs::path& file, const CheckResult* check) {
    if (check != nullptr && facts::read<facts::Config>(check->facts).test_mode) {
        return CopyDoubt::test_mode;
    }
    const auto folder = platform::real_path(install.plugin_dir);
    const auto own_folder = platform::real_path(file.parent_path());
    if (!folder || !own_folder || *folder != *own_folder || file.filename() != kConfigName) {
        return CopyDoubt::other_file;
    }
    const auto real = platform::real_path(file);
    return real && !is_inside(*real, *folder) ? std::optional(CopyDoubt::outside) : std::nullopt;
}

bool could_hold_a_key(const std::string& lower_name) {
    static constexpr std::array<std::string_view, 7> kMarks{"bak",    "old",      "backup", "example",
                                                            "sample", "template", "copy"};
    const bool ours = lower_name.find(platform::kTemporaryPrefix) != std::string::npos;
    return !ours && lower_name.starts_with("config") && lower_name != kConfigName &&
           (std::any_of(kMarks.begin(), kMarks.end(),
                        [&](std::string_view mark) { return lower_name.find(mark) != std::string::npos; }) ||
            lower_name.find(".ini") != std::string::npos);
}

std::optional<Secret> key_in(const fs::path& file) {
    const BoundedFile content = read_bounded(file);
    const auto mended =
        content.problem ? std::variant<MendedConfig, MendRefusal>() : mend_config(content.bytes, nullptr);
    const auto* sound = std::get_if<MendedConfig>(&mended);
    const IniValue value = sound != nullptr ? IniFile::parse(sound->bytes).get("gemini", "api_key") : IniValue{};
    const std::string_view key = value.value ? python_strip(*value.value) : std::string_view();
    return key.empty() || find_key_problem(key) || find_sample_key(key) ? std::nullopt : std::optional(Secret(key));
}

}  // namespace

std::string_view doubt_name(CopyDoubt doubt) {
    switch (doubt) {
        case CopyDoubt::other_file: return "other-file";
        case CopyDoubt::outside: return "outside";
        case CopyDoubt::server_elsewhere: return "server-elsewhere";
        case CopyDoubt::several_copies: return "several-copies";
        case CopyDoubt::several_installs: return "several-installs";
        case CopyDoubt::test_mode: break;
    }
    return "test-mode";
}

std::optional<CopyDoubt> doubt_of_copy(const Install& install, const fs::path& file, const Discoveries& found) {
    if (!install.copies.empty() && !install.is_running_copy && !found.server) {
        return CopyDoubt::several_copies;
    }
    const auto folder = platform::real_path(install.plugin_dir);
    const auto real = platform::real_path(file);
    return folder && real && !is_inside(*real, *folder) ? std::optional(CopyDoubt::outside) : std::nullopt;
}

RepairPlan plan_repairs(std::span<const CheckResult> checks, const Discoveries& found, const RunOptions& options,
                        const Surroundings& surroundings, bool replace_key) {
    RepairPlan plan;
    const CheckResult* install_check = find_check(checks, check_id::install_plugin);
    if (has_run_repair(install_check, false) && found.folder_move) {
        plan.repairs.emplace_back(MovePlugin{*found.folder_move});
        Install install;
        install.plugin_dir = found.folder_move->from;
        plan.doubt = doubt_of_plugin(install, found, surroundings);
    }
    const CheckResult* config_check = find_check(checks, check_id::config_key);
    if (!found.config || (!found.install && !options.config)) {
        return plan;
    }
    const fs::path& file = found.config->file;
    const std::size_t before = plan.repairs.size();
    // First: a copy of the file has its mode, and is not for others either.
    if (has_run_repair(config_check, true)) {
        plan.repairs.emplace_back(CloseToOthers{file});
    }
    if (has_run_repair(config_check, false) || replace_key) {
        std::error_code error;
        const fs::path own = fs::exists(fs::symlink_status(file, error)) ? file : fs::path();
        // The plugin may have written a sample since the file was seen to be missing.
        const bool was_missing = find_finding(checks, Cause::config_file_missing) != nullptr;
        const bool other = was_missing && !found.config->misnamed.empty();
        plan.repairs.emplace_back(MendConfig{file, other ? found.config->misnamed : own});
    }
    if (plan.repairs.size() > before && !plan.doubt) {
        const Install install = found.install.value_or(Install());
        plan.doubt = doubt_of_config(install, file, config_check);
        if (!plan.doubt) {
            plan.doubt = doubt_of_plugin(install, found, surroundings);
        }
    }
    return plan;
}

std::optional<FoundKey> find_key_beside(const fs::path& config, const fs::path& misnamed) {
    std::vector<fs::path> candidates;
    if (!misnamed.empty()) {
        candidates.push_back(misnamed);
    }
    std::error_code error;
    fs::directory_iterator entries(config.parent_path(), error);
    for (std::size_t count = 0;
         !error && entries != fs::directory_iterator() && count < bounds::kConfigNeighbourEntries;
         ++count, entries.increment(error)) {
        std::error_code ignored;
        const bool plain = fs::is_regular_file(entries->symlink_status(ignored));
        if (plain && could_hold_a_key(to_lower_ascii(path_text(entries->path().filename())))) {
            candidates.push_back(entries->path());
        }
    }
    std::optional<FoundKey> found;
    for (const fs::path& path : candidates) {
        std::optional<Secret> key = key_in(path);
        if (key && found && !found->key.same_as(*key)) {
            return std::nullopt;
        }
        if (key && !found) {
            found.emplace(FoundKey{path, std::move(*key)});
        }
    }
    return found;
}

}  // namespace banana
