#include "checks/upstream_findings.hpp"

#include "banana/lookup.hpp"
#include "engines/platform_host.hpp"
#include "engines/redaction.hpp"
#include "engines/text.hpp"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <cmath>
#include <iterator>

namespace banana {
namespace {

using Clock = std::chrono::system_clock;

constexpr auto kExpiresSoon = std::chrono::days(14);

Finding make(const UpstreamSubject& subject, Cause code, std::string_view variant = {}) {
    Finding finding(code);
    finding.args["host"] = subject.url.host;
    finding.args["port"] = subject.url.port;
    finding.args["url"] = subject.url.text();
    finding.args["base"] = subject.url.origin();
    if (!variant.empty()) {
        finding.args["variant"] = variant;
    }
    return finding;
}

std::string shown_attempts(const Exchange& exchange) {
    std::string lines;
    for (const AddressAttempt& attempt : exchange.attempts) {
        const std::string_view outcome = attempt.failure     ? word_for(*attempt.failure)
                                         : attempt.abandoned ? "no-answer-yet"
                                                             : "connected";
        lines += (lines.empty() ? "" : "\n") + attempt.address + " port " + std::to_string(attempt.port) + ": " +
                 std::string(outcome) + " (" + std::to_string(std::lround(attempt.duration.count())) + " ms)";
    }
    return lines;
}

void add_attempts(Finding& finding, const Exchange& exchange) {
    std::string addresses;
    for (const AddressAttempt& attempt : exchange.attempts) {
        addresses += (addresses.empty() ? "" : ", ") + attempt.address;
    }
    finding.args["addresses"] = addresses;
    if (!exchange.attempts.empty()) {
        finding.evidence.emplace_back("addresses", shown_attempts(exchange));
    }
}

void add_detail(Finding& finding, const Exchange& exchange) {
    finding.args["detail"] = exchange.error->detail;
    if (!exchange.error->detail.empty()) {
        finding.evidence.emplace_back("network-detail", exchange.error->detail);
    }
}

// `certificate`: the one to name; none for the server's own.
void add_certificate(Finding& finding, const Exchange& exchange,
                     const std::optional<CertificateFacts>& certificate = std::nullopt) {
    finding.args["subject"] = "";
    finding.args["issuer"] = "";
    finding.args["names"] = "";
    finding.args["not_before"] = "";
    finding.args["not_after"] = "";
    if (!exchange.tls || exchange.tls->chain.empty()) {
        return;
    }
    const CertificateFacts& leaf = certificate ? *certificate : exchange.tls->chain.front();
    std::string names;
    for (const std::string& name : leaf.names) {
        names += (names.empty() ? "" : ", ") + name;
    }
    finding.args["subject"] = leaf.subject;
    finding.args["issuer"] = leaf.issuer;
    finding.args["names"] = names.empty() ? leaf.subject : sanitize(names, Lines::single, 300);
    finding.args["not_before"] = platform::local_time(leaf.not_before);
    finding.args["not_after"] = platform::local_time(leaf.not_after);
    finding.evidence.emplace_back("certificate", leaf.subject);
    finding.evidence.emplace_back("certificate-issuer", leaf.issuer);
    finding.evidence.emplace_back("certificate-dates",
                                  platform::local_time(leaf.not_before) + " – " + platform::local_time(leaf.not_after));
}

std::string_view phase_word(Phase phase) {
    switch (phase) {
        case Phase::url: return "url";
        case Phase::name: return "name";
        case Phase::tcp: return "tcp";
        case Phase::proxy: return "proxy";
        case Phase::tls: return "tls";
        case Phase::request: return "request";
        case Phase::response: return "response";
    }
    return "response";
}

Finding name_finding(const UpstreamSubject& subject, const Exchange& exchange) {
    const NetworkFailure failure = exchange.error->failure;
    const std::string_view variant = failure == NetworkFailure::name_not_found ? "not-found"
                                     : failure == NetworkFailure::name_timeout ? "timeout"
                                                                               : "temporary";
    Finding finding = make(subject, Cause::upstream_dns_failure, variant);
    add_detail(finding, exchange);
    return finding;
}

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
    constexpr std::array kNoWay{"general SOCKS", "unreachable", "connection refused", "TTL expired"};
    const bool no_way = detail.starts_with("SOCKS5: ") &&
                        std::any_of(kNoWay.begin(), kNoWay.end(),
                                    [&](const char* words) { return detail.find(words) != std::string_view::npos; });
    return no_way ? "no-way" : "refused";
}

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

Finding proxy_finding(const UpstreamSubject& subject, const Exchange& exchange, std::string_view variant) {
    Finding finding = make(subject, Cause::upstream_proxy_failure, variant);
    const OutboundSettings& outbound = *subject.outbound;
    finding.args["proxy"] = exchange.via_proxy;
    finding.args["variable"] = outbound.proxy.variable;
    finding.args["source"] = outbound.proxy_source;
    finding.args["detail"] = exchange.error ? exchange.error->detail : std::string();
    finding.args["direct"] = "untested";
    if (const std::string_view fault = fault_of_form(outbound.proxy.url); variant == "unsupported" && !fault.empty()) {
        finding.args["detail"] = fault;
    }
    if (is_of_wrong_port(variant)) {
        finding.args["fix_variant"] = "port";
        finding.inferred = variant == "web-server";
    }
    finding.evidence.emplace_back("proxy-setting",
                                  outbound.proxy.variable + "=" + mask_proxy_password(outbound.proxy.url));
    if (exchange.error && !exchange.error->detail.empty()) {
        finding.evidence.emplace_back("network-detail", exchange.error->detail);
    }
    return finding;
}

// A system store and the plugin's own that disagree about one chain.
Finding intercepted(const UpstreamSubject& subject, const Exchange& exchange, bool plugin_trusts) {
    Finding finding = make(subject, Cause::upstream_intercepted, plugin_trusts ? "only-plugin" : "only-system");
    finding.severity = plugin_trusts ? Severity::warning : Severity::error;
    finding.inferred = true;  // another reason, an outdated bundle, would look the same
    add_certificate(finding, exchange);
    finding.args["store"] = subject.outbound->trust.source;
    return finding;
}

Finding trust_finding(const UpstreamSubject& subject, const Exchange& exchange) {
    const bool has_chain = exchange.tls && !exchange.tls->chain.empty();
    if (exchange.error->failure == NetworkFailure::trust_unusable) {
        Finding finding = make(subject, Cause::upstream_tls_untrusted, "bundle");
        add_certificate(finding, exchange);
        finding.args["store"] = subject.outbound->trust.source;
        finding.args["file"] = path_text(subject.outbound->trust.trust.bundle);
        finding.inferred = subject.outbound->trust_is_a_guess;
        add_detail(finding, exchange);
        return finding;
    }
    if (has_chain && exchange.tls->second_opinion.value_or(false)) {
        return intercepted(subject, exchange, false);
    }
    if (exchange.error->failure == NetworkFailure::tls_unfit) {
        Finding finding = make(subject, Cause::upstream_tls_untrusted, "unfit");
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
    Finding finding = make(subject, Cause::upstream_tls_untrusted, variant);
    add_certificate(finding, exchange);
    finding.args["store"] = subject.outbound->trust.source;
    finding.args["file"] = "";
    finding.inferred = subject.outbound->trust_is_a_guess;
    add_detail(finding, exchange);
    return finding;
}

Finding tls_finding(const UpstreamSubject& subject, const Exchange& exchange) {
    switch (exchange.error->failure) {
        case NetworkFailure::tls_untrusted:
        case NetworkFailure::tls_unfit:
        case NetworkFailure::tls_self_signed:
        case NetworkFailure::trust_unusable: return trust_finding(subject, exchange);
        case NetworkFailure::tls_hostname: {
            Finding finding = make(subject, Cause::upstream_tls_hostname);
            add_certificate(finding, exchange);
            add_attempts(finding, exchange);  // a wrong address is what the engineer looks for first
            return finding;
        }
        case NetworkFailure::tls_expired:
        case NetworkFailure::tls_not_yet_valid: {
            const bool own = !exchange.tls || exchange.tls->rejected_depth == 0;
            Finding finding = make(subject, Cause::upstream_tls_expired, own ? "" : "intermediate");
            const bool expired = exchange.error->failure == NetworkFailure::tls_expired;
            finding.args["validity"] = expired ? "expired" : "not-yet-valid";
            finding.args["local_time"] = platform::local_time(subject.context->surroundings.now());
            finding.args["server_time"] = "";
            add_certificate(finding, exchange, exchange.tls ? exchange.tls->rejected : std::nullopt);
            return finding;
        }
        case NetworkFailure::reset: {
            Finding finding = make(subject, Cause::upstream_connection_reset);
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
            Finding finding = make(subject, Cause::upstream_response_timeout, "handshake");
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
    Finding finding = make(subject, Cause::upstream_tls_handshake, variant);
    add_detail(finding, exchange);
    return finding;
}

Finding redirect_finding(const UpstreamSubject& subject, const Exchange& exchange) {
    const Redirect last = exchange.redirects.empty() ? Redirect{} : exchange.redirects.back();
    const bool loop = exchange.error->failure == NetworkFailure::redirect_loop;
    const bool downgrade = last.from.starts_with("https:") && last.to.starts_with("http:");
    Finding finding = make(subject, Cause::upstream_redirected,
                           loop        ? "loop"
                           : downgrade ? "downgrade"
                                       : "other-origin");
    finding.args["from"] = last.from;
    finding.args["to"] = last.to;
    finding.args["status"] = last.status;
    finding.evidence.emplace_back("redirect",
                                  "HTTP " + std::to_string(last.status) + " " + last.from + " -> " + last.to);
    return finding;
}

Finding timeout_finding(const UpstreamSubject& subject, const Exchange& exchange) {
    Finding finding = make(subject, Cause::upstream_response_timeout, exchange.response ? "drip" : "silent");
    finding.args["phase"] = phase_word(exchange.error->phase);
    finding.args["seconds"] = static_cast<double>(subject.context->options.timeout.count()) / 1000;
    return finding;
}

Finding body_finding(const UpstreamSubject& subject, const Exchange& exchange) {
    switch (exchange.error->failure) {
        case NetworkFailure::header_limit:
        case NetworkFailure::body_limit: {
            Finding finding = make(subject, Cause::upstream_bad_shape, "too-large");
            finding.args["member"] = "";
            finding.args["status"] = exchange.response ? exchange.response->status : 0;
            return finding;
        }
        case NetworkFailure::unexpected_encoding: {
            Finding finding = make(subject, Cause::upstream_not_json, "compressed");
            finding.args["status"] = exchange.response ? exchange.response->status : 0;
            finding.args["title"] = "";
            finding.args["gateway"] = "";
            finding.args["coding"] = exchange.error->detail;
            return finding;
        }
        case NetworkFailure::malformed_response: {
            Finding finding = make(subject, Cause::upstream_unexpected_status, "malformed");
            finding.args["status"] = 0;
            finding.args["quoted"] = "";
            finding.inferred = true;  // Python's reader forgives more than ours
            add_detail(finding, exchange);
            return finding;
        }
        default: break;
    }
    const bool partial = exchange.response.has_value();
    Finding finding = make(subject, Cause::upstream_connection_reset, partial ? "cut" : std::string_view());
    finding.args["phase"] = phase_word(exchange.error->phase);
    add_detail(finding, exchange);
    return finding;
}

Finding tcp_finding(const UpstreamSubject& subject, const Exchange& exchange) {
    const auto code = [&] {
        switch (exchange.error->failure) {
            case NetworkFailure::refused: return Cause::upstream_connection_refused;
            case NetworkFailure::connect_timeout: return Cause::upstream_connect_timeout;
            case NetworkFailure::reset: return Cause::upstream_connection_reset;
            default: return Cause::upstream_network_unreachable;
        }
    }();
    Finding finding = make(subject, code);
    finding.args["phase"] = phase_word(Phase::tcp);
    finding.args["seconds"] = static_cast<double>(subject.context->options.timeout.count()) / 1000;
    add_attempts(finding, exchange);
    // Each address may fail in its own way: only those that the sentence is true for are named in it.
    std::string addresses;
    for (const AddressAttempt& attempt : exchange.attempts) {
        if (attempt.failure == exchange.error->failure) {
            addresses += (addresses.empty() ? "" : ", ") + attempt.address;
        }
    }
    if (!addresses.empty()) {
        finding.args["addresses"] = addresses;
    }
    add_detail(finding, exchange);
    return finding;
}

// A body without a length that is whole by its content: what came after it does not matter.
bool is_whole_by_content(const Exchange& exchange) {
    const bool cut =
        exchange.error->failure == NetworkFailure::reset || exchange.error->failure == NetworkFailure::closed;
    const bool measured = exchange.response && (!exchange.response->header("Content-Length").empty() ||
                                                !exchange.response->header("Transfer-Encoding").empty());
    return exchange.response && cut && !measured && read_python_json(exchange.response->body).value;
}

// The status was received: it decides, whatever became of the body behind it.
bool status_decides(const Exchange& exchange) {
    if (!exchange.response || exchange.error->failure == NetworkFailure::redirect_other_origin ||
        exchange.error->failure == NetworkFailure::redirect_loop) {
        return false;
    }
    return exchange.response->status >= 300;
}

// The name's address as a hint: an accelerator, a hosts entry or a filter stands behind it. `code`s of which the
// connection itself is not the matter, and a bundle of ours that cannot be read, have other reasons.
bool depends_on_address(const Finding& finding) {
    switch (finding.code) {
        case Cause::upstream_network_unreachable:
        case Cause::upstream_connection_refused:
        case Cause::upstream_connect_timeout:
        case Cause::upstream_connection_reset:
        case Cause::upstream_response_timeout:
        case Cause::upstream_tls_hostname:
        case Cause::upstream_tls_expired:
        case Cause::upstream_tls_handshake:
        case Cause::upstream_intercepted: return true;
        case Cause::upstream_tls_untrusted: return text_argument(finding, "variant") != "bundle";
        default: return false;
    }
}

// The address that gave the answer, where a redirect led to another one than the slash of new-api's own.
void note_moved(Finding& finding, const Exchange& exchange) {
    const std::string url(finding.args.at("url").as_string());
    if (exchange.redirects.empty() || exchange.redirects.back().to == url + "/") {
        return;
    }
    const Redirect& last = exchange.redirects.back();
    finding.evidence.emplace_back("redirect",
                                  "HTTP " + std::to_string(last.status) + " " + last.from + " -> " + last.to);
    if (finding.code == Cause::upstream_not_found) {
        finding.args["variant"] = "moved";
        finding.args["to"] = last.to;
    }
}

}  // namespace

std::string_view word_for(NetworkFailure failure) {
    switch (failure) {
        case NetworkFailure::invalid_url: return "invalid-url";
        case NetworkFailure::name_not_found: return "name-not-found";
        case NetworkFailure::name_temporary: return "name-failure";
        case NetworkFailure::name_timeout: return "name-timeout";
        case NetworkFailure::refused: return "refused";
        case NetworkFailure::unreachable: return "unreachable";
        case NetworkFailure::connect_timeout: return "connect-timeout";
        case NetworkFailure::reset: return "reset";
        case NetworkFailure::closed: return "closed";
        case NetworkFailure::timed_out: return "timed-out";
        case NetworkFailure::proxy_unreachable:
        case NetworkFailure::proxy_refused:
        case NetworkFailure::proxy_authentication:
        case NetworkFailure::proxy_unsupported:
        case NetworkFailure::proxy_malformed:
        case NetworkFailure::proxy_untrusted: return "proxy-failure";
        case NetworkFailure::tls_untrusted:
        case NetworkFailure::tls_unfit:
        case NetworkFailure::tls_self_signed:
        case NetworkFailure::tls_hostname:
        case NetworkFailure::tls_expired:
        case NetworkFailure::tls_not_yet_valid:
        case NetworkFailure::tls_protocol_version:
        case NetworkFailure::tls_plain_text:
        case NetworkFailure::tls_handshake:
        case NetworkFailure::trust_unusable: return "tls-failure";
        case NetworkFailure::malformed_response:
        case NetworkFailure::header_limit:
        case NetworkFailure::body_limit:
        case NetworkFailure::redirect_other_origin:
        case NetworkFailure::redirect_loop:
        case NetworkFailure::unexpected_encoding: return "bad-answer";
        case NetworkFailure::local_resources: return "not-tried";
        case NetworkFailure::cancelled: return "cancelled";
    }
    return "bad-answer";
}

std::optional<Finding> transport_finding(const UpstreamSubject& subject, const Exchange& exchange) {
    if (!exchange.error) {
        // A plain http request goes to the proxy itself, which then answers in the upstream's place.
        const bool refused_by_proxy =
            exchange.response && exchange.response->status == 407 && !exchange.via_proxy.empty();
        return refused_by_proxy ? std::optional(proxy_finding(subject, exchange, "password")) : std::nullopt;
    }
    if (status_decides(exchange) || is_whole_by_content(exchange) ||
        exchange.error->failure == NetworkFailure::cancelled) {
        return std::nullopt;
    }
    if (exchange.error->phase == Phase::proxy) {
        return proxy_finding(subject, exchange, proxy_variant(exchange.error->failure, exchange.error->detail));
    }
    if (exchange.error->failure == NetworkFailure::redirect_other_origin ||
        exchange.error->failure == NetworkFailure::redirect_loop) {
        return redirect_finding(subject, exchange);
    }
    switch (exchange.error->phase) {
        case Phase::url: {
            Finding finding = make(subject, Cause::upstream_url_invalid);
            return finding;
        }
        case Phase::name: return name_finding(subject, exchange);
        case Phase::tcp: return tcp_finding(subject, exchange);
        case Phase::tls: return tls_finding(subject, exchange);
        default: break;
    }
    // With TLS 1.3 a server's refusal of our side of the handshake comes after its end.
    if (exchange.error->failure == NetworkFailure::tls_handshake ||
        exchange.error->failure == NetworkFailure::tls_protocol_version) {
        return tls_finding(subject, exchange);
    }
    if (exchange.error->failure == NetworkFailure::timed_out) {
        return timeout_finding(subject, exchange);
    }
    return body_finding(subject, exchange);
}

void blame_the_proxy(const UpstreamSubject& subject, Finding& finding, const Exchange& exchange) {
    const Phase phase = exchange.error->phase;
    if (finding.code == Cause::upstream_tls_untrusted && finding.args.at("variant") != "bundle") {
        finding.args["variant"] = "proxy";
        finding.args["proxy"] = exchange.via_proxy;
        finding.args["variable"] = subject.outbound->proxy.variable;
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

AddressKind address_kind(const UpstreamSubject& subject, const Exchange& exchange) {
    // A proxy looks the name up itself.
    const bool is_own_look_up = exchange.via_proxy.empty() && !exchange.name_overridden;
    return is_own_look_up ? kind_of_addresses(subject.url.host, exchange.attempts) : AddressKind::ordinary;
}

void note_odd_address(const UpstreamSubject& subject, Finding& finding, const Exchange& exchange) {
    const AddressKind kind = address_kind(subject, exchange);
    if (kind == AddressKind::ordinary || !depends_on_address(finding)) {
        return;
    }
    std::string addresses;
    for (const AddressAttempt& attempt : exchange.attempts) {
        addresses += (addresses.empty() ? "" : ", ") + attempt.address;
    }
    finding.args["fix_variant"] = "odd-address";
    finding.args["address_kind"] = word_for(kind);
    finding.args["odd_addresses"] = addresses;
    finding.evidence.emplace_back("address-" + std::string(word_for(kind)), addresses);
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
    finding.args["variable"] = subject.outbound->proxy.variable;
    finding.args["source"] = subject.outbound->proxy_source;
    finding.evidence.emplace_back(
        "proxy-setting", subject.outbound->proxy.variable + "=" + mask_proxy_password(subject.outbound->proxy.url));
}

std::vector<Finding> connection_warnings(const UpstreamSubject& subject, const Exchange& exchange,
                                         Clock::time_point now) {
    std::vector<Finding> warnings;
    if (exchange.tls && exchange.tls->verified && !exchange.tls->chain.empty()) {
        const auto left = exchange.tls->chain.front().not_after - now;
        if (left > Clock::duration::zero() && left < kExpiresSoon) {
            Finding finding = make(subject, Cause::upstream_tls_expiring);
            add_certificate(finding, exchange);
            finding.args["days"] = std::chrono::floor<std::chrono::days>(left).count();
            warnings.push_back(std::move(finding));
        }
        if (!exchange.tls->second_opinion.value_or(true)) {
            warnings.push_back(intercepted(subject, exchange, true));
        }
    }
    const std::filesystem::path& packages = subject.outbound->lacks_socks_package;
    if (exchange.response && !packages.empty() && subject.outbound->proxy_source != "option") {
        Finding finding = proxy_finding(subject, exchange, "socks-package");
        // Another environment than ComfyUI's may name another proxy.
        const bool is_comfyuis = subject.outbound->environment_source == "comfyui-process";
        finding.severity = is_comfyuis ? Severity::error : Severity::warning;
        finding.inferred = true;  // the package may lie elsewhere on Python's path
        finding.args["folder"] = path_text(packages);
        warnings.push_back(std::move(finding));
    }
    // urllib3 tries addresses one after another: one that stays silent costs it 15 s at every query.
    for (const AddressAttempt& attempt : exchange.attempts) {
        const bool silent = attempt.abandoned && attempt.duration >= kSilentAddress;
        if (silent && exchange.response) {
            Finding finding = make(subject, Cause::upstream_connect_timeout, "one-address");
            finding.severity = Severity::warning;
            finding.inferred = true;
            finding.args["seconds"] = std::round(attempt.duration.count() / 100) / 10;
            add_attempts(finding, exchange);
            finding.args["addresses"] = attempt.address;
            finding.args["detail"] = "";
            warnings.push_back(std::move(finding));
            break;
        }
    }
    return warnings;
}

std::vector<Finding> account_warnings(const UpstreamSubject& subject, const Balance& balance, Clock::time_point now) {
    std::vector<Finding> warnings;
    const std::int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    if (balance.expires_at.value_or(0) > 0 && *balance.expires_at < seconds) {
        Finding finding = make(subject, Cause::upstream_key_expired, "answers");
        finding.severity = Severity::warning;
        const std::string since = platform::local_time(Clock::time_point(std::chrono::seconds(*balance.expires_at)));
        finding.args["since"] = since;
        finding.args["quoted"] = "";
        finding.evidence.emplace_back("expires-at", since);
        warnings.push_back(std::move(finding));
    }
    if (is_exhausted(balance).value_or(false)) {
        Finding finding = make(subject, Cause::upstream_quota_exhausted, "answers");
        finding.severity = Severity::warning;
        const boost::json::value* left = balance.raw.if_contains("total_available");
        finding.args["available"] = left != nullptr ? *left : boost::json::value(nullptr);
        finding.args["quoted"] = "";
        finding.evidence.emplace_back("balance", boost::json::serialize(balance.raw));
        warnings.push_back(std::move(finding));
    }
    return warnings;
}

std::optional<Finding> answer_finding(const UpstreamSubject& subject, const UpstreamAnswer& answer,
                                      const Exchange& exchange, Severity key_severity) {
    const auto code = [&]() -> std::optional<Cause> {
        switch (answer.kind) {
            case UpstreamMeaning::balance: return std::nullopt;
            case UpstreamMeaning::key_rejected: return Cause::upstream_key_rejected;
            case UpstreamMeaning::key_expired: return Cause::upstream_key_expired;
            case UpstreamMeaning::quota_exhausted: return Cause::upstream_quota_exhausted;
            case UpstreamMeaning::blocked: return Cause::upstream_blocked;
            case UpstreamMeaning::rate_limited: return Cause::upstream_rate_limited;
            case UpstreamMeaning::server_error: return Cause::upstream_server_error;
            case UpstreamMeaning::not_found: return Cause::upstream_not_found;
            case UpstreamMeaning::unexpected_status: return Cause::upstream_unexpected_status;
            case UpstreamMeaning::not_json: return Cause::upstream_not_json;
            case UpstreamMeaning::bad_shape: return Cause::upstream_bad_shape;
            case UpstreamMeaning::api_error: return Cause::upstream_api_error;
        }
        return std::nullopt;
    }();
    if (!code) {
        return std::nullopt;
    }
    Finding finding = make(subject, *code, answer.reason);
    const std::string quoted = subject.context->redactor.scrub(answer.quoted);
    finding.args["status"] = answer.status;
    finding.args["quoted"] = quoted;
    finding.args["title"] = quoted;
    finding.args["gateway"] = answer.gateway;
    finding.args["member"] = answer.member;
    finding.args["coding"] = "";
    finding.args["detail"] = "";
    finding.args["since"] = "";
    finding.args["available"] = "";
    const bool about_key = answer.kind == UpstreamMeaning::key_rejected ||
                           answer.kind == UpstreamMeaning::key_expired ||
                           answer.kind == UpstreamMeaning::quota_exhausted;
    if (about_key) {
        finding.severity = key_severity;
    }
    finding.evidence.emplace_back("http-status", "HTTP " + std::to_string(answer.status) +
                                                     (exchange.response ? " " + exchange.response->reason : ""));
    if (!quoted.empty()) {
        finding.evidence.emplace_back(answer.is_from_api() ? "api-message" : "page-text", quoted);
    }
    if (!answer.gateway.empty()) {
        finding.evidence.emplace_back("gateway", answer.gateway);
    }
    if (answer.kind == UpstreamMeaning::bad_shape && !answer.names.empty()) {
        finding.evidence.emplace_back("answer-members", subject.context->redactor.scrub(answer.names));
    }
    note_moved(finding, exchange);
    if (!answer.request_id.empty()) {
        finding.evidence.emplace_back("request-id", answer.request_id);
    }
    // Through a proxy a plain http answer may be the proxy's own.
    const bool plain_proxied = !exchange.via_proxy.empty() && !subject.url.secure();
    const bool unknown_words = answer.reason == "other" && about_key;
    const bool says_little = answer.reason == "refused" || answer.reason == "unauthorized" ||
                             answer.reason == "for-sale" ||
                             (answer.reason == "filing" && answer.kind == UpstreamMeaning::not_json);
    finding.inferred = plain_proxied || unknown_words || says_little;
    return finding;
}

}  // namespace banana
