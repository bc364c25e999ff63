// Inline SVG of the drawings in a report. Colours come from the page's style sheet, by class.
#pragma once

#include "document.hpp"

#include <string>

namespace banana::html {

std::string draw(const Timeline& timeline);
std::string draw(const SequenceDiagram& diagram);

}  // namespace banana::html
