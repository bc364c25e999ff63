// install.plugin: where ComfyUI and the plugin are, which version family it is, whether its files are complete.
#include "banana/context.hpp"
#include "checks/list.hpp"
#include "engines/bounded_file.hpp"
#include "engines/comfyui_api.hpp"
#include "engines/comfyui_process.hpp"
#include "engines/install_finder.hpp"
#include "engines/plugin_profile.hpp"
#include "engines/process_view.hpp"
#include "engines/redaction.hpp"
#include "engines/running_copy.hpp"
#include "engines/shell_command.hpp"
#include "engines/text.hpp"
#include "engines/web_url.hpp"

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/json/array.hpp>

namespace banana {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::size_t kListedCopies = 10;

std::string shown(const fs::path& path) {
    return sanitize(path_text(path));
}

// What the search came to.
struct Located {
    std::optional<ExaminedPlace> place;
    bool given = false;            // an option named it, rightly or wrongly
    bool remote = false;           // the URL names another machine
    std::string folder_elsewhere;  // the server's custom_nodes, which is not on this machine
    bool running_first = false;    // of several copies the first is the one that the running server has loaded
};

bool names_other_machine(std::string_view url) {
    const std::optional<WebUrl> parsed = parse_web_url(url);
    return parsed && !is_loopback_host(parsed->host);
}

bool names_folder(const RunOptions& options) {
    return options.comfyui_dir || options.plugin_dir;
}

// Where a server that does not tell its folders runs: those before September 2024 lack the route for it.
std::optional<fs::path> working_root(const Server& server) {
    const std::optional<WebUrl> url = parse_web_url(server.base_url);
    const std::optional<int> process = url ? listening_process(url->port) : std::nullopt;
    if (!process) {
        return std::nullopt;
    }
    const fs::path directory = working_directory(*process);
    return directory.empty() ? std::nullopt : comfyui_root_above(directory);
}

// What answers at the addresses in question, then at those that a process started from `root` listens on.
boost::asio::awaitable<std::vector<Identification>> answering_servers(RunContext& context, fs::path root) {
    if (!context.surroundings.search_machine && context.options.comfyui_url.empty()) {
        co_return std::vector<Identification>();
    }
    std::vector<std::string> urls = candidate_urls(context);
    std::vector<Identification> answers = co_await examine_servers(context, std::move(urls));
    const bool any = std::any_of(answers.begin(), answers.end(),
                                 [](const Identification& answer) { return answer.server.has_value(); });
    if (!any && context.options.comfyui_url.empty()) {
        std::vector<std::string> further = further_urls(context, root);
        answers = co_await examine_servers(context, std::move(further));
    }
    std::erase_if(answers, [](const Identification& answer) { return !answer.server; });
    co_return answers;
}

// Asks the running server, if any, which custom_nodes folders it uses.
boost::asio::awaitable<void> ask_server(RunContext& context, Located& located, std::vector<ExaminedPlace>& places) {
    const std::vector<Identification> answers = co_await answering_servers(context, fs::path());
    for (const Identification& answer : answers) {
        if (std::optional<ExaminedPlace> place = examine_server_folders(*answer.server)) {
            places.push_back(std::move(*place));
            co_return;
        }
        if (answer.server->custom_nodes_dirs.empty()) {
            if (const std::optional<fs::path> root = working_root(*answer.server)) {
                ComfyPlace found{*root, "server"};
                places.push_back(examine_place(std::move(found), context.surroundings));
                co_return;
            }
        } else {
            located.folder_elsewhere = sanitize(answer.server->custom_nodes_dirs.front());
        }
    }
}

bool was_started_from(const Server& server, const fs::path& root) {
    const auto is_roots = [&](const std::string& folder) {
        return same_place(path_from_utf8(folder), root / "custom_nodes");
    };
    const auto& folders = server.custom_nodes_dirs;
    if (std::any_of(folders.begin(), folders.end(), is_roots)) {
        return true;
    }
    const std::vector<fs::path> roots = server.pid ? comfyui_roots_of(*server.pid) : std::vector<fs::path>();
    return std::any_of(roots.begin(), roots.end(), [&](const fs::path& other) { return same_place(other, root); });
}

// A ComfyUI that runs from the named folder may load from others: `--base-directory`, paths given at its start.
boost::asio::awaitable<void> follow_running_server(RunContext& context, ExaminedPlace& given) {
    const std::vector<Identification> answers = co_await answering_servers(context, given.place.dir);
    for (const Identification& answer : answers) {
        if (!was_started_from(*answer.server, given.place.dir)) {
            continue;
        }
        std::optional<ExaminedPlace> place = examine_server_folders(*answer.server);
        if (place && place->has_plugin()) {
            place->place = given.place;
            given = std::move(*place);
            co_return;
        }
    }
}

// A server that loads from the place, as far as it tells; one whose folders are not on this machine is a container's.
bool may_load_from(const Server& server, const ExaminedPlace& place, bool is_given) {
    if (was_started_from(server, place.place.dir)) {
        return true;
    }
    bool any_here = false;
    for (const std::string& folder : server.custom_nodes_dirs) {
        const fs::path path = path_from_utf8(folder);
        const auto is_it = [&](const fs::path& searched) { return same_place(searched, path); };
        if (std::any_of(place.custom_nodes.begin(), place.custom_nodes.end(), is_it)) {
            return true;
        }
        any_here = any_here || is_folder(path);
    }
    return is_given && !any_here;
}

// The name of the copy that the running ComfyUI has loaded; empty where none of the servers tells.
boost::asio::awaitable<std::string> running_copy_of(RunContext& context, const ExaminedPlace& place) {
    std::vector<Identification> answers = co_await answering_servers(context, place.place.dir);
    const bool is_given = !context.options.comfyui_url.empty();
    const auto serves = [&](const Identification& answer) {
        return answer.server && may_load_from(*answer.server, place, is_given);
    };
    if (!is_given && std::none_of(answers.begin(), answers.end(), serves)) {
        std::vector<std::string> further = further_urls(context, place.place.dir);
        answers = co_await examine_servers(context, std::move(further));
    }
    const auto server = std::find_if(answers.begin(), answers.end(), serves);
    if (server == answers.end()) {
        co_return std::string();
    }
    std::vector<std::string> names;
    for (const fs::path& copy : place.search.loaded) {
        names.push_back(path_text(copy.filename()));
    }
    std::string base_url = server->base_url;
    std::string name = co_await running_copy(context, std::move(base_url), std::move(names));
    co_return name;
}

// Whatever would be loaded first now: the copy that runs is the one whose config.ini counts.
boost::asio::awaitable<bool> put_running_copy_first(RunContext& context, ExaminedPlace& place) {
    const std::string name = co_await running_copy_of(context, place);
    std::vector<fs::path>& copies = place.search.loaded;
    const auto has_name = [&](const fs::path& copy) { return !name.empty() && path_text(copy.filename()) == name; };
    if (std::count_if(copies.begin(), copies.end(), has_name) != 1) {
        co_return false;
    }
    const auto running = std::find_if(copies.begin(), copies.end(), has_name);
    std::rotate(copies.begin(), running, running + 1);
    co_return true;
}

boost::asio::awaitable<Located> locate(RunContext& context) {
    Located located;
    const RunOptions& options = context.options;
    const Surroundings& surroundings = context.surroundings;
    if (names_folder(options)) {
        located.given = true;
        located.place = examine_given_place(options, surroundings);
        const bool lacks_plugin = located.place && !located.place->has_plugin() && !options.plugin_dir;
        if (lacks_plugin) {
            co_await follow_running_server(context, *located.place);
        }
        co_return located;
    }
    if (names_other_machine(options.comfyui_url)) {
        located.remote = true;
        co_return located;
    }
    std::vector<ExaminedPlace> places;
    if (const std::optional<ComfyPlace> nearby = find_nearby_comfyui(surroundings)) {
        places.push_back(examine_place(*nearby, surroundings));
    }
    if (places.empty() || !places.front().has_plugin()) {
        co_await ask_server(context, located, places);
    }
    const bool settled = best_place(places) != nullptr && best_place(places)->has_plugin();
    if (!settled && surroundings.search_machine && located.folder_elsewhere.empty()) {
        for (const ComfyPlace& place : usual_comfyui_places(surroundings)) {
            places.push_back(examine_place(place, surroundings));
        }
    }
    if (const ExaminedPlace* best = best_place(places)) {
        located.place = *best;
    }
    co_return located;
}

void skip(CheckResult& result, Message summary) {
    result.summary = std::move(summary);
    result.skip_reason = std::string(skip_reason::not_applicable);
}

Message summary(std::string_view outcome, Arguments args = {}) {
    return Message("summary.install.plugin." + std::string(outcome), std::move(args));
}

// The folder may not be read by this account: nothing is known, so nothing is wrong yet.
CheckResult closed_to_us(Cause code, const fs::path& folder) {
    CheckResult result;
    Finding finding(code, Severity::warning);
    finding.inferred = true;
    finding.args["variant"] = "closed";
    finding.args["dir"] = shown(folder);
    finding.evidence.emplace_back("closed-folder", shown(folder));
    result.summary = summary("closed", {{"dir", shown(folder)}});
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
        finding.args["dir"] = shown(named);
        finding.evidence.emplace_back("named-folder", shown(named));
    }
    result.summary = summary("comfyui-not-found");
    result.findings.push_back(std::move(finding));
    return result;
}

