// What to try when checks could not be completed.
#pragma once

#include "banana/report.hpp"
#include "catalog.hpp"

#include <string>
#include <vector>

namespace banana {

// Whether a check that was wanted has no answer, or only a part of one.
[[nodiscard]] bool is_open(const CheckResult& check);
// What a verdict without a primary cause says below its headline; names those checks.
[[nodiscard]] Message what_next(const Report& report, const Catalog& texts);
// Texts of the catalog, a step each; empty when nothing stayed open.
[[nodiscard]] std::vector<Message> next_steps(const Report& report);

}  // namespace banana
