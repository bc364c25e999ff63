// Findings about the proxy, and what a failure through one is laid to.
#include "banana/cause.hpp"
#include "banana/lookup.hpp"
#include "banana/variant.hpp"
#include "text.hpp"
#include "upstream_finding_parts.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace banana {
namespace {

// What a proxy that is running says of the host: by its status, or by the words of RFC 1928.
std::string_view refusal_variant(std::string_view detail) {
    const std::string_view status = detail.substr(0, 3);
    if (status.starts_with('5') && status != "501") {
        return "no-way";
    }
    if (status == "403" || status == "451" || detail.find("ruleset") != std::string_view::npos) {
        return "forbidden";
    }
    if (status == "400" || status == "404" || status == "405" || status == "501") {
        return "web-server";
    }
    static constexpr std::array kNoWay{"general SOCKS", "unreachable", "connection refused", "TTL expired"};
    const bool no_way = detail.starts_with("SOCKS5: ") &&
                        std::any_of(kNoWay.begin(), kNoWay.end(),
                                    [&](const char* words) { return detail.find(words) != std::string_view::npos; });
    return no_way ? "no-way" : "refused";
}

// These programs run and speak; most likely the port is another one than the proxy's.
bool is_of_wrong_port(std::string_view variant) {
    return variant == "web-server" || variant == "closed" || variant == "not-a-proxy";
}

bool has_blank_at_end(std::string_view text) {
    return trim_ascii(text).size() < text.size() && trim_ascii(text).data() == text.data();
}

// What breaks an address without being seen in it: a blank of `set NAME=value && …`, quotes of `set NAME="value"`.
std::string_view fault_of_form(std::string_view text) {
    if (text.starts_with('"') || text.starts_with('\'') || text.ends_with('"') || text.ends_with('\'')) {
        return "quotes";
    }
    if (trim_ascii(text).data() != text.data()) {
        return "blank-at-start";
    }
    return has_blank_at_end(text) ? "blank-at-end" : std::string_view();
}

}  // namespace

std::string_view proxy_variant(NetworkFailure failure, std::string_view detail) {
    switch (failure) {
        case NetworkFailure::proxy_unreachable: return detail.starts_with("TLS:") ? "tls" : "unreachable";
        case NetworkFailure::proxy_untrusted: return "certificate";
        case NetworkFailure::proxy_authentication: return "password";
        case NetworkFailure::proxy_unsupported: return "unsupported";
        case NetworkFailure::proxy_malformed: return "not-a-proxy";
        case NetworkFailure::timed_out: return "silent";
        case NetworkFailure::closed:
        case NetworkFailure::reset: return "closed";
        default: return refusal_variant(detail);
    }
}

void add_proxy_setting(Finding& finding, const OutboundSettings& outbound) {
    finding.args["variable"] = outbound.proxy.variable;
    finding.args["source"] = outbound.proxy_source;
    if (!outbound.exceptions_variable.empty()) {
        finding.args["exceptions"] = outbound.exceptions_variable;
    }
}

Finding proxy_finding(const UpstreamSubject& subject, const Exchange& exchange, std::string_view variant) {
    Finding finding = make_finding(subject, Cause::upstream_proxy_failure, variant);
    const OutboundSettings& outbound = *subject.outbound;
    finding.args["proxy"] = exchange.via_proxy;
    add_proxy_setting(finding, outbound);
    finding.args["detail"] = exchange.error ? exchange.error->detail : std::string();
    finding.args["direct"] = "untested";
    if (const std::string_view fault = fault_of_form(outbound.proxy.url); variant == "unsupported" && !fault.empty()) {
        finding.args["detail"] = fault;
    }
    if (is_of_wrong_port(variant)) {
        finding.args["fix_variant"] = "port";
        finding.inferred = variant == "web-server";
    }
    if (variant == "password" && outbound.proxy.url.find('@') != std::string::npos) {
        finding.args["fix_variant"] = "credentials";
    }
    finding.evidence.emplace_back("proxy-setting",
                                  outbound.proxy.variable + "=" + mask_proxy_password(outbound.proxy.url));
    if (!outbound.lacks_socks_package.empty() && variant != "socks-package") {
        finding.evidence.emplace_back("socks-package-missing", path_text(outbound.lacks_socks_package));
    }
    if (exchange.error && !exchange.error->detail.empty()) {
        finding.evidence.emplace_back("network-detail", exchange.error->detail);
    }
    return finding;
}

void blame_the_proxy(const UpstreamSubject& subject, Finding& finding, const Exchange& exchange) {
    const Phase phase = exchange.error->phase;
    if (finding.code == Cause::upstream_tls_untrusted && variant_of(finding) != Variant::bundle) {
        finding.args["variant"] = "proxy";
        finding.args["proxy"] = exchange.via_proxy;
        add_proxy_setting(finding, *subject.outbound);
        return;
    }
    const bool about_certificate =
        finding.code == Cause::upstream_tls_hostname || finding.code == Cause::upstream_intercepted ||
        finding.code == Cause::upstream_tls_untrusted || finding.code == Cause::upstream_proxy_failure;
    const NetworkFailure failure = exchange.error->failure;
    const bool cut =
        failure == NetworkFailure::closed || failure == NetworkFailure::reset || failure == NetworkFailure::timed_out;
    if (about_certificate || (phase != Phase::tls && !cut)) {
        return;
    }
    Finding tunnel = proxy_finding(subject, exchange, "tunnel");
    tunnel.args["direct"] = "works";
    tunnel.args["phase"] = phase_word(phase);
    tunnel.inferred = true;  // a server that takes offence at the proxy's address would look the same
    std::move(finding.evidence.begin(), finding.evidence.end(), std::back_inserter(tunnel.evidence));
    finding = std::move(tunnel);
}

void note_both_ways_closed(const UpstreamSubject& subject, Finding& finding, const Exchange& exchange) {
    if (finding.code == Cause::upstream_proxy_failure) {
        // It may be the proxy's exit, or the upstream that is down.
        if (text_argument(finding, "variant") == "no-way") {
            finding.args["fix_variant"] = "no-way-both";
            finding.inferred = true;
        }
        return;
    }
    const bool cut = finding.code == Cause::upstream_connection_reset ||
                     finding.code == Cause::upstream_response_timeout || finding.code == Cause::upstream_tls_handshake;
    // Once encryption stands, the exit has worked.
    if (!cut || exchange.error->phase != Phase::tls) {
        return;
    }
    finding.args["fix_variant"] = "through-proxy";
    finding.args["proxy"] = exchange.via_proxy;
    add_proxy_setting(finding, *subject.outbound);
    finding.evidence.emplace_back(
        "proxy-setting", subject.outbound->proxy.variable + "=" + mask_proxy_password(subject.outbound->proxy.url));
}

}  // namespace banana
