// route.registration: is GET /banana/token_usage there, with and without /api; if not, why, as far as it is proved.
#include "banana/bounds.hpp"
#include "banana/cause.hpp"
#include "banana/facts.hpp"
#include "check.hpp"
#include "comfyui_api.hpp"
#include "node_facts.hpp"
#include "plugin_source.hpp"
#include "process_view.hpp"
#include "route_answer.hpp"
#include "route_replacers.hpp"
#include "run_context.hpp"
#include "running_copy.hpp"
#include "server_missing.hpp"
#include "text.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <filesystem>

namespace banana {
namespace {

using Clock = std::chrono::steady_clock;

// Reads the plugin's cache: no query goes upstream.
constexpr std::string_view kQuery = "?refresh=0";
constexpr std::string_view kOtherPageRoute = "/api/system_stats";
constexpr std::string_view kNothingLoaded = "nothing";
constexpr std::string_view kPageScriptName = "token-balance.js";
constexpr std::chrono::milliseconds kRoutePollPause{1000};

enum class Presence {
    present,
    absent,      // 404, or a page or refusal that comes from no handler of the route
    denied,      // 401, 403, redirect
    unanswered,  // time-out, cut
};

struct Seen {
    Presence presence = Presence::unanswered;
    int status = 0;
    std::string answer;  // the status, or the error's words, for people
    bool timed_out = false;
    bool is_comfyuis_404 = false;          // in ComfyUI's own words, not those of something in front of it
    bool by_aiohttp = false;               // the answer names ComfyUI's own web server
    std::optional<HttpResponse> response;  // of a refusal
};

struct Routes {
    Seen page;
    Seen plain;
};

// An object of the plugin's that this program cannot read, perhaps nobody can: still its handler's answer.
bool claims_json(const HttpResponse& response) {
    const std::string_view body = trim_ascii(response.body);
    return contains_ignoring_case(response.header("Content-Type"), "json") ||
           (body.starts_with("{") && body.find("\"success\"") != std::string_view::npos);
}

Presence presence_without_json(const HttpResponse& response) {
    if (response.status == 200) {
        return claims_json(response) ? Presence::present : Presence::absent;
    }
    return response.status == 405 ? Presence::absent : Presence::present;
}

bool is_comfyuis_404(const HttpResponse& response) {
    return response.status == 404 && contains_ignoring_case(response.header("Content-Type"), "text/plain") &&
           trim_ascii(response.body) == "404: Not Found";
}

Seen seen_in(const Exchange& exchange) {
    Seen seen;
    if (!exchange.response || exchange.error) {
        seen.timed_out = exchange.error && exchange.error->failure == NetworkFailure::timed_out;
        seen.answer = exchange.error ? sanitize(exchange.error->detail, Lines::single, bounds::kAnswerFailureTextBytes)
                                     : std::string();
        return seen;
    }
    const RouteAnswer answer = read_route_answer(*exchange.response);
    seen.status = answer.status;
    seen.is_comfyuis_404 = is_comfyuis_404(*exchange.response);
    seen.by_aiohttp = contains_ignoring_case(exchange.response->header("Server"), "aiohttp");
    seen.answer = sanitize("HTTP " + std::to_string(answer.status) + " " + exchange.response->reason, Lines::single,
                           bounds::kHttpStatusLineTextBytes);
    switch (answer.kind) {
        case AnswerKind::balance:
        case AnswerKind::without_data:
        case AnswerKind::not_cached:
        case AnswerKind::failure: seen.presence = Presence::present; break;
        // A handler that fails is a handler; whether it works is the round trip's question.
        case AnswerKind::server_error: seen.presence = Presence::present; break;
        case AnswerKind::denied:
            seen.presence = Presence::denied;
            seen.response = exchange.response;
            break;
        case AnswerKind::absent: seen.presence = Presence::absent; break;
        // JSON of another shape comes from another handler of that path; a page comes from no handler.
        case AnswerKind::bad_shape: seen.presence = Presence::present; break;
        case AnswerKind::not_json: seen.presence = presence_without_json(*exchange.response); break;
    }
    return seen;
}

boost::asio::awaitable<Routes> ask_both(RunContext& context) {
    std::vector<std::string> urls;
    for (const std::string_view path : {kPageRoute, kBalanceRoute}) {
        urls.push_back(context.found.server->base_url + std::string(path) + std::string(kQuery));
    }
    const std::vector<Exchange> answers = co_await local_get_all(context, std::move(urls), context.options.timeout);
    Routes routes;
    routes.page = seen_in(answers.front());
    routes.plain = seen_in(answers.back());
    co_return routes;
}

bool any_present(const Routes& routes) {
    return routes.page.presence == Presence::present || routes.plain.presence == Presence::present;
}

// Asks again while both are 404 and there is time left to wait.
boost::asio::awaitable<Routes> ask_until_present(RunContext& context, bool& appeared_late) {
    const Clock::time_point start = Clock::now();
    const auto budget = context.options.wait - context.found.server->waited;
    Routes routes = co_await ask_both(context);
    const bool absent = !any_present(routes);
    for (auto left = budget; !any_present(routes) && left.count() > 0;
         left = budget - std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start)) {
        Message progress("progress.waiting-for-route");
        progress.args["seconds"] = left.count() / 1000;
        context.progress(progress);
        co_await pause_for(std::min<std::chrono::milliseconds>(kRoutePollPause, left));
        routes = co_await ask_both(context);
    }
    appeared_late = absent && any_present(routes);
    co_return routes;
}

// What of the plugin the server shows beside the route.
struct Traces {
    std::optional<bool> node;  // its node class is loaded
    std::string class_name{kNodeClass};
    std::optional<bool> extension;  // its balance script is served
    std::string folder;  // below custom_nodes, that the class came from; empty where the server does not tell
};

boost::asio::awaitable<Traces> look_for_traces(RunContext& context) {
    Traces traces;
    const std::string base = context.found.server->base_url;
    NodeLookup lookup = co_await look_up_node(context, base);
    if (lookup.is_described) {
        traces.node = lookup.node.has_value();
    }
    if (lookup.node) {
        traces.class_name = std::move(lookup.node->class_name);
        traces.folder = std::move(lookup.node->folder);
    }
    const auto extensions = co_await web_extensions(context, base);
    if (extensions) {
        traces.extension = std::any_of(extensions->begin(), extensions->end(),
                                       [](const std::string& path) { return path.ends_with(kPageScriptName); });
    }
    co_return traces;
}

std::string_view yes_no(const std::optional<bool>& value) {
    return !value ? "unknown" : *value ? "yes" : "no";
}

// Which family answers, if the examined folder is the one that the server loads.
Family known_family(const RunContext& context) {
    const bool other = context.found.server->is_examined_install == false;
    return context.found.install && !other ? context.found.install->family : Family::unknown;
}

bool gives_404(const Routes& routes) {
    return routes.page.is_comfyuis_404 && routes.plain.is_comfyuis_404;
}

// Why there is no route, in the word for the text's variant; empty where nothing is known.
std::string_view absence_variant(const Routes& routes, const Traces& traces, bool has_feature) {
    if (!gives_404(routes)) {
        return "other-answer";
    }
    if (!traces.node || (*traces.node && has_feature && traces.extension == true)) {
        return {};
    }
    if (*traces.node) {
        return has_feature ? "no-script" : "node-only";
    }
    return traces.extension == true ? "extension-only" : kNothingLoaded;
}

// A source that can be read but does not register the route as the known versions do may have another route.
bool has_known_registration(const RunContext& context) {
    const std::optional<Install>& install = context.found.install;
    return !install || install->compiled || install->landmarks.contains("ensure-route-call");
}

// A source that calls its registration and does not name this route there registers another one: that this one came
// too late would be made up.
bool may_register_this_route(const RunContext& context) {
    const std::optional<Install>& install = context.found.install;
    return !install || install->compiled || !install->landmarks.contains("ensure-route-call") ||
           install->landmarks.contains("route-decorator");
}

// The plugin's folder got its entries after the server's process had started.
bool was_put_there_since(const RunContext& context) {
    const Server& server = *context.found.server;
    const auto start = server.pid && server.is_examined_install.value_or(false) && context.found.install
                           ? process_start(*server.pid)
                           : std::nullopt;
    if (!start) {
        return false;
    }
    std::error_code error;
    const auto changed = std::filesystem::last_write_time(context.found.install->plugin_dir, error);
    return !error && std::chrono::file_clock::to_sys(changed) > *start;
}

// No route on both paths, explained by what is proved and no further.
Finding explain_absence(const RunContext& context, const Routes& routes, const Traces& traces) {
    const Family family = known_family(context);
    const bool has_feature = family == Family::v1 || family == Family::v2 || family == Family::v3;
    const bool may_be_late =
        traces.node == true && family != Family::fork && gives_404(routes) && may_register_this_route(context);
    const bool late = may_be_late && traces.extension.value_or(has_feature);
    Finding finding(late ? Cause::route_registered_late : Cause::route_not_registered);
    if (const std::string_view variant = absence_variant(routes, traces, has_feature); !late && !variant.empty()) {
        finding.args["variant"] = variant;
    }
    if (!late && absence_variant(routes, traces, has_feature) == kNothingLoaded && was_put_there_since(context)) {
        finding.args["variant"] = "put-there-since";
    }
    finding.inferred = late && (!traces.extension || !has_known_registration(context));
    finding.args["page_answer"] = routes.page.answer;
    finding.args["plain_answer"] = routes.plain.answer;
    finding.args["url"] = context.found.server->base_url;
    finding.args["node_class"] = traces.class_name;
    finding.evidence.emplace_back("route-with-api", std::string(kPageRoute) + ": " + routes.page.answer);
    finding.evidence.emplace_back("route-without-api", std::string(kBalanceRoute) + ": " + routes.plain.answer);
    if (traces.node) {
        finding.evidence.emplace_back("node-loaded",
                                      "/object_info/" + traces.class_name + (*traces.node ? ": {…}" : ": {}"));
    }
    if (traces.extension) {
        finding.evidence.emplace_back("extension-served",
                                      "/extensions: " + (*traces.extension ? std::string(kPageScriptName) : "–"));
    }
    return finding;
}

// The nodes whose source puts something of their own in the place of ComfyUI's registration of routes, where the
// server is known to load from that folder. What a source says was not seen to run.
void name_route_replacers(const RunContext& context, Finding& finding) {
    const bool is_its_folder = context.found.install && context.found.server->is_examined_install.value_or(false);
    const std::vector<SourceLocation> found =
        is_its_folder ? find_route_replacers(context.found.install->plugin_dir.parent_path())
                      : std::vector<SourceLocation>();
    std::vector<std::string> names;
    for (const SourceLocation& place : found) {
        std::string name = place.file.substr(0, place.file.find('/'));
        if (std::find(names.begin(), names.end(), name) == names.end()) {
            names.push_back(std::move(name));
        }
        finding.evidence.emplace_back("route-replacer", place.text, place.file, place.line);
    }
    if (!names.empty()) {
        finding.inferred = true;
        finding.args["variant"] = "replaced-by";
        finding.args["nodes"] = joined_with_commas(names);
    }
}

// Another of ComfyUI's own routes below `/api`: whether all of them are missing.
boost::asio::awaitable<Seen> look_at_another_twin(RunContext& context) {
    const std::string url = context.found.server->base_url + std::string(kOtherPageRoute);
    const Exchange exchange = co_await local_get(context, url, context.options.timeout);
    Seen seen;
    if (exchange.ok()) {
        seen.is_comfyuis_404 = is_comfyuis_404(*exchange.response);
        seen.answer = sanitize("HTTP " + std::to_string(exchange.response->status) + " " + exchange.response->reason,
                               Lines::single, bounds::kHttpStatusLineTextBytes);
    }
    co_return seen;
}

boost::asio::awaitable<Finding> prefix_missing(RunContext& context, Routes routes) {
    Finding finding(Cause::route_api_prefix_missing);
    finding.args["url"] = context.found.server->base_url;
    finding.args["version"] = context.found.server->version;
    finding.evidence.emplace_back("route-with-api", std::string(kPageRoute) + ": " + routes.page.answer);
    finding.evidence.emplace_back("route-without-api", std::string(kBalanceRoute) + ": " + routes.plain.answer);
    // Whatever tells its version knows the prefix: those before June 2024 tell none.
    if (context.found.server->version.empty()) {
        finding.args["variant"] = "no-version";
        co_return finding;
    }
    finding.args["variant"] = "proxy";
    finding.inferred = true;
    if (!routes.page.is_comfyuis_404 || !routes.page.by_aiohttp) {
        co_return finding;
    }
    // ComfyUI's own words. What only passes them on is ruled out where ComfyUI's process is seen to listen there.
    const Seen other = co_await look_at_another_twin(context);
    finding.inferred = !context.found.server->pid.has_value();
    finding.args["variant"] = other.is_comfyuis_404 ? "replaced" : "only-this-route";
    if (!other.answer.empty()) {
        finding.evidence.emplace_back("route-with-api", std::string(kOtherPageRoute) + ": " + other.answer);
    }
    if (other.is_comfyuis_404) {
        name_route_replacers(context, finding);
    }
    co_return finding;
}

Finding denied(const RunContext& context, const Seen& seen) {
    Finding finding(Cause::local_access_denied);
    finding.args["url"] = context.found.server->base_url + std::string(kPageRoute);
    describe_denial(context, context.found.server->base_url, *seen.response, finding);
    finding.evidence.emplace_back("http-answer", seen.answer);
    return finding;
}

Finding unanswered(const RunContext& context, const Seen& seen) {
    Finding finding(Cause::proxy_response_timeout);
    finding.args["variant"] = "refresh-0";
    finding.args["seconds"] = static_cast<double>(context.options.timeout.count()) / 1000.0;
    finding.args["url"] = context.found.server->base_url + std::string(kPageRoute);
    if (!seen.answer.empty()) {
        finding.evidence.emplace_back("connection-error", seen.answer);
    }
    return finding;
}

facts::Route facts_of(const Routes& routes, bool appeared_late) {
    facts::Route facts;
    facts.with_api_prefix = routes.page.presence == Presence::present;
    facts.without_api_prefix = routes.plain.presence == Presence::present;
    facts.status_with_api = routes.page.status;
    facts.status_without_api = routes.plain.status;
    facts.appeared_late = appeared_late;
    return facts;
}

// What the examined plugin's page asks, where that is not the route of the known releases.
std::string other_question(const RunContext& context) {
    return known_family(context) != Family::unknown ? context.found.install->page.other_question : std::string();
}

Message route_summary(std::string_view outcome) {
    return Message("summary.route.registration." + std::string(outcome));
}

boost::asio::awaitable<CheckResult> run_route_registration(RunContext& context) {
    CheckResult result;
    bool appeared_late = false;
    const Routes routes = co_await ask_until_present(context, appeared_late);
    facts::Route facts = facts_of(routes, appeared_late);
    result.facts = facts::to_json(facts);

    if (any_present(routes)) {
        RouteState state;
        state.with_api_prefix = routes.page.presence == Presence::present;
        state.without_api_prefix = routes.plain.presence == Presence::present;
        context.found.route = state;
    }
    if (routes.page.presence == Presence::present) {
        result.summary = route_summary(appeared_late ? "late" : "present");
        co_return result;
    }
    if (routes.page.presence == Presence::denied) {
        result.findings.push_back(denied(context, routes.page));
        result.summary = route_summary("denied");
        co_return result;
    }
    if (routes.page.presence == Presence::unanswered) {
        // A cut connection leaves the question open; silence is an answer of its kind.
        result.incomplete = !routes.page.timed_out;
        if (routes.page.timed_out) {
            result.findings.push_back(unanswered(context, routes.page));
        }
        result.summary = route_summary("unanswered");
        co_return result;
    }
    if (routes.plain.presence == Presence::present) {
        Finding finding = co_await prefix_missing(context, routes);
        result.findings.push_back(std::move(finding));
        result.summary = route_summary("no-prefix");
        co_return result;
    }
    const Traces traces = co_await look_for_traces(context);
    facts.node_loaded = yes_no(traces.node);
    facts.node_folder = sanitize(traces.folder, Lines::single, bounds::kExtensionPathBytes);
    facts.extension_served = yes_no(traces.extension);
    result.facts = facts::to_json(facts);
    // A 404 where the page does not ask says nothing.
    if (const std::string question = other_question(context); !question.empty() && gives_404(routes)) {
        facts.page_asks = question;
        result.facts = facts::to_json(facts);
        result.incomplete = true;
        result.summary = Message("summary.route.registration.other-question");
        co_return result;
    }
    result.findings.push_back(explain_absence(context, routes, traces));
    result.summary = route_summary(gives_404(routes) ? "absent" : "other-answer");
    co_return result;
}

}  // namespace

namespace checks {

extern constinit const Check route_registration{
    .id = "route.registration",
    .needs = {"local.server"},
    // The plugin writes a sample config.ini at the first query when there is none: the file is read before that.
    .after = {"install.plugin", "config.key"},
    .limit = std::chrono::seconds(30),
    .found =
        [](const RunContext& context) {
            const auto& route = context.found.route;
            return route && (route->with_api_prefix || route->without_api_prefix);
        },
    .run = run_route_registration,
};

}  // namespace checks
}  // namespace banana
