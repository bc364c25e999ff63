// frontend.extension: is the balance script served, and does what it sends match what the route reads.
#include "banana/bounds.hpp"
#include "banana/cause.hpp"
#include "banana/facts.hpp"
#include "banana/percent_encoding.hpp"
#include "bounded_file.hpp"
#include "check.hpp"
#include "comfyui_api.hpp"
#include "known_families.hpp"
#include "redaction.hpp"
#include "run_context.hpp"
#include "script_reader.hpp"
#include "script_traits.hpp"
#include "text.hpp"
#include "web_folder.hpp"
#include "web_url.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>

namespace banana {
namespace {

constexpr std::string_view kScriptName = "token-balance.js";

std::vector<std::string> balance_scripts(const std::vector<std::string>& extensions) {
    std::vector<std::string> scripts;
    std::copy_if(extensions.begin(), extensions.end(), std::back_inserter(scripts), [](const std::string& path) {
        return path.starts_with("/extensions/") && path.ends_with("/" + std::string(kScriptName));
    });
    return scripts;
}

// As people read it.
std::string shown(std::string_view listed_path) {
    return sanitize(percent_decode(listed_path), Lines::single, bounds::kExtensionPathBytes);
}

// The examined folder's own script, else the first: two copies of the plugin serve two.
std::string choose_script(const RunContext& context, const std::vector<std::string>& scripts) {
    const std::string folder = context.found.install ? context.found.install->folder_name : std::string();
    const auto own = std::find_if(scripts.begin(), scripts.end(), [&](const std::string& path) {
        return !folder.empty() && shown(path).starts_with("/extensions/" + folder + "/");
    });
    return own != scripts.end() ? *own : scripts.front();
}

// The listed path for a request line: what no URL may contain is percent-encoded, all else stays as it is listed.
std::string request_path(std::string_view listed_path) {
    constexpr std::string_view kKept = "/%!$&'()*+,;=:@";
    std::string path;
    for (const char c : listed_path) {
        path += kKept.find(c) != std::string_view::npos ? std::string(1, c) : percent_encode({&c, 1});
    }
    return path;
}

// A folder whose name ComfyUI lists in another spelling than it serves it under.
std::optional<std::string> odd_folder(std::string_view displayable_path) {
    constexpr std::string_view kStart = "/extensions/";
    const std::string_view folder =
        displayable_path.substr(kStart.size(), displayable_path.find('/', kStart.size()) - kStart.size());
    constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    return folder.find_first_not_of(kPlain) == std::string_view::npos ? std::nullopt
                                                                      : std::optional(std::string(folder));
}

// What the route reads, where that is known: from its source, or by the family that the server loads.
std::optional<std::vector<std::string>> known_route_parameters(const RunContext& context) {
    const bool other = context.found.server->is_examined_install == false;
    if (!context.found.install || other) {
        return std::nullopt;
    }
    const Family family = context.found.install->family;
    const bool by_family = family == Family::v1 || family == Family::v2 || family == Family::v3;
    if (!context.found.install->route_parameters && !by_family) {
        return std::nullopt;
    }
    return route_parameters_of(&*context.found.install);
}

Finding extension_missing(const RunContext& context, std::string_view variant, std::string evidence) {
    Finding finding(Cause::frontend_extension_missing);
    finding.args["url"] = context.found.server->base_url;
    finding.args["script"] = kScriptName;
    finding.args["variant"] = variant;
    finding.evidence.emplace_back("extension-list", std::move(evidence));
    return finding;
}

// Not the whole script, or no script at all. A script that calls the route in plain words but never registers itself
// with the page was cut, unless it may leave that to another file of its own.
bool is_damaged(std::string_view body, const ScriptReading& script) {
    const std::string_view text = trim_ascii(body);
    const auto has = [&](std::string_view part) { return text.find(part) != std::string_view::npos; };
    const bool is_blank = text.find_first_not_of('\0') == std::string_view::npos;
    const bool has_conflict = text.starts_with("<<<<<<< ") || has("\n<<<<<<< ");
    const bool is_cut = !script.called_path.empty() && !has("registerExtension") && !has("\"./") && !has("'./");
    return is_blank || has_conflict || is_cut || text.starts_with("<!") || text.starts_with("<html");
}

Finding key_not_sent(const std::string& path, const ScriptReading& script) {
    Finding finding(Cause::frontend_key_not_sent);
    finding.args["script"] = path;
    finding.args["line"] = script.line;
    finding.args["sent"] = joined_with_commas(script.parameters);
    if (script.parameters.empty()) {
        finding.args["variant"] = "nothing";
    }
    finding.evidence.emplace_back("script-parameters", joined_with_commas(script.parameters), path, script.line);
    return finding;
}

// None where the node's key arrives, or where it cannot be told.
std::optional<Finding> compare_parameters(const RunContext& context, const std::string& path,
                                          const ScriptReading& script) {
    const std::vector<std::string> sent = key_parameters_in(script.parameters);
    if (sent.empty()) {
        return key_not_sent(path, script);
    }
    const std::optional<std::vector<std::string>> read = known_route_parameters(context);
    const auto is_read = [&](const std::string& name) {
        return std::find(read->begin(), read->end(), name) != read->end();
    };
    const bool arrives =
        !read || std::any_of(script.parameters.begin(), script.parameters.end(),
                             [&](const auto& name) { return contains_ignoring_case(name, "key") && is_read(name); });
    if (arrives) {
        return std::nullopt;
    }
    Finding finding = key_not_sent(path, script);
    finding.args["variant"] = "other-name";
    finding.inferred = true;  // what the route reads was read or is known, and not seen
    finding.args["parameter"] = joined_with_commas(sent);
    finding.args["read"] = joined_with_commas(*read);
    finding.evidence.emplace_back("route-parameters", joined_with_commas(*read));
    return finding;
}

Message script_summary(std::string_view outcome) {
    return Message("summary.frontend.extension." + std::string(outcome));
}

// The file has the script's name and not its content: the page has no button then.
Finding no_balance_query(const RunContext& context, const std::string& path, ScriptContent content, std::size_t size) {
    Finding finding = extension_missing(context, "no-query", path + ": " + std::to_string(size) + " B");
    finding.inferred = content != ScriptContent::damaged;
    return finding;
}

struct ScriptOnDisk {
    std::string bytes;
    bool guessed = false;  // the folder that the plugin serves was not read, only found by the script's name
};

// The script on disk that `path` is served from: behind the folder's name in it, below the plugin's web folder.
std::optional<ScriptOnDisk> script_on_disk(const RunContext& context, std::string_view path) {
    const std::optional<Install>& install = context.found.install;
    const std::string start = install ? "/extensions/" + install->folder_name + "/" : std::string();
    const bool is_other = context.found.server->is_examined_install == false;
    const std::filesystem::path remainder =
        install && path.starts_with(start) ? path_from_utf8(path.substr(start.size())) : std::filesystem::path();
    if (!install || is_other || !stays_within(remainder)) {
        return std::nullopt;
    }
    const std::filesystem::path served = web_folder_of(install->plugin_dir);
    std::vector<std::filesystem::path> folders{served};
    if (served.empty()) {
        folders = {install->plugin_dir / "web", install->plugin_dir / "js", install->plugin_dir};
    }
    for (const std::filesystem::path& folder : folders) {
        BoundedFile file = read_bounded(folder / remainder, bounds::kScriptBytes);
        if (!file.problem) {
            return ScriptOnDisk{std::move(file.bytes), served.empty()};
        }
    }
    return std::nullopt;
}

// What is wrong with the page when it gets this script, in the word for the text's variant; empty for nothing known.
std::string_view harm_of(const RunContext& context, const std::string& path, std::string_view body) {
    const ScriptReading script = read_balance_script(body);
    if (is_damaged(body, script) ||
        (script.called_path.empty() && judge_script_content(body) != ScriptContent::may_ask)) {
        return "no-button";
    }
    const bool understood = !script.called_path.empty() && !script.query_unclear;
    return understood && compare_parameters(context, path, script) ? "key-not-sent" : std::string_view();
}

// Whose answer this may be: a cache's, a proxy's.
void add_cache_evidence(const RunContext& context, const HttpResponse& response, Finding& finding) {
    for (const char* name : {"Age", "X-Cache", "X-Cache-Status", "CF-Cache-Status", "Via", "Server"}) {
        if (const std::string_view value = response.header(name); !value.empty()) {
            finding.evidence.emplace_back(
                "cache-header", context.redactor.scrub(sanitize(std::string(name) + ": " + std::string(value),
                                                                Lines::single, bounds::kHttpStatusLineTextBytes)));
        }
    }
}

std::string size_and_date(std::string_view body, std::string_view date) {
    std::string text = std::to_string(body.size()) + " B";
    return date.empty() ? text : text + ", " + sanitize(date, Lines::single, bounds::kHttpStatusLineTextBytes);
}

// ComfyUI reads the file at every request: what differs from it comes from a cache before ComfyUI, and is another
// answer to a question that the cache has not heard yet.
boost::asio::awaitable<std::optional<Finding>> compare_with_disk(RunContext& context, std::string path, std::string url,
                                                                 HttpResponse response, facts::Script& facts) {
    const std::optional<ScriptOnDisk> disk = script_on_disk(context, path);
    if (disk) {
        facts.same_as_on_disk = disk->bytes == response.body;
    }
    if (!disk || disk->bytes == response.body) {
        co_return std::nullopt;
    }
    const auto now = std::chrono::system_clock::now().time_since_epoch().count();
    const Exchange fresh = co_await local_get(context, url + "?fresh=" + std::to_string(now), context.options.timeout);
    const bool is_cache = fresh.ok() && fresh.response->status == 200 && fresh.response->body == disk->bytes;
    const bool may_be_another = disk->guessed || !context.found.server->is_examined_install.value_or(false);
    if (!is_cache && may_be_another) {
        co_return std::nullopt;  // perhaps another copy's, or another file's
    }
    Finding finding(Cause::frontend_script_stale);
    finding.inferred = !is_cache;
    finding.args["url"] = context.found.server->base_url;
    finding.args["script"] = path;
    finding.args["variant"] = is_cache ? "cache" : "unknown";
    const std::string_view harm = harm_of(context, path, response.body);
    const bool only_there = !harm.empty() && harm_of(context, path, disk->bytes).empty();
    finding.args["harm"] = only_there ? harm : std::string_view("unknown");
    finding.evidence.emplace_back("script-served",
                                  path + ": " + size_and_date(response.body, response.header("Last-Modified")));
    finding.evidence.emplace_back("script-on-disk", size_and_date(disk->bytes, {}));
    add_cache_evidence(context, response, finding);
    co_return finding;
}

void examine_script(RunContext& context, const std::string& path, std::string_view body, facts::Script& facts,
                    CheckResult& result) {
    const ScriptReading script = read_balance_script(body);
    FrontendScript found;
    read_script_traits(body, found.page);
    found.parameters = script.parameters;
    facts.called_path = script.called_path;
    facts.parameters = script.parameters;
    if (is_damaged(body, script)) {
        Finding finding = extension_missing(context, "damaged", path + " (" + std::to_string(body.size()) + " bytes)");
        finding.inferred = true;
        result.findings.push_back(std::move(finding));
        result.summary = script_summary("damaged");
        context.found.frontend = std::move(found);
        return;
    }
    const ScriptContent content = script.called_path.empty() ? judge_script_content(body) : ScriptContent::may_ask;
    if (content != ScriptContent::may_ask) {
        result.findings.push_back(no_balance_query(context, path, content, body.size()));
        result.summary = script_summary("no-query");
        context.found.frontend = std::move(found);
        return;
    }
    if (script.called_path.empty() || script.query_unclear || script.is_unknown_question) {
        // Not understood is not proved: the question stays open.
        result.incomplete = true;
        result.summary = script_summary("unclear");
        context.found.frontend = std::move(found);
        return;
    }
    facts.line = script.line;
    std::optional<Finding> finding = compare_parameters(context, path, script);
    found.sends_node_key = !finding;
    facts.sends_node_key = !finding;
    result.summary = script_summary(finding ? "key-not-sent" : "served");
    if (finding) {
        result.findings.push_back(std::move(*finding));
    }
    context.found.frontend = std::move(found);
}

// The first script of the examined folder, whatever it is called, that asks for a balance.
boost::asio::awaitable<std::vector<std::string>> renamed_scripts(RunContext& context,
                                                                 std::vector<std::string> extensions) {
    const std::string folder = context.found.install ? context.found.install->folder_name : std::string();
    std::vector<std::string> own;
    std::copy_if(extensions.begin(), extensions.end(), std::back_inserter(own), [&](const std::string& path) {
        return !folder.empty() && path.ends_with(".js") && shown(path).starts_with("/extensions/" + folder + "/");
    });
    own.resize(std::min(own.size(), bounds::kScriptsSearched));
    std::vector<std::string> found;
    for (const std::string& path : own) {
        const std::string url = context.found.server->base_url + request_path(path);
        const Exchange exchange = co_await local_get(context, url, context.options.timeout);
        const bool is_script = exchange.ok() && exchange.response->status == 200;
        if (is_script && !read_balance_script(exchange.response->body).called_path.empty()) {
            found.push_back(path);
            break;
        }
    }
    co_return found;
}

boost::asio::awaitable<void> look_at_extension(RunContext& context, facts::Script& facts, CheckResult& result) {
    const std::string base = context.found.server->base_url;
    const auto extensions = co_await web_extensions(context, base);
    if (!extensions) {
        result.incomplete = true;
        result.summary = script_summary("no-list");
        co_return;
    }
    std::vector<std::string> scripts = balance_scripts(*extensions);
    facts.extensions = extensions->size();
    if (scripts.empty()) {
        scripts = co_await renamed_scripts(context, *extensions);
    }
    if (scripts.empty()) {
        result.findings.push_back(
            extension_missing(context, "not-listed", "/extensions: " + std::to_string(extensions->size())));
        result.summary = script_summary("missing");
        co_return;
    }
    const std::string listed = choose_script(context, scripts);
    const std::string path = shown(listed);
    facts.path = path;
    Exchange exchange = co_await local_get(context, base + request_path(listed), context.options.timeout);
    if (!exchange.ok()) {
        result.incomplete = true;
        result.summary = script_summary("unclear");
        co_return;
    }
    if (exchange.response->status != 200) {
        Finding finding =
            extension_missing(context, "not-served", path + ": HTTP " + std::to_string(exchange.response->status));
        if (const std::optional<std::string> folder = odd_folder(path)) {
            finding.args["variant"] = "folder-name";
            finding.args["folder"] = *folder;
            finding.inferred = true;
        }
        result.findings.push_back(std::move(finding));
        result.summary = script_summary("missing");
        co_return;
    }
    std::optional<Finding> stale =
        co_await compare_with_disk(context, path, base + request_path(listed), *exchange.response, facts);
    examine_script(context, path, exchange.response->body, facts, result);
    if (stale) {
        // What the old script does wrong is told by this; where the node's key counts the loss of it stands by itself.
        const bool harms = !stale->inferred && stale->args.at("harm") != "unknown";
        if (harms && !context.options.as_node) {
            result.findings.clear();
        }
        result.findings.push_back(std::move(*stale));
        result.summary = script_summary("stale");
    }
}

boost::asio::awaitable<CheckResult> run_frontend_extension(RunContext& context) {
    CheckResult result;
    facts::Script facts;
    co_await look_at_extension(context, facts, result);
    result.facts = facts::to_json(facts);
    co_return result;
}

}  // namespace

namespace checks {

extern constinit const Check frontend_extension{
    .id = "frontend.extension",
    .needs = {"local.server"},
    .after = {"install.plugin"},
    .limit = std::chrono::seconds(30),
    .run = run_frontend_extension,
};

}  // namespace checks
}  // namespace banana
