// The rules of one code, as `explain` prints them.
#pragma once

#include "explain.hpp"

namespace banana {

[[nodiscard]] ExplainedRows explained_rows(Cause code);

}  // namespace banana
