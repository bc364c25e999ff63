// A saved login (.netrc) that replaces the plugin's key.
#pragma once

#include "banana/context.hpp"
#include "banana/finding.hpp"
#include "netrc.hpp"
#include "run_context.hpp"

#include <optional>

namespace banana {

// That of ComfyUI's process where it was read; else this program's own.
const Environment& plugin_environment(const RunContext& context);

// The entry that the plugin's requests takes for the host that it asks.
std::optional<NetrcEntry> netrc_for(const RunContext& context);

// Where the entry stands, as arguments and evidence.
void name_netrc_entry(const NetrcEntry& entry, Finding& finding);

// A warning where a .netrc of the account has an entry for the host that the plugin asks: what fails now, or keeps the
// query from being made, stands before it, and the query fails by it as soon as that is put right.
std::optional<Finding> netrc_notice(const RunContext& context);

}  // namespace banana
