// How many columns a text takes in a terminal, and texts made to fit into columns.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace banana {

// Columns that a terminal gives the text: 2 for East Asian wide characters and emoji, 0 for combining marks.
[[nodiscard]] int display_width(std::string_view utf8);
// Cut to at most `columns`, with "…" (or "...") when something was lost.
[[nodiscard]] std::string fit(std::string_view utf8, int columns, bool unicode = true);
// Broken into lines of at most `columns`: between words, and between East Asian characters.
[[nodiscard]] std::vector<std::string> wrap(std::string_view utf8, int columns);

}  // namespace banana