// The path, or one like it that nothing has yet.
fs::path free_name(const fs::path& wanted) {
    std::error_code error;
    return fs::exists(wanted, error) ? fs::path(wanted) += "-plugin" : wanted;
}

CheckResult plugin_not_found(const ExaminedPlace& place, const fs::path& given) {
    if (given.empty() && !place.search.closed.empty()) {
        return closed_to_us(Cause::install_plugin_not_found, place.search.closed.front());
    }
    CheckResult result;
    Finding finding(Cause::install_plugin_not_found);
    const fs::path folder = place.custom_nodes.empty() ? place.place.dir / "custom_nodes" : place.custom_nodes.front();
    finding.args["custom_nodes"] = shown(folder);
    finding.args["entries"] = place.search.entries_seen;
    if (!given.empty()) {
        finding.args["variant"] = "given";
        finding.args["dir"] = shown(given);
    } else if (!place.search.flat.empty()) {
        finding.args["variant"] = "flat";
        finding.args["dir"] = shown(place.search.flat);
        finding.args["target"] = shown(free_name(place.search.flat / "comfyui-banana-gemini"));
    } else if (!place.search.nested.empty()) {
        const fs::path& nested = place.search.nested.front();
        const fs::path target = free_name(nested.parent_path().parent_path() / nested.filename());
        finding.args["variant"] = "nested";
        finding.args["dir"] = shown(nested);
        finding.args["outer"] = shown(nested.parent_path());
        finding.args["command"] = move_command(nested, target);
    }
    for (const fs::path& searched : place.custom_nodes) {
        finding.evidence.emplace_back("searched-folder", shown(searched));
    }
    result.summary = summary("plugin-not-found", {{"entries", place.search.entries_seen}});
    result.findings.push_back(std::move(finding));
    return result;
}

