#include "install_search.hpp"

#include "comfyui_api.hpp"
#include "comfyui_process.hpp"
#include "process_view.hpp"
#include "running_copy.hpp"
#include "text.hpp"
#include "web_url.hpp"

#include <algorithm>

namespace banana {
namespace {

namespace fs = std::filesystem;

bool names_other_machine(std::string_view url) {
    const std::optional<WebUrl> parsed = parse_web_url(url);
    return parsed && !is_loopback_host(parsed->host);
}

bool names_folder(const RunOptions& options) {
    return options.comfyui_dir || options.plugin_dir;
}

// Where a server that does not tell its folders runs: those before September 2024 lack the route for it.
std::optional<fs::path> working_root(const RunContext& context, const Server& server) {
    const std::optional<WebUrl> url = parse_web_url(server.base_url);
    const std::optional<int> process = url ? listening_process(context, url->port) : std::nullopt;
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

// Asks the running servers, if any, which custom_nodes folders they use, up to the first that holds the plugin.
boost::asio::awaitable<void> ask_server(RunContext& context, Located& located, std::vector<ExaminedPlace>& places) {
    const std::vector<Identification> answers = co_await answering_servers(context, fs::path());
    for (const Identification& answer : answers) {
        if (std::optional<ExaminedPlace> place = examine_server_folders(*answer.server)) {
            places.push_back(std::move(*place));
            if (places.back().has_plugin()) {
                co_return;
            }
            continue;
        }
        if (answer.server->custom_nodes_dirs.empty()) {
            if (const std::optional<fs::path> root = working_root(context, *answer.server)) {
                ComfyPlace found{*root, "server"};
                places.push_back(examine_place(std::move(found), context.surroundings));
                if (places.back().has_plugin()) {
                    co_return;
                }
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
    if (names_other_machine(context.options.comfyui_url)) {
        co_return std::string();
    }
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

}  // namespace

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

}  // namespace banana
