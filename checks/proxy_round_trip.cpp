// proxy.round-trip: refresh=1 through the route by the page's own path and parameters.
#include "banana/bounds.hpp"
#include "banana/cause.hpp"
#include "banana/facts.hpp"
#include "banana/variant.hpp"
#include "bounded_file.hpp"
#include "check.hpp"
#include "comfyui_api.hpp"
#include "handler_crash.hpp"
#include "http_client.hpp"
#include "netrc_notice.hpp"
#include "page_question.hpp"
#include "redaction.hpp"
#include "round_trip_failure.hpp"
#include "route_answer.hpp"
#include "run_context.hpp"
#include "text.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>

namespace banana {
namespace {

// The plugin itself waits 15 s for the upstream; with the usual 10 s this leaves it the time to say so.
constexpr std::chrono::milliseconds kPluginsOwnWait{8000};

constexpr CheckIds kComparedWith{"upstream.api"};

// What a gateway answers by itself when the server behind it fails or is slow; aiohttp answers 500.
bool is_gateway_status(int status) {
    return status == 502 || status == 503 || status == 504;
}

// ComfyUI's own web server says so when a handler throws.
bool is_of_aiohttp(const HttpResponse& response) {
    return contains_ignoring_case(response.header("Server"), "aiohttp") ||
           response.body.find("Server got itself in trouble") != std::string::npos;
}

// What the log has of it is the code's own, whatever stands before ComfyUI made of the answer.
void describe_crash(const RunContext& context, const HandlerCrash& crash, Finding& finding) {
    const std::string exception = context.redactor.scrub(crash.exception);
    set_variant(finding, Variant::server_error);
    finding.args["fix_variant"] = "crash";
    finding.args["exception"] = exception;
    finding.args["file"] = context.redactor.scrub(crash.file);
    finding.args["line"] = crash.line;
    finding.evidence.emplace_back("handler-crash", exception, context.redactor.scrub(crash.file), crash.line);
}

Finding bad_response(const RunContext& context, const RouteAnswer& answer, const HttpResponse& response,
                     const PageQuestion& question) {
    Finding finding(Cause::proxy_bad_response);
    switch (answer.kind) {
        case AnswerKind::server_error:
            finding.args["variant"] = is_gateway_status(answer.status) ? "gateway"
                                      : is_of_aiohttp(response)        ? variant_name(Variant::server_error)
                                                                       : "server-error-unclear";
            break;
        case AnswerKind::not_json:
            finding.args["variant"] = answer.only_python_reads ? "not-finite" : "not-json";
            break;
        case AnswerKind::absent: finding.args["variant"] = "absent"; break;
        case AnswerKind::denied:
            finding.args["variant"] = answer.status < 300 ? "login-form" : "denied";
            finding.args["fix_variant"] = "denied";
            break;
        case AnswerKind::not_cached: finding.args["variant"] = "not-cached"; break;
        default: break;
    }
    add_answer(context, answer, question, finding);
    if (const std::string body = sanitize(trim_ascii(response.body), Lines::single, bounds::kHttpBodyTextBytes);
        !body.empty() && answer.message.empty()) {
        finding.evidence.emplace_back("body-beginning", context.redactor.scrub(body));
    }
    return finding;
}

Finding no_answer(const RunContext& context, const Exchange& exchange, const PageQuestion& question,
                  std::chrono::milliseconds limit) {
    const NetworkError& error = *exchange.error;
    Finding finding(error.failure == NetworkFailure::timed_out ? Cause::proxy_response_timeout
                                                               : Cause::proxy_bad_response);
    if (error.failure != NetworkFailure::timed_out) {
        finding.args["variant"] = "cut";
    } else if (is_same_question(context, question)) {
        finding.args["fix_variant"] = "service-answers";
    }
    finding.args["seconds"] = static_cast<double>(limit.count()) / 1000.0;
    finding.args["url"] = context.redactor.scrub(question.masked_url);
    finding.args["status"] = 0;
    finding.args["route_status"] = exchange.response ? exchange.response->status : 0;
    if (!error.detail.empty()) {
        finding.evidence.emplace_back(
            "connection-error",
            context.redactor.scrub(sanitize(error.detail, Lines::single, bounds::kAnswerFailureTextBytes)));
    }
    return finding;
}

bool is_close(double a, double b) {
    return std::abs(a - b) < 0.5;
}

// Both calls are made at about the same time, and which is answered first is open. What is used in between lowers what
// is left; a fifth of the whole is more than a few seconds can use.
bool may_be_one_balance(const Balance& direct, const Balance& plugin) {
    if (direct.unlimited_quota && plugin.unlimited_quota && *direct.unlimited_quota != *plugin.unlimited_quota) {
        return false;
    }
    if (direct.expires_at && plugin.expires_at && *direct.expires_at != *plugin.expires_at) {
        return false;
    }
    if (direct.total_granted && plugin.total_granted && !is_close(*direct.total_granted, *plugin.total_granted)) {
        return false;
    }
    if (!direct.total_available || !plugin.total_available) {
        return true;
    }
    const double used = std::abs(*direct.total_available - *plugin.total_available);
    const double whole = std::abs(direct.total_granted.value_or(*direct.total_available));
    return used <= std::max(whole / 5, 0.5);
}

Finding balance_mismatch(const RunContext& context, const Balance& plugin, const PageQuestion& question) {
    const Balance& direct = *context.found.upstream->balance;
    Finding finding(Cause::proxy_balance_mismatch);
    finding.key_source = key_in_question(context, question);
    finding.args["direct"] = direct.total_available.value_or(0);
    finding.args["plugin"] = plugin.total_available.value_or(0);
    finding.evidence.emplace_back("direct-balance", boost::json::serialize(direct.raw));
    finding.evidence.emplace_back("plugin-balance", boost::json::serialize(plugin.raw));
    return finding;
}

// As one text: a key may be wrapped over several lines.
facts::Texts scrubbed_lines(const RunContext& context, const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) {
        text.append(text.empty() ? "" : "\n").append(line);
    }
    const std::string scrubbed = context.redactor.scrub(text);
    facts::Texts shown;
    for (std::size_t at = 0; !scrubbed.empty() && at <= scrubbed.size();) {
        const std::size_t end = std::min(scrubbed.find('\n', at), scrubbed.size());
        shown.push_back(scrubbed.substr(at, end - at));
        at = end + 1;
    }
    return shown;
}

void add_facts(const RunContext& context, const RouteAnswer& answer, facts::Query& facts) {
    facts.http_status = answer.status;
    if (answer.success) {
        // Success without data is none.
        facts.success = *answer.success && answer.kind == AnswerKind::balance;
    }
    if (answer.balance) {
        facts.balance = answer.balance->raw;
    }
    facts.summary_lines = scrubbed_lines(context, answer.summary_lines);
    facts.cached = answer.cached;
    facts.stale = answer.stale;
    facts.cost_factor = answer.cost_factor;
    if (!answer.message.empty()) {
        facts.message = context.redactor.scrub(answer.message);
    }
}

Message summary_of(const RouteAnswer& answer) {
    if (answer.kind != AnswerKind::balance) {
        Message summary("summary.proxy.round-trip.failed");
        summary.args["status"] = answer.status;
        return summary;
    }
    const bool unlimited = answer.balance && answer.balance->unlimited_quota == true;
    Message summary(unlimited ? "summary.proxy.round-trip.unlimited" : "summary.proxy.round-trip.balance");
    summary.args["available"] = answer.balance ? answer.balance->total_available.value_or(0) : 0.0;
    return summary;
}

// The log's summary line of the failure just seen; the one that startup.log read is older.
boost::asio::awaitable<std::string> fresh_log_summary(RunContext& context) {
    const std::optional<std::string> log = co_await log_ring(context, context.found.server->base_url);
    if (log) {
        co_return last_failure_summary(*log);
    }
    // A log file is read at the start of a run only: what it says may be of an earlier query, and is not used.
    co_return std::string();
}

// The handler's exception is logged before its answer is sent.
boost::asio::awaitable<std::optional<HandlerCrash>> fresh_crash(RunContext& context) {
    const std::optional<std::string> log = co_await log_ring(context, context.found.server->base_url);
    const std::string folder = context.found.install ? context.found.install->folder_name : std::string();
    co_return log ? last_handler_crash(*log, folder) : std::nullopt;
}

constexpr std::string_view kWrittenSample = "your-api-key-here";  // as the plugin writes it

// The plugin writes a sample where its config.ini is missing, at the first query: at one of ours, which may have been
// the look for the route.
bool was_config_written(const RunContext& context) {
    const std::optional<ConfigReading>& config = context.found.config;
    if (!config || config->state != KeyState::missing) {
        return false;
    }
    const BoundedFile now = read_bounded(config->file);
    return !now.problem && now.bytes.find(kWrittenSample) != std::string::npos;
}

// The direct query got its balance with the same key at the same time, and the plugin's was turned down for the key or
// for what it does not say. A limit is not asked again, and what a proxy or a redirect answers comes every time.
bool may_come_and_go(const RunContext& context, const PageQuestion& question, const RouteAnswer& answer,
                     const Finding& finding) {
    const std::string_view kind = text_member(finding.args, "kind");
    const bool by_status = finding.code == Cause::proxy_upstream_failed && (kind == "http-status" || kind == "unknown");
    const bool refused = finding.code == Cause::proxy_key_rejected && variant_of(finding) != Variant::other;
    const int status = answer.upstream_status.value_or(0);
    const bool settled = status == 429 || status == 407 || (status >= 300 && status < 400);
    return !context.options.asks_once && (refused || by_status) && !settled && is_same_question(context, question);
}

// Where one of several servers of the service does not know the key, the same query is answered the next time. Once
// shows every second one; no more is asked, since all of them count.
boost::asio::awaitable<void> ask_again(RunContext& context, const PageQuestion& question,
                                       std::chrono::milliseconds limit, Finding& finding, facts::Query& facts) {
    constexpr int kQueries = 2;
    facts.upstream_queries = kQueries;
    const Exchange exchange = co_await local_get(context, question.url, limit, Asked::once);
    if (!exchange.ok()) {
        co_return;
    }
    const RouteAnswer answer = read_route_answer(*exchange.response);
    if (answer.kind == AnswerKind::balance && !answer.cached.value_or(false)) {
        finding.args.erase("fix_variant");
        finding.args["variant"] = "comes-and-goes";
        finding.args["tries"] = kQueries;
        finding.evidence.emplace_back("asked-again", "HTTP " + std::to_string(answer.status));
    }
}

// The query fails for another reason: an entry in .netrc is what it meets next. One that comes and goes met it already.
void note_netrc(const RunContext& context, CheckResult& result) {
    const Finding& failure = result.findings.back();
    if (failure.code == Cause::proxy_netrc_override || text_member(failure.args, "variant") == "comes-and-goes") {
        return;
    }
    if (std::optional<Finding> notice = netrc_notice(context)) {
        result.findings.push_back(std::move(*notice));
    }
}

boost::asio::awaitable<CheckResult> run_proxy_round_trip(RunContext& context) {
    CheckResult result;
    const PageQuestion question = co_await page_question(context);
    if (question.withheld != Withheld::no) {
        result.incomplete = true;
        facts::Query facts;
        facts.url = context.redactor.scrub(question.masked_url);
        if (question.withheld == Withheld::line_unknown) {
            facts.host_known = false;
        } else {
            facts.insecure = true;
        }
        result.facts = facts::to_json(facts);
        result.summary = Message(question.withheld == Withheld::line_unknown ? "summary.proxy.round-trip.line-unknown"
                                                                             : "summary.proxy.round-trip.insecure");
        co_return result;
    }
    const std::chrono::milliseconds limit = context.options.timeout + kPluginsOwnWait;
    const Exchange exchange = co_await local_get(context, question.url, limit, Asked::once);
    // What it is compared with was asked at the same time.
    co_await context.until_ended(kComparedWith);

    facts::Query facts;
    facts.url = context.redactor.scrub(question.masked_url);
    facts.page_path = context.found.route->with_api_prefix;
    facts.key_sent = question.key_sent;
    facts.key_withheld = question.key_withheld;
    if (!question.service_line.empty()) {
        facts.line = question.service_line;
    }
    if (was_config_written(context)) {
        facts.config_written = true;
    }
    // The node's own key was not tried: whether it works stays open.
    result.incomplete = question.key_withheld;
    if (exchange.times.total) {
        facts.answered_ms = exchange.times.total->count();
    }
    result.facts = facts::to_json(facts);
    RoundTrip trip;
    if (!exchange.ok()) {
        result.findings.push_back(no_answer(context, exchange, question, limit));
        result.summary = Message("summary.proxy.round-trip.no-answer");
        trip.outcome = code_of(result.findings.front().code);
        context.found.round_trip = std::move(trip);
        co_return result;
    }
    const RouteAnswer answer = read_route_answer(*exchange.response);
    add_facts(context, answer, facts);
    result.facts = facts::to_json(facts);
    // Asked for a fresh balance, it gave one of before: what happens now stays open.
    result.incomplete = result.incomplete || answer.cached.value_or(false);
    const bool hidden = answer.kind == AnswerKind::failure &&
                        (answer.failure == RouteFailure::opaque || answer.failure == RouteFailure::unknown);
    std::string log_summary;
    if (hidden) {
        log_summary = co_await fresh_log_summary(context);
    }
    if (answer.kind == AnswerKind::failure || answer.kind == AnswerKind::without_data) {
        result.findings.push_back(failure_finding(context, answer, question, log_summary));
        if (may_come_and_go(context, question, answer, result.findings.back())) {
            co_await ask_again(context, question, limit, result.findings.back(), facts);
            result.facts = facts::to_json(facts);
        }
        note_netrc(context, result);
    } else if (answer.kind != AnswerKind::balance) {
        result.findings.push_back(bad_response(context, answer, *exchange.response, question));
        if (answer.kind == AnswerKind::server_error) {
            const std::optional<HandlerCrash> crash = co_await fresh_crash(context);
            if (crash) {
                describe_crash(context, *crash, result.findings.back());
            }
        }
    } else {
        trip.balance_came = true;
        if (key_is_good_directly(context, question) &&
            !may_be_one_balance(*context.found.upstream->balance, *answer.balance)) {
            result.findings.push_back(balance_mismatch(context, *answer.balance, question));
        }
    }
    result.summary = summary_of(answer);
    trip.outcome = trip.balance_came ? "balance" : std::string(code_of(result.findings.front().code));
    context.found.round_trip = std::move(trip);
    co_return result;
}

}  // namespace

namespace checks {

extern constinit const Check proxy_round_trip{
    .id = "proxy.round-trip",
    .needs = {"route.registration"},
    // The log is read before this writes to it.
    .after = {"config.key", "frontend.extension", "startup.log"},
    .beside = kComparedWith,
    .limit = std::chrono::seconds(60),
    .run = run_proxy_round_trip,
};

}  // namespace checks
}  // namespace banana