void report_disabled(const Install& install, CheckResult& result) {
    Finding finding(Cause::install_plugin_disabled);
    const bool by_manager = install.plugin_dir.parent_path().filename() == ".disabled";
    std::string name = path_text(install.plugin_dir.filename());
    if (name.ends_with(".disabled")) {
        name.resize(name.size() - std::string_view(".disabled").size());
    }
    const fs::path parent =
        by_manager ? install.plugin_dir.parent_path().parent_path() : install.plugin_dir.parent_path();
    const fs::path target = parent / path_from_utf8(name);
    if (by_manager) {
        finding.args["variant"] = "manager";
    }
    finding.args["plugin_dir"] = shown(install.plugin_dir);
    finding.args["folder"] = install.folder_name;
    finding.args["target"] = shown(target);
    finding.args["command"] = move_command(install.plugin_dir, target);
    finding.evidence.emplace_back("plugin-folder", shown(install.plugin_dir));
    result.findings.push_back(std::move(finding));
}

// V3 notices a route that is already there; older families register it again, which ends ComfyUI at start
// unless another route was added in between.
void report_copies(const Install& install, std::span<const PluginDescription> copies, bool running_first,
                   CheckResult& result) {
    const bool all_v3 = std::all_of(copies.begin(), copies.end(),
                                    [](const PluginDescription& copy) { return copy.install.family == Family::v3; });
    Finding finding(Cause::install_plugin_duplicate, all_v3 ? Severity::warning : Severity::error);
    finding.inferred = !all_v3;
    if (all_v3) {
        finding.args["variant"] = "v3";
    }
    const fs::path& other = install.copies.front();
    finding.args["plugin_dir"] = shown(install.plugin_dir);
    finding.args["other"] = shown(other);
    finding.args["count"] = install.copies.size() + 1;
    const fs::path spare = superfluous_copy(install);
    finding.args["command"] = move_command(spare, fs::path(spare) += ".disabled");
    finding.evidence.emplace_back(running_first ? "running-copy" : "plugin-folder", shown(install.plugin_dir));
    for (std::size_t index = 0; index < std::min(install.copies.size(), kListedCopies); ++index) {
        finding.evidence.emplace_back("plugin-copy", shown(install.copies[index]));
    }
    result.findings.push_back(std::move(finding));
}

