// What the plugin's Python puts into the headers of its own query.
#pragma once

#include "run_context.hpp"

#include <string>

namespace banana {

// "python-requests/2.32.3", of the Python beside ComfyUI; where no version can be read there, that of a usual one.
std::string requests_agent(const RunContext& context);

// V2 and V3 send the key as X-API-Key too, and name themselves in X-Banana-Client.
bool sends_key_header(const RunContext& context);

}  // namespace banana
