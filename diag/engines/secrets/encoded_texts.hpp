// Texts in base64 or hexadecimal digits that hold a secret.
#pragma once

#include "replacement.hpp"

#include <functional>
#include <string_view>
#include <vector>

namespace banana {

// Whether a decoded text holds a secret.
using HoldsSecret = std::function<bool(std::string_view)>;

// Every such run, over several lines where it is wrapped, as "…".
std::vector<Replacement> find_encoded_secrets(std::string_view text, const HoldsSecret& holds_secret);

}  // namespace banana
