// Findings about certificates and the handshake.
#include "banana/bounds.hpp"
#include "banana/cause.hpp"
#include "banana/lookup.hpp"
#include "banana/variant.hpp"
#include "bounded_file.hpp"
#include "certifi_repair.hpp"
#include "platform_host.hpp"
#include "text.hpp"
#include "upstream_finding_parts.hpp"

namespace banana {
namespace {

// Why the list could not be used, in the word for the text.
std::string_view bundle_problem(const std::filesystem::path& bundle) {
    std::error_code error;
    if (bundle.empty() || std::filesystem::is_directory(bundle, error)) {
        return "unreadable";
    }
    const BoundedFile content = read_bounded(bundle, bounds::kReportBytes);
    if (!content.problem) {
        return "no-certificate";
    }
    return *content.problem == FileProblem::missing || *content.problem == FileProblem::dangling_link ? "missing"
                                                                                                      : "unreadable";
}

// A variable replaces the list that the plugin's Python brings along.
bool names_own_list(const OutboundSettings& outbound) {
    return outbound.trust.source == "REQUESTS_CA_BUNDLE" || outbound.trust.source == "CURL_CA_BUNDLE";
}

// No program on the way has to be supposed: the list that was named lacks what the system's has.
Finding own_list_finding(const UpstreamSubject& subject, const Exchange& exchange) {
    Finding finding = make_finding(subject, Cause::upstream_tls_untrusted, "own-list");
    add_certificate(finding, exchange);
    finding.args["store"] = subject.outbound->trust.source;
    finding.args["file"] = path_text(subject.outbound->trust.trust.bundle);
    finding.inferred = subject.outbound->trust_is_a_guess;
    add_detail(finding, exchange);
    return finding;
}

Finding trust_finding(const UpstreamSubject& subject, const Exchange& exchange) {
    const bool has_chain = exchange.tls && !exchange.tls->chain.empty();
    if (exchange.error->failure == NetworkFailure::trust_unusable) {
        Finding finding = make_finding(subject, Cause::upstream_tls_untrusted, variant_name(Variant::bundle));
        add_certificate(finding, exchange);
        const std::string file = path_text(subject.outbound->trust.trust.bundle);
        finding.args["store"] = subject.outbound->trust.source;
        finding.args["file"] = file;
        finding.args["problem"] = bundle_problem(subject.outbound->trust.trust.bundle);
        finding.inferred = subject.outbound->trust_is_a_guess;
        if (subject.outbound->trust.source == "certifi") {
            finding.args["fix_variant"] = "certifi";
            add_certifi_repair(file, finding);
        }
        add_detail(finding, exchange);
        return finding;
    }
    if (has_chain && exchange.tls->second_opinion.value_or(false) && names_own_list(*subject.outbound)) {
        return own_list_finding(subject, exchange);
    }
    if (has_chain && exchange.tls->second_opinion.value_or(false)) {
        return intercepted_finding(subject, exchange, false);
    }
    if (exchange.error->failure == NetworkFailure::tls_unfit) {
        Finding finding = make_finding(subject, Cause::upstream_tls_untrusted, "unfit");
        add_certificate(finding, exchange, exchange.tls ? exchange.tls->rejected : std::nullopt);
        finding.args["store"] = subject.outbound->trust.source;
        finding.args["file"] = "";
        finding.inferred = true;  // how strict a Python is depends on its OpenSSL
        add_detail(finding, exchange);
        return finding;
    }
    const bool self_signed = exchange.error->failure == NetworkFailure::tls_self_signed;
    const bool leaf_only = has_chain && exchange.tls->chain.size() == 1;
    const std::string_view variant = self_signed && leaf_only ? "self-signed" : leaf_only ? "incomplete" : "untrusted";
    Finding finding = make_finding(subject, Cause::upstream_tls_untrusted, variant);
    add_certificate(finding, exchange);
    finding.args["store"] = subject.outbound->trust.source;
    finding.args["file"] = "";
    finding.inferred = subject.outbound->trust_is_a_guess;
    add_detail(finding, exchange);
    return finding;
}

}  // namespace

// A system store and the plugin's own that disagree about one chain.
Finding intercepted_finding(const UpstreamSubject& subject, const Exchange& exchange, bool plugin_trusts) {
    Finding finding = make_finding(subject, Cause::upstream_intercepted, plugin_trusts ? "only-plugin" : "only-system");
    finding.severity = plugin_trusts ? Severity::warning : Severity::error;
    finding.inferred = true;  // another reason, an outdated bundle, would look the same
    add_certificate(finding, exchange);
    finding.args["store"] = subject.outbound->trust.source;
    return finding;
}

Finding tls_finding(const UpstreamSubject& subject, const Exchange& exchange) {
    switch (exchange.error->failure) {
        case NetworkFailure::tls_untrusted:
        case NetworkFailure::tls_unfit:
        case NetworkFailure::tls_self_signed:
        case NetworkFailure::trust_unusable: return trust_finding(subject, exchange);
        case NetworkFailure::tls_hostname: {
            Finding finding = make_finding(subject, Cause::upstream_tls_hostname);
            add_certificate(finding, exchange);
            add_attempts(finding, exchange);  // a wrong address is what the engineer looks for first
            return finding;
        }
        case NetworkFailure::tls_expired:
        case NetworkFailure::tls_not_yet_valid: {
            const bool own = !exchange.tls || exchange.tls->rejected_depth == 0;
            Finding finding = make_finding(subject, Cause::upstream_tls_expired, own ? "" : "intermediate");
            const bool expired = exchange.error->failure == NetworkFailure::tls_expired;
            finding.args["validity"] = expired ? "expired" : "not-yet-valid";
            finding.args["local_time"] = platform::local_time(subject.context->surroundings.now());
            finding.args["server_time"] = "";
            add_certificate(finding, exchange, exchange.tls ? exchange.tls->rejected : std::nullopt);
            return finding;
        }
        case NetworkFailure::reset: {
            Finding finding = make_finding(subject, Cause::upstream_connection_reset);
            finding.args["phase"] = phase_word(Phase::tls);
            // Cut each time as soon as the name is sent: chance is out, and it is how names are blocked.
            if (exchange.connect_retries > 0 && !subject.url.host_is_numeric()) {
                finding.args["fix_variant"] = "name-blocked";
                finding.args["tries"] = exchange.connect_retries + 1;
            }
            add_detail(finding, exchange);
            return finding;
        }
        case NetworkFailure::timed_out: {
            Finding finding = make_finding(subject, Cause::upstream_response_timeout, "handshake");
            finding.args["phase"] = phase_word(Phase::tls);
            finding.args["seconds"] = static_cast<double>(subject.context->options.timeout.count()) / 1000;
            return finding;
        }
        default: break;
    }
    const bool wants_certificate = contains_ignoring_case(exchange.error->detail, "certificate required");
    const std::string_view variant = wants_certificate ? "client-certificate"
                                     : exchange.error->failure == NetworkFailure::tls_protocol_version ? "old-protocol"
                                     : exchange.error->failure == NetworkFailure::tls_plain_text       ? "plain-text"
                                                                                                       : "cut";
    Finding finding = make_finding(subject, Cause::upstream_tls_handshake, variant);
    add_detail(finding, exchange);
    return finding;
}

}  // namespace banana
