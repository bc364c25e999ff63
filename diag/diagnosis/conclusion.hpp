// What a cause rests on, what follows from it up to the user's button, and what else the user can do.
#pragma once

#include "banana/report.hpp"

#include <span>

namespace banana {

// Fills `because`, `leads_to` and `alternatives` from facts; `effects` must be known already.
void conclude(DiagnosedCause& cause, std::span<const CheckResult> checks, const Subject& subject);

}  // namespace banana
