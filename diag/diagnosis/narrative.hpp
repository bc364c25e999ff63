// How a diagnosed run is told: what a cause rests on, what follows from it up to the user's button, what mends it and
// what else the user can do; the headline, the link that broke, what was ruled out and what to try next. Reports only
// show it.
#pragma once

#include "situation.hpp"

#include <optional>

namespace banana {

// Fills `because`, `leads_to`, `alternatives` and `remedy`; `effects` must be known already. `refutation`: what shows
// that it breaks nothing, if something does.
void tell(DiagnosedCause& cause, const std::optional<Message>& refutation, const Situation& run);

// Fills `narrative`; verdict and causes must be known already.
void tell(Diagnosis& diagnosis, const Situation& run);

}  // namespace banana
