// Secrets recognised by their look, where the value itself is not known.
#pragma once

#include "replacement.hpp"

#include <string_view>
#include <vector>

namespace banana {

// API keys (`sk-…` and other providers' prefixes), values behind `Bearer`, of Authorization, Cookie and
// API-key headers, of api_key-like options, parameters and JSON members, passwords in URLs, and e-mail
// addresses. Recognised sample keys are left alone. In order of `begin`; they may overlap.
std::vector<Replacement> find_secret_shapes(std::string_view text);

}  // namespace banana
