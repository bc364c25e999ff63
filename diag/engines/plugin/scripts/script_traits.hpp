// What the plugin's page scripts show of this release to a user: buttons, key boxes, other places for a key.
#pragma once

#include "banana/context.hpp"

#include <string_view>

namespace banana {

// Adds what one script shows to `traits`. Bounded; any bytes.
void read_script_traits(std::string_view script, PageTraits& traits);

}  // namespace banana
