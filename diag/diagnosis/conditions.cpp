#include "conditions.hpp"

#include "banana/cause.hpp"
#include "banana/key_source.hpp"
#include "rules.hpp"

#include <algorithm>

namespace banana {
namespace {

bool is_an_error(const Finding& finding) {
    return finding.severity == Severity::error;
}

bool is_kind_hidden(const Finding& explained) {
    return failure_of(explained) == RouteFailure::unknown;
}

bool brings_about(const Finding& explaining, const Finding& explained) {
    return info(explaining.code).failures.contains(failure_of(explained));
}

// An error of the direct call explains it, whichever config.ini was read.
bool is_explained_by_service(const Finding& explained, const Situation& run, bool key_errors_count) {
    const CheckResult* direct = find_check(run.checks, check_id::upstream_api);
    return direct != nullptr &&
           std::any_of(direct->findings.begin(), direct->findings.end(), [&](const Finding& finding) {
               const bool counts = key_errors_count || !has_trait(finding.code, Trait::about_key);
               return counts && area_of(finding.code) == Area::upstream && is_an_error(finding) &&
                      explanation_of(finding, explained, run) != nullptr;
           });
}

// The call came as far as the key, and that key is the one in the examined config.ini.
bool concerns_configured_key(const Finding& explained, const Situation& run) {
    return run.asks_configured_key() && !run.is_given_key_refused(explained) &&
           !kBeforeTheKey.contains(failure_of(explained));
}

// The service answered with a status of failure, and which one the plugin does not say: a refusal looks like this.
bool is_status_lost(const Finding& explained, const Situation& run) {
    const boost::json::value* status = find_member(explained.args, "status");
    const bool lost = status != nullptr && *status == 0 && failure_of(explained) == RouteFailure::http_status;
    return lost && !run.query.key_sent && concerns_configured_key(explained, run);
}

bool was_sample_sent(const Finding& /*sample*/, const Finding& explained, const Situation& run) {
    return concerns_configured_key(explained, run) && was_configured_key_sent(run).value_or(false);
}

bool may_sample_be_sent(const Finding& sample, const Finding& explained, const Situation& run) {
    return concerns_configured_key(explained, run) && !was_configured_key_sent(run) &&
           variant_of(sample) != Variant::sample_known;
}

bool was_other_config_read(const Finding& explaining, const Finding& explained, const Situation& run) {
    if (explaining.code == Cause::install_server_mismatch && run.is_other_install_here()) {
        return !is_explained_by_service(explained, run, false);
    }
    return !run.has_config_error() && !is_explained_by_service(explained, run, true);
}

// A handler without its files: it crashes, or falls back to the sample key.
bool is_gone_while_served(const Finding& explaining, const Finding& explained, const Situation& run) {
    const bool of_missing_files = explained.code == Cause::proxy_bad_response
                                      ? variant_of(explained) == Variant::server_error
                                      : !is_explained_by_service(explained, run, true);
    return run.is_served() && run.is_taken_away(explaining) && of_missing_files;
}

bool explains_any_error(const Finding& explaining, const Situation& run) {
    return std::any_of(run.checks.begin(), run.checks.end(), [&](const CheckResult& check) {
        return std::any_of(check.findings.begin(), check.findings.end(), [&](const Finding& finding) {
            return is_an_error(finding) && explanation_of(explaining, finding, run) != nullptr;
        });
    });
}

// A proxy asks for a password, or says by itself that it reaches nobody: no word of the service.
bool has_plugin_got_through(const Finding& finding, const Situation& run) {
    const std::int64_t status = run.service_status;
    const bool of_proxy = status == 407 || (status >= 500 && finding.code == Cause::upstream_proxy_failure);
    return status > 0 && !of_proxy;
}

// This user may not read it, but the plugin did: it had a key to ask the service with.
bool has_plugin_read_it(const Finding& finding, const Situation& run) {
    if (variant_of(finding) != Variant::permission || !run.asks_configured_key() || run.query.key_sent) {
        return false;
    }
    return run.find(Cause::proxy_key_rejected) != nullptr || run.has_error(Cause::proxy_netrc_override) ||
           run.find(Cause::proxy_upstream_failed) != nullptr;
}

// The plugin was seen to ask the service, and what came of it is no refusal. The known releases do not ask without a
// key: they had one from another place, or read the file otherwise than was assumed. A fork may send a sample of its
// own, which comes as far.
bool had_plugin_a_key(const Finding& /*finding*/, const Situation& run) {
    const Finding* failed = run.find(Cause::proxy_upstream_failed);
    const std::string_view family = run.subject->plugin_family;
    const bool is_known_release = family == "V1" || family == "V2" || family == "V3";
    if (failed == nullptr || failed->inferred || !is_known_release || run.query.key_sent) {
        return false;
    }
    const RouteFailure failure = failure_of(*failed);
    const bool is_telling = failure != RouteFailure::unknown && failure != RouteFailure::none;
    const bool may_be_refusal = failure == RouteFailure::http_status && run.service_status == 0;
    return is_telling && !may_be_refusal;
}

// Behind a status or a hidden failure may be a refusal of the key as well: V2 and V3 do not say.
bool is_about_fall_back(const Finding& finding, const Situation& run) {
    constexpr RouteFailures kMayBeTheKey{RouteFailure::http_status, RouteFailure::unknown};
    return run.query.key_withheld &&
           (finding.code != Cause::proxy_upstream_failed || kMayBeTheKey.contains(failure_of(finding)));
}

// Another copy's config.ini and the key in it are read, not these.
bool is_other_copy_served(const Finding& finding, const Situation& run) {
    const bool of_file = area_of(finding.code) == Area::config;
    return !run.served_copy().empty() && (of_file || is_configured_key(finding.key_source));
}

using F = const Finding&;
using S = const Situation&;

}  // namespace

namespace when {

constinit const Condition always{"always", [](F, F, S) { return true; }};
constinit const Condition is_error{"is-error", [](F from, F, S) { return is_an_error(from); }};
constinit const Condition same_kind{
    "same-kind", [](F from, F to, S run) { return brings_about(from, to) && run.is_key_in_use(from); }};
constinit const Condition kind_hidden{
    "kind-hidden", [](F from, F to, S run) { return is_kind_hidden(to) && run.is_key_in_use(from); }};
constinit const Condition same_kind_as_error{
    "same-kind", [](F from, F to, S) { return is_an_error(from) && brings_about(from, to); }};
constinit const Condition kind_hidden_by_error{"kind-hidden",
                                               [](F from, F to, S) { return is_an_error(from) && is_kind_hidden(to); }};
constinit const Condition key_in_use{"key-in-use", [](F from, F, S run) { return run.is_key_in_use(from); }};
constinit const Condition configured_key_asked{"configured-key-asked",
                                               [](F, F to, S run) { return concerns_configured_key(to, run); }};
constinit const Condition status_lost{"status-lost", [](F, F to, S run) { return is_status_lost(to, run); }};
constinit const Condition sample_was_sent{"sample-was-sent", was_sample_sent};
constinit const Condition sample_may_be_sent{"sample-may-be-sent", may_sample_be_sent};
constinit const Condition other_config_read{"other-config-read", was_other_config_read};
constinit const Condition clock_at_fault{"clock-at-fault", [](F, F to, S) {
                                             const Variant variant = variant_of(to);
                                             return variant == Variant::none || variant == Variant::clock;
                                         }};
constinit const Condition gone_while_served{"gone-while-served", is_gone_while_served};
constinit const Condition folder_left_to_the_server{"folder-left-to-the-server",
                                                    [](F, F to, S) { return variant_of(to) == Variant::none; }};

}  // namespace when

namespace given {

constinit const Circumstance chain_proved{"chain-proved", [](F, S run) { return run.is_chain_proved(); }};
constinit const Circumstance taken_away_and_missed{
    "taken-away-and-missed", [](F of, S run) { return run.is_taken_away(of) && explains_any_error(of, run); }};
constinit const Circumstance other_copy_served{"other-copy-served", is_other_copy_served};
constinit const Circumstance other_install_blamed{
    "other-install-blamed", [](F, S run) {
        return run.is_other_install_here() && explains_any_error(*run.find(Cause::install_server_mismatch), run);
    }};
constinit const Circumstance switched_off_since{"switched-off-since",
                                                [](F, S run) { return run.is_switched_off_since(); }};
constinit const Circumstance key_accepted{"key-accepted",
                                          [](F of, S run) { return run.is_accepted_directly(of.key_source); }};
constinit const Circumstance route_served{"route-served", [](F, S run) { return run.is_served(); }};
constinit const Circumstance route_served_from_here{
    "route-served-from-here", [](F, S run) { return run.is_served() && !run.is_other_install(); }};
constinit const Circumstance node_loaded{"node-loaded", [](F, S run) { return run.is_node_loaded(); }};
constinit const Circumstance plugin_got_through{"plugin-got-through", has_plugin_got_through};
constinit const Circumstance plugin_read_the_file{"plugin-read-the-file", has_plugin_read_it};
constinit const Circumstance explains_an_error{
    "explains-an-error", [](F of, S run) { return !run.is_chain_proved() && explains_any_error(of, run); }};
constinit const Circumstance plugin_had_a_key{"plugin-had-a-key", had_plugin_a_key};
constinit const Circumstance node_key_counts{"node-key-counts", [](F, S run) { return run.as_node.value_or(false); }};
constinit const Circumstance key_withheld{"key-withheld", is_about_fall_back};

}  // namespace given

std::optional<bool> was_configured_key_sent(const Situation& run) {
    constexpr RouteFailures kAnswered{RouteFailure::http_status, RouteFailure::not_json, RouteFailure::shape,
                                      RouteFailure::api_error};
    const auto of_configured_key = [&](const Finding* seen) {
        return seen != nullptr && !seen->inferred && concerns_configured_key(*seen, run);
    };
    if (const Finding* rejected = run.find(Cause::proxy_key_rejected); of_configured_key(rejected)) {
        return variant_of(*rejected) != Variant::unusable;
    }
    const Finding* failed = run.find(Cause::proxy_upstream_failed);
    if (of_configured_key(failed) && kAnswered.contains(failure_of(*failed))) {
        return true;
    }
    return of_configured_key(run.find(Cause::proxy_no_key)) ? std::optional(false) : std::nullopt;
}

}  // namespace banana
