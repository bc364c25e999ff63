// What a cause rests on, what follows from it up to the user's button, and what else the user can do.
#pragma once

#include "banana/report.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace banana {

// Fills `because`, `leads_to` and `alternatives` from facts; `effects` must be known already.
void conclude(DiagnosedCause& cause, std::span<const CheckResult> checks, const Subject& subject);

// The fact that the chain works in spite of this finding (rule 2): the first reason of such a warning.
Message seen_differently(Cause code);

// The same where the service took the key itself, and where the route is there without our knowing why.
Message key_accepted();
Message route_answers_anyway();

// Not seen now, since the route is served; the plugin's own call got this HTTP status from the upstream; the plugin
// had a key from the file that this user may not read.
Message matters_at_next_start();
Message plugin_got_through(std::int64_t status);
Message plugin_read_it();

// The examined config.ini is not the one that the running ComfyUI reads: it uses the copy in that folder, it loads
// its nodes from that one, it had loaded the plugin before its folder was switched off.
Message other_copy_runs(std::string_view folder);
Message other_install_runs(std::string_view folder);
Message switched_off_since(std::string_view folder);

}  // namespace banana
