#include "round_trip_failure.hpp"

#include "banana/bounds.hpp"
#include "banana/cause.hpp"
#include "banana/key_source.hpp"
#include "banana/variant.hpp"
#include "base_url.hpp"
#include "certifi_repair.hpp"
#include "netrc_notice.hpp"
#include "proxy_settings.hpp"
#include "redaction.hpp"
#include "text.hpp"
#include "web_url.hpp"

#include <algorithm>

namespace banana {
namespace {

// Evidence for what lies behind a failure that the plugin does not explain.
struct Proof {
    RouteFailure failure = RouteFailure::unknown;
    std::string_view source = "none";  // log, direct-call, netrc, environment, none
    bool inferred = true;
};

bool url_has_user(const RunContext& context) {
    const std::optional<WebUrl> url = parse_web_url(plugin_target(context).base_url);
    return url && url->has_user_info;
}

}  // namespace

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

namespace {

// The direct call went to the host that the plugin asks.
bool asked_directly(const RunContext& context) {
    const std::optional<WebUrl> direct = parse_web_url(context.found.upstream->base_url);
    return direct && direct->host == host_asked(context);
}

}  // namespace

bool is_same_question(const RunContext& context, const PageQuestion& question) {
    return key_is_good_directly(context, question) && asked_directly(context);
}

namespace {

// A sample or a damaged key that this version of the plugin sends all the same.
bool unusable_key_is_sent(const RunContext& context, const PageQuestion& question) {
    const std::optional<ConfigReading>& config = context.found.config;
    return !question.key_sent && config && config->plugin_sends_it && config->state != KeyState::usable;
}

// Python's http.client writes headers in Latin-1, and requests takes no line break in one: it raises before anything is
// sent.
bool fits_into_pythons_header(std::string_view key) {
    if (key.find_first_of("\r\n") != std::string_view::npos) {
        return false;
    }
    // Latin-1 ends at U+00FF: C3 BF in UTF-8.
    return std::none_of(key.begin(), key.end(), [](char c) { return static_cast<unsigned char>(c) > 0xC3; });
}

// The key that the plugin takes for this query can be no header.
bool is_key_unsendable(const RunContext& context, const PageQuestion& question) {
    if (question.key_sent) {
        return !fits_into_pythons_header(trim_ascii(context.given_key->key.reveal()));
    }
    const std::optional<ConfigReading>& config = context.found.config;
    return config && config->plugin_sends_it && config->key && !fits_into_pythons_header(config->key->reveal());
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
    // Over https the connection is made before the header is written.
    if (is_key_unsendable(context, question) && !kBeforeTheKey.contains(direct)) {
        proof.failure = RouteFailure::key_unusable;
        proof.source = "config";
        return proof;
    }
    proof.failure = direct;
    if (proof.failure != RouteFailure::unknown) {
        proof.source = "direct-call";
        return proof;
    }
    const bool status_lost = summary.empty() || summary.find("HTTP") != std::string::npos;
    if (status_lost && is_same_question(context, question) && (url_has_user(context) || netrc_for(context))) {
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
    const std::optional<WebUrl> url = parse_web_url(plugin_target(context).base_url);
    if (url && !choose_proxy(url->text(), plugin_environment(context)).url.empty() &&
        is_same_question(context, question)) {
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

}  // namespace

std::string key_in_question(const RunContext& context, const PageQuestion& question) {
    if (question.key_sent) {
        return context.given_key->source;
    }
    return context.found.config ? context.found.config->source : std::string();
}

void add_answer(const RunContext& context, const RouteAnswer& answer, const PageQuestion& question, Finding& finding) {
    finding.args["url"] = context.redactor.scrub(question.masked_url);
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

namespace {

Finding no_key(const RunContext& context, const RouteAnswer& answer, const PageQuestion& question) {
    Finding finding(Cause::proxy_no_key);
    finding.key_source = key_in_question(context, question);
    const std::optional<ConfigReading>& config = context.found.config;
    if (config && config->key && config->state == KeyState::usable) {
        finding.args["variant"] = "file-good";
        finding.args["file"] = context.redactor.scrub(path_text(config->file));
    } else if (context.found.install && context.found.install->reads_other_option) {
        finding.args["fix_variant"] = "other-place";
    }
    add_answer(context, answer, question, finding);
    return finding;
}

// What is refused need not be the key in config.ini.
void name_where_the_key_stands(const RunContext& context, Finding& finding) {
    if (is_given_key(finding.key_source)) {
        finding.args["fix_variant"] = "node-key";
    } else if (finding.key_source == key_source::test_file) {
        finding.args["fix_variant"] = "test-mode";
        finding.args["file"] = context.redactor.scrub(path_text(context.found.config->file));
    }
}

Finding key_rejected(const RunContext& context, const RouteAnswer& answer, const PageQuestion& question,
                     const Proof& proof, bool unusable) {
    Finding finding(Cause::proxy_key_rejected);
    finding.key_source = key_in_question(context, question);
    finding.inferred = proof.inferred;
    finding.args["proof"] = proof.source;
    if (unusable) {
        set_variant(finding, Variant::unusable);
    } else if (!answer.upstream_status) {
        finding.args["variant"] = "status-hidden";
    } else if (is_same_question(context, question)) {
        set_variant(finding, Variant::works_directly);
    }
    if (variant_of(finding) != Variant::works_directly) {
        name_where_the_key_stands(context, finding);
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
        finding.args["base_url"] = context.redactor.scrub(parse_web_url(plugin_target(context).base_url)->text());
    } else if (entry) {
        name_netrc_entry(*entry, finding);
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
    const bool has_words = !answer.message.empty();
    return proof.source != "message" ? "" : has_words ? "named" : "no-words";
}

// The list of authorities of ComfyUI's Python is empty; or this tool's own query, the same one, returned a balance, and
// the difference lies in that Python: its list refuses the certificate that this tool's takes, or its surroundings.
std::string_view steps_of_failure(const RunContext& context, const RouteAnswer& answer, const PageQuestion& question,
                                  const Finding& finding) {
    const auto says = [&](std::string_view words) { return answer.message.find(words) != std::string::npos; };
    if (says("NO_CERTIFICATE_OR_CRL_FOUND")) {
        return "empty-list";
    }
    if (!is_same_question(context, question)) {
        return {};
    }
    if (says("CERTIFICATE_VERIFY_FAILED")) {
        return "own-list";
    }
    const boost::json::string* variant = string_member(finding.args, "variant");
    return variant == nullptr || *variant == "named" ? "direct-works" : std::string_view();
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
    // The plugin's own words on whom it asked stand before what its source or the tables say.
    finding.args["host"] = answer.upstream_host.empty() ? host_asked(context) : answer.upstream_host;
    add_answer(context, answer, question, finding);
    if (!summary.empty()) {
        finding.evidence.emplace_back("log-summary", context.redactor.scrub(summary));
    }
    if (proof.source == "environment") {
        const std::optional<WebUrl> url = parse_web_url(plugin_target(context).base_url);
        const ProxyChoice choice = choose_proxy(url->text(), plugin_environment(context));
        if (to_lower_ascii(choice.url).starts_with("socks")) {
            finding.args["variant"] = "socks-suspected";
        }
        finding.evidence.emplace_back("proxy-setting", choice.variable + "=" + mask_proxy_password(choice.url));
    }
    // What has a variant of its own has its own steps.
    if (const std::string_view steps = steps_of_failure(context, answer, question, finding); !steps.empty()) {
        finding.args["fix_variant"] = steps;
    }
    return finding;
}

// An entry in .netrc replaces the key with the plugin's own way of asking; the direct call is not misled by it.
bool is_netrc_case(const RunContext& context, const PageQuestion& question, const Proof& proof) {
    return proof.failure == RouteFailure::key_rejected && is_same_question(context, question) &&
           (url_has_user(context) || netrc_for(context));
}

}  // namespace

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
        if (hidden && !summary.empty()) {
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

}  // namespace banana
