// frontend.extension: is the balance script served, and does what it sends match what the route reads.
#include "banana/context.hpp"
#include "checks/list.hpp"
#include "engines/comfyui_api.hpp"
#include "engines/plugin_profile.hpp"
#include "engines/script_reader.hpp"
#include "engines/text.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace banana {
namespace {

constexpr std::string_view kScriptName = "token-balance.js";

std::vector<std::string> balance_scripts(const std::vector<std::string>& extensions) {
    std::vector<std::string> scripts;
    std::copy_if(extensions.begin(), extensions.end(), std::back_inserter(scripts), [](const std::string& path) {
        return path.starts_with('/') && path.ends_with("/" + std::string(kScriptName));
    });
    return scripts;
}

// The examined folder's own script, else the first: two copies of the plugin serve two.
std::string choose_script(const RunContext& context, const std::vector<std::string>& scripts) {
    const std::string folder = context.found.install ? context.found.install->folder_name : std::string();
    const auto own = std::find_if(scripts.begin(), scripts.end(), [&](const std::string& path) {
        return !folder.empty() && path.starts_with("/extensions/" + folder + "/");
    });
    return own != scripts.end() ? *own : scripts.front();
}

// Percent-encodes a decoded path but keeps its slashes.
std::string encoded_path(std::string_view path) {
    std::string encoded;
    while (!path.empty()) {
        const std::size_t slash = std::min(path.find('/'), path.size());
        encoded += percent_encode(path.substr(0, slash));
        if (slash < path.size()) {
            encoded += '/';
        }
        path.remove_prefix(std::min(slash + 1, path.size()));
    }
    return encoded;
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

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) {
        text += (text.empty() ? "" : ", ") + name;
    }
    return text;
}

Finding extension_missing(const RunContext& context, std::string_view variant, std::string evidence) {
    Finding finding(Cause::frontend_extension_missing);
    finding.args["url"] = context.found.server->base_url;
    finding.args["script"] = kScriptName;
    finding.args["variant"] = variant;
    finding.evidence.emplace_back("extension-list", std::move(evidence));
    return finding;
}

// With --as-node the node's key is the one that counts, so its loss is an error.
Finding key_not_sent(const RunContext& context, const std::string& path, const ScriptReading& script) {
    Finding finding(Cause::frontend_key_not_sent, context.options.as_node ? Severity::error : Severity::warning);
    finding.args["script"] = path;
    finding.args["line"] = script.line;
    finding.args["sent"] = joined(script.parameters);
    finding.evidence.emplace_back("script-parameters", joined(script.parameters), path, script.line);
    return finding;
}

// None where the node's key arrives, or where it cannot be told.
std::optional<Finding> compare_parameters(const RunContext& context, const std::string& path,
                                          const ScriptReading& script) {
    const std::optional<std::string> sent = key_parameter_in(script.parameters);
    if (!sent) {
        return key_not_sent(context, path, script);
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
    Finding finding = key_not_sent(context, path, script);
    finding.args["variant"] = "other-name";
    finding.args["parameter"] = *sent;
    finding.args["read"] = joined(*read);
    finding.evidence.emplace_back("route-parameters", joined(*read));
    return finding;
}

boost::json::array to_json(const std::vector<std::string>& names) {
    boost::json::array list;
    for (const std::string& name : names) {
        list.emplace_back(name);
    }
    return list;
}

Message summary(std::string_view outcome) {
    return Message("summary.frontend.extension." + std::string(outcome));
}

void examine_script(RunContext& context, const std::string& path, std::string_view body, CheckResult& result) {
    const ScriptReading script = read_balance_script(body);
    FrontendScript found;
    found.path = path;
    found.called_path = script.called_path;
    found.parameters = script.parameters;
    result.facts["called_path"] = script.called_path;
    result.facts["parameters"] = to_json(script.parameters);
    if (script.called_path.empty() || script.query_unclear) {
        // Not understood is not proved: the question stays open.
        result.incomplete = true;
        result.summary = summary("unclear");
        context.found.frontend = std::move(found);
        return;
    }
    result.facts["line"] = script.line;
    std::optional<Finding> finding = compare_parameters(context, path, script);
    found.sends_node_key = !finding;
    result.facts["sends_node_key"] = !finding;
    result.summary = summary(finding ? "key-not-sent" : "served");
    if (finding) {
        result.findings.push_back(std::move(*finding));
    }
    context.found.frontend = std::move(found);
}

}  // namespace

boost::asio::awaitable<CheckResult> run_frontend_extension(RunContext& context) {
    CheckResult result;
    const std::string base = context.found.server->base_url;
    const auto extensions = co_await web_extensions(context, base);
    if (!extensions) {
        result.incomplete = true;
        result.summary = summary("no-list");
        co_return result;
    }
    const std::vector<std::string> scripts = balance_scripts(*extensions);
    result.facts["extensions"] = extensions->size();
    if (scripts.empty()) {
        result.findings.push_back(
            extension_missing(context, "not-listed", "/extensions: " + std::to_string(extensions->size())));
        result.summary = summary("missing");
        co_return result;
    }
    const std::string path = choose_script(context, scripts);
    result.facts["path"] = path;
    Exchange exchange = co_await local_get(context, base + encoded_path(path), context.options.timeout);
    if (!exchange.ok()) {
        result.incomplete = true;
        result.summary = summary("unclear");
        co_return result;
    }
    if (exchange.response->status != 200) {
        result.findings.push_back(
            extension_missing(context, "not-served", path + ": HTTP " + std::to_string(exchange.response->status)));
        result.summary = summary("missing");
        co_return result;
    }
    examine_script(context, path, exchange.response->body, result);
    co_return result;
}

}  // namespace banana
