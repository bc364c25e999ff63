#include "split_key.hpp"

#include "banana/ascii.hpp"
#include "key_text.hpp"
#include "python_text.hpp"
#include "text.hpp"

#include <algorithm>

namespace banana {
namespace {

constexpr std::size_t kMostPieces = 4;

// Without what shows that a line goes on.
std::string_view piece_of(std::string_view text) {
    text = python_strip(text);
    while (!text.empty() && (text.back() == '\\' || text.back() == '=' || text.back() == '+')) {
        text = python_strip(text.substr(0, text.size() - 1));
    }
    return text;
}

bool has_usual_form(std::string_view key) {
    const bool has_prefix = key.starts_with(key_text::kKeyPrefix);
    const std::string_view letters = key.substr(has_prefix ? key_text::kKeyPrefix.size() : 0);
    return letters.size() == key_text::kKeyTail && std::all_of(letters.begin(), letters.end(), is_alphanumeric);
}

bool means_key_option(std::string_view name) {
    std::string plain;
    for (const char c : to_lower_ascii(name)) {
        if (is_alphanumeric(c)) {
            plain += c;
        }
    }
    return plain == "apikey";
}

}  // namespace

std::optional<std::string> join_key_pieces(const std::vector<std::string_view>& pieces) {
    std::string whole;
    for (const std::string_view piece : pieces) {
        whole += piece_of(piece);
    }
    whole = key_text::without_enclosing(whole);
    const bool was_whole = !pieces.empty() && has_usual_form(key_text::without_enclosing(piece_of(pieces.front())));
    return pieces.size() > 1 && !was_whole && has_usual_form(whole) ? std::optional(whole) : std::nullopt;
}

std::string piece_counts(const std::vector<std::string_view>& pieces) {
    std::string text;
    std::size_t sum = 0;
    for (const std::string_view piece : pieces) {
        const std::size_t length = key_text::without_enclosing(piece_of(piece)).size();
        sum += length;
        text += (text.empty() ? "" : " + ") + std::to_string(length);
    }
    return text + " = " + std::to_string(sum);
}

std::optional<SplitKey> find_split_key(const std::vector<std::string>& lines) {
    for (std::size_t index = 0; index < lines.size(); ++index) {
        const std::string_view line = lines[index];
        const std::size_t delimiter = line.find_first_of("=:");
        if (delimiter == std::string_view::npos || !means_key_option(line.substr(0, delimiter))) {
            continue;
        }
        std::vector<std::string_view> pieces{line.substr(delimiter + 1)};
        for (std::size_t next = index + 1; next < lines.size() && pieces.size() < kMostPieces; ++next) {
            if (python_strip(lines[next]).empty()) {
                continue;  // a blank line between the halves
            }
            pieces.emplace_back(lines[next]);
            if (const std::optional<std::string> whole = join_key_pieces(pieces)) {
                return SplitKey{static_cast<int>(index + 1), static_cast<int>(next + 1), *whole, piece_counts(pieces)};
            }
        }
    }
    return std::nullopt;
}

}  // namespace banana
