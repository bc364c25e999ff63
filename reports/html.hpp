// One self-contained HTML page from a document: no script, no outside resource, a strict content security policy.
#pragma once

#include "banana/report.hpp"
#include "document.hpp"
#include "report_data.hpp"

#include <string>
#include <string_view>

namespace banana {

[[nodiscard]] std::string write_html(const Document& document);
// The report in the language that it names.
[[nodiscard]] std::string write_html(const Report& report, Data data = Data::inside);

namespace html {
// For element content and quoted attributes.
std::string escape(std::string_view text);
}  // namespace html

}  // namespace banana
