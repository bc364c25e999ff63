#include "nearest_word.hpp"

#include "text.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace banana {
namespace {

constexpr std::size_t kShortest = 2;
constexpr std::size_t kLongest = 64;
constexpr std::size_t kLettersPerMistake = 3;

std::optional<std::string_view> completed(std::string_view word, std::span<const std::string_view> known) {
    std::optional<std::string_view> found;
    for (const std::string_view candidate : known) {
        if (starts_with_ignoring_case(candidate, word)) {
            if (found) {
                return std::nullopt;
            }
            found = candidate;
        }
    }
    return found;
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t column = 0; column <= b.size(); ++column) {
        last[column] = column;
    }
    for (std::size_t line = 1; line <= a.size(); ++line) {
        row[0] = line;
        for (std::size_t column = 1; column <= b.size(); ++column) {
            const std::size_t exchanged = last[column - 1] + (a[line - 1] == b[column - 1] ? 0 : 1);
            row[column] = std::min({last[column] + 1, row[column - 1] + 1, exchanged});
            const bool swapped = line > 1 && column > 1 && a[line - 1] == b[column - 2] && a[line - 2] == b[column - 1];
            if (swapped) {
                row[column] = std::min(row[column], before_last[column - 2] + 1);
            }
        }
        before_last.swap(last);
        last.swap(row);
    }
    return last[b.size()];
}

std::optional<std::string_view> nearest_word(std::string_view word, std::span<const std::string_view> known) {
    if (word.size() < kShortest || word.size() > kLongest) {
        return std::nullopt;
    }
    if (const auto whole = completed(word, known)) {
        return whole;
    }
    const std::string lower = to_lower_ascii(word);
    std::optional<std::string_view> nearest;
    std::size_t least = std::max<std::size_t>(word.size() / kLettersPerMistake, 1) + 1;
    for (const std::string_view candidate : known) {
        const std::size_t distance = edit_distance(lower, to_lower_ascii(candidate));
        if (distance < least) {
            least = distance;
            nearest = candidate;
        }
    }
    return nearest;
}

}  // namespace banana
