// A key that an editor or a chat broke over several lines.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banana {

// The pieces put together again; none where the whole is no key of the usual length: "sk-" and 48 letters and digits,
// or these alone. A sign that some programs put at the end of a broken line is left out.
std::optional<std::string> join_key_pieces(const std::vector<std::string_view>& pieces);

struct SplitKey {
    int first_line = 0;  // one-based; of the option
    int last_line = 0;
    std::string value;   // a secret: the whole key
    std::string counts;  // "25 + 26 = 51"
};

// The option whose value begins a key that the next lines end; none where there is none.
std::optional<SplitKey> find_split_key(const std::vector<std::string>& lines);

// "25 + 26 = 51" of the pieces.
std::string piece_counts(const std::vector<std::string_view>& pieces);

}  // namespace banana
