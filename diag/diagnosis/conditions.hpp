// The conditions that the rules name: predicates over findings and the situation, each with the name of its sentence
// ("explain.when.<name>" in the catalogs).
#pragma once

#include "situation.hpp"

#include <optional>
#include <string_view>

namespace banana {

// When one finding explains another, beyond both being there.
struct Condition {
    std::string_view name;
    bool (*holds)(const Finding& explaining, const Finding& explained, const Situation& run);
};

// When the rest of the run speaks about one finding.
struct Circumstance {
    std::string_view name;
    bool (*holds)(const Finding& finding, const Situation& run);
};

namespace when {

extern const Condition always;
// The explaining finding is an error: what it says breaks the query, not only might.
extern const Condition is_error;
// The plugin's call failed in a way that the explaining code brings about, for the key that the plugin uses.
extern const Condition same_kind;
// The same, where the plugin does not say how its call failed: V2 and V3 hide it behind one sentence.
extern const Condition kind_hidden;
// Both, of an error, whatever the key.
extern const Condition same_kind_as_error;
extern const Condition kind_hidden_by_error;
// It is about the key that the plugin itself uses, not about another one given to test with.
extern const Condition key_in_use;
// The examined config.ini was asked for its key: the answering server loads the examined plugin, no finding says that
// the node's own key never reached it, and what failed is not the way to the service.
extern const Condition configured_key_asked;
// The same, and the service answered with a status of failure that the plugin does not say.
extern const Condition status_lost;
// As configured_key_asked, and the plugin was seen to send the sample text upstream (observed).
extern const Condition sample_was_sent;
// The same, where no answer tells: its source, or what is known of its family, does not keep it from that.
extern const Condition sample_may_be_sent;
// The plugin must have read another config.ini: its server loads from another folder of this machine, or nothing is
// wrong with the key in the examined one, to the service neither.
extern const Condition other_config_read;
// The certificate's dates and this clock disagree because of the clock, as far as is known.
extern const Condition clock_at_fault;
// The plugin's files were taken away under a server that had loaded them: it serves the route still, but the handler
// finds nothing of its own, neither its modules nor a config.ini.
extern const Condition gone_while_served;
// No folder was named: the server that listens would have told its own, had it answered.
extern const Condition folder_left_to_the_server;

}  // namespace when

namespace given {

extern const Circumstance chain_proved;
// Files that were taken away under the running server are why something fails: what is said of them stands.
extern const Circumstance taken_away_and_missed;
extern const Circumstance other_copy_served;
extern const Circumstance other_install_blamed;
extern const Circumstance switched_off_since;
extern const Circumstance key_accepted;
extern const Circumstance route_served;
// By the examined install, or one that cannot be told from it.
extern const Circumstance route_served_from_here;
extern const Circumstance node_loaded;
extern const Circumstance plugin_got_through;
extern const Circumstance plugin_read_the_file;
// Though by this file it has none.
extern const Circumstance plugin_had_a_key;
// And the chain as a whole was not seen to work.
extern const Circumstance explains_an_error;
// The given key stands for the node's own (--as-node): the configured one is a mere fall-back.
extern const Circumstance node_key_counts;
// That key did not travel with the query, which fell back to another, and what failed may be the matter of that one.
extern const Circumstance key_withheld;

}  // namespace given

// Whether the plugin was seen to hand the configured key to the service in this query, by the answer that it got; none
// where the answer does not tell. What was seen stands before what the source says.
std::optional<bool> was_configured_key_sent(const Situation& run);

}  // namespace banana
