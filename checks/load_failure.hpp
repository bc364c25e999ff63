// What a start-up log's failure to load the plugin means for this install, and the remedy that fits it.
#pragma once

#include "banana/finding.hpp"
#include "log_scanner.hpp"
#include "run_context.hpp"

#include <string>

namespace banana {

// `scan` holds a load error; `source`: the log that it stands in, shown as it is. Without the log's line as evidence.
Finding load_failure(const RunContext& context, const LogScan& scan, const std::string& source);

}  // namespace banana
