#include "upstream_findings.hpp"

#include "banana/cause.hpp"
#include "banana/lookup.hpp"
#include "banana/variant.hpp"
#include "numbers.hpp"
#include "python_json.hpp"
#include "text.hpp"
#include "upstream_finding_parts.hpp"

namespace banana {
namespace {

using Clock = std::chrono::system_clock;

constexpr auto kExpiresSoon = std::chrono::days(14);

Finding name_finding(const UpstreamSubject& subject, const Exchange& exchange) {
    const NetworkFailure failure = exchange.error->failure;
    const std::string_view variant = failure == NetworkFailure::name_not_found ? "not-found"
                                     : failure == NetworkFailure::name_timeout ? "timeout"
                                                                               : "temporary";
    Finding finding = make_finding(subject, Cause::upstream_dns_failure, variant);
    add_detail(finding, exchange);
    return finding;
}

Finding redirect_finding(const UpstreamSubject& subject, const Exchange& exchange) {
    const Redirect last = exchange.redirects.empty() ? Redirect{} : exchange.redirects.back();
    const bool loop = exchange.error->failure == NetworkFailure::redirect_loop;
    const bool downgrade = last.from.starts_with("https:") && last.to.starts_with("http:");
    Finding finding = make_finding(subject, Cause::upstream_redirected,
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
    Finding finding = make_finding(subject, Cause::upstream_response_timeout, exchange.response ? "drip" : "silent");
    finding.args["phase"] = phase_word(exchange.error->phase);
    finding.args["seconds"] = static_cast<double>(subject.context->options.timeout.count()) / 1000;
    return finding;
}

Finding body_finding(const UpstreamSubject& subject, const Exchange& exchange) {
    switch (exchange.error->failure) {
        case NetworkFailure::header_limit:
        case NetworkFailure::body_limit: {
            Finding finding = make_finding(subject, Cause::upstream_bad_shape, "too-large");
            finding.args["member"] = "";
            finding.args["status"] = exchange.response ? exchange.response->status : 0;
            return finding;
        }
        case NetworkFailure::unexpected_encoding: {
            Finding finding = make_finding(subject, Cause::upstream_not_json, "compressed");
            finding.args["status"] = exchange.response ? exchange.response->status : 0;
            finding.args["title"] = "";
            finding.args["gateway"] = "";
            finding.args["coding"] = exchange.error->detail;
            return finding;
        }
        case NetworkFailure::malformed_response: {
            Finding finding = make_finding(subject, Cause::upstream_unexpected_status, "malformed");
            finding.args["status"] = 0;
            finding.args["quoted"] = "";
            finding.inferred = true;  // Python's reader forgives more than ours
            add_detail(finding, exchange);
            return finding;
        }
        default: break;
    }
    const bool partial = exchange.response.has_value();
    Finding finding = make_finding(subject, Cause::upstream_connection_reset, partial ? "cut" : std::string_view());
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
    Finding finding = make_finding(subject, code);
    finding.args["phase"] = phase_word(Phase::tcp);
    finding.args["seconds"] = static_cast<double>(subject.context->options.timeout.count()) / 1000;
    add_attempts(finding, exchange);
    // Each address may fail in its own way: only those that the sentence is true for are named in it.
    std::vector<AddressAttempt> same = exchange.attempts;
    std::erase_if(same, [&](const AddressAttempt& attempt) { return attempt.failure != exchange.error->failure; });
    if (!same.empty()) {
        finding.args["addresses"] = addresses_of(same);
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
        case Cause::upstream_tls_untrusted: return variant_of(finding) != Variant::bundle;
        default: return false;
    }
}

}  // namespace

std::string_view name_of(NetworkFailure failure) {
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
            Finding finding = make_finding(subject, Cause::upstream_url_invalid);
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

AddressKind address_kind(const UpstreamSubject& subject, const Exchange& exchange) {
    // A proxy looks the name up itself.
    const bool is_own_look_up = exchange.via_proxy.empty() && !exchange.name_overridden;
    return is_own_look_up ? kind_of_addresses(subject.url.host, exchange.attempts) : AddressKind::ordinary;
}

namespace {

std::string_view evidence_of(AddressKind kind) {
    switch (kind) {
        case AddressKind::ordinary: return {};
        case AddressKind::made_up: return "address-made-up";
        case AddressKind::loopback: return "address-loopback";
        case AddressKind::nowhere: return "address-nowhere";
        case AddressKind::local: return "address-private";
    }
    return {};
}

}  // namespace

void note_odd_address(const UpstreamSubject& subject, Finding& finding, const Exchange& exchange) {
    const AddressKind kind = address_kind(subject, exchange);
    if (kind == AddressKind::ordinary || !depends_on_address(finding)) {
        return;
    }
    const std::string addresses = addresses_of(exchange.attempts);
    finding.args["fix_variant"] = "odd-address";
    finding.args["address_kind"] = name_of(kind);
    finding.args["odd_addresses"] = addresses;
    finding.evidence.emplace_back(std::string(evidence_of(kind)), addresses);
}

std::vector<Finding> connection_warnings(const UpstreamSubject& subject, const Exchange& exchange,
                                         Clock::time_point now) {
    std::vector<Finding> warnings;
    if (exchange.tls && exchange.tls->verified && !exchange.tls->chain.empty()) {
        const auto left = exchange.tls->chain.front().not_after - now;
        if (left > Clock::duration::zero() && left < kExpiresSoon) {
            Finding finding = make_finding(subject, Cause::upstream_tls_expiring);
            add_certificate(finding, exchange);
            finding.args["days"] = std::chrono::floor<std::chrono::days>(left).count();
            warnings.push_back(std::move(finding));
        }
        if (!exchange.tls->second_opinion.value_or(true)) {
            warnings.push_back(intercepted_finding(subject, exchange, true));
        }
    }
    const std::filesystem::path& packages = subject.outbound->lacks_socks_package;
    // The proxy let this program through; what failed behind it keeps nobody from missing the package next.
    const bool is_through = exchange.response || (exchange.error && exchange.error->phase > Phase::proxy &&
                                                  exchange.error->failure != NetworkFailure::trust_unusable);
    if (is_through && !packages.empty() && subject.outbound->proxy_source != "option") {
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
            Finding finding = make_finding(subject, Cause::upstream_connect_timeout, "one-address");
            finding.severity = Severity::warning;
            finding.inferred = true;
            finding.args["seconds"] = nearest_whole(attempt.duration.count() / 100) / 10;
            add_attempts(finding, exchange);
            finding.args["addresses"] = attempt.address;
            finding.args["detail"] = "";
            warnings.push_back(std::move(finding));
            break;
        }
    }
    return warnings;
}

}  // namespace banana
