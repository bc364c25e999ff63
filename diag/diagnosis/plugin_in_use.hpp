// Which install, which copy of the plugin, which config.ini and whose key the running ComfyUI uses, as far as a run's
// findings tell.
#pragma once

#include "banana/lookup.hpp"

#include <string_view>

namespace banana {

// An error of this code; any error of config.key.
bool has_error(Checks checks, Cause code);
bool has_config_error(Checks checks);

// The answering server loads its nodes from another folder of this machine, so it reads another config.ini. A folder
// that is not on this machine may be the examined one by another name: that of a container.
bool is_other_install_here(Checks checks);

// The folder that the server serves the balance script from, where that is another copy than the examined one. With
// several served the check names the examined one.
std::string_view served_copy(Checks checks);

// With --as-node the given key is the one in use; then, and only then, findings on the configured key are no errors.
// What is said of a key that got its balance all the same breaks nothing.
bool is_key_in_use(const Finding& finding, Checks checks);

// What the service itself says of a key.
bool is_about_a_key(Cause code);

// The balance route answers.
bool is_served(Checks checks);

// What was found says that the files are no longer where the running server loaded them from.
bool is_taken_away(const Finding& finding, Checks checks);

// The plugin was switched off on disk after the server had loaded it.
bool is_switched_off_since(Checks checks);

// The query is made with the key of the examined config.ini.
bool is_configured_key_asked(Checks checks);

}  // namespace banana
