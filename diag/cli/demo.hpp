// `demo`: the same run as a user's, against an embedded world with a fault.
#pragma once

#include "catalog.hpp"
#include "options.hpp"

namespace banana {

// The exit code is the diagnosis's; 2 for an unknown scenario. Proxy, trust, key and ComfyUI variables of the
// surroundings are not looked at.
int run_demo(const CommandLine& line, const Surroundings& surroundings, const Catalog& texts);

}  // namespace banana
