// Secrets that stand in a text as they are, each by what is before it or by its own form.
#pragma once

#include "replacement.hpp"

#include <string_view>
#include <vector>

namespace banana {

// In order of `begin`; they may overlap.
std::vector<Replacement> find_secrets_as_written(std::string_view text);

}  // namespace banana
