// Which install, which copy of the plugin, which config.ini and whose key the running ComfyUI uses, as far as a run's
// findings tell.
#pragma once

#include "situation.hpp"

#include <string_view>

namespace banana {

// An error of this code; any error of config.key.
bool has_error(const Situation& run, Cause code);
bool has_config_error(const Situation& run);

// The answering server loads its nodes from another folder of this machine, so it reads another config.ini. A folder
// that is not on this machine may be the examined one by another name: that of a container.
bool is_other_install_here(const Situation& run);

// The folder that the server serves the balance script from, where that is another copy than the examined one. With
// several served the check names the examined one.
std::string_view served_copy(const Situation& run);

// With --as-node the given key is the one in use; then, and only then, findings on the configured key are no errors.
// What is said of a key that got its balance all the same breaks nothing.
bool is_key_in_use(const Finding& finding, const Situation& run);

// What the service itself says of a key.
bool is_about_a_key(Cause code);

// The balance route answers.
bool is_served(const Situation& run);

// What was found says that the files are no longer where the running server loaded them from.
bool is_taken_away(const Finding& finding, const Situation& run);

// The plugin was switched off on disk after the server had loaded it.
bool is_switched_off_since(const Situation& run);

// The query is made with the key of the examined config.ini.
bool is_configured_key_asked(const Situation& run);

// The service took the key of this source in the direct call.
bool is_accepted_directly(const Situation& run, std::string_view source);

// What failed was asked with the given key, as far as is known: the query carried it, and nothing but that key can be
// what the service refused. The plugin may have passed over a key that the service takes.
bool is_given_key_refused(const Situation& run, const Finding& failed);

}  // namespace banana
