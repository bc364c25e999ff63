// A run as the rules see it: how it was asked for, and what its checks saw of the install, of the running ComfyUI, of
// the service and of the plugin's own query. The only reader of facts.
#pragma once

#include "banana/facts.hpp"
#include "banana/lookup.hpp"
#include "banana/route_failure.hpp"
#include "banana/variant.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace banana {

// Refers to the checks and the subject that it was made of.
struct Situation {
    Situation(Checks checks, const Subject& subject);

    Checks checks;
    const Subject* subject;

    // The given key stands for the node's own; none where a report does not say it.
    std::optional<bool> as_node;

    // Read on disk.
    facts::Install install;
    // Seen of the running server.
    facts::Server server;
    facts::Route route;
    facts::Script script;
    // Seen of the service, asked directly.
    facts::Upstream service;
    // The plugin's own query through its route.
    facts::Query query;
    bool is_query_answered = false;   // the check ran to an answer
    bool has_query_failed = false;    // and found an error
    std::int64_t service_status = 0;  // HTTP status that the plugin got from the service; 0 where it names none

    // The balance route answers.
    [[nodiscard]] bool is_served() const { return route.with_api_prefix || route.without_api_prefix; }
    // The server loads its nodes from another folder than the examined one.
    [[nodiscard]] bool is_other_install() const { return server.is_examined_install == std::optional(false); }
    // That folder lies on this machine, so the server reads another config.ini. One that does not may be the examined
    // folder by another name: that of a container.
    [[nodiscard]] bool is_other_install_here() const;
    // The folder that the server serves the balance script from, where that is another copy than the examined one. With
    // several served the check names the examined one.
    [[nodiscard]] std::string_view served_copy() const;
    // The server shows the node of the examined folder.
    [[nodiscard]] bool is_node_loaded() const;
    // What was found says that the files are no longer where the running server loaded them from.
    [[nodiscard]] bool is_taken_away(const Finding& finding) const;
    // The plugin was switched off on disk after the server had loaded it.
    [[nodiscard]] bool is_switched_off_since() const;
    // The service took the key of this source in the direct call.
    [[nodiscard]] bool is_accepted_directly(std::string_view source) const;
    // The page does not hand the node's own key on: the configured one stands in for it.
    [[nodiscard]] bool is_nodes_key_lost() const;
    // The finding is about the key that the plugin itself uses. With --as-node that is the given one; then, and only
    // then, findings on the configured key are no errors. What is said of a key that has its balance all the same
    // breaks nothing.
    [[nodiscard]] bool is_key_in_use(const Finding& finding) const;
    // The run stands for a node with its own key, and the page's query went without it: the stored key returned a
    // balance.
    [[nodiscard]] bool is_only_stored_key_asked() const;
    // The query is made with the key of the examined config.ini.
    [[nodiscard]] bool asks_configured_key() const;
    // What failed was asked with the given key, as far as is known: the query carried it, and nothing but that key can
    // be what the service refused. The plugin may have passed over a key that the service takes.
    [[nodiscard]] bool is_given_key_refused(const Finding& failed) const;
    // The plugin's own query returned a balance, be it one of before.
    [[nodiscard]] bool has_balance_come() const { return query.success.value_or(false) && query.balance.has_value(); }
    // What the direct query says is left for the key under test; null where it does not.
    [[nodiscard]] const boost::json::value* balance_left() const;
    // A round trip by the page's own path that returned a fresh balance, for the key and line under test.
    [[nodiscard]] bool is_chain_proved() const;

    [[nodiscard]] const Finding* find(Cause code) const { return find_finding(checks, code); }
    [[nodiscard]] bool has_error(Cause code) const;
    [[nodiscard]] bool has_config_error() const;
    // The check came to an answer, and that answer is no failure.
    [[nodiscard]] bool is_working(std::string_view check) const;
    // The service was reached, but there was no key to ask it with.
    // No key was sent, since nobody could say which host the button asks.
    [[nodiscard]] bool is_line_unknown() const { return service.host_known == false || query.host_known == false; }
    [[nodiscard]] bool is_service_without_key() const { return service.key_tried == false && service.http_status; }
    // The experiment was not made, since the host that the key may go to is not known.
    [[nodiscard]] bool is_host_unknown() const;
    // Adds `file` and `line` of a place in the plugin's own source; false where there is none to quote.
    bool add_landmark(Arguments& args, std::string_view name) const;
};

// Why the plugin's own call failed, of a finding on it.
RouteFailure failure_of(const Finding& finding);

}  // namespace banana
