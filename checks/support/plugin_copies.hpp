// What a finding says of several copies of the plugin.
#pragma once

#include "banana/finding.hpp"
#include "run_context.hpp"

namespace banana {

// Fills the arguments that the texts of install.plugin-duplicate name: the folders, which copy may go and why. Without
// a command where that cannot be told.
void describe_copies(const Install& install, Finding& finding);

}  // namespace banana
