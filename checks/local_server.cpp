// local.server: does ComfyUI answer, is it ComfyUI, which version, and is it the examined install.
#include "banana/context.hpp"
#include "checks/list.hpp"
#include "engines/comfyui_api.hpp"
#include "engines/comfyui_places.hpp"
#include "engines/comfyui_process.hpp"
#include "engines/http_client.hpp"
#include "engines/process_view.hpp"
#include "engines/redaction.hpp"
#include "engines/running_copy.hpp"
#include "engines/shell_command.hpp"
#include "engines/shown_text.hpp"
#include "engines/text.hpp"
#include "engines/web_url.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <system_error>

namespace banana {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPollPause{1000};
constexpr std::string_view kSwitchOff = "--disable-all-custom-nodes";
constexpr std::string_view kExceptions = "--whitelist-custom-nodes";

bool is_given(const RunContext& context) {
    return !context.options.comfyui_url.empty();
}

// Absolute, with links resolved as far as the path exists.
fs::path real_path(const fs::path& path) {
    std::error_code error;
    fs::path real = fs::weakly_canonical(path, error);
    return error ? path.lexically_normal() : real;
}

bool contains_path(const fs::path& folder, const fs::path& inner) {
    const fs::path relative = inner.lexically_relative(folder);
    return !relative.empty() && *relative.begin() != "..";
}

// Whether the plugin's folder, by its own path or linked to, lies in one that the server loads from.
bool is_loaded_from(const Install& install, const std::string& server_folder) {
    const fs::path folder = path_from_utf8(server_folder);
    const fs::path plugin = install.plugin_dir.empty() ? install.comfyui_dir / "custom_nodes" : install.plugin_dir;
    if (contains_path(folder.lexically_normal(), plugin.lexically_normal()) ||
        contains_path(real_path(folder), real_path(plugin))) {
        return true;
    }
    return !install.folder_name.empty() && real_path(folder / path_from_utf8(install.folder_name)) == real_path(plugin);
}

bool loads_install(const Server& server, const Install& install) {
    const auto& folders = server.custom_nodes_dirs;
    return std::any_of(folders.begin(), folders.end(),
                       [&](const std::string& folder) { return is_loaded_from(install, folder); });
}

// The address that the answer is about: the ComfyUI that loads the examined plugin, else a ComfyUI, else what stands
// at the first usual port (the two addresses of it), else whatever was seen of the first. Other programs on the later
// ports mean nothing.
const Identification& deciding(const std::vector<Identification>& seen, const std::optional<Install>& install) {
    const auto own = std::find_if(seen.begin(), seen.end(), [&](const Identification& entry) {
        return install && entry.server && loads_install(*entry.server, *install);
    });
    if (own != seen.end()) {
        return *own;
    }
    const auto kind_is = [](ServerKind kind) {
        return [kind](const Identification& entry) { return entry.kind == kind; };
    };
    for (const ServerKind kind : {ServerKind::comfyui, ServerKind::speaks_https}) {
        const auto found = std::find_if(seen.begin(), seen.end(), kind_is(kind));
        if (found != seen.end()) {
            return *found;
        }
    }
    const auto first_port_end = seen.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(seen.size(), 2));
    const auto found = std::find_if(seen.begin(), first_port_end,
                                    [](const Identification& entry) { return entry.kind != ServerKind::down; });
    return found != first_port_end ? *found : seen.front();
}

// An address that nobody named may be asked by the other scheme without further ado.
boost::asio::awaitable<void> follow_scheme(RunContext& context, Identification& found) {
    const std::string secure = "https" + found.base_url.substr(4);
    Identification again = co_await examine_server(context, secure);
    if (again.server) {
        found = std::move(again);
    }
}

