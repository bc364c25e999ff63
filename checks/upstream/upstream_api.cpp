// upstream.api: name, TCP, proxy, TLS, HTTP and JSON of the upstream; then the keys and their balances.
#include "banana/cause.hpp"
#include "banana/lookup.hpp"
#include "check.hpp"
#include "run_context.hpp"

#include "banana/bounds.hpp"
#include "banana/variant.hpp"
#include "base_path.hpp"
#include "base_url.hpp"
#include "netrc_notice.hpp"
#include "redaction.hpp"
#include "requests_agent.hpp"
#include "text.hpp"
#include "upstream_facts.hpp"
#include "upstream_probe.hpp"
#include "url_secrets.hpp"
#include "web_url.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace banana {
namespace json = boost::json;
namespace asio = boost::asio;

namespace {

constexpr int kConnectRetries = 2;
constexpr std::chrono::milliseconds kAddressGrace{1'100};

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

// What was met hangs on which host was asked: a proxy that is down, or a list of roots that is not there, does not.
bool is_of_the_host(const Finding& finding) {
    static constexpr std::array<std::string_view, 4> kBehindTheProxy{"refused", "tunnel", "no-way", "forbidden"};
    if (finding.code == Cause::upstream_proxy_failure) {
        return std::find(kBehindTheProxy.begin(), kBehindTheProxy.end(), text_argument(finding, variants::member)) !=
               kBehindTheProxy.end();
    }
    const bool names_a_host = area_of(finding.code) == Area::upstream && !text_argument(finding, "host").empty();
    return names_a_host && variant_of(finding) != Variant::bundle;
}

constexpr CheckIds kPage{"frontend.extension"};

asio::awaitable<CheckResult> run_upstream_api(RunContext& context) {
    UpstreamProbe probe(context);
    CheckResult result = co_await probe.run();
    co_return result;
}

}  // namespace

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

asio::awaitable<Exchange> UpstreamProbe::exchange(std::string url, const Secret* key, ExchangeOptions options) {
    HttpRequest request;
    request.url = std::move(url);
    // The plugin's own request, and one header more by which the operator can tell this program's.
    request.headers = {{"User-Agent", requests_agent(context_)},
                       {"Accept", "*/*"},
                       {"Accept-Encoding", "gzip, deflate"},
                       {"X-Banana-Diag", BANANA_VERSION}};
    const bool later_family = sends_key_header(context_);
    if (later_family) {
        request.headers.emplace_back("X-Banana-Client", "comfyui");
    }
    options.key_header = later_family;
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

void UpstreamProbe::note_connection(const Exchange& first) {
    const auto now = context_.surroundings.now();
    facts_.http_status = first.response ? facts::OrNull<int>(first.response->status) : std::nullopt;
    facts_.addresses = address_facts(first);
    facts_.phases_ms = phase_facts(first.times);
    facts_.tls = tls_facts(first, now);
    facts_.via_proxy = facts::text_or_null(first.via_proxy);
    facts_.peer_address = first.peer_address;
    if (const std::string_view kind = name_of(address_kind(subject_, first)); !kind.empty()) {
        facts_.address_kind = kind;
    }
    facts_.connect_retries = first.connect_retries;
    if (!first.redirects.empty()) {
        std::vector<facts::RedirectSeen>& redirects = facts_.redirects.emplace();
        for (const Redirect& redirect : first.redirects) {
            redirects.push_back({redirect.status, redirect.from, redirect.to});
        }
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
            const bool other_way_works = co_await retry_direct(*trial.finding, answered);
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
                                                            trial.answer->kind == UpstreamMeaning::key_not_received ||
                                                            trial.answer->reason == "unauthorized");
    if (refused_without_key) {
        chain_reached_ = true;
        co_return trial;
    }
    key_tried_ = key_tried_ || answered.key_sent;
    trial.finding =
        answer_finding(subject_, *trial.answer, answered, candidate != nullptr ? candidate->severity : Severity::error);
    if (trial.finding) {
        blame_the_base_path(context_, target_, *trial.finding);
    }
    if (candidate != nullptr && trial.finding && trial.answer->kind == UpstreamMeaning::key_rejected &&
        is_for_drawing_only(context_, *candidate)) {
        trial.finding->args["variant"] = "drawing-only";
        trial.finding->inferred = true;  // what the prefix does is known of the family, not seen in this install
        trial.no_line_knows_it = true;
    }
    co_return trial;
}

// The sources whose key returned a balance; one key can have two.
void UpstreamProbe::note_accepted(const Candidate& candidate, const Balance& balance) {
    accepted_keys_.emplace_back(candidate.source);
    const auto& config = context_.found.config;
    if (config && config->key && config->source != candidate.source && config->key->same_as(*candidate.key)) {
        accepted_keys_.emplace_back(config->source);
    }
    if (candidate.in_use || !outcome_.balance) {
        outcome_.balance = balance;
        outcome_.balance_key_fingerprint = candidate.key->fingerprint();
    }
}

// Each once for a key, whichever trial brought it.
void UpstreamProbe::add_finding(const Candidate* candidate, Finding finding) {
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
            note_accepted(*candidate, *trial.answer->balance);
        }
    }
    for (Finding& finding : findings) {
        add_finding(candidate, std::move(finding));
    }
    if (candidate != nullptr) {
        facts::KeyAnswer entry;
        entry.key_source = candidate->source;
        entry.http_status = trial.status == 0 ? std::nullopt : facts::OrNull<int>(trial.status);
        entry.balance = balance;
        by_key_.push_back(std::move(entry));
    }
    if (under_test) {
        facts_.balance = balance;
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
    // The query answers for a key that is expired or has nothing left, too.
    const auto is_used_up = [&](std::string_view source) {
        return std::any_of(result_.findings.begin(), result_.findings.end(), [&](const Finding& finding) {
            return variant_of(finding) == Variant::answers && finding.key_source == source;
        });
    };
    for (Finding& finding : result_.findings) {
        const bool of_refused_key =
            (finding.code == Cause::upstream_key_rejected || finding.code == Cause::upstream_key_expired ||
             finding.code == Cause::upstream_quota_exhausted) &&
            variant_of(finding) != Variant::answers && !finding.key_source.empty();
        const auto other = std::find_if(accepted_keys_.begin(), accepted_keys_.end(), [&](const std::string& source) {
            return source != finding.key_source && !is_used_up(source);
        });
        if (!of_refused_key || other == accepted_keys_.end()) {
            continue;
        }
        const bool given = context_.given_key && finding.key_source == context_.given_key->source;
        finding.args["fix_variant"] = given ? "configured-key-works" : "given-key-works";
        finding.args["accepted_source"] = *other;
        for (const Candidate& candidate : keys) {
            if (candidate.source == *other) {
                finding.evidence.emplace_back("accepted-key", candidate.key->masked());
            }
        }
    }
}

void UpstreamProbe::finish() {
    name_the_key_that_works();
    const bool default_address = !target_.is_certain;
    // What is met at an address that the installed plugin may not ask says nothing of its query.
    const bool is_guess = default_address && context_.found.install.has_value();
    for (Finding& finding : result_.findings) {
        finding.inferred = finding.inferred || default_address;
        if (is_guess && finding.severity == Severity::error && is_of_the_host(finding)) {
            finding.severity = Severity::warning;
            finding.args[kGuessedHostArgument] = true;
        }
        if (facts_.plugin_asks && is_of_the_host(finding)) {
            finding.args[kGivenHostArgument] = true;
        }
        if (finding.severity == Severity::error) {
            outcome_.errors.push_back(finding.code);
        }
    }
    facts_.queries = queries_;
    facts_.key_tried = key_tried_;
    const bool accepted = !accepted_keys_.empty();
    if (accepted) {
        facts_.accepted_keys = std::move(accepted_keys_);
    }
    if (tells_keys_apart_) {
        facts_.by_key = std::move(by_key_);
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
        outcome = has_key                       ? "unsent"
                  : gave_a_sample(context_)     ? "sample"
                  : gave_an_unfit_key(context_) ? "unfit"
                  : looked_for                  ? "no-key"
                                                : "key-unknown";
    }
    const bool key_answered = shown_balance_ || (key_tried_ && chain_reached_);
    result_.incomplete = result_.incomplete || is_guess || (outcome_.errors.empty() && !key_answered);
    result_.summary = Message("summary.upstream.api." + outcome, std::move(args));
    result_.facts = facts::to_json(facts_);
    context_.found.upstream = std::move(outcome_);
}

asio::awaitable<CheckResult> UpstreamProbe::run() {
    if (context_.options.base_url.empty()) {
        co_await context_.until_ended(kPage);  // the page says which address the button asks
    }
    target_ = upstream_target(context_);
    outcome_.base_url = target_.base_url;
    learn_url_secrets(context_.redactor, outcome_.base_url);
    // As the plugin puts it together: a blank behind the base ends up within the address.
    const std::optional<WebUrl> whole = parse_web_url(outcome_.base_url + std::string(kUsagePath));
    const std::optional<WebUrl> base = whole ? parse_web_url(outcome_.base_url) : std::nullopt;
    if (!base) {
        const std::string shown =
            context_.redactor.scrub(sanitize(outcome_.base_url, Lines::single, bounds::kShownBaseUrlBytes));
        facts_.url = shown;
        Finding finding(Cause::upstream_url_invalid);
        finding.args["url"] = shown;
        if (is_international_name(outcome_.base_url)) {
            finding.args["variant"] = "international";
            finding.inferred = true;  // requests encodes such names
        } else if (has_impossible_port(outcome_.base_url)) {
            finding.args["variant"] = "port";
        }
        switch (target_.place) {
            case AddressPlace::option: finding.args["fix_variant"] = "option"; break;
            case AddressPlace::node_box: finding.args["fix_variant"] = "node-box"; break;
            case AddressPlace::config: finding.args["fix_variant"] = "config"; break;
            case AddressPlace::plugin: finding.args["fix_variant"] = "plugin"; break;
        }
        if (target_.place == AddressPlace::config) {
            const std::optional<Install>& install = context_.found.install;
            finding.args["option"] =
                install && !install->plain_url_option.empty() ? install->plain_url_option : "api_base_url_enc";
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
    facts_.url = subject_.url.text();
    if (!target_.is_certain) {
        facts_.host_known = false;
    }
    facts_.proxies = proxy_facts(outbound_);
    facts_.trust = trust_fact(outbound_);
    insecure_ = !base->secure() && !is_loopback_host(base->host);
    withholds_key_ = insecure_ || !target_.is_certain;
    if (insecure_) {
        Finding finding(Cause::upstream_insecure_url);
        finding.args["url"] = subject_.url.text();
        finding.args["host"] = subject_.url.host;
        finding.evidence.emplace_back("base-url", base->origin());
        result_.findings.push_back(std::move(finding));
    }
    co_await ask_upstream();
    co_await context_.until_ended(kPage);
    if (const UpstreamTarget plugins = plugin_target(context_); plugins.base_url != target_.base_url) {
        facts_.plugin_asks = context_.redactor.scrub(sanitize(plugins.base_url));
    }
    // Where ComfyUI is off, no query through it will show this.
    if (std::optional<Finding> notice = context_.found.server ? std::nullopt : netrc_notice(context_)) {
        result_.findings.push_back(std::move(*notice));
    }
    finish();
    co_return std::move(result_);
}

namespace checks {

extern constinit const Check upstream_api{
    .id = "upstream.api",
    .wants = {"install.plugin", "config.key", "local.server", "frontend.extension"},
    .beside = kPage,
    .limit = std::chrono::seconds(30),
    // The address stands in the install, its config file, the node's box, and what the page sends.
    .is_handed_in = [](const RunOptions& options) { return !options.base_url.empty(); },
    .run = run_upstream_api,
};

}  // namespace checks
}  // namespace banana
