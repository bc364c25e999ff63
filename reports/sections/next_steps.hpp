// What is said below a headline without a cause.
#pragma once

#include "banana/report.hpp"
#include "catalog.hpp"

namespace banana {

// What a verdict without a primary cause says below its headline; names those checks.
[[nodiscard]] Message what_next(const Report& report, const Catalog& texts);

}  // namespace banana
