// local.server: does ComfyUI answer, is it ComfyUI, which version, and is it the examined install.
#include "banana/bounds.hpp"
#include "banana/cause.hpp"
#include "banana/facts.hpp"
#include "banana/variant.hpp"
#include "check.hpp"
#include "comfyui_api.hpp"
#include "comfyui_process.hpp"
#include "displayable_text.hpp"
#include "node_facts.hpp"
#include "run_context.hpp"
#include "server_identity.hpp"
#include "server_missing.hpp"
#include "text.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>

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

// Where the ComfyUI of the examined folder is, when nothing answers at the given address; empty for nowhere.
boost::asio::awaitable<std::string> right_address(RunContext& context, const Identification& found) {
    std::vector<std::string> addresses;
    if (found.kind == ServerKind::down && is_given(context) && context.found.install) {
        addresses = listening_addresses(context, context.found.install->comfyui_dir);
    }
    if (addresses.empty()) {
        co_return std::string();
    }
    const std::vector<Identification> seen = co_await examine_servers(context, std::move(addresses));
    const auto of_kind = [&](ServerKind kind) {
        return std::find_if(seen.begin(), seen.end(), [&](const Identification& entry) {
            return entry.kind == kind && entry.base_url != found.base_url;
        });
    };
    const auto answers = of_kind(ServerKind::comfyui);
    const auto right = answers != seen.end() ? answers : of_kind(ServerKind::unresponsive);
    co_return right != seen.end() ? right->base_url : std::string();
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
    set_variant(finding, Variant::command_line);
    finding.args["option"] = kSwitchOff;
    if (exceptions && !folder.empty()) {
        finding.args["fix_variant"] = "not-excepted";
    }
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
    finding.evidence.emplace_back("command-line", sanitize(line, Lines::single, bounds::kCommandLineTextBytes));
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

void add_facts(const Server& server, const Exchange& exchange, facts::Server& facts) {
    facts.url = server.base_url;
    facts.version = server.version;
    facts.python_version = server.python_version;
    facts.os = server.os;
    facts.argv = masked_arguments(server.argv);
    facts.custom_nodes_dirs = server.custom_nodes_dirs;
    facts.is_examined_install = server.is_examined_install;
    facts.pid = server.pid;
    facts.process_environment_known = server.process_environment.has_value();
    if (exchange.times.total) {
        facts.answered_ms = exchange.times.total->count();
    }
}

boost::json::object node_facts_of(const NodeFacts& node) {
    return {{"class", node.class_name},
            {"display_name", node.display_name},
            {"lines", to_json(node.service_lines)},
            {"default_line", node.default_service_line}};
}

boost::asio::awaitable<CheckResult> run_local_server(RunContext& context) {
    CheckResult result;
    facts::Server facts;
    std::chrono::milliseconds waited{0};
    Identification found = co_await look_until_found(context, waited);
    if (context.options.wait.count() > 0) {
        facts.waited_ms = waited.count();
    }
    context.found.server_listens = found.kind != ServerKind::down;
    if (!found.server) {
        facts.url = found.base_url;
        result.facts = facts::to_json(facts);
        const std::string right_url = co_await right_address(context, found);
        report_missing_server(context, found, right_url, result);
        co_return result;
    }
    compare_with_install(context, *found.server, result);
    NodeLookup lookup = co_await look_up_node(context, found.server->base_url);
    look_for_lost_folder(context, *found.server, lookup.node ? lookup.node->folder : std::string(), result);
    examine_arguments(context, *found.server, result);
    add_facts(*found.server, found.exchange, facts);
    if (lookup.node) {
        facts.node = node_facts_of(*lookup.node);
        context.found.node = std::move(lookup.node);
    }
    result.facts = facts::to_json(facts);
    result.summary = Message(found.server->version.empty() ? "summary.local.server.running"
                                                           : "summary.local.server.running-version");
    result.summary.args["url"] = found.server->base_url;
    result.summary.args["version"] = found.server->version;
    found.server->waited = waited;
    context.found.server = std::move(found.server);
    co_return result;
}

}  // namespace

namespace checks {

extern constinit const Check local_server{
    .id = "local.server",
    .after = {"install.plugin"},
    .limit = std::chrono::seconds(30),
    .found = [](const RunContext& context) { return context.found.server.has_value(); },
    .run = run_local_server,
};

}  // namespace checks
}  // namespace banana
