#include "diagnosis.hpp"

#include "banana/lookup.hpp"
#include "conclusion.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace banana {
namespace {

constexpr int kExitHealthy = 0;
constexpr int kExitBroken = 1;
constexpr int kExitInconclusive = 3;
constexpr std::string_view kPagePath = "/api/banana/token_usage";

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

bool has_error(Checks checks, Cause code) {
    for (const CheckResult& check : checks) {
        for (const Finding& finding : check.findings) {
            if (finding.code == code && finding.severity == Severity::error) {
                return true;
            }
        }
    }
    return false;
}

bool has_config_error(Checks checks) {
    const CheckResult* config = find_check(checks, check_id::config_key);
    return config != nullptr && std::any_of(config->findings.begin(), config->findings.end(),
                                            [](const Finding& finding) { return finding.severity == Severity::error; });
}

// With --as-node, and a page that does not hand the node's key on, the configured one only stands in.
bool is_nodes_key_lost(Checks checks) {
    return has_error(checks, Cause::frontend_key_not_sent) || has_error(checks, Cause::proxy_key_override_ignored);
}

// The answering server loads its nodes from another folder of this machine, so it reads another config.ini. A folder
// that is not on this machine may be the examined one by another name: that of a container.
bool is_other_install_here(Checks checks) {
    const Finding* mismatch = find_finding(checks, Cause::install_server_mismatch);
    return mismatch != nullptr && text_argument(*mismatch, "variant") != "elsewhere";
}

// The last part of a path of either system.
std::string_view last_part(std::string_view path) {
    const std::size_t slash = path.find_last_of("/\\");
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

// The folder that the server serves the balance script from, where that is another copy than the examined one. With
// several served the check names the examined one.
std::string_view served_copy(Checks checks) {
    constexpr std::string_view kStart = "/extensions/";
    std::string_view folder = text_fact(checks, check_id::frontend_extension, {"path"});
    const boost::json::value* copies = find_fact(checks, check_id::install_plugin, {"copies"});
    if (!folder.starts_with(kStart) || copies == nullptr || !copies->is_array()) {
        return {};
    }
    folder.remove_prefix(kStart.size());
    folder = folder.substr(0, folder.find('/'));
    const auto& all = copies->get_array();
    const bool is_copy = std::any_of(all.begin(), all.end(), [&](const boost::json::value& copy) {
        return copy.is_string() && last_part(copy.get_string()) == folder;
    });
    return is_copy && folder != text_fact(checks, check_id::install_plugin, {"folder_name"}) ? folder
                                                                                             : std::string_view();
}

// With --as-node the given key is the one in use; then, and only then, findings on the configured key are no errors.
// What is said of a key that got its balance all the same breaks nothing.
bool is_key_in_use(const Finding& finding, Checks checks) {
    if (text_argument(finding, "variant") == "answers") {
        return false;
    }
    const bool given = finding.key_source == "api-key-file" || finding.key_source == "environment";
    return given ? finding.severity == Severity::error && !has_config_error(checks)
                 : !is_nodes_key_lost(checks) && served_copy(checks).empty();
}

bool is_about_a_key(Cause code) {
    return code == Cause::upstream_key_rejected || code == Cause::upstream_key_of_other_line ||
           code == Cause::upstream_key_expired || code == Cause::upstream_quota_exhausted;
}

bool is_served(Checks checks) {
    return flag_fact(checks, check_id::route_registration, {"with_api_prefix"}).value_or(false) ||
           flag_fact(checks, check_id::route_registration, {"without_api_prefix"}).value_or(false);
}

// The server names the folder among those that it loads nodes from.
bool loads_from(Checks checks, std::string_view folder) {
    const boost::json::value* folders = find_fact(checks, check_id::local_server, {"custom_nodes_dirs"});
    if (folders == nullptr || !folders->is_array()) {
        return false;
    }
    const auto& all = folders->get_array();
    return std::any_of(all.begin(), all.end(), [&](const boost::json::value& each) {
        return each.is_string() && std::string_view(each.get_string()) == folder;
    });
}

// What was found says that the files are no longer where the running server loaded them from.
bool is_taken_away(const Finding& finding, Checks checks) {
    const std::string_view variant = text_argument(finding, "variant");
    switch (finding.code) {
        case Cause::install_server_mismatch: return variant == "moved";
        case Cause::install_plugin_disabled:
            return variant != "command-line" &&
                   flag_fact(checks, check_id::local_server, {"is_examined_install"}).value_or(false);
        case Cause::install_plugin_not_found:
            return variant.empty() && loads_from(checks, text_argument(finding, "custom_nodes"));
        default: return false;
    }
}

// The plugin was switched off on disk after the server had loaded it.
bool is_switched_off_since(Checks checks) {
    const Finding* disabled = find_finding(checks, Cause::install_plugin_disabled);
    return disabled != nullptr && is_served(checks) && is_taken_away(*disabled, checks);
}

bool is_configured_key_asked(Checks checks) {
    return !is_nodes_key_lost(checks) && !is_other_install_here(checks) && served_copy(checks).empty() &&
           !is_switched_off_since(checks);
}

bool is_same_kind(const Finding& explaining, const Finding& explained) {
    const std::string_view kind = text_argument(explained, "kind");
    if (kind.empty() || kind == "unknown") {
        return true;
    }
    const auto kinds = kinds_of(explaining.code);
    return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

const Explains* edge_between(const Finding& explaining, const Finding& explained, Checks checks);

// An error of the direct call explains it, whichever config.ini was read.
bool is_explained_by_upstream(const Finding& explained, Checks checks, bool key_errors_count) {
    const CheckResult* upstream = find_check(checks, check_id::upstream_api);
    return upstream != nullptr &&
           std::any_of(upstream->findings.begin(), upstream->findings.end(), [&](const Finding& finding) {
               const bool counts = key_errors_count || !is_about_a_key(finding.code);
               return counts && area_of(finding.code) == "upstream" && finding.severity == Severity::error &&
                      edge_between(finding, explained, checks) != nullptr;
           });
}

// A handler without its files: it crashes, or falls back to the sample key.
bool is_of_missing_files(const Finding& explained, Checks checks) {
    return explained.code == Cause::proxy_bad_response ? text_argument(explained, "variant") == "server-error"
                                                       : !is_explained_by_upstream(explained, checks, true);
}

bool is_other_config_read(const Finding& explaining, const Finding& explained, Checks checks) {
    if (explaining.code == Cause::install_server_mismatch && is_other_install_here(checks)) {
        return !is_explained_by_upstream(explained, checks, false);
    }
    return !has_config_error(checks) && !is_explained_by_upstream(explained, checks, true);
}

bool holds(Condition condition, const Finding& explaining, const Finding& explained, Checks checks) {
    switch (condition) {
        case Condition::always: return true;
        case Condition::when_error: return explaining.severity == Severity::error;
        case Condition::same_kind: return is_same_kind(explaining, explained) && is_key_in_use(explaining, checks);
        case Condition::same_kind_error:
            return explaining.severity == Severity::error && is_same_kind(explaining, explained);
        case Condition::key_in_use: return is_key_in_use(explaining, checks);
        case Condition::sample_is_sent:
            return text_argument(explaining, "variant") != "known" && is_configured_key_asked(checks);
        case Condition::configured_key_asked: return is_configured_key_asked(checks);
        case Condition::other_config_read: return is_other_config_read(explaining, explained, checks);
        case Condition::clock_at_fault: {
            const std::string_view variant = text_argument(explained, "variant");
            return variant.empty() || variant == "clock";
        }
        case Condition::gone_while_served:
            return is_served(checks) && is_taken_away(explaining, checks) && is_of_missing_files(explained, checks);
    }
    return false;
}

// Whether the condition was seen to hold, or only not seen to fail.
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

const Explains* edge_between(const Finding& explaining, const Finding& explained, Checks checks) {
    for (const Explains& edge : info(explaining.code).explains) {
        if (edge.effect == explained.code && holds(edge.when, explaining, explained, checks)) {
            return &edge;
        }
    }
    return nullptr;
}

// Rule 2: a round trip by the page's own path that returned a balance, for the key and line under test.
bool is_chain_proved(Checks checks) {
    const CheckResult* round_trip = find_answered(checks, check_id::proxy_round_trip);
    if (round_trip == nullptr) {
        return false;
    }
    const bool disturbed =
        std::any_of(round_trip->findings.begin(), round_trip->findings.end(), [](const Finding& finding) {
            return finding.severity == Severity::error || finding.code == Cause::proxy_balance_mismatch;
        });
    const bool other_key = flag_fact(checks, check_id::proxy_round_trip, {"key_withheld"}).value_or(false);
    if (disturbed || other_key || has_error(checks, Cause::frontend_key_not_sent) ||
        has_error(checks, Cause::proxy_key_override_ignored)) {
        return false;
    }
    const boost::json::value* balance = find_member(round_trip->facts, {"balance"});
    return flag_fact(checks, check_id::proxy_round_trip, {"success"}).value_or(false) &&
           !flag_fact(checks, check_id::proxy_round_trip, {"cached"}).value_or(false) && balance != nullptr &&
           balance->is_object() && !balance->get_object().empty() &&
           text_fact(checks, check_id::proxy_round_trip, {"url"}).find(kPagePath) != std::string_view::npos;
}

// A key of an unusual form that the service took: its form is no fault.
bool is_key_accepted(Checks checks, const Finding& finding) {
    const boost::json::value* accepted = find_fact(checks, check_id::upstream_api, {"accepted_keys"});
    if (finding.code != Cause::config_key_malformed || accepted == nullptr || !accepted->is_array()) {
        return false;
    }
    const auto& sources = accepted->get_array();
    return std::any_of(sources.begin(), sources.end(), [&](const boost::json::value& source) {
        return source.is_string() && std::string_view(source.get_string()) == finding.key_source;
    });
}

bool yields_to_round_trip(Cause cause) {
    const std::string_view area = area_of(cause);
    return area == "install" || area == "config" || area == "upstream" || area == "route";
}

// One finding a code, errors first, in the order of primary causes.
struct Considered {
    explicit Considered(Finding finding) : finding(std::move(finding)) {}
    Finding finding;
    std::optional<Message> refutation;  // what shows that this error breaks nothing
};

// What is on disk, or in a log that may be an older one, and would keep the route from being there.
bool is_about_loading(Cause code) {
    return code == Cause::install_plugin_duplicate || code == Cause::install_plugin_disabled ||
           code == Cause::install_no_balance_feature || code == Cause::install_files_missing ||
           code == Cause::route_load_failed;
}

// The HTTP status that the plugin's own call got from the upstream, as its message names it; 0 where none did.
std::int64_t status_of_plugins_call(Checks checks) {
    const CheckResult* round_trip = find_answered(checks, check_id::proxy_round_trip);
    if (round_trip == nullptr) {
        return 0;
    }
    for (const Finding& finding : round_trip->findings) {
        const boost::json::value* status = finding.args.if_contains("status");
        if (status != nullptr && status->is_int64() && status->get_int64() > 0) {
            return status->get_int64();
        }
    }
    return 0;
}

// Errors before any HTTP status: a call that got one has passed that place.
bool is_before_http(Cause code) {
    switch (code) {
        case Cause::upstream_dns_failure:
        case Cause::upstream_network_unreachable:
        case Cause::upstream_connection_refused:
        case Cause::upstream_connect_timeout:
        case Cause::upstream_connection_reset:
        case Cause::upstream_proxy_failure:
        case Cause::upstream_tls_untrusted:
        case Cause::upstream_tls_hostname:
        case Cause::upstream_tls_expired:
        case Cause::upstream_tls_handshake:
        case Cause::upstream_response_timeout:
        case Cause::upstream_intercepted: return true;
        default: return false;
    }
}

bool has_plugin_got_through(Checks checks, Cause code) {
    const std::int64_t status = status_of_plugins_call(checks);
    // A proxy asks for a password, or says by itself that it reaches nobody.
    const bool of_proxy = status == 407 || (status >= 500 && code == Cause::upstream_proxy_failure);
    return status > 0 && !of_proxy && is_before_http(code);
}

// A file that this user may not read, but the plugin did: it had a key to ask the upstream with.
bool has_plugin_read_it(Checks checks, const Finding& finding) {
    if (finding.code != Cause::config_file_unreadable || text_argument(finding, "variant") != "permission" ||
        !is_configured_key_asked(checks) ||
        flag_fact(checks, check_id::proxy_round_trip, {"key_sent"}).value_or(false)) {
        return false;
    }
    return find_finding(checks, Cause::proxy_key_rejected) != nullptr ||
           find_finding(checks, Cause::proxy_netrc_override) != nullptr ||
           find_finding(checks, Cause::proxy_upstream_failed) != nullptr;
}

// Whether the finding explains an error of this run.
bool explains_an_error(Checks checks, const Finding& explaining) {
    return std::any_of(checks.begin(), checks.end(), [&](const CheckResult& check) {
        return std::any_of(check.findings.begin(), check.findings.end(), [&](const Finding& finding) {
            return finding.severity == Severity::error && edge_between(explaining, finding, checks) != nullptr;
        });
    });
}

// What is said of a config.ini, or of the key in it, that the running server does not read.
std::optional<Message> unread_config(Checks checks, const Finding& finding) {
    const bool of_file = area_of(finding.code) == "config";
    const bool of_its_key = is_about_a_key(finding.code) && finding.key_source == "config.ini";
    if (!of_file && !of_its_key) {
        return std::nullopt;
    }
    if (const std::string_view folder = served_copy(checks); !folder.empty()) {
        return other_copy_runs(folder);
    }
    const Finding* mismatch = find_finding(checks, Cause::install_server_mismatch);
    if (of_file && is_other_install_here(checks) && explains_an_error(checks, *mismatch)) {
        return other_install_runs(text_argument(*mismatch, "server_dir"));
    }
    if (of_file && is_switched_off_since(checks)) {
        return switched_off_since(text_argument(*find_finding(checks, Cause::install_plugin_disabled), "folder"));
    }
    return std::nullopt;
}

std::optional<Message> refutation_of(Checks checks, const Finding& finding, bool proved) {
    if (proved && yields_to_round_trip(finding.code)) {
        return seen_differently(finding.code);
    }
    if (is_taken_away(finding, checks) && explains_an_error(checks, finding)) {
        return std::nullopt;
    }
    if (std::optional<Message> unread = unread_config(checks, finding)) {
        return unread;
    }
    if (is_key_accepted(checks, finding)) {
        return key_accepted();
    }
    if (finding.code == Cause::install_plugin_not_found && is_served(checks)) {
        return route_answers_anyway();
    }
    const bool other_install =
        flag_fact(checks, check_id::local_server, {"is_examined_install"}) == std::optional<bool>(false);
    if (is_about_loading(finding.code) && is_served(checks) && !other_install) {
        return matters_at_next_start();
    }
    if (has_plugin_got_through(checks, finding.code)) {
        return plugin_got_through(status_of_plugins_call(checks));
    }
    if (has_plugin_read_it(checks, finding)) {
        return plugin_read_it();
    }
    return std::nullopt;
}

// Kept with the finding, which is a warning from then on: a report that is read back knows it no other way.
void keep_refutation(Finding& finding, const Message& refutation) {
    finding.severity = Severity::warning;
    finding.args[kRefutationArgument] = {{"id", refutation.id}, {"args", refutation.args}};
}

// Of two findings of one code the one that may be the cause: the error, then that of the key in use, then the one
// that was seen and not inferred.
bool is_better(const Finding& finding, const Finding& other, Checks checks) {
    if (finding.severity != other.severity) {
        return finding.severity == Severity::error;
    }
    const bool in_use = is_key_in_use(finding, checks);
    if (in_use != is_key_in_use(other, checks)) {
        return in_use;
    }
    return other.inferred && !finding.inferred;
}

std::vector<Considered> consider(Checks checks) {
    const bool proved = is_chain_proved(checks);
    std::map<Cause, Considered> by_code;
    for (const CheckResult& check : checks) {
        for (const Finding& finding : check.findings) {
            if (finding.severity == Severity::none || info(finding.code).severity == Severity::none) {
                continue;
            }
            const auto [place, added] = by_code.try_emplace(finding.code, finding);
            if (!added && is_better(finding, place->second.finding, checks)) {
                place->second.finding = finding;
            }
        }
    }
    std::vector<Considered> all;
    for (auto& [code, considered] : by_code) {
        considered.refutation = kept_refutation(considered.finding);
        if (considered.finding.severity == Severity::error) {
            considered.refutation = refutation_of(checks, considered.finding, proved);
        }
        if (considered.refutation) {
            considered.finding.severity = Severity::warning;
        }
        all.push_back(std::move(considered));
    }
    return all;
}

// The findings of a run as a graph: an edge leads from what explains to what is explained.
class Explanations {
public:
    Explanations(const std::vector<Considered>& findings, Checks checks)
        : findings_(findings), edges_(findings.size(), std::vector<const Explains*>(findings.size(), nullptr)) {
        for (std::size_t from = 0; from < findings.size(); ++from) {
            for (std::size_t to = 0; to < findings.size(); ++to) {
                if (from != to) {
                    edges_[from][to] = edge_between(findings[from].finding, findings[to].finding, checks);
                }
            }
        }
    }

    // All that a finding explains, directly or through others.
    [[nodiscard]] std::set<std::size_t> effects_of(std::size_t cause) const {
        std::set<std::size_t> reached;
        std::vector<std::size_t> open{cause};
        while (!open.empty()) {
            const std::size_t from = open.back();
            open.pop_back();
            for (std::size_t to = 0; to < findings_.size(); ++to) {
                if (edges_[from][to] != nullptr && reached.insert(to).second) {
                    open.push_back(to);
                }
            }
        }
        return reached;
    }

    // An error, or a warning that explains one.
    [[nodiscard]] bool is_active(std::size_t index) const {
        if (findings_[index].finding.severity == Severity::error) {
            return true;
        }
        const auto effects = effects_of(index);
        return std::any_of(effects.begin(), effects.end(),
                           [&](std::size_t effect) { return findings_[effect].finding.severity == Severity::error; });
    }

    [[nodiscard]] bool is_explained(std::size_t index) const {
        for (std::size_t from = 0; from < findings_.size(); ++from) {
            if (edges_[from][index] != nullptr && is_active(from)) {
                return true;
            }
        }
        return false;
    }

    // A warning, and a server that loads from elsewhere, is a cause only by what it explains: so the weakest of those
    // conditions counts for it. So is what was taken away under a server that still serves the route.
    [[nodiscard]] bool rests_on_inference(std::size_t index) const {
        const Finding& finding = findings_[index].finding;
        const bool by_itself = finding.severity == Severity::error && finding.code != Cause::install_server_mismatch;
        for (std::size_t to = 0; to < findings_.size(); ++to) {
            const Explains* edge = edges_[index][to];
            const bool counts = edge != nullptr && (!by_itself || edge->when == Condition::gone_while_served);
            if (counts && is_inferred(edge->when, findings_[to].finding)) {
                return true;
            }
        }
        return false;
    }

private:
    const std::vector<Considered>& findings_;
    std::vector<std::vector<const Explains*>> edges_;
};

// What was only seen on the way: unexplained, it tells where the chain breaks but not why.
bool is_symptom(Cause cause) {
    return cause == Cause::route_not_registered || area_of(cause) == "proxy";
}

Confidence confidence_of(const Finding& finding, bool rests_on_inference) {
    if (is_symptom(finding.code)) {
        return Confidence::possible;
    }
    return finding.inferred || rests_on_inference ? Confidence::likely : Confidence::proved;
}

// The check that a skip goes back to, through other skipped ones; null where none is named.
const CheckResult* root_of_skip(Checks checks, const CheckResult& skipped) {
    const CheckResult* check = &skipped;
    for (std::size_t step = 0; step < checks.size(); ++step) {
        if (!check->skip_reason.starts_with(skip_reason::need_prefix)) {
            return check;
        }
        check = find_check(checks, std::string_view(check->skip_reason).substr(skip_reason::need_prefix.size()));
        if (check == nullptr) {
            return nullptr;
        }
    }
    return nullptr;
}

std::vector<std::string> skipped_for(Checks checks, const std::set<Cause>& codes) {
    std::vector<std::string> ids;
    for (const CheckResult& check : checks) {
        if (!check.skip_reason.starts_with(skip_reason::need_prefix)) {
            continue;
        }
        const CheckResult* root = root_of_skip(checks, check);
        if (root != nullptr && std::any_of(root->findings.begin(), root->findings.end(),
                                           [&](const Finding& finding) { return codes.contains(finding.code); })) {
            ids.push_back(check.id);
        }
    }
    return ids;
}

bool is_harmless_skip(std::string_view reason) {
    return reason == skip_reason::not_selected || reason == skip_reason::not_applicable;
}

// A selected check that could not finish, whose answer the round trip does not give as well.
bool is_open(Checks checks, const CheckResult& check, bool proved) {
    if (check.skip_reason.empty()) {
        return check.incomplete && !proved;
    }
    if (!check.skip_reason.starts_with(skip_reason::need_prefix)) {
        return !is_harmless_skip(check.skip_reason);
    }
    const CheckResult* root = root_of_skip(checks, check);
    return !proved && (root == nullptr || !is_harmless_skip(root->skip_reason));
}

bool is_anything_open(Checks checks) {
    const bool proved = is_chain_proved(checks);
    const bool nothing_ran =
        std::none_of(checks.begin(), checks.end(), [](const CheckResult& check) { return check.skip_reason.empty(); });
    return nothing_ran || std::any_of(checks.begin(), checks.end(),
                                      [&](const CheckResult& check) { return is_open(checks, check, proved); });
}

DiagnosedCause make_cause(const std::vector<Considered>& findings, const Explanations& explanations, std::size_t index,
                          Checks checks, const Subject& subject) {
    DiagnosedCause cause(findings[index].finding);
    cause.confidence = confidence_of(cause.finding, explanations.rests_on_inference(index));
    std::set<Cause> codes{cause.finding.code};
    if (explanations.is_active(index)) {
        for (const std::size_t effect : explanations.effects_of(index)) {
            cause.effects.push_back(findings[effect].finding.code);
            codes.insert(findings[effect].finding.code);
        }
        cause.skipped = skipped_for(checks, codes);
    }
    conclude(cause, checks, subject);
    if (findings[index].refutation) {
        cause.because.insert(cause.because.begin(), *findings[index].refutation);
        cause.leads_to.clear();
    }
    return cause;
}

// That the service refused the plugin's key shows what this version does with the sample.
void settle_sample(std::vector<CheckResult>& checks) {
    const Finding* rejected = find_finding(checks, Cause::proxy_key_rejected);
    if (rejected == nullptr || rejected->inferred) {
        return;
    }
    for (CheckResult& check : checks) {
        for (Finding& finding : check.findings) {
            const bool open =
                finding.code == Cause::config_key_placeholder && text_argument(finding, "variant") == "unknown";
            if (open && edge_between(finding, *rejected, checks) != nullptr) {
                finding.args["variant"] = "sent";
            }
        }
    }
}

// An error that the rest of the run refutes is a warning to its check too. All are judged before any is changed.
void settle_refuted(std::vector<CheckResult>& checks) {
    const std::vector<CheckResult> seen = checks;
    const bool proved = is_chain_proved(seen);
    for (CheckResult& check : checks) {
        bool failed = false;
        for (Finding& finding : check.findings) {
            const bool error = finding.severity == Severity::error;
            const std::optional<Message> refutation = error ? refutation_of(seen, finding, proved) : std::nullopt;
            if (refutation) {
                keep_refutation(finding, *refutation);
            }
            failed = failed || finding.severity == Severity::error;
        }
        if (check.status == Status::fail && !failed) {
            check.status = Status::warn;
        }
    }
}

}  // namespace

void settle_severities(std::vector<CheckResult>& checks) {
    settle_sample(checks);
    settle_refuted(checks);
    if (is_chain_proved(checks)) {
        return;
    }
    for (CheckResult& check : checks) {
        for (Finding& finding : check.findings) {
            if (finding.code == Cause::install_server_mismatch && explains_an_error(checks, finding)) {
                finding.severity = Severity::error;
                check.status = Status::fail;
            }
        }
    }
}

int exit_code_of(Verdict verdict) noexcept {
    switch (verdict) {
        case Verdict::healthy:
        case Verdict::attention: return kExitHealthy;
        case Verdict::broken: return kExitBroken;
        case Verdict::inconclusive: return kExitInconclusive;
    }
    return kExitInconclusive;
}

Diagnosis diagnose(std::span<const CheckResult> checks, const Subject& subject) {
    const std::vector<Considered> findings = consider(checks);
    const Explanations explanations(findings, checks);
    std::vector<std::size_t> causes;
    std::vector<std::size_t> warnings;
    for (std::size_t index = 0; index < findings.size(); ++index) {
        if (!explanations.is_active(index)) {
            warnings.push_back(index);
        } else if (!explanations.is_explained(index)) {
            causes.push_back(index);
        }
    }
    Diagnosis diagnosis;
    const bool broken = !causes.empty();
    for (const std::size_t index : broken ? causes : warnings) {
        DiagnosedCause cause = make_cause(findings, explanations, index, checks, subject);
        if (broken && !diagnosis.primary) {
            diagnosis.primary = std::move(cause);
        } else {
            diagnosis.others.push_back(std::move(cause));
        }
    }
    if (broken) {
        diagnosis.verdict = Verdict::broken;
    } else if (is_anything_open(checks)) {
        diagnosis.verdict = Verdict::inconclusive;
    } else {
        diagnosis.verdict = warnings.empty() ? Verdict::healthy : Verdict::attention;
    }
    return diagnosis;
}

}  // namespace banana
