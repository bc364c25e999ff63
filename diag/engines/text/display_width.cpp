#include "display_width.hpp"

#include "utf8.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace banana {
namespace {

struct Range {
    char32_t first, last;
};

// East Asian Width W and F, and emoji that terminals draw two columns wide: Unicode 15, merged to coarse blocks
// whose unassigned gaps do not matter.
constexpr std::array kWide = {
    Range{0x1100, 0x115f},   Range{0x231a, 0x231b},   Range{0x23e9, 0x23ec},   Range{0x23f0, 0x23f0},
    Range{0x23f3, 0x23f3},   Range{0x25fd, 0x25fe},   Range{0x2614, 0x2615},   Range{0x2648, 0x2653},
    Range{0x267f, 0x267f},   Range{0x2693, 0x2693},   Range{0x26a1, 0x26a1},   Range{0x26aa, 0x26ab},
    Range{0x26bd, 0x26be},   Range{0x26c4, 0x26c5},   Range{0x26ce, 0x26ce},   Range{0x26d4, 0x26d4},
    Range{0x26ea, 0x26ea},   Range{0x26f2, 0x26f3},   Range{0x26f5, 0x26f5},   Range{0x26fa, 0x26fa},
    Range{0x26fd, 0x26fd},   Range{0x2705, 0x2705},   Range{0x270a, 0x270b},   Range{0x2728, 0x2728},
    Range{0x274c, 0x274c},   Range{0x274e, 0x274e},   Range{0x2753, 0x2755},   Range{0x2757, 0x2757},
    Range{0x2795, 0x2797},   Range{0x27b0, 0x27b0},   Range{0x27bf, 0x27bf},   Range{0x2b1b, 0x2b1c},
    Range{0x2b50, 0x2b50},   Range{0x2b55, 0x2b55},   Range{0x2e80, 0x303e},   Range{0x3041, 0x33ff},
    Range{0x3400, 0x4dbf},   Range{0x4e00, 0xa4c6},   Range{0xa960, 0xa97c},   Range{0xac00, 0xd7a3},
    Range{0xf900, 0xfaff},   Range{0xfe10, 0xfe19},   Range{0xfe30, 0xfe6b},   Range{0xff01, 0xff60},
    Range{0xffe0, 0xffe6},   Range{0x16fe0, 0x18cff}, Range{0x1b000, 0x1b2ff}, Range{0x1f004, 0x1f004},
    Range{0x1f0cf, 0x1f0cf}, Range{0x1f18e, 0x1f18e}, Range{0x1f191, 0x1f19a}, Range{0x1f200, 0x1f320},
    Range{0x1f32d, 0x1f335}, Range{0x1f337, 0x1f37c}, Range{0x1f37e, 0x1f393}, Range{0x1f3a0, 0x1f3ca},
    Range{0x1f3cf, 0x1f3d3}, Range{0x1f3e0, 0x1f3f0}, Range{0x1f3f4, 0x1f3f4}, Range{0x1f3f8, 0x1f43e},
    Range{0x1f440, 0x1f440}, Range{0x1f442, 0x1f4fc}, Range{0x1f4ff, 0x1f53d}, Range{0x1f54b, 0x1f54e},
    Range{0x1f550, 0x1f567}, Range{0x1f57a, 0x1f57a}, Range{0x1f595, 0x1f596}, Range{0x1f5a4, 0x1f5a4},
    Range{0x1f5fb, 0x1f64f}, Range{0x1f680, 0x1f6c5}, Range{0x1f6cc, 0x1f6cc}, Range{0x1f6d0, 0x1f6d2},
    Range{0x1f6d5, 0x1f6d7}, Range{0x1f6dc, 0x1f6df}, Range{0x1f6eb, 0x1f6ec}, Range{0x1f6f4, 0x1f6fc},
    Range{0x1f7e0, 0x1f7f0}, Range{0x1f90c, 0x1f93a}, Range{0x1f93c, 0x1f945}, Range{0x1f947, 0x1f9ff},
    Range{0x1fa70, 0x1faff}, Range{0x20000, 0x3fffd},
};

// Combining marks, joiners, variation selectors.
constexpr std::array kZero = {
    Range{0x0300, 0x036f}, Range{0x0483, 0x0489}, Range{0x0591, 0x05bd},   Range{0x0610, 0x061a}, Range{0x064b, 0x065f},
    Range{0x0900, 0x0902}, Range{0x093c, 0x093c}, Range{0x0941, 0x0948},   Range{0x0e31, 0x0e31}, Range{0x0e34, 0x0e3a},
    Range{0x0e47, 0x0e4e}, Range{0x1ab0, 0x1aff}, Range{0x1dc0, 0x1dff},   Range{0x200b, 0x200f}, Range{0x202a, 0x202e},
    Range{0x2060, 0x206f}, Range{0x20d0, 0x20ff}, Range{0x302a, 0x302d},   Range{0x3099, 0x309a}, Range{0xfe00, 0xfe0f},
    Range{0xfe20, 0xfe2f}, Range{0xfeff, 0xfeff}, Range{0xe0000, 0xe01ef},
};

template <std::size_t Size>
bool is_in(const std::array<Range, Size>& ranges, char32_t c) {
    const auto after = std::upper_bound(ranges.begin(), ranges.end(), c,
                                        [](char32_t value, const Range& range) { return value < range.first; });
    return after != ranges.begin() && c <= std::prev(after)->last;
}

int width_of(char32_t c) {
    if (c < 0x20 || (c >= 0x7f && c < 0xa0) || is_in(kZero, c)) {
        return 0;
    }
    return is_in(kWide, c) ? 2 : 1;
}

// Chinese and Japanese lines break between any two characters, but not before closing punctuation nor after opening.
bool may_break_before(char32_t c) {
    constexpr std::u32string_view kClosing = U"，。、；：？！）】》」』”’…—,.;:?!)]}%";
    return kClosing.find(c) == std::u32string_view::npos;
}

bool may_break_after(char32_t c) {
    constexpr std::u32string_view kOpening = U"（【《「『“‘([{";
    return kOpening.find(c) == std::u32string_view::npos;
}

// What stands together on a line, with the blanks before it.
struct Piece {
    std::size_t blanks = 0;
    std::string text;
    int width = 0;
};

std::vector<Piece> pieces_of(std::string_view text) {
    std::vector<Piece> pieces;
    std::size_t blanks = 0;
    char32_t previous = 0;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t start = at;
        const char32_t c = utf8::next(text, at);
        if (c == U' ') {
            ++blanks;
            continue;
        }
        const int width = width_of(c);
        const bool beside_wide = width == 2 || width_of(previous) == 2;
        const bool between = beside_wide && width > 0 && may_break_before(c) && may_break_after(previous);
        if (pieces.empty() || blanks > 0 || between) {
            pieces.push_back({blanks, {}, 0});
            blanks = 0;
        }
        pieces.back().text += text.substr(start, at - start);
        pieces.back().width += width;
        previous = c;
    }
    return pieces;
}

