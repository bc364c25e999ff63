// proxy.round-trip: refresh=1 through the route by the page's own path and parameters.
#include "banana/bounds.hpp"
#include "banana/facts.hpp"
#include "banana/variant.hpp"
#include "base_url.hpp"
#include "certifi_repair.hpp"
#include "check.hpp"
#include "comfyui_api.hpp"
#include "http_client.hpp"
#include "netrc.hpp"
#include "page_question.hpp"
#include "proxy_settings.hpp"
#include "redaction.hpp"
#include "route_answer.hpp"
#include "run_context.hpp"
#include "text.hpp"
#include "web_url.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>

namespace banana {
namespace {

// The plugin itself waits 15 s for the upstream; with the usual 10 s this leaves it the time to say so.
constexpr std::chrono::milliseconds kPluginsOwnWait{8000};

constexpr CheckIds kComparedWith{"upstream.api"};

// Evidence for what lies behind a failure that the plugin does not explain.
struct Proof {
    RouteFailure failure = RouteFailure::unknown;
    std::string_view source = "none";  // log, direct-call, netrc, environment, none
    bool inferred = true;
};

const Environment& plugin_environment(const RunContext& context) {
    const std::optional<Environment>& process = context.found.server->process_environment;
    return process ? *process : context.surroundings.environment;
}

std::optional<NetrcEntry> netrc_for(const RunContext& context) {
    return find_netrc_entry(host_asked(context), plugin_environment(context), context.surroundings.home);
}

bool url_has_user(const RunContext& context) {
    const std::optional<WebUrl> url = parse_web_url(effective_base_url(context));
    return url && url->has_user_info;
}

// The direct call had the balance of the very key that this query makes the plugin use.
bool key_is_good_directly(const RunContext& context, const PageQuestion& question) {
    const std::optional<UpstreamOutcome>& upstream = context.found.upstream;
    if (!upstream || !upstream->balance) {
        return false;
    }
    if (question.key_sent) {
        return upstream->balance_key_fingerprint == context.given_key->key.fingerprint();
    }
    const std::optional<ConfigReading>& config = context.found.config;
    return config && config->key && upstream->balance_key_fingerprint == config->key->fingerprint();
}

// The direct call went to the host that the plugin asks.
bool asked_directly(const RunContext& context) {
    const std::optional<WebUrl> direct = parse_web_url(context.found.upstream->base_url);
    return direct && direct->host == host_asked(context);
}

// The direct call asked the same host with the same key and got the balance.
bool is_same_question(const RunContext& context, const PageQuestion& question) {
    return key_is_good_directly(context, question) && asked_directly(context);
}

// A sample or a damaged key that this version of the plugin sends all the same.
bool unusable_key_is_sent(const RunContext& context, const PageQuestion& question) {
    const std::optional<ConfigReading>& config = context.found.config;
    return !question.key_sent && config && config->plugin_sends_it && config->state != KeyState::usable;
}

// The direct call takes the same way to the same host: its error is the likely one of the plugin's call.
RouteFailure failure_seen_directly(const RunContext& context, const PageQuestion& question) {
    if (!context.found.upstream || !asked_directly(context)) {
        return RouteFailure::unknown;
    }
    for (const Cause cause : context.found.upstream->errors) {
        const RouteFailure failure = failure_of_upstream(cause);
        // A refusal of the other key under test says nothing about this one.
        const bool of_other_key = failure == RouteFailure::key_rejected && key_is_good_directly(context, question);
        if (failure != RouteFailure::unknown && !of_other_key) {
            return failure;
        }
    }
    return RouteFailure::unknown;
}

// One of those that the log lumps together.
bool is_connection_failure(RouteFailure failure) {
    return failure == RouteFailure::dns || failure == RouteFailure::refused || failure == RouteFailure::unreachable ||
           failure == RouteFailure::reset;
}

// V2 and V3 hide every cause behind one sentence. `summary`: the log's last word on it, written for this call.
Proof prove_hidden_failure(const RunContext& context, const PageQuestion& question, const std::string& summary) {
    Proof proof;
    proof.failure = failure_of_log_summary(summary);
    const RouteFailure direct = failure_seen_directly(context, question);
    const bool direct_says_more = proof.failure == RouteFailure::connection && is_connection_failure(direct);
    if (!summary.empty() && proof.failure != RouteFailure::unknown && !direct_says_more) {
        proof.source = "log";
        proof.inferred = false;
        return proof;
    }
    proof.failure = direct;
    if (proof.failure != RouteFailure::unknown) {
        proof.source = "direct-call";
        return proof;
    }
    const bool status_lost = summary.empty() || summary.find("HTTP") != std::string::npos;
    if (status_lost && key_is_good_directly(context, question) && (url_has_user(context) || netrc_for(context))) {
        proof.failure = RouteFailure::key_rejected;
        proof.source = "netrc";
        proof.inferred = summary.empty();
        return proof;
    }
    if (status_lost && unusable_key_is_sent(context, question)) {
        proof.failure = RouteFailure::key_rejected;
        proof.source = "config";
        return proof;
    }
    const std::optional<WebUrl> url = parse_web_url(effective_base_url(context));
    if (url && !choose_proxy(url->text(), plugin_environment(context)).url.empty() &&
        key_is_good_directly(context, question)) {
        proof.failure = RouteFailure::unknown;
        proof.source = "environment";
        return proof;
    }
    // The server answered with an error status, which the plugin's log has lost.
    if (!summary.empty() && summary.find("HTTP") != std::string::npos) {
        proof.failure = RouteFailure::http_status;
        proof.source = "log";
    }
    return proof;
}

std::string key_in_question(const RunContext& context, const PageQuestion& question) {
    if (question.key_sent) {
        return context.given_key->source;
    }
    return context.found.config ? context.found.config->source : std::string();
}

void add_answer(const RunContext& context, const RouteAnswer& answer, const PageQuestion& question, Finding& finding) {
    finding.args["url"] = context.redactor.scrub(question.shown_url);
    finding.args["status"] = answer.upstream_status.value_or(0);
    finding.args["route_status"] = answer.status;
    finding.args["message"] = "–";
    finding.evidence.emplace_back("route-answer", "HTTP " + std::to_string(answer.status));
    if (!answer.message.empty()) {
        const std::string message = context.redactor.scrub(answer.message);
        finding.args["message"] = message;
        finding.evidence.emplace_back("plugin-message", message);
    }
}

Finding no_key(const RunContext& context, const RouteAnswer& answer, const PageQuestion& question) {
    Finding finding(Cause::proxy_no_key);
    finding.key_source = key_in_question(context, question);
    const std::optional<ConfigReading>& config = context.found.config;
    if (config && config->key && config->state == KeyState::usable) {
        finding.args["variant"] = "file-good";
        finding.args["file"] = context.redactor.scrub(path_text(config->file));
    }
    add_answer(context, answer, question, finding);
    return finding;
}

Finding key_rejected(const RunContext& context, const RouteAnswer& answer, const PageQuestion& question,
                     const Proof& proof, bool unusable) {
    Finding finding(Cause::proxy_key_rejected);
    finding.key_source = key_in_question(context, question);
    finding.inferred = proof.inferred;
    finding.args["proof"] = proof.source;
    if (unusable) {
        finding.args["variant"] = "unusable";
    } else if (!answer.upstream_status) {
        finding.args["variant"] = "status-hidden";
    } else if (is_same_question(context, question)) {
        set_variant(finding, Variant::works_directly);
    }
    add_answer(context, answer, question, finding);
    return finding;
}

Finding netrc_override(const RunContext& context, const RouteAnswer& answer, const PageQuestion& question,
                       const Proof& proof) {
    Finding finding(Cause::proxy_netrc_override);
    finding.args["host"] = host_asked(context);
    finding.args["proof"] = "netrc";
    const std::optional<NetrcEntry> entry = netrc_for(context);
    if (url_has_user(context)) {
        finding.args["variant"] = "in-url";
        finding.args["base_url"] = context.redactor.scrub(parse_web_url(effective_base_url(context))->text());
    } else if (entry) {
        const std::string file = path_text(entry->file);
        finding.args["file"] = file;
        finding.args["line"] = entry->line;
        finding.evidence.emplace_back("netrc-entry", (entry->is_default ? "" : "machine ") + sanitize(entry->machine),
                                      file, entry->line);
    }
    // Whose file it is, is sure only where ComfyUI's own environment was read.
    finding.inferred = proof.inferred || !context.found.server->process_environment;
    add_answer(context, answer, question, finding);
    return finding;
}

// The list of authorities that the plugin's Python did not find, as it says itself; empty where it does not.
std::string missing_bundle(std::string_view words) {
    constexpr std::string_view kWords = "Could not find a suitable TLS CA certificate bundle, invalid path: ";
    const std::size_t at = words.find(kWords);
    if (at == std::string_view::npos) {
        return {};
    }
    return sanitize(trim_ascii(words.substr(at + kWords.size())), Lines::single, bounds::kHttpUrlTextBytes);
}

void describe_missing_bundle(const RunContext& context, const std::string& file, Finding& finding) {
    finding.args["variant"] = "bundle";
    finding.args["file"] = context.redactor.scrub(file);
    if (!file.ends_with("cacert.pem") || file.find("certifi") == std::string::npos) {
        return;
    }
    finding.args["fix_variant"] = "bundle-certifi";
    add_certifi_repair(file, finding);
}

// What the plugin's own words say of it: a limit or a fault of the service, a proxy that its Python lacks a package
// for, or that no log has to be asked.
std::string_view upstream_failed_variant(const RouteAnswer& answer, const Proof& proof, std::string_view summary) {
    if (answer.upstream_status == 429) {
        return variant_name(Variant::rate_limited);
    }
    if (answer.upstream_status.value_or(0) >= 500) {
        return variant_name(Variant::server_error);
    }
    constexpr std::string_view kNoSocks = "Missing dependencies for SOCKS";
    if (answer.message.find(kNoSocks) != std::string::npos || summary.find(kNoSocks) != std::string_view::npos) {
        return "socks";
    }
    return proof.source == "message" ? "named" : "";
}

Finding upstream_failed(const RunContext& context, const RouteAnswer& answer, const PageQuestion& question,
                        const Proof& proof, const std::string& summary) {
    Finding finding(Cause::proxy_upstream_failed);
    finding.inferred = proof.inferred;
    finding.args["kind"] = kind_name(proof.failure);
    if (const std::string_view variant = upstream_failed_variant(answer, proof, summary); !variant.empty()) {
        finding.args["variant"] = variant;
    }
    const std::string in_message = missing_bundle(answer.message);
    if (const std::string bundle = in_message.empty() ? missing_bundle(summary) : in_message; !bundle.empty()) {
        describe_missing_bundle(context, bundle, finding);
    }
    finding.args["proof"] = proof.source;
    finding.args["host"] = host_asked(context);
    add_answer(context, answer, question, finding);
    if (!summary.empty()) {
        finding.evidence.emplace_back("log-summary", context.redactor.scrub(summary));
    }
    if (proof.source == "environment") {
        const std::optional<WebUrl> url = parse_web_url(effective_base_url(context));
        const ProxyChoice choice = choose_proxy(url->text(), plugin_environment(context));
        if (to_lower_ascii(choice.url).starts_with("socks")) {
            finding.args["variant"] = "socks-suspected";
        }
        finding.evidence.emplace_back("proxy-setting", choice.variable + "=" + mask_proxy_password(choice.url));
    }
    return finding;
}

// An entry in .netrc replaces the key with the plugin's own way of asking; the direct call is not misled by it.
bool is_netrc_case(const RunContext& context, const PageQuestion& question, const Proof& proof) {
    return proof.failure == RouteFailure::key_rejected && key_is_good_directly(context, question) &&
           (url_has_user(context) || netrc_for(context));
}

Finding failure_finding(const RunContext& context, const RouteAnswer& answer, const PageQuestion& question,
                        const std::string& summary) {
    if (answer.failure == RouteFailure::no_key) {
        return no_key(context, answer, question);
    }
    const bool hidden = answer.failure == RouteFailure::opaque || answer.failure == RouteFailure::unknown;
    Proof proof;
    if (hidden) {
        proof = prove_hidden_failure(context, question, summary);
    } else {
        proof = Proof{answer.failure, "message", false};
    }
    if (proof.failure == RouteFailure::key_unusable) {
        Finding finding = key_rejected(context, answer, question, proof, true);
        if (hidden) {
            finding.args["message"] = context.redactor.scrub(summary);
            finding.evidence.emplace_back("log-summary", context.redactor.scrub(summary));
        }
        return finding;
    }
    if (is_netrc_case(context, question, proof)) {
        return netrc_override(context, answer, question, proof);
    }
    if (proof.failure == RouteFailure::key_rejected) {
        return key_rejected(context, answer, question, proof, false);
    }
    return upstream_failed(context, answer, question, proof, summary);
}

// What a gateway answers by itself when the server behind it fails or is slow; aiohttp answers 500.
bool is_gateway_status(int status) {
    return status == 502 || status == 503 || status == 504;
}

Finding bad_response(const RunContext& context, const RouteAnswer& answer, const HttpResponse& response,
                     const PageQuestion& question) {
    Finding finding(Cause::proxy_bad_response);
    switch (answer.kind) {
        case AnswerKind::server_error:
            finding.args["variant"] =
                is_gateway_status(answer.status) ? "gateway" : variant_name(Variant::server_error);
            break;
        case AnswerKind::not_json: finding.args["variant"] = "not-json"; break;
        case AnswerKind::absent: finding.args["variant"] = "absent"; break;
        case AnswerKind::denied: finding.args["variant"] = "denied"; break;
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
    }
    finding.args["seconds"] = static_cast<double>(limit.count()) / 1000.0;
    finding.args["url"] = context.redactor.scrub(question.shown_url);
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

// The plugin writes a sample where its config.ini is missing, at the first query: at ours.
bool is_config_missing(const RunContext& context) {
    std::error_code unknown;
    return context.found.config && !std::filesystem::exists(context.found.config->file, unknown) && !unknown;
}

// The direct query got its balance with the same key at the same time, and the plugin's was turned down for the key or
// for what it does not say. A limit is not asked again, and what a proxy or a redirect answers comes every time.
bool may_come_and_go(const RunContext& context, const PageQuestion& question, const RouteAnswer& answer,
                     const Finding& finding) {
    const boost::json::value* kind = finding.args.if_contains("kind");
    const bool by_status = finding.code == Cause::proxy_upstream_failed && kind != nullptr &&
                           (*kind == "http-status" || *kind == "unknown");
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
        finding.args["variant"] = "comes-and-goes";
        finding.args["tries"] = kQueries;
        finding.evidence.emplace_back("asked-again", "HTTP " + std::to_string(answer.status));
    }
}

boost::asio::awaitable<CheckResult> run_proxy_round_trip(RunContext& context) {
    CheckResult result;
    const PageQuestion question = co_await page_question(context);
    if (question.withheld != Withheld::no) {
        result.incomplete = true;
        facts::Query facts;
        facts.url = context.redactor.scrub(question.shown_url);
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
    const bool config_was_missing = is_config_missing(context);
    const std::chrono::milliseconds limit = context.options.timeout + kPluginsOwnWait;
    const Exchange exchange = co_await local_get(context, question.url, limit, Asked::once);
    // What it is compared with was asked at the same time.
    co_await context.until_ended(kComparedWith);

    facts::Query facts;
    facts.url = context.redactor.scrub(question.shown_url);
    facts.page_path = context.found.route->with_api_prefix;
    facts.key_sent = question.key_sent;
    facts.key_withheld = question.key_withheld;
    if (!question.line.empty()) {
        facts.line = question.line;
    }
    if (config_was_missing && !is_config_missing(context)) {
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
    } else if (answer.kind != AnswerKind::balance) {
        result.findings.push_back(bad_response(context, answer, *exchange.response, question));
    } else {
        trip.balance_came = true;
        if (is_same_question(context, question) &&
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
