// What upstream.api looks at after a failure: another way, the clock, the plugin's other lines.
#include "banana/cause.hpp"
#include "banana/variant.hpp"
#include "known_families.hpp"
#include "platform_host.hpp"
#include "text.hpp"
#include "upstream_facts.hpp"
#include "upstream_probe.hpp"
#include "url_secrets.hpp"
#include "web_url.hpp"

#include <algorithm>

namespace banana {
namespace asio = boost::asio;

namespace {

// Follow-up probes (the direct way, other lines) are hints: they may not eat the run's deadline.
constexpr std::chrono::milliseconds kFollowUpTimeout{4'000};
constexpr std::chrono::seconds kClockTolerance = std::chrono::minutes(5);

}  // namespace

// Without a key, and without the redirect that leads to the counted endpoint.
ExchangeOptions UpstreamProbe::follow_up_options() const {
    ExchangeOptions options;
    options.timeout = std::min(context_.options.timeout, kFollowUpTimeout);
    options.trust = outbound_.trust.trust;
    options.follow_redirects = false;
    return options;
}

std::chrono::system_clock::time_point UpstreamProbe::true_time() const {
    return context_.surroundings.now() + clock_correction_;
}

void UpstreamProbe::note_clock(std::chrono::seconds difference, bool verified) {
    facts_.clock_difference_seconds = difference.count();
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

// A network that lets programs out through its proxy only, which browsers learn from a script: without it a connection
// fails before any certificate is seen.
void UpstreamProbe::note_proxy_script(Finding& finding, Phase failed_in) const {
    const bool no_way_out = failed_in == Phase::name || failed_in == Phase::tcp;
    const bool says_more = finding.args.contains("fix_variant");  // an odd address, for one
    if (no_way_out && !says_more && context_.surroundings.has_proxy_script && !context_.options.proxy) {
        finding.args["fix_variant"] = "other-way";
        finding.args["other_way"] = "proxy-script";
    }
}

// Whether it is the proxy: the same request the other way, as far as that needs no key. True where that works.
asio::awaitable<bool> UpstreamProbe::retry_direct(Finding& finding, Exchange failed) {
    const bool proxied = !failed.via_proxy.empty();
    if (!proxied) {
        look_into_start_scripts(outbound_, context_);
        learn_url_secrets(context_.redactor, outbound_.other_proxy);
    }
    if (!proxied && outbound_.other_proxy.empty()) {
        note_proxy_script(finding, failed.error->phase);
        co_return false;
    }
    ExchangeOptions options = follow_up_options();
    options.proxy = proxied ? std::string() : outbound_.other_proxy;
    const Exchange other = co_await exchange(subject_.url.text(), nullptr, std::move(options));
    const bool works = other.response.has_value();
    const std::string_view outcome = works ? "works" : other.error ? name_of(other.error->failure) : "bad-answer";
    if (proxied) {
        finding.args["direct"] = works ? "works" : "fails";
        finding.evidence.emplace_back("direct-way", std::string(outcome));
        facts_.direct_way = outcome;
    } else {
        const std::string setting = outbound_.other_proxy_variable + "=" + mask_proxy_password(outbound_.other_proxy);
        finding.evidence.emplace_back("proxied-way", setting + " -> " + std::string(outcome));
        facts_.proxied_way = outcome;
        if (works) {
            const std::string script = path_text(outbound_.other_proxy_script);
            finding.args["fix_variant"] = "other-way";
            finding.args["other_way"] = script.empty() ? "shell" : "start-script";
            finding.args["other_proxy"] = mask_proxy_password(outbound_.other_proxy);
            finding.args["other_variable"] = outbound_.other_proxy_variable;
            if (!script.empty()) {
                finding.args["script"] = script;
                finding.inferred = true;  // whether ComfyUI is started with this file, nothing tells
            }
        } else {
            note_proxy_script(finding, failed.error->phase);
        }
    }
    co_return works;
}

// The Date of a server whose certificate is out of its dates tells whose clock is wrong. Nothing secret is sent, and
// what it says is only taken as a hint.
asio::awaitable<void> UpstreamProbe::look_for_the_clock(Finding& finding, std::optional<CertificateFacts> rejected) {
    ExchangeOptions options = follow_up_options();
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
        finding.args["variant"] = clock ? variant_name(Variant::clock) : differs ? "both" : "certificate";
    }
    finding.args["server_time"] = platform::local_time(there);
    finding.evidence.emplace_back("server-time", platform::local_time(there));
    finding.inferred = clock;
    note_clock(*difference, false);
}

// A line is asked only where its own answer could explain a refusal of the key, and never with a base URL of the user's
// or a key that may not leave: without a key, every line refuses.
bool UpstreamProbe::asks_lines(const Trial& trial) const {
    const bool refused = !withholds_key_ && trial.finding && trial.answer &&
                         trial.answer->kind == UpstreamMeaning::key_rejected &&
                         (trial.answer->reason == "unknown" || trial.answer->reason == "other");
    return refused && !trial.no_line_knows_it && !other_lines(context_, target_).empty();
}

asio::awaitable<void> UpstreamProbe::ask_other_lines(const Candidate& candidate, Trial& trial) {
    std::string outcomes;
    std::optional<OfferedLine> right;
    for (const OfferedLine& line : other_lines(context_, target_)) {
        if (right) {
            break;
        }
        ExchangeOptions options = plugin_options();
        options.timeout = std::min(context_.options.timeout, kFollowUpTimeout);
        options.attempt_grace = std::chrono::milliseconds(0);
        const std::string url = line.base_url + std::string(kUsagePath);
        options.proxy = context_.options.proxy ? outbound_.proxy.url : outbound_settings(context_, url).proxy.url;
        const Exchange answered = co_await exchange(url, candidate.key, std::move(options));
        const bool whole = answered.ok();
        const UpstreamAnswer answer = whole ? read_upstream_answer(*answered.response) : UpstreamAnswer{};
        const bool knows =
            whole && (answer.kind == UpstreamMeaning::balance || answer.kind == UpstreamMeaning::key_expired ||
                      answer.kind == UpstreamMeaning::quota_exhausted);
        outcomes += (outcomes.empty() ? "" : "\n") + line.label + " " + line.base_url + ": " +
                    (answered.response ? "HTTP " + std::to_string(answered.response->status)
                                       : std::string(name_of(answered.error->failure)));
        if (knows) {
            right = line;
            UpstreamSubject there = subject_;
            there.url = *parse_web_url(url);
            trial.elsewhere = answer_finding(there, answer, answered, candidate.severity);
        }
    }
    trial.finding->evidence.emplace_back("lines-tried", outcomes);
    if (!right) {
        co_return;
    }
    Finding moved(Cause::upstream_key_of_other_line, trial.finding->severity);
    moved.args = trial.finding->args;
    moved.args.erase("variant");
    // Neither the user nor the server names the node's line: the page may be set to the one that takes the key.
    if (target_.service_line_from == Provenance::known) {
        moved.args["variant"] = "assumed";
        moved.severity = std::min(moved.severity, Severity::warning);
        moved.inferred = true;
    }
    moved.args["line"] = target_.service_line;
    moved.args["right_line"] = right->label;
    moved.args["right_base"] = right->base_url;
    if (trial.elsewhere) {
        moved.args["variant"] = "known-there";
        moved.args["quoted"] = trial.elsewhere->args.at("quoted");
    }
    moved.evidence = std::move(trial.finding->evidence);
    trial.finding = std::move(moved);
}

}  // namespace banana