// ComfyUI on another port, as its process or its start-up log tells.
boost::asio::awaitable<void> look_further(RunContext& context, Identification& found) {
    const fs::path root = context.found.install ? context.found.install->comfyui_dir : fs::path();
    std::vector<std::string> addresses = further_urls(context, root);
    if (addresses.empty()) {
        co_return;
    }
    std::vector<Identification> seen = co_await examine_servers(context, std::move(addresses));
    if (found.server) {
        // Another ComfyUI answers already: only the examined one is better.
        const Identification& better = deciding(seen, context.found.install);
        if (better.server && loads_install(*better.server, *context.found.install)) {
            found = better;
        }
        co_return;
    }
    for (Identification& entry : seen) {
        if (entry.kind == ServerKind::speaks_https) {
            co_await follow_scheme(context, entry);
        }
    }
    const auto answers =
        std::find_if(seen.begin(), seen.end(), [](const Identification& entry) { return entry.server.has_value(); });
    const auto alive = std::find_if(seen.begin(), seen.end(), [](const Identification& entry) {
        return entry.kind == ServerKind::unresponsive || entry.kind == ServerKind::access_denied ||
               entry.kind == ServerKind::speaks_https;
    });
    if (answers != seen.end()) {
        found = std::move(*answers);
    } else if (alive != seen.end() && found.kind == ServerKind::down) {
        found = std::move(*alive);
    }
}

bool runs_from_elsewhere(const RunContext& context, const Server& server) {
    const std::optional<Install>& install = context.found.install;
    return install && !server.custom_nodes_dirs.empty() && !loads_install(server, *install);
}

boost::asio::awaitable<Identification> look_once(RunContext& context) {
    std::vector<std::string> addresses = candidate_urls(context);
    if (addresses.empty()) {
        co_return Identification();
    }
    const std::vector<Identification> seen = co_await examine_servers(context, std::move(addresses));
    Identification found = deciding(seen, context.found.install);
    const bool settled =
        found.server ? !runs_from_elsewhere(context, *found.server) : found.kind == ServerKind::speaks_https;
    if (!settled && !is_given(context)) {
        co_await look_further(context, found);
    }
    const bool other_scheme = found.kind == ServerKind::speaks_https && !is_given(context);
    if (other_scheme) {
        co_await follow_scheme(context, found);
    }
    co_return found;
}

bool may_still_come(ServerKind kind) {
    return kind == ServerKind::down || kind == ServerKind::unresponsive || kind == ServerKind::other;
}

boost::asio::awaitable<Identification> look_until_found(RunContext& context, std::chrono::milliseconds& waited) {
    const Clock::time_point start = Clock::now();
    for (;;) {
        Identification found = co_await look_once(context);
        waited = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
        const auto left = context.options.wait - waited;
        if (!may_still_come(found.kind) || left.count() <= 0) {
            co_return found;
        }
        Message progress("progress.waiting-for-server");
        progress.args["seconds"] = left.count() / 1000;
        context.progress(progress);
        co_await pause_for(std::min<std::chrono::milliseconds>(kPollPause, left));
    }
}

std::string ports_of(const RunContext& context) {
    std::string ports;
    for (const std::uint16_t port : context.surroundings.usual_ports) {
        ports += (ports.empty() ? "" : ", ") + std::to_string(port);
    }
    return ports;
}

std::string status_line(const HttpResponse& response) {
    return sanitize("HTTP " + std::to_string(response.status) + " " + response.reason, Lines::single, 120);
}

// The first words of an answer: enough to recognise what answers.
std::string beginning_of(const HttpResponse& response) {
    return sanitize(trim_ascii(response.body), Lines::single, 200);
}

void add_exchange_evidence(const RunContext& context, const Exchange& exchange, Finding& finding) {
    if (exchange.response) {
        finding.evidence.emplace_back("http-answer", status_line(*exchange.response));
        const std::string server(exchange.response->header("Server"));
        if (!server.empty()) {
            finding.evidence.emplace_back("server-header", sanitize(server, Lines::single, 120));
        }
        const std::string location(exchange.response->header("Location"));
        if (!location.empty()) {
            finding.evidence.emplace_back("redirect-target", context.redactor.scrub(sanitize(location)));
        }
    }
    if (exchange.error && !exchange.error->detail.empty()) {
        finding.evidence.emplace_back("connection-error", sanitize(exchange.error->detail, Lines::single, 300));
    }
}

