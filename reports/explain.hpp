// `explain`: what a cause code means, how it is detected, how it is fixed, and which codes are related.
#pragma once

#include "catalog.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace banana {

// None for an unknown code.
[[nodiscard]] std::optional<std::string> explain(std::string_view code, const Catalog& texts, int width = 80);
// Every code with its title, a line each, grouped by area.
[[nodiscard]] std::string explain_list(const Catalog& texts, int width = 80);

}  // namespace banana
