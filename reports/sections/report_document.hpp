// The report's content: sections in the order of the hand-written document that this tool replaces.
#pragma once

#include "banana/report.hpp"
#include "catalog.hpp"
#include "document.hpp"

namespace banana {

[[nodiscard]] Document report_document(const Report& report, const Catalog& texts);

}  // namespace banana
