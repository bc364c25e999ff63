// Whether a source builds the address of its balance query from something that this program does not evaluate.
#pragma once

#include "plugin_imports.hpp"

#include <string_view>

namespace banana {

// True where the functions on the way of the query (the route's handler, what asks `/api/usage/token`, what is named
// after the base URL) name another host than that of `default_base_url`, put a host together, or ask the environment or
// a JSON file for it. Then the default found elsewhere in the source proves nothing about where a key goes.
bool takes_address_from_elsewhere(const PythonFile& file, std::string_view default_base_url);

}  // namespace banana
