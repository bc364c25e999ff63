// GitHub-flavoured Markdown from a document. Text can leave neither its block nor its span: it forms no links,
// images, HTML, mentions or further blocks.
#pragma once

#include "banana/report.hpp"
#include "document.hpp"
#include "report_data.hpp"

#include <string>
#include <string_view>

namespace banana {

[[nodiscard]] std::string write_markdown(const Document& document);
// The report in the language that it names.
[[nodiscard]] std::string write_markdown(const Report& report, Data data = Data::inside);

namespace markdown {
// Text outside code, for the middle of a line; `at_line_start` also guards what would open a block there.
std::string escape_text(std::string_view text, bool at_line_start = false, bool in_table = false);
// A code span that shows exactly `text`; inside a table cell a pipe must be escaped too.
std::string code_span(std::string_view text, bool in_table = false);
// A fenced block that no line of `text` can close.
std::string fenced(std::string_view language, std::string_view text);
}  // namespace markdown

}  // namespace banana
