// upstream.api: name, TCP, proxy, TLS, HTTP and JSON of the upstream; then the keys and their balances.
#include "banana/context.hpp"
#include "banana/lookup.hpp"
#include "checks/list.hpp"
#include "checks/upstream_facts.hpp"
#include "checks/upstream_findings.hpp"
#include "engines/api_key.hpp"
#include "engines/http_client.hpp"
#include "engines/outbound_settings.hpp"
#include "engines/platform_host.hpp"
#include "engines/plugin_profile.hpp"
#include "engines/redaction.hpp"
#include "engines/text.hpp"
#include "engines/upstream_answer.hpp"
#include "engines/url_secrets.hpp"
#include "engines/web_url.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <cstdlib>

namespace banana {
namespace {

namespace json = boost::json;
namespace asio = boost::asio;

constexpr std::string_view kUsagePath = "/api/usage/token";
constexpr int kConnectRetries = 2;
// Second looks (the direct way, other lines) are hints: they may not eat the run's deadline.
constexpr std::chrono::milliseconds kSecondLook{4'000};
constexpr std::chrono::milliseconds kAddressGrace{1'100};
constexpr std::chrono::seconds kClockTolerance = std::chrono::minutes(5);

// A key worth sending, and what a finding about it weighs.
struct Candidate {
    Candidate(const Secret& key, std::string source, Severity severity, bool in_use)
        : key(&key), source(std::move(source)), severity(severity), in_use(in_use) {}
    const Secret* key;
    std::string source;
    Severity severity;
    bool in_use;  // the plugin would use it
};

// What one key was answered.
struct Trial {
    Trial() = default;
    std::optional<UpstreamAnswer> answer;
    std::optional<Finding> finding;
    std::optional<Finding> elsewhere;  // what the key's own line says of it
    int status = 0;
};

// The given key, else the configured one; one key can come from both.
bool is_under_test(const RunContext& context, const Candidate& candidate) {
    return !context.given_key || candidate.source == context.given_key->source ||
           context.given_key->key.same_as(*candidate.key);
}

bool fits_into_a_header(const Secret& key) {
    const std::string_view text = key.reveal();
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7F'; });
}

// A sample proves nothing, and each refusal of it counts against the limit.
bool gave_a_sample(const RunContext& context) {
    return context.given_key && find_sample_key(context.given_key->key.reveal());
}

// In the order in which they are tried: the given key first.
std::vector<Candidate> candidates(const RunContext& context) {
    std::vector<Candidate> keys;
    const auto& config = context.found.config;
    const bool configured = config && config->key && config->state == KeyState::usable;
    const bool as_node = context.options.as_node && context.given_key;
    if (context.given_key && fits_into_a_header(context.given_key->key) && !gave_a_sample(context)) {
        const bool decides = as_node || !configured;
        keys.emplace_back(context.given_key->key, context.given_key->source,
                          decides ? Severity::error : Severity::warning, decides);
    }
    const bool same = configured && context.given_key && config->key->same_as(context.given_key->key);
    if (configured && !same && fits_into_a_header(*config->key)) {
        keys.emplace_back(*config->key, config->source, as_node ? Severity::warning : Severity::error, !as_node);
    }
    if (same && !keys.empty()) {
        keys.front().severity = Severity::error;
        keys.front().in_use = true;
    }
    return keys;
}

// An address that only fails for letters outside ASCII in its host.
bool is_international_name(std::string_view base_url) {
    std::string plain(base_url);
    const std::size_t host = plain.find("://");
    for (std::size_t at = host; at < plain.size(); ++at) {
        plain[at] = static_cast<unsigned char>(plain[at]) < 0x80 ? plain[at] : 'x';
    }
    return host != std::string::npos && plain != base_url && parse_web_url(plain + std::string(kUsagePath));
}

// "https://host:0" and the like: right but for the port.
bool has_impossible_port(std::string_view base_url) {
    const std::size_t colon = base_url.rfind(':');
    const std::string_view port = colon == std::string_view::npos ? std::string_view() : base_url.substr(colon + 1);
    const std::string_view rest = port.substr(std::min(port.find_first_not_of("0123456789"), port.size()));
    return !port.empty() && (rest.empty() || rest.front() == '/') && rest.size() < port.size() &&
           parse_web_url(base_url.substr(0, colon));
}

class UpstreamProbe {
public:
    explicit UpstreamProbe(RunContext& context) : context_(context) {}
    asio::awaitable<CheckResult> run();

private:
    asio::awaitable<void> ask_upstream();
    void note_accepted(const Candidate& candidate);
    asio::awaitable<Trial> try_key(const Candidate* candidate);
    asio::awaitable<Exchange> exchange(std::string url, const Secret* key, ExchangeOptions options);
    asio::awaitable<bool> look_past_the_proxy(Finding& finding, Exchange failed);
    asio::awaitable<void> look_for_the_clock(Finding& finding, std::optional<CertificateFacts> rejected);
    asio::awaitable<void> ask_other_lines(const Candidate& candidate, Trial& trial);

    ExchangeOptions plugin_options() const;
    ExchangeOptions second_look() const;
    bool asks_lines(const Trial& trial) const;
    void note_clock(std::chrono::seconds difference, bool verified);
    std::chrono::system_clock::time_point true_time() const;
    void note_connection(const Exchange& first);
    void note_trial(const Candidate* candidate, Trial trial);
    const Finding* decisive_failure(bool another_accepted) const;
    void name_the_key_that_works();
    void finish();

    RunContext& context_;
    CheckResult result_;
    UpstreamOutcome outcome_;
    UpstreamSubject subject_;
    OutboundSettings outbound_;
    json::array by_key_;
    json::array accepted_keys_;
    std::chrono::seconds clock_correction_{0};  // where a verified server proves this clock wrong
    int queries_ = 0;
    bool is_first_ = true;
    bool insecure_ = false;
    bool withholds_key_ = false;  // insecure, or an address that the plugin may not use
    bool key_tried_ = false;
    bool chain_reached_ = false;
    bool tells_keys_apart_ = false;  // another key than the one under test was tried
    std::optional<Balance> shown_balance_;
};

ExchangeOptions UpstreamProbe::plugin_options() const {
    ExchangeOptions options;
    options.timeout = context_.options.timeout;
    options.proxy = outbound_.proxy.url;
    options.trust = outbound_.trust.trust;
    options.connect_retries = kConnectRetries;
    options.attempt_grace = kAddressGrace;
    if (outbound_.trust.source != "system" && outbound_.trust.source != "--ca-file") {
        options.second_trust = Trust{};
    }
    return options;
}

// Without a key, and without the redirect that leads to the counted endpoint.
ExchangeOptions UpstreamProbe::second_look() const {
    ExchangeOptions options;
    options.timeout = std::min(context_.options.timeout, kSecondLook);
    options.trust = outbound_.trust.trust;
    options.follow_redirects = false;
    return options;
}

asio::awaitable<Exchange> UpstreamProbe::exchange(std::string url, const Secret* key, ExchangeOptions options) {
    HttpRequest request;
    request.url = std::move(url);
    if (key != nullptr) {
        request.bearer.emplace(key->clone());
    }
    Exchange exchange = co_await context_.http.exchange(request, std::move(options));
    // The slash redirect is answered before the upstream counts anything.
    const bool ended_in_redirect =
        exchange.response && exchange.response->status >= 300 && exchange.response->status < 400;
    const int followed = static_cast<int>(exchange.redirects.size());
    const int uncounted = ended_in_redirect && followed == 0 ? 1 : followed;
    queries_ += std::max(0, exchange.requests_sent - uncounted);
    co_return exchange;
}

std::chrono::system_clock::time_point UpstreamProbe::true_time() const {
    return context_.surroundings.now() + clock_correction_;
}

void UpstreamProbe::note_clock(std::chrono::seconds difference, bool verified) {
    result_.facts["clock_difference_seconds"] = difference.count();
    const bool known = std::any_of(result_.findings.begin(), result_.findings.end(),
                                   [](const Finding& finding) { return finding.code == Cause::system_clock_skew; });
    if (known || std::abs(difference.count()) <= kClockTolerance.count()) {
        return;
    }
    clock_correction_ = verified ? difference : clock_correction_;
    Finding finding(Cause::system_clock_skew);
    const auto now = context_.surroundings.now();
    const std::string here = platform::local_time(now);
    const std::string there = platform::local_time(now + difference);
    finding.args["minutes"] = std::abs(difference.count()) / 60;
    finding.args["direction"] = difference.count() > 0 ? "behind" : "ahead";
    finding.args["host"] = subject_.url.host;
    finding.args["local_time"] = here;
    finding.args["server_time"] = there;
    finding.inferred = !verified;
    finding.evidence.emplace_back("server-time", there);
    finding.evidence.emplace_back("local-time", here);
    result_.findings.insert(result_.findings.begin(), std::move(finding));
}

void UpstreamProbe::note_connection(const Exchange& first) {
    const auto now = context_.surroundings.now();
    result_.facts["http_status"] = first.response ? json::value(first.response->status) : json::value(nullptr);
    result_.facts["addresses"] = address_facts(first);
    result_.facts["phases_ms"] = phase_facts(first.times);
    result_.facts["tls"] = tls_facts(first, now);
    result_.facts["via_proxy"] = first.via_proxy.empty() ? json::value(nullptr) : json::value(first.via_proxy);
    result_.facts["peer_address"] = first.peer_address;
    if (const std::string_view kind = word_for(address_kind(subject_, first)); !kind.empty()) {
        result_.facts["address_kind"] = kind;
    }
    result_.facts["connect_retries"] = first.connect_retries;
    if (!first.redirects.empty()) {
        json::array redirects;
        for (const Redirect& redirect : first.redirects) {
            redirects.push_back(
                json::object{{"status", redirect.status}, {"from", redirect.from}, {"to", redirect.to}});
        }
        result_.facts["redirects"] = std::move(redirects);
    }
    if (first.response) {
        const bool verified = first.tls && first.tls->verified;
        if (const auto difference = clock_difference(*first.response, now)) {
            note_clock(*difference, verified);
        }
    }
    for (Finding& warning : connection_warnings(subject_, first, true_time())) {
        result_.findings.push_back(std::move(warning));
    }
}

// Whether it is the proxy: the same request the other way, as far as that needs no key. True where that works.
asio::awaitable<bool> UpstreamProbe::look_past_the_proxy(Finding& finding, Exchange failed) {
    const bool proxied = !failed.via_proxy.empty();
    if (!proxied && outbound_.other_proxy.empty()) {
        co_return false;
    }
    ExchangeOptions options = second_look();
    options.proxy = proxied ? std::string() : outbound_.other_proxy;
    const Exchange other = co_await exchange(subject_.url.text(), nullptr, std::move(options));
    const bool works = other.response.has_value();
    const std::string_view outcome = works ? "works" : other.error ? word_for(other.error->failure) : "bad-answer";
    if (proxied) {
        finding.args["direct"] = works ? "works" : "fails";
        finding.evidence.emplace_back("direct-way", std::string(outcome));
        result_.facts["direct_way"] = outcome;
    } else {
        const std::string setting = outbound_.other_proxy_variable + "=" + mask_proxy_password(outbound_.other_proxy);
        finding.evidence.emplace_back("proxied-way", setting + " -> " + std::string(outcome));
        result_.facts["proxied_way"] = outcome;
        if (works) {
            finding.args["fix_variant"] = "shell-proxy";
            finding.args["shell_proxy"] = mask_proxy_password(outbound_.other_proxy);
            finding.args["shell_variable"] = outbound_.other_proxy_variable;
        }
    }
    co_return works;
}

// The Date of a server whose certificate is out of its dates tells whose clock is wrong. Nothing secret is sent, and
// what it says is only taken as a hint.
asio::awaitable<void> UpstreamProbe::look_for_the_clock(Finding& finding, std::optional<CertificateFacts> rejected) {
    ExchangeOptions options = second_look();
    options.proxy = outbound_.proxy.url;
    options.trust.store = Trust::Store::unverified;
    const Exchange hint = co_await exchange(subject_.url.text(), nullptr, std::move(options));
    const auto now = context_.surroundings.now();
    const auto difference = hint.response ? clock_difference(*hint.response, now) : std::nullopt;
    if (!difference || !rejected) {
        finding.inferred = true;
        co_return;
    }
    const auto there = now + *difference;
    const bool differs = std::abs(difference->count()) > kClockTolerance.count();
    const bool clock = differs && rejected->not_before <= there && there <= rejected->not_after;
    if (clock || !finding.args.contains("variant")) {
        finding.args["variant"] = clock ? "clock" : differs ? "both" : "certificate";
    }
    finding.args["server_time"] = platform::local_time(there);
    finding.evidence.emplace_back("server-time", platform::local_time(there));
    finding.inferred = clock;
    note_clock(*difference, false);
}

asio::awaitable<Trial> UpstreamProbe::try_key(const Candidate* candidate) {
    const bool may_send = candidate != nullptr && !withholds_key_;
    const Exchange answered =
        co_await exchange(subject_.url.text(), may_send ? candidate->key : nullptr, plugin_options());
    Trial trial;
    trial.status = answered.response ? answered.response->status : 0;
    if (std::exchange(is_first_, false)) {
        note_connection(answered);
    }
    trial.finding = transport_finding(subject_, answered);
    if (trial.finding) {
        note_odd_address(subject_, *trial.finding, answered);
        if (trial.finding->code == Cause::upstream_tls_expired) {
            const auto rejected = answered.tls ? answered.tls->rejected : std::nullopt;
            co_await look_for_the_clock(*trial.finding, rejected);
        } else if (!answered.response) {
            const bool other_way_works = co_await look_past_the_proxy(*trial.finding, answered);
            const bool proxied = !answered.via_proxy.empty();
            if (proxied && other_way_works) {
                blame_the_proxy(subject_, *trial.finding, answered);
            } else if (proxied) {
                note_both_ways_closed(subject_, *trial.finding, answered);
            }
        }
        co_return trial;
    }
    if (!answered.response) {
        co_return trial;
    }
    trial.answer = read_upstream_answer(*answered.response);
    chain_reached_ = chain_reached_ || trial.answer->is_from_api();
    // A proxy may stand in the way of a plain http upstream: the key stays here then.
    // Nor does a refusal in another form than the API's say anything where no key was sent.
    const bool refused_without_key = !answered.key_sent && (trial.answer->kind == UpstreamMeaning::key_rejected ||
                                                            trial.answer->reason == "unauthorized");
    if (refused_without_key) {
        chain_reached_ = true;
        co_return trial;
    }
    key_tried_ = key_tried_ || answered.key_sent;
    trial.finding =
        answer_finding(subject_, *trial.answer, answered, candidate != nullptr ? candidate->severity : Severity::error);
    co_return trial;
}

// A line is asked only where its own answer could explain a refusal, and never with a base URL of the user's.
bool UpstreamProbe::asks_lines(const Trial& trial) const {
    const bool refused = trial.answer && trial.answer->kind == UpstreamMeaning::key_rejected &&
                         (trial.answer->reason == "unknown" || trial.answer->reason == "other");
    const bool has_lines = context_.found.install && context_.found.install->family == Family::v3;
    return refused && has_lines && context_.options.base_url.empty();
}

asio::awaitable<void> UpstreamProbe::ask_other_lines(const Candidate& candidate, Trial& trial) {
    std::string tried_line;
    std::string outcomes;
    const ServiceLine* right = nullptr;
    for (const ServiceLine& line : service_lines()) {
        if (line.base_url == outcome_.base_url) {
            tried_line = line.name;
            continue;
        }
        if (right != nullptr) {
            continue;
        }
        ExchangeOptions options = plugin_options();
        options.timeout = std::min(context_.options.timeout, kSecondLook);
        options.attempt_grace = std::chrono::milliseconds(0);
        const std::string url = std::string(line.base_url) + std::string(kUsagePath);
        options.proxy = context_.options.proxy ? outbound_.proxy.url : outbound_settings(context_, url).proxy.url;
        const Exchange answered = co_await exchange(url, candidate.key, std::move(options));
        const bool whole = answered.ok();
        const UpstreamAnswer answer = whole ? read_upstream_answer(*answered.response) : UpstreamAnswer{};
        const bool knows =
            whole && (answer.kind == UpstreamMeaning::balance || answer.kind == UpstreamMeaning::key_expired ||
                      answer.kind == UpstreamMeaning::quota_exhausted);
        outcomes += (outcomes.empty() ? "" : "\n") + std::string(line.name) + " " + std::string(line.base_url) + ": " +
                    (answered.response ? "HTTP " + std::to_string(answered.response->status)
                                       : std::string(word_for(answered.error->failure)));
        right = knows ? &line : nullptr;
        if (knows) {
            UpstreamSubject there = subject_;
            there.url = *parse_web_url(url);
            trial.elsewhere = answer_finding(there, answer, answered, candidate.severity);
        }
    }
    trial.finding->evidence.emplace_back("lines-tried", outcomes);
    if (right == nullptr) {
        co_return;
    }
    Finding moved(Cause::upstream_key_of_other_line, trial.finding->severity);
    moved.args = trial.finding->args;
    moved.args.erase("variant");
    // Nobody named the node's line: the page may be set to the one that takes the key.
    if (context_.options.line.empty()) {
        moved.args["variant"] = "assumed";
        moved.severity = std::min(moved.severity, Severity::warning);
        moved.inferred = true;
    }
    moved.args["line"] = tried_line.empty() ? outcome_.base_url : tried_line;
    moved.args["right_line"] = right->name;
    moved.args["right_base"] = right->base_url;
    if (trial.elsewhere) {
        moved.args["variant"] = "known-there";
        moved.args["quoted"] = trial.elsewhere->args.at("quoted");
    }
    moved.evidence = std::move(trial.finding->evidence);
    trial.finding = std::move(moved);
}

// The sources whose key returned a balance; one key can have two.
void UpstreamProbe::note_accepted(const Candidate& candidate) {
    accepted_keys_.emplace_back(candidate.source);
    const auto& config = context_.found.config;
    if (config && config->key && config->source != candidate.source && config->key->same_as(*candidate.key)) {
        accepted_keys_.emplace_back(config->source);
    }
}

// The configured key's form is the matter of config.key; a given one is judged where it is refused.
void note_form_of_given_key(const Candidate& candidate, Finding& finding) {
    if (candidate.source != "api-key-file" && candidate.source != "environment") {
        return;
    }
    if (const auto sample = find_sample_key(candidate.key->reveal())) {
        finding.evidence.emplace(finding.evidence.begin(), "given-key-sample", std::string(*sample));
    } else if (find_key_problem(candidate.key->reveal())) {
        finding.evidence.emplace(finding.evidence.begin(), "given-key-form", candidate.key->masked());
    }
}

void UpstreamProbe::note_trial(const Candidate* candidate, Trial trial) {
    const bool under_test = candidate == nullptr || is_under_test(context_, *candidate);
    std::vector<Finding> findings;
    json::value balance = nullptr;
    if (trial.finding) {
        findings.push_back(std::move(*trial.finding));
    }
    if (trial.elsewhere) {
        findings.push_back(std::move(*trial.elsewhere));
    }
    if (trial.answer && !trial.answer->shown.empty()) {
        balance = trial.answer->shown;
    }
    if (trial.answer && trial.answer->balance) {
        for (Finding& warning : account_warnings(subject_, *trial.answer->balance, true_time())) {
            findings.push_back(std::move(warning));
        }
        if (under_test) {
            shown_balance_ = trial.answer->balance;
        }
        if (candidate != nullptr) {
            note_accepted(*candidate);
        }
        if (candidate != nullptr && (candidate->in_use || !outcome_.balance)) {
            outcome_.balance = trial.answer->balance;
            outcome_.balance_key_fingerprint = candidate->key->fingerprint();
        }
    }
    for (Finding& finding : findings) {
        const bool about_key =
            finding.code == Cause::upstream_key_rejected || finding.code == Cause::upstream_key_of_other_line ||
            finding.code == Cause::upstream_key_expired || finding.code == Cause::upstream_quota_exhausted;
        if (about_key && candidate != nullptr) {
            finding.key_source = candidate->source;
            finding.args["key"] = candidate->key->masked();
            finding.args["key_source"] = candidate->source;
            note_form_of_given_key(*candidate, finding);
        }
        const bool known = std::any_of(result_.findings.begin(), result_.findings.end(), [&](const Finding& other) {
            return other.code == finding.code && other.key_source == finding.key_source;
        });
        if (!known) {
            result_.findings.push_back(std::move(finding));
        }
    }
    if (candidate != nullptr) {
        json::object entry;
        entry["key_source"] = candidate->source;
        entry["http_status"] = trial.status == 0 ? json::value(nullptr) : json::value(trial.status);
        entry["balance"] = balance;
        by_key_.push_back(std::move(entry));
    }
    if (under_test) {
        result_.facts["balance"] = balance;
    }
    tells_keys_apart_ = tells_keys_apart_ || !under_test;
}

asio::awaitable<void> UpstreamProbe::ask_upstream() {
    const std::vector<Candidate> keys = candidates(context_);
    const bool has_key = !keys.empty();
    Trial first = co_await try_key(has_key ? &keys.front() : nullptr);
    const bool goes_on = first.answer && first.answer->is_from_api();
    if (has_key && asks_lines(first)) {
        co_await ask_other_lines(keys.front(), first);
    }
    note_trial(has_key ? &keys.front() : nullptr, std::move(first));
    if (keys.size() < 2) {
        co_return;
    }
    if (!goes_on || withholds_key_) {
        result_.incomplete = true;
        co_return;
    }
    Trial second = co_await try_key(&keys[1]);
    result_.incomplete = result_.incomplete || !second.answer || !second.answer->is_from_api();
    if (asks_lines(second)) {
        co_await ask_other_lines(keys[1], second);
    }
    note_trial(&keys[1], std::move(second));
}

// What the result line has to say; none where the key under test has its balance. Where only another key has one,
// warnings about the connection are no failure.
const Finding* UpstreamProbe::decisive_failure(bool another_accepted) const {
    if (outcome_.errors.empty() && (shown_balance_ || insecure_ || !key_tried_)) {
        return nullptr;
    }
    const bool needs_key = outcome_.errors.empty() && another_accepted;
    const Finding* worst = nullptr;
    for (const Finding& finding : result_.findings) {
        const bool fits = !needs_key || !finding.key_source.empty();
        if (fits && (worst == nullptr || worst->severity < finding.severity)) {
            worst = &finding;
        }
    }
    return worst;
}

// One key is refused and another one taken: what to do is to use that one.
void UpstreamProbe::name_the_key_that_works() {
    const std::vector<Candidate> keys = candidates(context_);
    for (Finding& finding : result_.findings) {
        const bool of_refused_key =
            (finding.code == Cause::upstream_key_rejected || finding.code == Cause::upstream_key_expired ||
             finding.code == Cause::upstream_quota_exhausted) &&
            text_argument(finding, "variant") != "answers" && !finding.key_source.empty();
        const auto other = std::find_if(accepted_keys_.begin(), accepted_keys_.end(), [&](const json::value& source) {
            return std::string_view(source.get_string()) != finding.key_source;
        });
        if (!of_refused_key || other == accepted_keys_.end()) {
            continue;
        }
        const bool given = context_.given_key && finding.key_source == context_.given_key->source;
        finding.args["fix_variant"] = given ? "configured-key-works" : "given-key-works";
        finding.args["accepted_source"] = *other;
        for (const Candidate& candidate : keys) {
            if (candidate.source == std::string_view(other->get_string())) {
                finding.evidence.emplace_back("accepted-key", candidate.key->masked());
            }
        }
    }
}

void UpstreamProbe::finish() {
    name_the_key_that_works();
    for (const Finding& finding : result_.findings) {
        if (finding.severity == Severity::error) {
            outcome_.errors.push_back(finding.code);
        }
    }
    result_.facts["queries"] = queries_;
    result_.facts["key_tried"] = key_tried_;
    const bool accepted = !accepted_keys_.empty();
    if (accepted) {
        result_.facts["accepted_keys"] = std::move(accepted_keys_);
    }
    if (tells_keys_apart_) {
        result_.facts["by_key"] = std::move(by_key_);
    }
    Arguments args{{"host", subject_.url.host.empty() ? outcome_.base_url : subject_.url.host}};
    std::string outcome = "no-answer";
    const Finding* failure = decisive_failure(accepted);
    if (failure != nullptr && tells_keys_apart_ && !failure->key_source.empty()) {
        outcome = "failed-for-key";
        args["code"] = code_of(failure->code);
        args["key_source"] = failure->key_source;
    } else if (failure != nullptr) {
        outcome = "failed";
        args["code"] = code_of(failure->code);
    } else if (shown_balance_ && shown_balance_->unlimited_quota.value_or(false)) {
        outcome = "unlimited";
    } else if (shown_balance_) {
        outcome = "balance";
        args["available"] = shown_balance_->raw.at("total_available");
    } else if (insecure_) {
        outcome = "insecure";
    } else if (accepted) {
        outcome = "other-key";
    } else if (chain_reached_) {
        const bool has_key = !candidates(context_).empty();
        const bool looked_for = context_.found.config.has_value() || context_.given_key.has_value();
        outcome = has_key ? "unsent" : gave_a_sample(context_) ? "sample" : looked_for ? "no-key" : "key-unknown";
    }
    const bool key_answered = shown_balance_ || (key_tried_ && chain_reached_);
    result_.incomplete = result_.incomplete || (outcome_.errors.empty() && !key_answered);
    result_.summary = Message("summary.upstream.api." + outcome, std::move(args));
    context_.found.upstream = std::move(outcome_);
}

asio::awaitable<CheckResult> UpstreamProbe::run() {
    outcome_.base_url = effective_base_url(context_);
    learn_url_secrets(context_.redactor, outcome_.base_url);
    for (const char* name :
         {"url", "http_status", "addresses", "phases_ms", "tls", "via_proxy", "queries", "balance"}) {
        result_.facts[name] = nullptr;
    }
    // As the plugin puts it together: a blank behind the base ends up within the address.
    const std::optional<WebUrl> whole = parse_web_url(outcome_.base_url + std::string(kUsagePath));
    const std::optional<WebUrl> base = whole ? parse_web_url(outcome_.base_url) : std::nullopt;
    if (!base) {
        const std::string shown = context_.redactor.scrub(sanitize(outcome_.base_url, Lines::single, 300));
        result_.facts["url"] = shown;
        Finding finding(Cause::upstream_url_invalid);
        finding.args["url"] = shown;
        if (is_international_name(outcome_.base_url)) {
            finding.args["variant"] = "international";
            finding.inferred = true;  // requests encodes such names
        } else if (has_impossible_port(outcome_.base_url)) {
            finding.args["variant"] = "port";
        }
        finding.evidence.emplace_back("base-url", shown);
        result_.findings.push_back(std::move(finding));
        outcome_.base_url = shown;
        finish();
        co_return std::move(result_);
    }
    const std::string url =
        base->origin() + (base->target == "/" ? std::string() : base->target) + std::string(kUsagePath);
    subject_.context = &context_;
    subject_.url = *parse_web_url(url);
    outbound_ = outbound_settings(context_, url);
    subject_.outbound = &outbound_;
    for (const std::string& proxy : {outbound_.proxy.url, outbound_.other_proxy}) {
        learn_url_secrets(context_.redactor, proxy);
    }
    result_.facts["url"] = subject_.url.text();
    result_.facts["proxies"] = proxy_facts(outbound_);
    result_.facts["trust"] = trust_fact(outbound_);
    insecure_ = !base->secure() && !is_loopback_host(base->host);
    withholds_key_ = insecure_ || base_url_is_a_guess(context_);
    if (insecure_) {
        Finding finding(Cause::upstream_insecure_url);
        finding.args["url"] = subject_.url.text();
        finding.args["host"] = subject_.url.host;
        finding.evidence.emplace_back("base-url", base->origin());
        result_.findings.push_back(std::move(finding));
    }
    co_await ask_upstream();
    finish();
    co_return std::move(result_);
}

}  // namespace

asio::awaitable<CheckResult> run_upstream_api(RunContext& context) {
    UpstreamProbe probe(context);
    CheckResult result = co_await probe.run();
    co_return result;
}

}  // namespace banana
