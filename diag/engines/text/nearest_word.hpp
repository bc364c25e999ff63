// "Did you mean …": the word of a list that a mistyped one is nearest to.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace banana {

// Letters inserted, left out, exchanged or swapped with their neighbour, at least (Damerau-Levenshtein, restricted).
std::size_t edit_distance(std::string_view a, std::string_view b);

// Near enough to be meant: at most one mistake in three letters, or the beginning of exactly one of them. None for
// words of fewer than two letters, and for those longer than any name of ours can be.
std::optional<std::string_view> nearest_word(std::string_view word, std::span<const std::string_view> known);

}  // namespace banana
