// What differs from run to run in a report made in the embedded world, written the same each time.
#pragma once

#include <string>

namespace banana::test {

// Temporary folder, ports, times, durations, dates and the operating system's name become fixed values.
std::string normalise(std::string report);

}  // namespace banana::test
