// A run as the rules see it: how it was asked for, and what its checks saw of the install, of the running ComfyUI, of
// the service and of the plugin's own query. The only reader of facts.
#pragma once

#include "banana/lookup.hpp"
#include "banana/route_failure.hpp"
#include "banana/variant.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banana {

// The plugin's own query through its route.
struct QuerySeen {
    bool answered = false;      // the check ran to an answer
    bool failed = false;        // and found an error
    bool success = false;       // the plugin says that it worked
    bool cached = false;        // with a balance of before
    bool balance_came = false;  // with one
    bool has_figures = false;   // that is not empty
    bool by_pages_path = false;
    bool key_sent = false;               // it carried the given key
    bool key_withheld = false;           // it would have, had the page sent it
    std::int64_t service_status = 0;     // HTTP status that the plugin got from the service; 0 where it names none
    std::optional<std::int64_t> status;  // of the route itself
    std::string_view message;
    bool has_summary = false;  // lines for the node to show
};

// Refers to the checks and the subject that it was made of.
struct Situation {
    Situation(Checks checks, const Subject& subject);

    Checks checks;
    const Subject* subject;

    // The given key stands for the node's own; none where a report does not say it.
    std::optional<bool> as_node;

    // Read on disk.
    std::string_view folder_name;
    std::vector<std::string_view> copies;  // other folders that hold the plugin too

    // Seen of the running server.
    std::optional<bool> is_examined_install;      // none: cannot be told
    std::vector<std::string_view> nodes_folders;  // that it loads nodes from
    std::string_view node_folder;                 // that its balance node came from
    bool route_with_prefix = false;
    bool route_without_prefix = false;
    std::string_view script_path;  // of the page script that it serves
    std::string_view script_calls;
    std::optional<bool> script_sends_node_key;

    // Seen of the service, asked directly.
    std::vector<std::string_view> accepted_keys;       // their sources
    const boost::json::value* balance_left = nullptr;  // of the key under test
    bool are_several_keys_tried = false;
    bool has_service_answered = false;

    QuerySeen query;

    // The balance route answers.
    [[nodiscard]] bool is_served() const { return route_with_prefix || route_without_prefix; }
    // The server loads its nodes from another folder than the examined one.
    [[nodiscard]] bool is_other_install() const { return is_examined_install == std::optional(false); }
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
    // The query is made with the key of the examined config.ini.
    [[nodiscard]] bool is_configured_key_asked() const;
    // What failed was asked with the given key, as far as is known: the query carried it, and nothing but that key can
    // be what the service refused. The plugin may have passed over a key that the service takes.
    [[nodiscard]] bool is_given_key_refused(const Finding& failed) const;
    // A round trip by the page's own path that returned a fresh balance, for the key and line under test.
    [[nodiscard]] bool is_chain_proved() const;

    [[nodiscard]] const Finding* find(Cause code) const { return find_finding(checks, code); }
    [[nodiscard]] bool has_error(Cause code) const;
    [[nodiscard]] bool has_config_error() const;
    // The check came to an answer, and that answer is no failure.
    [[nodiscard]] bool is_working(std::string_view check) const;
    // The service was reached, but there was no key to ask it with.
    [[nodiscard]] static bool is_without_key(const CheckResult& check);
    // The experiment was not made, since the host that the key may go to is not known.
    [[nodiscard]] static bool is_host_unknown(const CheckResult& check);
    // Adds `file` and `line` of a place in the plugin's own source; false where there is none to quote.
    bool add_landmark(Arguments& args, std::string_view name) const;
};

// Why the plugin's own call failed, of a finding on it.
RouteFailure failure_of(const Finding& finding);

}  // namespace banana