Finding finding_of(const RunContext& context, const Identification& found, Cause cause) {
    Finding finding(cause);
    finding.args["url"] = found.base_url;
    add_exchange_evidence(context, found.exchange, finding);
    return finding;
}

Finding server_down(const RunContext& context, const Identification& found) {
    Finding finding = finding_of(context, found, Cause::local_server_down);
    finding.args["ports"] = ports_of(context);
    if (found.exchange.response) {
        finding.args["variant"] = "behind-proxy";
        finding.args["status"] = found.exchange.response->status;
        return finding;
    }
    finding.args["variant"] = is_given(context) ? "given" : "usual";
    const fs::path root = context.found.install ? context.found.install->comfyui_dir : fs::path();
    if (!is_given(context) && comfyui_listens(context, root)) {
        finding.args["variant"] = "process-listens";
        finding.inferred = true;
        return finding;
    }
    if (is_given(context) && !parse_web_url(found.base_url)) {
        finding.args["variant"] = "no-address";
        return finding;
    }
    if (const std::string address = listening_address(context, root); !address.empty() && address != found.base_url) {
        finding.args["variant"] = "other-address";
        finding.args["right_url"] = address;
    } else if (const std::optional<int> process = process_running_main(context, root)) {
        finding.args["variant"] = "starting";
        finding.evidence.emplace_back("comfyui-process", std::to_string(*process));
    }
    return finding;
}

Finding not_comfyui(const RunContext& context, const Identification& found) {
    Finding finding = finding_of(context, found, Cause::local_not_comfyui);
    finding.args["answer"] = found.exchange.response ? status_line(*found.exchange.response) : std::string("?");
    if (!found.exchange.response) {
        finding.args["variant"] = "no-http";
    } else if (const std::string body = beginning_of(*found.exchange.response); !body.empty()) {
        finding.evidence.emplace_back("body-beginning", context.redactor.scrub(body));
    }
    return finding;
}

Finding access_denied(const RunContext& context, const Identification& found) {
    Finding finding = finding_of(context, found, Cause::local_access_denied);
    const int status = found.exchange.response ? found.exchange.response->status : 0;
    finding.args["status"] = status;
    if (status >= 300 && status < 400) {
        finding.args["variant"] = "login";
    }
    return finding;
}

Finding scheme_mismatch(const RunContext& context, const Identification& found) {
    Finding finding = finding_of(context, found, Cause::local_scheme_mismatch);
    const bool secure = found.kind == ServerKind::speaks_https;
    const std::size_t mark = found.base_url.find("://");
    finding.args["asked"] = secure ? "http" : "https";
    finding.args["speaks"] = secure ? "https" : "http";
    finding.args["right_url"] =
        (secure ? "https" : "http") + found.base_url.substr(std::min(mark, found.base_url.size()));
    return finding;
}

void report_missing(const RunContext& context, const Identification& found, CheckResult& result) {
    std::string_view outcome = "down";
    switch (found.kind) {
        case ServerKind::down: result.findings.push_back(server_down(context, found)); break;
        case ServerKind::unresponsive: {
            outcome = "unresponsive";
            Finding finding = finding_of(context, found, Cause::local_server_unresponsive);
            finding.args["seconds"] = static_cast<double>(context.options.timeout.count()) / 1000.0;
            result.findings.push_back(std::move(finding));
            break;
        }
        case ServerKind::access_denied:
            outcome = "denied";
            result.findings.push_back(access_denied(context, found));
            break;
        case ServerKind::speaks_https:
        case ServerKind::speaks_http:
            outcome = "scheme";
            result.findings.push_back(scheme_mismatch(context, found));
            break;
        case ServerKind::other:
        case ServerKind::comfyui:
            outcome = "other";
            result.findings.push_back(not_comfyui(context, found));
            break;
    }
    result.summary = Message("summary.local.server." + std::string(outcome));
    result.summary.args["url"] = found.base_url;
}

