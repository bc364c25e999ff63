#include "comfyui_process.hpp"

#include "banana/bounds.hpp"
#include "comfyui_places.hpp"
#include "log_files.hpp"
#include "log_scanner.hpp"
#include "log_text.hpp"
#include "process_view.hpp"
#include "text.hpp"
#include "web_url.hpp"

#include <algorithm>
#include <chrono>

namespace banana {
namespace {

namespace fs = std::filesystem;

bool is_among(const std::vector<fs::path>& roots, const fs::path& root) {
    return std::any_of(roots.begin(), roots.end(), [&](const fs::path& other) { return same_place(other, root); });
}

// A run's checks look at about the same time: one look serves them all. Who waits for ComfyUI comes later.
constexpr std::chrono::seconds kLookIsGood{1};

ListenerLook& listeners_seen(const RunContext& context) {
    using Clock = std::chrono::steady_clock;
    std::optional<LookAtListeners>& look = context.look_at_listeners;
    if (!look || Clock::now() > look->at + kLookIsGood) {
        look.emplace(LookAtListeners{ListenerLook(), Clock::now()});
    }
    return look->listeners;
}

std::vector<Listener> listeners_from(const RunContext& context, const fs::path& root) {
    std::vector<Listener> found;
    for (const Listener& listener : listeners_seen(context).all()) {
        const std::vector<fs::path> roots = comfyui_roots_of(listener.process);
        if (root.empty() ? !roots.empty() : is_among(roots, root)) {
            found.push_back(listener);
        }
    }
    return found;
}

bool is_python(const std::string& program) {
    return to_lower_ascii(path_text(path_from_utf8(program).filename())).starts_with("python");
}

// The address in the newest log that names one. A name for every address of the machine means loopback here.
std::optional<std::string> address_in_log(const RunContext& context, const fs::path& root) {
    LogPlaces places;
    places.comfyui_dir = root;
    const std::vector<LogFile> logs = find_log_files(places, context.surroundings);
    if (logs.empty()) {
        return std::nullopt;
    }
    std::optional<WebUrl> url = parse_web_url(address_of_page(read_last_start(logs.front().path, start_marks()).text));
    if (!url) {
        return std::nullopt;
    }
    if (url->host == "0.0.0.0" || url->host == "::") {
        url->host = "127.0.0.1";
    }
    return is_loopback_host(url->host) ? std::optional(url->origin()) : std::nullopt;
}

}  // namespace

std::vector<fs::path> comfyui_roots_of(int process) {
    std::vector<fs::path> places;
    const fs::path directory = working_directory(process);
    if (!directory.empty()) {
        places.push_back(directory);
    }
    for (const std::string& argument : command_line(process)) {
        if (argument.empty() || argument.front() == '-') {
            continue;
        }
        const fs::path path = (directory / path_from_utf8(argument)).lexically_normal();
        places.push_back(path);
        places.push_back(path.parent_path());
    }
    std::vector<fs::path> roots;
    for (const fs::path& place : places) {
        if (is_comfyui_root(place) && !is_among(roots, place)) {
            roots.push_back(place);
        }
    }
    return roots;
}

bool runs_comfyui(int process) {
    const std::vector<std::string> arguments = command_line(process);
    if (arguments.empty() || !is_python(arguments.front())) {
        return false;
    }
    const fs::path directory = working_directory(process);
    const fs::path root = root_folder(process);
    return std::any_of(arguments.begin() + 1, arguments.end(), [&](const std::string& argument) {
        const fs::path file = (directory / path_from_utf8(argument)).lexically_normal();
        const fs::path folder = file.parent_path();
        return file.filename() == "main.py" && file.is_absolute() &&
               is_comfyui_root(root.empty() ? folder : root / folder.relative_path());
    });
}

std::optional<int> listening_process(const RunContext& context, std::uint16_t port) {
    return listeners_seen(context).process_at(port);
}

std::optional<int> comfyui_process(const RunContext& context, const std::vector<std::uint16_t>& ports,
                                   const fs::path& root) {
    for (const std::uint16_t port : ports) {
        const std::optional<int> listener = listening_process(context, port);
        if (listener && !comfyui_roots_of(*listener).empty()) {
            return listener;
        }
    }
    if (root.empty()) {
        return std::nullopt;
    }
    std::optional<int> only;
    for (const Listener& candidate : listeners_from(context, root)) {
        if (only && *only != candidate.process) {
            return std::nullopt;
        }
        only = candidate.process;
    }
    return only;
}

std::vector<std::string> further_urls(const RunContext& context, const fs::path& root) {
    std::vector<std::string> urls;
    if (!context.surroundings.search_machine) {
        return urls;
    }
    const auto& usual = context.surroundings.usual_ports;
    for (const Listener& listener : listeners_from(context, root)) {
        const bool is_usual = std::find(usual.begin(), usual.end(), listener.port) != usual.end();
        for (const std::string& host : listener.hosts) {
            const bool is_v6 = host.find(':') != std::string::npos;
            const bool is_asked = is_usual && (host == "127.0.0.1" || host == "::1");
            if (!is_asked) {
                urls.push_back("http://" + (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(listener.port));
            }
        }
    }
    if (!root.empty()) {
        if (std::optional<std::string> address = address_in_log(context, root)) {
            urls.push_back(std::move(*address));
        }
    }
    std::sort(urls.begin(), urls.end());
    urls.erase(std::unique(urls.begin(), urls.end()), urls.end());
    urls.resize(std::min(urls.size(), bounds::kFurtherServers));
    return urls;
}

bool comfyui_listens(const RunContext& context, const fs::path& root) {
    return context.surroundings.search_machine && !listeners_from(context, root).empty();
}

std::vector<std::string> listening_addresses(const RunContext& context, const fs::path& root) {
    std::vector<std::string> addresses;
    const std::vector<Listener> listeners =
        context.surroundings.search_machine && !root.empty() ? listeners_from(context, root) : std::vector<Listener>();
    for (const Listener& listener : listeners) {
        for (const std::string& host : listener.hosts) {
            const bool is_v6 = host.find(':') != std::string::npos;
            addresses.push_back("http://" + (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(listener.port));
        }
    }
    addresses.resize(std::min(addresses.size(), bounds::kFurtherServers));
    return addresses;
}

std::vector<int> processes_with_main() {
    std::vector<int> found;
    for (const int process : all_processes()) {
        const std::vector<std::string> arguments = command_line(process);
        const bool has_main = std::any_of(arguments.begin(), arguments.end(),
                                          [](const std::string& argument) { return argument.ends_with("main.py"); });
        if (has_main && is_python(arguments.front())) {
            found.push_back(process);
        }
    }
    return found;
}

std::optional<int> process_running_main(const RunContext& context, const fs::path& root) {
    const std::vector<int> processes =
        context.surroundings.search_machine && !root.empty() ? all_processes() : std::vector<int>();
    for (const int process : processes) {
        const std::vector<std::string> arguments = command_line(process);
        // An editor or a pager names the file too.
        if (arguments.empty() || !is_python(arguments.front())) {
            continue;
        }
        for (const std::string& argument : arguments) {
            if (argument.ends_with("main.py") &&
                same_place(working_directory(process) / path_from_utf8(argument), root / "main.py")) {
                return process;
            }
        }
    }
    return std::nullopt;
}

int running_python_minor(const RunContext& context, const fs::path& root) {
    const std::vector<Listener> listeners =
        context.surroundings.search_machine && !root.empty() ? listeners_from(context, root) : std::vector<Listener>();
    for (const Listener& listener : listeners) {
        if (const int minor = python_minor_of(executable(listener.process)); minor > 0) {
            return minor;
        }
    }
    return 0;
}

std::optional<ProcessPython> python_of_process(const RunContext& context) {
    const std::optional<int> process = context.found.server ? context.found.server->pid : std::nullopt;
    const std::vector<std::string> arguments = process ? command_line(*process) : std::vector<std::string>();
    if (arguments.empty() || !is_python(arguments.front())) {
        return std::nullopt;
    }
    const fs::path root = root_folder(*process);
    // The same words name another file where the process has a root or mounts of its own. Not the file itself: it is a
    // link as a rule, which would be followed here.
    const auto there = [&](const fs::path& full) -> std::optional<ProcessPython> {
        const fs::path seen_at = root.empty() ? full : root / full.relative_path();
        const bool is_elsewhere = !same_place(seen_at.parent_path(), full.parent_path());
        std::error_code none;
        return fs::exists(fs::symlink_status(seen_at, none))
                   ? std::optional(ProcessPython{path_text(full), seen_at, is_elsewhere})
                   : std::nullopt;
    };
    const fs::path typed = path_from_utf8(arguments.front());
    if (typed.has_parent_path()) {
        return there((working_directory(*process) / typed).lexically_normal());
    }
    const std::optional<Environment>& environment = context.found.server->process_environment;
    const std::string venv = environment ? environment->get("VIRTUAL_ENV").value_or("") : std::string();
    for (const char* inside : {"bin/python", "Scripts/python.exe"}) {
        if (venv.empty()) {
            break;
        }
        if (std::optional<ProcessPython> own = there(path_from_utf8(venv) / inside)) {
            return own;
        }
    }
    return std::nullopt;
}

std::optional<SeenProcess> comfyui_process_seen(const RunContext& context) {
    if (context.found.server && context.found.server->process_environment) {
        const std::optional<int> pid = context.found.server->pid;
        return SeenProcess{*context.found.server->process_environment, pid ? working_directory(*pid) : fs::path()};
    }
    if (!context.surroundings.search_machine) {
        return std::nullopt;
    }
    std::vector<std::uint16_t> ports = context.surroundings.usual_ports;
    if (!context.options.comfyui_url.empty()) {
        const std::optional<WebUrl> url = parse_web_url(context.options.comfyui_url);
        if (!url || !is_loopback_host(url->host)) {
            return std::nullopt;
        }
        ports = {url->port};
    }
    const fs::path root = context.found.install ? context.found.install->comfyui_dir : "";
    const std::optional<int> process = comfyui_process(context, ports, root);
    if (!process) {
        return std::nullopt;
    }
    auto environment = process_environment(*process);
    if (!environment) {
        return std::nullopt;
    }
    return SeenProcess{std::move(*environment), working_directory(*process)};
}

}  // namespace banana
