// `--watch`: stays after the first diagnosis and looks again when something changes, until the balance query works.
#pragma once

#include "session.hpp"

#include <filesystem>

namespace banana {

// Whether a file with this date was saved between the two: perhaps after a check had read it. A date in the future, of
// another clock or time zone, says nothing.
bool was_saved_between(std::filesystem::file_time_type saved, std::filesystem::file_time_type began,
                       std::filesystem::file_time_type ended);

// Returns 0 once the query works, 128 + signal when interrupted; 4 where the first report could not be written.
// `finished` receives the last report.
int run_watch(SessionInput input, Report* finished = nullptr);

}  // namespace banana
