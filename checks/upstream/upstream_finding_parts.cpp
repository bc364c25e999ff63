#include "upstream_finding_parts.hpp"

#include "banana/bounds.hpp"
#include "numbers.hpp"
#include "platform_host.hpp"
#include "text.hpp"

#include <cstdint>
#include <string>

namespace banana {
namespace {

std::string displayable_attempts(const Exchange& exchange) {
    std::string lines;
    for (const AddressAttempt& attempt : exchange.attempts) {
        const std::string_view outcome = attempt.failure     ? name_of(*attempt.failure)
                                         : attempt.abandoned ? "no-answer-yet"
                                                             : "connected";
        lines += (lines.empty() ? "" : "\n") + attempt.address + " port " + std::to_string(attempt.port) + ": " +
                 std::string(outcome) + " (" +
                 std::to_string(static_cast<std::int64_t>(nearest_whole(attempt.duration.count()))) + " ms)";
    }
    return lines;
}

}  // namespace

Finding make_finding(const UpstreamSubject& subject, Cause code, std::string_view variant) {
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

std::string addresses_of(const std::vector<AddressAttempt>& attempts) {
    std::vector<std::string> addresses;
    for (const AddressAttempt& attempt : attempts) {
        addresses.push_back(attempt.address);
    }
    return joined_with_commas(addresses);
}

void add_attempts(Finding& finding, const Exchange& exchange) {
    finding.args["addresses"] = addresses_of(exchange.attempts);
    if (!exchange.attempts.empty()) {
        finding.evidence.emplace_back("addresses", displayable_attempts(exchange));
    }
}

void add_detail(Finding& finding, const Exchange& exchange) {
    finding.args["detail"] = exchange.error->detail;
    if (!exchange.error->detail.empty()) {
        finding.evidence.emplace_back("network-detail", exchange.error->detail);
    }
}

void add_certificate(Finding& finding, const Exchange& exchange, const std::optional<CertificateFacts>& certificate) {
    finding.args["subject"] = "";
    finding.args["issuer"] = "";
    finding.args["names"] = "";
    finding.args["not_before"] = "";
    finding.args["not_after"] = "";
    if (!exchange.tls || exchange.tls->chain.empty()) {
        return;
    }
    const CertificateFacts& leaf = certificate ? *certificate : exchange.tls->chain.front();
    const std::string names = joined_with_commas(leaf.names);
    finding.args["subject"] = leaf.subject;
    finding.args["issuer"] = leaf.issuer;
    finding.args["names"] =
        names.empty() ? leaf.subject : sanitize(names, Lines::single, bounds::kCertificateNamesTextBytes);
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

}  // namespace banana
