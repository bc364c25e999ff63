#include "explanation_rules.hpp"

#include "plugin_in_use.hpp"

#include <algorithm>
#include <array>

namespace banana {
namespace {

// Which failures of the plugin's own call (`kind` of proxy.upstream-failed) a code brings about.
std::span<const std::string_view> kinds_of(Cause cause) {
    using namespace std::string_view_literals;
    // "connection" is all that the log of V2 and V3 says of a name, an address or a connection that fails.
    static constexpr std::array name{"dns"sv, "connection"sv};
    static constexpr std::array unreachable{"unreachable"sv, "connection"sv};
    // Python names the last address that it tried: a family without a route, when that comes last.
    static constexpr std::array refused{"refused"sv, "unreachable"sv, "connection"sv};
    static constexpr std::array silence{"timeout"sv, "unreachable"sv, "connection"sv};
    static constexpr std::array timeout{"timeout"sv};
    // A body that is cut short is no JSON.
    static constexpr std::array reset{"reset"sv, "connection"sv, "not-json"sv};
    static constexpr std::array proxy{"proxy"sv, "timeout"sv, "http-status"sv, "tls"sv,
                                      "reset"sv, "bad-url"sv, "connection"sv};
    static constexpr std::array tls{"tls"sv};
    static constexpr std::array handshake{"tls"sv, "reset"sv, "connection"sv, "timeout"sv};
    static constexpr std::array status{"http-status"sv};
    // Malformed: a connection error. Below 400 without a way on: Python reads the body. 407: as a proxy's.
    static constexpr std::array odd_status{"http-status"sv, "reset"sv, "connection"sv,
                                           "not-json"sv,    "shape"sv, "proxy"sv};
    static constexpr std::array gateway{"http-status"sv, "not-json"sv, "timeout"sv};
    // The plugin follows the redirect, wherever that leads.
    static constexpr std::array elsewhere{"http-status"sv, "not-json"sv,   "timeout"sv, "dns"sv,   "refused"sv,
                                          "unreachable"sv, "reset"sv,      "tls"sv,     "proxy"sv, "shape"sv,
                                          "api-error"sv,   "connection"sv, "bad-url"sv};
    static constexpr std::array content{"not-json"sv, "shape"sv};
    static constexpr std::array shape{"not-json"sv, "shape"sv, "api-error"sv};
    static constexpr std::array answer{"api-error"sv, "shape"sv, "http-status"sv};
    switch (cause) {
        case Cause::upstream_dns_failure: return name;
        case Cause::upstream_network_unreachable: return unreachable;
        case Cause::upstream_connection_refused: return refused;
        case Cause::upstream_connect_timeout: return silence;
        case Cause::upstream_response_timeout: return timeout;
        case Cause::upstream_connection_reset: return reset;
        case Cause::upstream_proxy_failure: return proxy;
        case Cause::upstream_tls_untrusted:
        case Cause::upstream_tls_hostname:
        case Cause::upstream_tls_expired:
        case Cause::upstream_intercepted: return tls;
        case Cause::upstream_tls_handshake: return handshake;
        case Cause::upstream_blocked: return gateway;
        case Cause::upstream_redirected: return elsewhere;
        case Cause::upstream_not_json: return content;
        case Cause::upstream_bad_shape: return shape;
        case Cause::upstream_unexpected_status: return odd_status;
        case Cause::upstream_api_error:
        case Cause::upstream_key_rejected:
        case Cause::upstream_key_not_received:
        case Cause::upstream_key_of_other_line:
        case Cause::upstream_key_expired:
        case Cause::upstream_quota_exhausted: return answer;
        case Cause::upstream_server_error:
        case Cause::upstream_rate_limited:
        case Cause::upstream_not_found:
        case Cause::proxy_netrc_override: return status;
        default: return {};
    }
}

bool is_same_kind(const Finding& explaining, const Finding& explained) {
    const std::string_view kind = text_argument(explained, "kind");
    if (kind.empty() || kind == "unknown") {
        return true;
    }
    const auto kinds = kinds_of(explaining.code);
    return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

// Goes wrong before the service sees a key: no key is to blame for it.
bool is_before_the_key(const Finding& explained) {
    static constexpr std::array<std::string_view, 8> kKinds{"dns",        "refused", "unreachable", "timeout",
                                                            "connection", "tls",     "proxy",       "bad-url"};
    const std::string_view kind = text_argument(explained, "kind");
    return std::find(kKinds.begin(), kKinds.end(), kind) != kKinds.end();
}

// An error of the direct call explains it, whichever config.ini was read.
bool is_explained_by_upstream(const Finding& explained, const Situation& run, bool key_errors_count) {
    const CheckResult* upstream = find_check(run, check_id::upstream_api);
    return upstream != nullptr &&
           std::any_of(upstream->findings.begin(), upstream->findings.end(), [&](const Finding& finding) {
               const bool counts = key_errors_count || !is_about_a_key(finding.code);
               return counts && area_of(finding.code) == "upstream" && finding.severity == Severity::error &&
                      edge_between(finding, explained, run) != nullptr;
           });
}

// A handler without its files: it crashes, or falls back to the sample key.
bool is_of_missing_files(const Finding& explained, const Situation& run) {
    return explained.code == Cause::proxy_bad_response ? text_argument(explained, "variant") == "server-error"
                                                       : !is_explained_by_upstream(explained, run, true);
}

bool is_other_config_read(const Finding& explaining, const Finding& explained, const Situation& run) {
    if (explaining.code == Cause::install_server_mismatch && is_other_install_here(run)) {
        return !is_explained_by_upstream(explained, run, false);
    }
    return !has_config_error(run) && !is_explained_by_upstream(explained, run, true);
}

// The examined config.ini was asked for the key of the call that failed, and the call came as far as the key.
bool is_configured_key_asked(const Situation& run, const Finding& explained) {
    return is_configured_key_asked(run) && !is_given_key_refused(run, explained) && !is_before_the_key(explained);
}

bool holds(Condition condition, const Finding& explaining, const Finding& explained, const Situation& run) {
    switch (condition) {
        case Condition::always: return true;
        case Condition::when_error: return explaining.severity == Severity::error;
        case Condition::same_kind: return is_same_kind(explaining, explained) && is_key_in_use(explaining, run);
        case Condition::same_kind_error:
            return explaining.severity == Severity::error && is_same_kind(explaining, explained);
        case Condition::key_in_use: return is_key_in_use(explaining, run);
        case Condition::sample_is_sent:
            return text_argument(explaining, "variant") != "known" && is_configured_key_asked(run, explained);
        case Condition::configured_key_asked: return is_configured_key_asked(run, explained);
        case Condition::other_config_read: return is_other_config_read(explaining, explained, run);
        case Condition::clock_at_fault: {
            const std::string_view variant = text_argument(explained, "variant");
            return variant.empty() || variant == "clock";
        }
        case Condition::gone_while_served:
            return is_served(run) && is_taken_away(explaining, run) && is_of_missing_files(explained, run);
    }
    return false;
}

}  // namespace

const Explains* edge_between(const Finding& explaining, const Finding& explained, const Situation& run) {
    for (const Explains& edge : info(explaining.code).explains) {
        if (edge.effect == explained.code && holds(edge.when, explaining, explained, run)) {
            return &edge;
        }
    }
    return nullptr;
}

bool is_inferred(Condition condition, const Finding& explained) {
    switch (condition) {
        case Condition::other_config_read:
        case Condition::gone_while_served: return true;
        case Condition::same_kind:
        case Condition::same_kind_error: {
            const std::string_view kind = text_argument(explained, "kind");
            return kind.empty() || kind == "unknown";
        }
        default: return false;
    }
}

bool explains_an_error(const Situation& run, const Finding& explaining) {
    return std::any_of(run.begin(), run.end(), [&](const CheckResult& check) {
        return std::any_of(check.findings.begin(), check.findings.end(), [&](const Finding& finding) {
            return finding.severity == Severity::error && edge_between(explaining, finding, run) != nullptr;
        });
    });
}

}  // namespace banana
