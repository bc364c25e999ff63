// The facts of upstream.api, named as the published JSON report names them.
#pragma once

#include "banana/context.hpp"
#include "outbound_settings.hpp"

#include <boost/json/object.hpp>
#include <chrono>
#include <optional>
#include <string>

namespace banana {

// {dns, tcp, proxy, tls, first_byte, total} in milliseconds; null where a phase was not reached or not needed.
boost::json::object phase_facts(const PhaseTimes& times);

// [{address, port, ipv6, outcome, ms}], in the order in which they were tried.
boost::json::array address_facts(const Exchange& exchange);

// {version, cipher, subject, issuer, names, not_before, not_after, days_left, verified, chain}; null without TLS.
boost::json::value tls_facts(const Exchange& exchange, std::chrono::system_clock::time_point now);

// {source, https, variable, environment, bypass}: passwords masked.
boost::json::object proxy_facts(const OutboundSettings& outbound);

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
