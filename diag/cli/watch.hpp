// `--watch`: stays after the first diagnosis and looks again when something changes, until the balance query works.
#pragma once

#include "session.hpp"

namespace banana {

// Returns 0 once the query works, 128 + signal when interrupted; 4 where the first report could not be written.
// `finished` receives the last report.
int run_watch(SessionInput input, Report* finished = nullptr);

}  // namespace banana
