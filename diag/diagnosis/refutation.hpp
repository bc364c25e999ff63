// What in a run shows that an error breaks nothing: it is a warning then, with the reason kept.
#pragma once

#include "situation.hpp"

#include <optional>

namespace banana {

// Rule 2: a round trip by the page's own path that returned a balance, for the key and line under test.
bool is_chain_proved(const Situation& run);

// What shows that this error breaks nothing; none where nothing does. `proved`: is_chain_proved.
std::optional<Message> refutation_of(const Situation& run, const Finding& finding, bool proved);

// Kept with the finding, which is a warning from then on: a report that is read back knows it no other way.
void keep_refutation(Finding& finding, const Message& refutation);

}  // namespace banana
