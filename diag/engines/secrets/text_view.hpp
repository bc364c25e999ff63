// A text seen otherwise, escapes undone or separators left out, in which each character knows where it stands in the
// original: what is found in the view can be masked in the text itself.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace banana {

class TextView {
public:
    // The text as it stands.
    explicit TextView(std::string_view text);

    // URL, JSON, JavaScript and HTML escapes of ASCII undone once; terminal escape sequences left out.
    [[nodiscard]] TextView unescaped() const;
    // Without characters that cannot be seen, written as such or as escapes.
    [[nodiscard]] TextView visible() const;
    // Nothing but ASCII letters and digits, full-width ones made narrow, in lower case.
    [[nodiscard]] TextView skeleton() const;
    // The characters of a skeleton, for who does not ask where they stand.
    [[nodiscard]] std::string skeleton_characters() const;
    // Letters in lower case.
    void fold_case();

    [[nodiscard]] const std::string& characters() const { return characters_; }
    [[nodiscard]] std::size_t size() const { return characters_.size(); }
    // Where the character stands in the original: its first octet, and behind its last.
    [[nodiscard]] std::size_t begin_of(std::size_t index) const { return begins_.empty() ? index : begins_[index]; }
    [[nodiscard]] std::size_t end_of(std::size_t index) const { return ends_.empty() ? index + 1 : ends_[index]; }

private:
    TextView() = default;
    void reserve(std::size_t size);
    // The character `c` stands for those from `first` to before `behind` of `source`.
    void add(const TextView& source, std::size_t first, std::size_t behind, char c);

    std::string characters_;
    std::vector<std::size_t> begins_;  // empty: every character is where it was
    std::vector<std::size_t> ends_;
};

}  // namespace banana
