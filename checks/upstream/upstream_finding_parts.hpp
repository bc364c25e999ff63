// What findings of upstream.* are put together from.
#pragma once

#include "upstream_findings.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banana {

Finding make_finding(const UpstreamSubject& subject, Cause code, std::string_view variant = {});

// "192.0.2.1, 192.0.2.2", in the order in which they were tried.
std::string addresses_of(const std::vector<AddressAttempt>& attempts);

// The addresses that were tried, and the library's own words.
void add_attempts(Finding& finding, const Exchange& exchange);
void add_detail(Finding& finding, const Exchange& exchange);

// `certificate`: the one to name; none for the server's own.
void add_certificate(Finding& finding, const Exchange& exchange,
                     const std::optional<CertificateFacts>& certificate = std::nullopt);

std::string_view phase_word(Phase phase);

// The proxy in use: its variable, and where that is set.
void add_proxy_setting(Finding& finding, const OutboundSettings& outbound);

// Each kind's own: see upstream_tls_findings.cpp and upstream_proxy_findings.cpp.
Finding tls_finding(const UpstreamSubject& subject, const Exchange& exchange);
Finding intercepted_finding(const UpstreamSubject& subject, const Exchange& exchange, bool plugin_trusts);
std::string_view proxy_variant(NetworkFailure failure, std::string_view detail);
Finding proxy_finding(const UpstreamSubject& subject, const Exchange& exchange, std::string_view variant);

}  // namespace banana