bool exists_here(const std::string& folder) {
    std::error_code error;
    return fs::is_directory(path_from_utf8(folder), error);
}

// The server's process stands in a ComfyUI folder of this machine: that of a container stands in one that is not here.
bool runs_here(const Server& server) {
    const fs::path directory = server.pid ? working_directory(*server.pid) : fs::path();
    return !directory.empty() && comfyui_root_above(directory).has_value();
}

// Fills Server::is_examined_install, and reports a server that loads from elsewhere.
void compare_with_install(RunContext& context, Server& server, CheckResult& result) {
    const std::optional<Install>& install = context.found.install;
    if (!install || server.custom_nodes_dirs.empty()) {
        return;
    }
    const auto& folders = server.custom_nodes_dirs;
    server.is_examined_install = loads_install(server, *install);
    if (*server.is_examined_install) {
        return;
    }
    // By itself it breaks nothing: it explains what else is found broken.
    Finding finding(Cause::install_server_mismatch, Severity::warning);
    const fs::path examined =
        install->plugin_dir.empty() ? install->comfyui_dir / "custom_nodes" : install->plugin_dir.parent_path();
    finding.args["url"] = server.base_url;
    finding.args["server_dir"] = folders.front();
    finding.args["server_root"] = shell_path(path_from_utf8(folders.front()).parent_path());
    finding.args["examined_dir"] = path_text(examined);
    if (std::none_of(folders.begin(), folders.end(), exists_here)) {
        // Else another machine or a container, where the same folder may have another name.
        finding.args["variant"] = runs_here(server) ? "moved" : "elsewhere";
        finding.inferred = true;
    }
    for (const std::string& folder : folders) {
        finding.evidence.emplace_back("server-custom-nodes", folder);
    }
    finding.evidence.emplace_back("examined-custom-nodes", path_text(examined));
    result.findings.push_back(std::move(finding));
}

bool is_switched_off(const fs::path& plugin) {
    return plugin.extension() == ".disabled" || plugin.parent_path().filename() == ".disabled";
}

// The plugin's folder may have been renamed or deleted since the server loaded it: what was examined in its place is
// not what runs. Folders that are still there are told apart by the scripts that they serve.
boost::asio::awaitable<void> look_for_lost_folder(RunContext& context, const Server& server, CheckResult& result) {
    const std::optional<Install>& install = context.found.install;
    if (!install || !server.is_examined_install.value_or(false) || is_switched_off(install->plugin_dir)) {
        co_return;
    }
    std::string base_url = server.base_url;
    const std::string loaded = co_await folder_of_node(context, std::move(base_url));
    const bool is_plain = !loaded.empty() && loaded.find_first_of("/\\") == std::string::npos;
    const auto holds_it = [&](const std::string& folder) { return exists_here(folder + "/" + loaded); };
    if (!is_plain || std::any_of(server.custom_nodes_dirs.begin(), server.custom_nodes_dirs.end(), holds_it)) {
        co_return;
    }
    Finding finding(Cause::install_server_mismatch, Severity::warning);
    const fs::path lost = path_from_utf8(server.custom_nodes_dirs.front()) / path_from_utf8(loaded);
    finding.inferred = true;
    finding.args["variant"] = "moved";
    finding.args["url"] = server.base_url;
    finding.args["server_dir"] = sanitize(path_text(lost));
    finding.args["server_root"] = shell_path(lost.parent_path().parent_path());
    finding.args["examined_dir"] = sanitize(path_text(install->plugin_dir));
    finding.evidence.emplace_back("server-custom-nodes", sanitize(path_text(lost)));
    finding.evidence.emplace_back("examined-custom-nodes", sanitize(path_text(install->plugin_dir)));
    result.findings.push_back(std::move(finding));
}

