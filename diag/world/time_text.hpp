// Times as the servers of the embedded world write them.
#pragma once

#include <chrono>
#include <ctime>
#include <string>

namespace banana::world {

// This machine's local time; `format` as std::strftime takes it.
std::string local_time_text(const char* format, std::time_t time);

// For the Date header (RFC 9110, 5.6.7).
std::string http_date(std::chrono::system_clock::time_point time);

}  // namespace banana::world
