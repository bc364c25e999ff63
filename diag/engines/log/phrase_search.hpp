// Several phrases searched for at once, in far fewer steps than bytes (Wu and Manber 1994).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace banana {

class PhraseSearch {
public:
    // Phrases of at least three bytes each.
    explicit PhraseSearch(std::vector<std::string> phrases);

    // Where the last of the phrases in the text begins; npos where none is in it.
    [[nodiscard]] std::size_t last_in(std::string_view text) const;

    // Bytes of the longest phrase.
    [[nodiscard]] std::size_t longest() const noexcept { return longest_; }

private:
    static constexpr std::size_t kTable = 4096;

    static constexpr std::size_t kBlock = 3;

    // Of the block of bytes that ends before `end`.
    [[nodiscard]] static std::size_t slot(std::string_view text, std::size_t end) noexcept {
        const auto byte = [&](std::size_t back) { return std::size_t{static_cast<unsigned char>(text[end - back])}; };
        return (byte(3) * 289 + byte(2) * 17 + byte(1)) % kTable;
    }

    std::vector<std::string> phrases_;
    std::size_t shortest_ = 0;
    std::size_t longest_ = 0;
    std::array<std::uint8_t, kTable> shift_{};  // how far a window can move whose last bytes fall into the slot
};

}  // namespace banana