// The names behind `--whitelist-custom-nodes`, or the one that an equals sign joins to it; none without the option.
std::optional<std::vector<std::string>> exceptions_in(const std::vector<std::string>& argv) {
    std::optional<std::vector<std::string>> names;
    for (std::size_t index = 0; index < argv.size(); ++index) {
        const std::string_view word = argv[index];
        if (word == kExceptions) {
            names.emplace();
            for (; index + 1 < argv.size() && !argv[index + 1].starts_with("--"); ++index) {
                names->push_back(argv[index + 1]);
            }
        } else if (word.starts_with(kExceptions) && word.substr(kExceptions.size()).starts_with("=")) {
            names.emplace({std::string(word.substr(kExceptions.size() + 1))});
        }
    }
    return names;
}

// The server's own command line may keep every custom node from loading.
void examine_arguments(const RunContext& context, const Server& server, CheckResult& result) {
    const auto& argv = server.argv;
    const bool off = std::find(argv.begin(), argv.end(), kSwitchOff) != argv.end();
    if (!off) {
        return;
    }
    const std::string folder = context.found.install ? context.found.install->folder_name : std::string();
    const std::optional<std::vector<std::string>> exceptions = exceptions_in(argv);
    const bool is_excepted = exceptions && (folder.empty() || std::find(exceptions->begin(), exceptions->end(),
                                                                        folder) != exceptions->end());
    if (is_excepted) {
        return;
    }
    Finding finding(Cause::install_plugin_disabled);
    finding.args["variant"] = "command-line";
    finding.args["option"] = kSwitchOff;
    finding.args["folder"] = folder.empty() ? std::string_view("custom_nodes") : std::string_view(folder);
    finding.args["url"] = server.base_url;
    finding.args["plugin_dir"] = context.found.install ? path_text(context.found.install->plugin_dir) : std::string();
    // Only the options that matter: others may carry a password.
    std::string line(kSwitchOff);
    if (exceptions) {
        line += " " + std::string(kExceptions);
        for (const std::string& name : *exceptions) {
            line += " " + name;
        }
    }
    finding.evidence.emplace_back("command-line", sanitize(line, Lines::single, 500));
    result.findings.push_back(std::move(finding));
}

template <typename Texts>
boost::json::array to_json(const Texts& texts) {
    boost::json::array list;
    for (const std::string& text : texts) {
        list.emplace_back(text);
    }
    return list;
}

void write_facts(const Server& server, const Exchange& exchange, CheckResult& result) {
    result.facts["url"] = server.base_url;
    result.facts["version"] = server.version;
    result.facts["python_version"] = server.python_version;
    result.facts["os"] = server.os;
    result.facts["argv"] = to_json(shown_arguments(server.argv));
    result.facts["custom_nodes_dirs"] = to_json(server.custom_nodes_dirs);
    if (server.is_examined_install) {
        result.facts["is_examined_install"] = *server.is_examined_install;
    }
    if (server.pid) {
        result.facts["pid"] = *server.pid;
    }
    result.facts["process_environment_known"] = server.process_environment.has_value();
    if (exchange.times.total) {
        result.facts["answered_ms"] = exchange.times.total->count();
    }
}

}  // namespace

boost::asio::awaitable<CheckResult> run_local_server(RunContext& context) {
    CheckResult result;
    std::chrono::milliseconds waited{0};
    Identification found = co_await look_until_found(context, waited);
    if (context.options.wait.count() > 0) {
        result.facts["waited_ms"] = waited.count();
    }
    context.found.server_listens = found.kind != ServerKind::down;
    if (!found.server) {
        result.facts["url"] = found.base_url;
        report_missing(context, found, result);
        co_return result;
    }
    compare_with_install(context, *found.server, result);
    co_await look_for_lost_folder(context, *found.server, result);
    examine_arguments(context, *found.server, result);
    write_facts(*found.server, found.exchange, result);
    result.summary = Message(found.server->version.empty() ? "summary.local.server.running"
                                                           : "summary.local.server.running-version");
    result.summary.args["url"] = found.server->base_url;
    result.summary.args["version"] = found.server->version;
    found.server->waited = waited;
    context.found.server = std::move(found.server);
    co_return result;
}

}  // namespace banana
