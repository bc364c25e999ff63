#include "config_difference.hpp"

#include "config_encoding.hpp"
#include "config_text.hpp"

#include <algorithm>
#include <cstdint>

namespace banana {
namespace {

using Kind = ChangedLine::Kind;
using Texts = std::vector<std::string>;

constexpr std::size_t kComparedLines = 500;  // what differs beyond that is shown as a whole

// For each pair of lines how many of those from there on the two texts have in common.
class CommonLines {
public:
    CommonLines(const Texts& before, const Texts& after)
        : width_(after.size() + 1), counts_((before.size() + 1) * width_) {
        for (std::size_t i = before.size(); i-- > 0;) {
            for (std::size_t j = after.size(); j-- > 0;) {
                at(i, j) = before[i] == after[j] ? static_cast<std::uint16_t>(at(i + 1, j + 1) + 1)
                                                 : std::max(at(i + 1, j), at(i, j + 1));
            }
        }
    }
    std::uint16_t& at(std::size_t i, std::size_t j) { return counts_[i * width_ + j]; }

private:
    std::size_t width_;
    std::vector<std::uint16_t> counts_;
};

std::vector<ChangedLine> compared(const Texts& before, const Texts& after) {
    std::vector<ChangedLine> lines;
    const auto add = [&](Kind kind, std::size_t index, const std::string& text) {
        lines.push_back({kind, static_cast<int>(index + 1), text});
    };
    std::size_t i = 0;
    std::size_t j = 0;
    if (before.size() <= kComparedLines && after.size() <= kComparedLines) {
        CommonLines common(before, after);
        while (i < before.size() && j < after.size()) {
            if (before[i] == after[j]) {
                add(Kind::kept, i, before[i]);
                ++i, ++j;
            } else if (common.at(i + 1, j) >= common.at(i, j + 1)) {
                add(Kind::removed, i, before[i]);
                ++i;
            } else {
                add(Kind::added, j, after[j]);
                ++j;
            }
        }
    }
    for (; i < before.size(); ++i) {
        add(Kind::removed, i, before[i]);
    }
    for (; j < after.size(); ++j) {
        add(Kind::added, j, after[j]);
    }
    return lines;
}

}  // namespace

std::vector<ChangedLine> displayable_difference(std::string_view before, std::string_view after) {
    const Texts old_lines = split_lines(decode_config(before).text);
    const Texts new_lines = split_lines(decode_config(after).text);
    const std::vector<ChangedLine> all = compared(old_lines, new_lines);
    std::vector<ChangedLine> shown;
    for (std::size_t index = 0; index < all.size(); ++index) {
        const std::size_t first = index == 0 ? 0 : index - 1;
        const std::size_t last = std::min(index + 1, all.size() - 1);
        const bool near =
            all[first].kind != Kind::kept || all[index].kind != Kind::kept || all[last].kind != Kind::kept;
        if (near) {
            shown.push_back({all[index].kind, all[index].number, masked_config_line(all[index].text)});
        } else if (!shown.empty() && shown.back().kind != Kind::left_out) {
            shown.push_back({Kind::left_out, 0, {}});
        }
    }
    if (!shown.empty() && shown.back().kind == Kind::left_out) {
        shown.pop_back();
    }
    return shown;
}

}  // namespace banana
