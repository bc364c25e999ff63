// The facts of upstream.api, from what was exchanged.
#pragma once

#include "banana/context.hpp"
#include "banana/facts.hpp"
#include "outbound_settings.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace banana {

facts::Phases phase_facts(const PhaseTimes& times);

// In the order in which they were tried.
std::vector<facts::Address> address_facts(const Exchange& exchange);

// None without TLS.
facts::OrNull<facts::Tls> tls_facts(const Exchange& exchange, std::chrono::system_clock::time_point now);

// Passwords masked.
facts::Proxies proxy_facts(const OutboundSettings& outbound);

// "certifi: /path", "system: /etc/ssl/certs" …
std::string trust_fact(const OutboundSettings& outbound);

// Difference of the server's `Date` to `now`, positive where this clock is behind; none without a readable header.
// `Age`, of an answer out of a cache, is added.
std::optional<std::chrono::seconds> clock_difference(const HttpResponse& response,
                                                     std::chrono::system_clock::time_point now);

// How long `Retry-After` asks to wait, as seconds or as a date (RFC 9110 section 10.2.3); none without a readable one.
std::optional<std::chrono::seconds> retry_after(const HttpResponse& response,
                                                std::chrono::system_clock::time_point now);

}  // namespace banana
