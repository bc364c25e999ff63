// Whether one finding of a run explains another: the relation of the cause table under the conditions of its edges.
#pragma once

#include "banana/cause.hpp"
#include "situation.hpp"

namespace banana {

// The edge of the cause table from the one to the other, where its condition holds in this run; else null.
const Explains* edge_between(const Finding& explaining, const Finding& explained, const Situation& run);

// Whether the condition was seen to hold, or only not seen to fail.
bool is_inferred(Condition condition, const Finding& explained);

// Whether the finding explains an error of this run.
bool explains_an_error(const Situation& run, const Finding& explaining);

}  // namespace banana
