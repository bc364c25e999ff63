// The upstream that the installed plugin would ask.
#pragma once

#include "run_context.hpp"

#include <string>

namespace banana {

// The base URL the installed plugin would call: --base-url, else --line, else the config's, the source's, the
// family's default. Without a trailing slash.
std::string effective_base_url(const RunContext& context);

// A folder was named but not read, and so that address is only the documented default: no key may go there.
bool base_url_is_a_guess(const RunContext& context);

// No plugin, config or option names the address: it is the documented default, and this plugin may use another.
bool base_url_is_the_default(const RunContext& context);

}  // namespace banana
