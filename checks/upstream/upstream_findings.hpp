// From what the wire showed to findings of upstream.*: one exchange, one finding.
#pragma once

#include "address_kind.hpp"
#include "banana/finding.hpp"
#include "outbound_settings.hpp"
#include "run_context.hpp"
#include "upstream_answer.hpp"
#include "web_url.hpp"

#include <optional>

namespace banana {

// What every text about the upstream may name.
struct UpstreamSubject {
    const RunContext* context = nullptr;
    WebUrl url;
    const OutboundSettings* outbound = nullptr;
};

// Why no answer of the upstream could be read; none where one could (its status decides then).
std::optional<Finding> transport_finding(const UpstreamSubject& subject, const Exchange& exchange);

// The same failure where the upstream answers without the proxy: whatever was sent in its place came out of the proxy's
// tunnel.
void blame_the_proxy(const UpstreamSubject& subject, Finding& finding, const Exchange& exchange);

// The same failure where the upstream does not answer without the proxy either: what is told then, and what to try.
void note_both_ways_closed(const UpstreamSubject& subject, Finding& finding, const Exchange& exchange);

// Whether the name's own look-up gave addresses that no service on the Internet has.
AddressKind address_kind(const UpstreamSubject& subject, const Exchange& exchange);

// A failed connection to such an address: what stands behind it, and what to do.
void note_odd_address(const UpstreamSubject& subject, Finding& finding, const Exchange& exchange);

// What the answer says, besides a good balance: none for one. `severity` is for codes about the key.
std::optional<Finding> answer_finding(const UpstreamSubject& subject, const UpstreamAnswer& answer,
                                      const Exchange& exchange, Severity key_severity);

// Warnings beside a good answer, about the account: expired or spent though the API answers.
std::vector<Finding> account_warnings(const UpstreamSubject& subject, const Balance& balance,
                                      std::chrono::system_clock::time_point now);

// Warnings about the connection: a certificate near its end, an authority that only one store knows, an address that
// does not answer.
std::vector<Finding> connection_warnings(const UpstreamSubject& subject, const Exchange& exchange,
                                         std::chrono::system_clock::time_point now);

// One word for a failed attempt, for evidence and `{way|upstream.way}`: "refused", "connect-timeout" ….
std::string_view name_of(NetworkFailure failure);

// Dead addresses are told from slow ones by this much silence.
inline constexpr std::chrono::milliseconds kSilentAddress{1'000};

}  // namespace banana
