// Keys that are broken: over two lines, by a blank, by a mark at the end of a line.
#pragma once

#include "replacement.hpp"

#include <string_view>
#include <vector>

namespace banana {

// Adds the other parts of the keys found: what stands behind (or before) a break beside them and looks like more of the
// same. A word of prose, a name, the next option is no part of a key.
void add_parts_beyond_breaks(std::string_view text, std::vector<Replacement>& found);

}  // namespace banana
