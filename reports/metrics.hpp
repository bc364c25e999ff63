// The report as Prometheus text exposition (format 0.0.4), for node_exporter's textfile collector.
#pragma once

#include "banana/report.hpp"

#include <string>
#include <string_view>

namespace banana {

[[nodiscard]] std::string write_metrics(const Report& report);

namespace metrics {
// Backslash, quote and line feed, as label values need.
std::string escape_label(std::string_view value);
}  // namespace metrics

}  // namespace banana
