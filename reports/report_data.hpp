// The report's data inside its own .md or .html file: one comment, the last line, that carries the JSON report without
// its sentences, compressed by zlib and written in base64.
//
//   <!-- banana-diag report data 1 <characters> <base64> -->
#pragma once

#include "json.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <variant>

namespace banana {

// Of the whole comment: it still passes through a chat.
inline constexpr std::size_t kReportDataBytes = 8 * 1024;

// Whether a written report carries its data.
enum class Data { inside, left_out };

// The comment, without a line break: the mark alone where the data is left out or does not fit into
// kReportDataBytes.
[[nodiscard]] std::string data_comment(const Report& report, Data data);

// Whether a text ends as this program ends a report of its own in Markdown or HTML. `end`: its last
// kReportDataBytes and some more.
[[nodiscard]] bool ends_as_a_report(std::string_view end);

// Reads a report from JSON, or from a .md or .html of this program, also after a chat has broken, indented or quoted
// the lines of its data.
[[nodiscard]] std::variant<Report, ReportError> read_any_report(
    std::string_view text, const std::function<void(boost::json::value&)>& prepare = {});

}  // namespace banana
