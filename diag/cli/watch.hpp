// `--watch`: stays after the first diagnosis and looks again when something changes, until the balance query works.
#pragma once

#include "query_budget.hpp"
#include "session.hpp"

#include <filesystem>

namespace banana {

// Whether a file with this date was saved between the two: perhaps after a check had read it. A date in the future, of
// another clock or time zone, says nothing.
bool was_saved_between(std::filesystem::file_time_type saved, std::filesystem::file_time_type began,
                       std::filesystem::file_time_type ended);

// Returns 0 once the query works, 128 + signal when interrupted; 4 where the first report could not be written. In the
// window of a double click `finished` holds what was diagnosed last: that is where watching goes on from, and a key
// ends it. `finished` receives what the last look came to.
int run_watch(SessionInput input, SessionResult* finished = nullptr, QueryLimits limits = {});

}  // namespace banana
