// What a change of config.ini does to its lines, as it may be shown.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace banana {

struct ChangedLine {
    enum class Kind { kept, removed, added, left_out };  // left_out: stands for lines that stay
    Kind kind = Kind::kept;
    int number = 0;    // one-based: of the old text where kept or removed, of the new one where added
    std::string text;  // keys masked
};

// Both texts in whatever encoding; changed lines with one line around them. Empty where no line differs: only the
// encoding does, line ends, or what cannot be seen.
std::vector<ChangedLine> displayable_difference(std::string_view before, std::string_view after);

}  // namespace banana
