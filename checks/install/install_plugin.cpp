// install.plugin: where ComfyUI and the plugin are, which version family it is, whether its files are complete.
#include "banana/bounds.hpp"
#include "banana/cause.hpp"
#include "banana/facts.hpp"
#include "check.hpp"
#include "comfyui_process.hpp"
#include "install_findings.hpp"
#include "install_search.hpp"
#include "known_families.hpp"
#include "redaction.hpp"
#include "run_context.hpp"
#include "text.hpp"

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/json/array.hpp>

namespace banana {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

void skip(CheckResult& result, Message summary) {
    result.summary = std::move(summary);
    result.skip_reason = std::string(skip_reason::not_applicable);
}

json::object landmark_facts(const Install& install) {
    json::object facts;
    for (const auto& [name, where] : install.landmarks) {
        facts[name] = {{"file", where.file}, {"line", where.line}, {"text", where.text}};
    }
    return facts;
}

facts::Install facts_of(const PluginDescription& plugin, const ExaminedPlace& place, platform::System system) {
    const Install& install = plugin.install;
    facts::Install facts;
    facts.comfyui_dir = facts::text_or_null(displayable_folder(install.comfyui_dir));
    facts.found_by = place.place.how;
    facts.plugin_dir = displayable_folder(install.plugin_dir);
    facts.folder_name = install.folder_name;
    facts.family = family_name(install.family);
    facts.version = facts::text_or_null(install.version);
    facts.compiled = install.compiled;
    facts.system = target_system_name(system);
    facts.default_base_url = facts::text_or_null(sanitize(install.default_base_url));
    facts.knows_sample_spellings = install.knows_sample_spellings;
    facts.route_parameters = install.route_parameters;
    facts.missing = plugin.missing;
    if (plugin.route_files.size() > 1) {
        facts.route_files = plugin.route_files;
    }
    facts.shadowed = plugin.shadowed;
    facts.landmarks = landmark_facts(install);
    for (const fs::path& copy : install.copies) {
        facts.copies.push_back(displayable_folder(copy));
    }
    return facts;
}

Message outcome(const PluginDescription& plugin, bool disabled) {
    const Install& install = plugin.install;
    if (disabled) {
        return install_summary("disabled", {{"folder", install.folder_name}});
    }
    if (!plugin.has_balance_feature) {
        return install_summary("fork", {{"folder", install.folder_name}});
    }
    if (!plugin.missing.empty()) {
        return install_summary("incomplete", {{"files", displayable_list(plugin.missing)}});
    }
    if (!install.copies.empty()) {
        return install_summary("duplicate", {{"count", install.copies.size() + 1}});
    }
    if (install.version.empty()) {
        return install_summary("found-without-version",
                               {{"folder", install.folder_name}, {"family", family_name(install.family)}});
    }
    return install_summary(
        "found",
        {{"folder", install.folder_name}, {"family", family_name(install.family)}, {"version", install.version}});
}

// Copies that register the route too; a fork does not, nor one that cannot be loaded.
std::vector<PluginDescription> other_copies(const PluginSearch& search, const TargetPython& python) {
    std::vector<PluginDescription> copies;
    for (std::size_t index = 1; index < std::min(search.loaded.size(), bounds::kPluginCopiesListed); ++index) {
        PluginDescription copy = describe_plugin(search.loaded[index], python);
        if (copy.has_balance_feature && copy.missing.empty()) {
            copies.push_back(std::move(copy));
        }
    }
    return copies;
}

// The first complete copy that can answer balance queries, else the first that is meant to, else the first.
void prefer_working_copy(PluginSearch& search, const TargetPython& python, PluginDescription& plugin) {
    const auto worth = [](const PluginDescription& copy) {
        return !copy.has_balance_feature ? 0 : copy.missing.empty() ? 2 : 1;
    };
    for (std::size_t index = 1; worth(plugin) < 2 && index < search.loaded.size(); ++index) {
        PluginDescription other = describe_plugin(search.loaded[index], python);
        if (worth(other) > worth(plugin)) {
            plugin = std::move(other);
            std::swap(search.loaded.front(), search.loaded[index]);
        }
    }
}

bool fails_by_version(const PluginDescription& plugin) {
    return std::any_of(plugin.unusable.begin(), plugin.unusable.end(),
                       [](const JudgedBinary& binary) { return binary.judgement.fault == BinaryFault::other_python; });
}

CheckResult describe(RunContext& context, ExaminedPlace place, bool running_first) {
    const bool disabled = place.search.loaded.empty();
    const fs::path folder = disabled ? place.search.disabled.front() : place.search.loaded.front();
    TargetPython python = target_python_of(place.place.dir);
    PluginDescription plugin = describe_plugin(folder, python);
    // A virtual environment that lies there need not be what ComfyUI runs on.
    if (const int running = fails_by_version(plugin) ? running_python_minor(context, place.place.dir) : 0;
        running > 0) {
        python.minor = running;
        plugin = describe_plugin(folder, python);
    }
    if (!plugin.has_balance_feature && !plugin.readable) {
        return closed_to_us(Cause::install_plugin_not_found, plugin.install.plugin_dir);
    }
    if (context.options.plugin_dir && plugin.install.family == Family::unknown) {
        return plugin_not_found(place, *context.options.plugin_dir);
    }
    if (!context.options.plugin_dir && !running_first) {
        prefer_working_copy(place.search, python, plugin);
    }
    CheckResult result;
    plugin.install.comfyui_dir = place.place.dir;
    // Somebody may have written a key into the source.
    for (auto& [name, where] : plugin.install.landmarks) {
        where.text = context.redactor.scrub(where.text);
    }
    const std::vector<PluginDescription> copies =
        disabled ? std::vector<PluginDescription>() : other_copies(place.search, python);
    for (const PluginDescription& copy : copies) {
        plugin.install.copies.push_back(copy.install.plugin_dir);
    }
    plugin.install.is_running_copy = running_first;
    if (disabled) {
        report_disabled(plugin.install, result);
        context.found.folder_move = move_of_disabled(plugin.install);
    }
    if (!copies.empty()) {
        std::vector<PluginDescription> all = copies;
        all.push_back(plugin);
        report_copies(plugin.install, all, running_first, result);
    }
    if (plugin.route_files.size() > 1 && !disabled) {
        report_second_file(plugin, result);
    }
    if (!plugin.has_balance_feature) {
        report_no_feature(plugin.install, result);
    } else if (!plugin.missing.empty()) {
        report_missing(plugin, python, result);
    }
    result.summary = outcome(plugin, disabled);
    result.facts = facts::to_json(facts_of(plugin, place, python.system));
    context.found.install = std::move(plugin.install);
    return result;
}

boost::asio::awaitable<CheckResult> run_install_plugin(RunContext& context) {
    Located located = co_await locate(context);
    const bool several = located.place && located.place->search.loaded.size() > 1 && !context.options.plugin_dir;
    if (several) {
        located.running_first = co_await put_running_copy_first(context, *located.place);
    }
    CheckResult result;
    if (located.place && (!located.place->search.loaded.empty() || !located.place->search.disabled.empty())) {
        result = describe(context, std::move(*located.place), located.running_first);
    } else if (located.place) {
        const std::string dir = displayable_folder(located.place->place.dir);
        result = plugin_not_found(*located.place, {});
        context.found.folder_move = move_of_nested(*located.place);
        facts::Place facts;
        facts.comfyui_dir = dir;
        facts.found_by = located.place->place.how;
        result.facts = facts::to_json(facts);
    } else if (located.remote) {
        Message text = install_summary("remote");
        skip(result, std::move(text));
    } else if (!located.folder_elsewhere.empty()) {
        Arguments args;
        args["folder"] = located.folder_elsewhere;
        Message text = install_summary("elsewhere", std::move(args));
        skip(result, std::move(text));
    } else {
        result = comfyui_not_found(context, located);
    }
    co_return result;
}

}  // namespace

namespace checks {

extern constinit const Check install_plugin{
    .id = "install.plugin",
    .limit = std::chrono::seconds(12),
    .found = [](const RunContext& context) { return context.found.install.has_value(); },
    .run = run_install_plugin,
};

}  // namespace checks
}  // namespace banana