// The loader runs every Python file of the folder, a forgotten copy of the node's file too.
void report_second_file(const PluginDescription& plugin, CheckResult& result) {
    constexpr std::string_view kNodeFile = "Gemini_Imagen_Generator.py";
    const std::vector<std::string>& files = plugin.route_files;
    const auto spare = std::find_if(files.rbegin(), files.rend(), [&](const auto& file) { return file != kNodeFile; });
    const auto kept = std::find_if(files.begin(), files.end(), [&](const auto& file) { return file != *spare; });
    const fs::path path = plugin.install.plugin_dir / path_from_utf8(*spare);
    Finding finding(Cause::install_plugin_duplicate);
    finding.inferred = true;
    finding.args["variant"] = "same-folder";
    finding.args["plugin_dir"] = shown(plugin.install.plugin_dir);
    finding.args["file"] = *kept;
    finding.args["other"] = *spare;
    finding.args["count"] = files.size();
    finding.args["command"] = move_command(path, fs::path(path) += ".disabled");
    for (std::size_t index = 0; index < std::min(files.size(), kListedCopies); ++index) {
        finding.evidence.emplace_back("route-file", files[index], shown(plugin.install.plugin_dir));
    }
    result.findings.push_back(std::move(finding));
}

std::string_view system_name(TargetSystem system) {
    switch (system) {
        case TargetSystem::windows: return "windows";
        case TargetSystem::mac: return "macos";
        case TargetSystem::gnu_linux: break;
    }
    return "linux";
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
        text += (text.empty() ? "" : ", ") + word;
    }
    return sanitize(text, Lines::single, 500);
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

void report_missing(const PluginDescription& plugin, const TargetPython& python, CheckResult& result) {
    Finding finding(Cause::install_files_missing);
    const std::string folder = shown(plugin.install.plugin_dir);
    finding.args["files"] = joined(plugin.missing);
    finding.args["count"] = plugin.missing.size();
    finding.args["plugin_dir"] = folder;
    finding.args["system"] = system_name(python.system);
    finding.evidence.emplace_back("missing-modules", joined(plugin.missing), folder);
    if (!plugin.unusable.empty()) {
        std::vector<std::string> names;
        std::vector<std::string> details;
        for (const auto& [file, judgement] : plugin.unusable) {
            names.push_back(file);
            details.push_back(judgement.detail.empty() ? file : file + " (" + judgement.detail + ")");
        }
        const BinaryFault fault = fault_of(plugin.unusable);
        finding.args["variant"] = variant_of(fault);
        finding.args["unusable"] = joined(names);
        if (fault == BinaryFault::other_python) {
            finding.args["python"] = "3." + std::to_string(python.minor);
        }
        // A name is no proof, and Windows runs some programs for another processor.
        finding.inferred = fault == BinaryFault::other_python ||
                           (fault == BinaryFault::other_processor && python.system == TargetSystem::windows);
        finding.evidence.emplace_back("unusable-modules", joined(details), folder);
    }
    result.findings.push_back(std::move(finding));
}

void report_no_feature(const Install& install, CheckResult& result) {
    Finding finding(Cause::install_no_balance_feature);
    finding.args["plugin_dir"] = shown(install.plugin_dir);
    finding.args["folder"] = install.folder_name;
    finding.evidence.emplace_back("plugin-folder", shown(install.plugin_dir));
    result.findings.push_back(std::move(finding));
}

