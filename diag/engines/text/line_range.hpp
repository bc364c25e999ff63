// The lines of a text: `for (const std::string_view line : LineRange(text))`. A line feed ends a line, so that one at
// the end of the text begins no further one, and an empty text has none. A carriage return stays with its line.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string_view>

namespace banana {

class LineRange {
public:
    class Iterator {
    public:
        explicit Iterator(std::string_view text) : rest_(text) { find_end(); }
        std::string_view operator*() const { return rest_.substr(0, length_); }
        Iterator& operator++() {
            rest_.remove_prefix(std::min(length_ + 1, rest_.size()));
            find_end();
            return *this;
        }
        bool operator==(std::default_sentinel_t /*end*/) const { return rest_.empty(); }

    private:
        void find_end() { length_ = std::min(rest_.find('\n'), rest_.size()); }
        std::string_view rest_;
        std::size_t length_ = 0;
    };

    // The text must live as long as its lines are looked at.
    explicit LineRange(std::string_view text) : text_(text) {}
    [[nodiscard]] Iterator begin() const { return Iterator(text_); }
    [[nodiscard]] static std::default_sentinel_t end() { return {}; }

private:
    std::string_view text_;
};

}  // namespace banana
