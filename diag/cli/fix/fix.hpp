// `fix`: diagnoses, offers each repair that is safe, makes it, and diagnoses again; `fix --undo` goes back.
#pragma once

#include "session.hpp"

namespace banana {

// Returns the exit code of the state afterwards; 2 where --undo finds nothing to put back. `finished` receives what
// the last diagnosis came to.
int run_fix(SessionInput input, SessionResult* finished = nullptr);

}  // namespace banana