// A piece longer than a line: cut behind the separators of paths and addresses, anywhere only where there are none.
std::vector<std::string> cut_long(const std::string& text, int room) {
    std::vector<std::string> lines(1);
    int used = 0;
    std::size_t separator = 0;  // behind the last one of the line
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t start = at;
        const char32_t c = utf8::next(text, at);
        if (used + width_of(c) > room) {
            const std::string rest = separator > 0 ? lines.back().substr(separator) : std::string();
            lines.back().resize(lines.back().size() - rest.size());
            lines.push_back(rest);
            used = display_width(rest);
            separator = 0;
        }
        lines.back() += text.substr(start, at - start);
        used += width_of(c);
        if (c == U'/' || c == U'\\' || c == U'&' || c == U'?') {
            separator = lines.back().size();
        }
    }
    return lines;
}

}  // namespace

int display_width(std::string_view text) {
    int columns = 0;
    std::size_t at = 0;
    while (at < text.size()) {
        columns += width_of(utf8::next(text, at));
    }
    return columns;
}

std::string fit(std::string_view text, int columns, bool unicode) {
    if (display_width(text) <= columns) {
        return std::string(text);
    }
    const std::string_view mark = unicode ? "…" : "...";
    const int room = columns - display_width(mark);
    int used = 0;
    std::size_t at = 0;
    while (at < text.size()) {
        std::size_t next = at;
        used += width_of(utf8::next(text, next));
        if (used > room) {
            break;
        }
        at = next;
    }
    return std::string(text.substr(0, at)) + std::string(room < 0 ? std::string_view() : mark);
}

std::vector<std::string> wrap(std::string_view text, int columns) {
    const int room = std::max(columns, 2);
    std::vector<std::string> lines(1);
    int used = 0;
    for (Piece& piece : pieces_of(text)) {
        const bool first = lines.size() == 1 && lines.back().empty();
        const int blanks = lines.back().empty() && !first ? 0 : static_cast<int>(piece.blanks);
        if (used + blanks + piece.width <= room) {
            lines.back() += std::string(static_cast<std::size_t>(blanks), ' ') + piece.text;
            used += blanks + piece.width;
            continue;
        }
        if (!lines.back().empty()) {
            lines.emplace_back();
        }
        std::vector<std::string> cut = cut_long(piece.text, room);
        lines.back() = std::move(cut.front());
        lines.insert(lines.end(), std::make_move_iterator(cut.begin() + 1), std::make_move_iterator(cut.end()));
        used = display_width(lines.back());
    }
    return lines;
}

}  // namespace banana