json::object landmark_facts(const Install& install) {
    json::object facts;
    for (const auto& [name, where] : install.landmarks) {
        facts[name] = {{"file", where.file}, {"line", where.line}, {"text", where.text}};
    }
    return facts;
}

json::value text_or_null(const std::string& text) {
    return text.empty() ? json::value() : json::value(text);
}

json::array string_array(const std::vector<std::string>& values) {
    return json::array(values.begin(), values.end());
}

void add_facts(const PluginDescription& plugin, const ExaminedPlace& place, TargetSystem system, CheckResult& result) {
    const Install& install = plugin.install;
    json::object& facts = result.facts;
    facts["comfyui_dir"] = text_or_null(shown(install.comfyui_dir));
    facts["found_by"] = place.place.how;
    facts["plugin_dir"] = shown(install.plugin_dir);
    facts["folder_name"] = install.folder_name;
    facts["family"] = family_name(install.family);
    facts["version"] = text_or_null(install.version);
    facts["compiled"] = install.compiled;
    facts["system"] = system_name(system);
    facts["default_base_url"] = text_or_null(sanitize(install.default_base_url));
    facts["knows_sample_spellings"] =
        install.knows_sample_spellings ? json::value(*install.knows_sample_spellings) : json::value();
    facts["route_parameters"] =
        install.route_parameters ? json::value(string_array(*install.route_parameters)) : json::value();
    facts["missing"] = string_array(plugin.missing);
    if (plugin.route_files.size() > 1) {
        facts["route_files"] = string_array(plugin.route_files);
    }
    facts["shadowed"] = string_array(plugin.shadowed);
    facts["landmarks"] = landmark_facts(install);
    json::array copies;
    for (const fs::path& copy : install.copies) {
        copies.emplace_back(shown(copy));
    }
    facts["copies"] = std::move(copies);
}

Message outcome(const PluginDescription& plugin, bool disabled) {
    const Install& install = plugin.install;
    if (disabled) {
        return summary("disabled", {{"folder", install.folder_name}});
    }
    if (!plugin.has_balance_feature) {
        return summary("fork", {{"folder", install.folder_name}});
    }
    if (!plugin.missing.empty()) {
        return summary("incomplete", {{"files", joined(plugin.missing)}});
    }
    if (!install.copies.empty()) {
        return summary("duplicate", {{"count", install.copies.size() + 1}});
    }
    if (install.version.empty()) {
        return summary("found-without-version",
                       {{"folder", install.folder_name}, {"family", family_name(install.family)}});
    }
    return summary(
        "found",
        {{"folder", install.folder_name}, {"family", family_name(install.family)}, {"version", install.version}});
}

// Copies that register the route too; a fork does not, nor one that cannot be loaded.
std::vector<PluginDescription> other_copies(const PluginSearch& search, const TargetPython& python) {
    std::vector<PluginDescription> copies;
    for (std::size_t index = 1; index < std::min(search.loaded.size(), kListedCopies); ++index) {
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

CheckResult describe(RunContext& context, ExaminedPlace place, bool running_first) {
    const bool disabled = place.search.loaded.empty();
    const TargetPython python = target_python_of(place.place.dir);
    PluginDescription plugin =
        describe_plugin(disabled ? place.search.disabled.front() : place.search.loaded.front(), python);
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
    if (disabled) {
        report_disabled(plugin.install, result);
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
    add_facts(plugin, place, python.system, result);
    context.found.install = std::move(plugin.install);
    return result;
}

}  // namespace

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
        const std::string dir = shown(located.place->place.dir);
        result = plugin_not_found(*located.place, {});
        result.facts["comfyui_dir"] = dir;
        result.facts["found_by"] = located.place->place.how;
    } else if (located.remote) {
        Message text = summary("remote");
        skip(result, std::move(text));
    } else if (!located.folder_elsewhere.empty()) {
        Arguments args;
        args["folder"] = located.folder_elsewhere;
        Message text = summary("elsewhere", std::move(args));
        skip(result, std::move(text));
    } else {
        result = comfyui_not_found(context, located);
    }
    co_return result;
}

}  // namespace banana
