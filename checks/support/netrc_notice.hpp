// A saved login that replaces the plugin's key, seen before any query shows it.
#pragma once

#include "banana/finding.hpp"
#include "run_context.hpp"

#include <optional>

namespace banana {

// A warning where a .netrc of the account has an entry for the host that the plugin asks: what fails now, or keeps the
// query from being made, stands before it, and the query fails by it as soon as that is put right.
std::optional<Finding> netrc_notice(const RunContext& context);

}  // namespace banana
