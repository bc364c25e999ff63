#include "base64_blocks.hpp"

#include "base64.hpp"

#include <algorithm>
#include <array>

namespace banana {
namespace {

constexpr std::size_t kLongestKey = 200;   // longer runs are data
constexpr std::size_t kShortestLine = 60;  // of wrapped data: 64 in PEM, 76 in MIME
constexpr std::size_t kLongestLine = 100;

bool is_in_block(char c) {
    return is_base64_digit(c) || c == '=';
}

// PNG, JPEG, GIF, WebP, PDF, gzip, zip, DER, public keys of SSH.
bool has_known_beginning(std::string_view token) {
    static constexpr std::array<std::string_view, 12> kBeginnings{"iVBORw0KGgo", "/9j/",   "R0lGOD", "UklGR",
                                                                  "JVBERi0",     "H4sIA",  "UEsDB",  "AAAAB3",
                                                                  "AAAAC3N",     "PHN2Zy", "MIIB",   "AAAAIGZ0eX"};
    return std::any_of(kBeginnings.begin(), kBeginnings.end(),
                       [&](std::string_view beginning) { return token.starts_with(beginning); });
}

// `\n` or `\r` as two characters.
bool is_escaped_break(std::string_view text, std::size_t at) {
    return at + 1 < text.size() && text[at] == '\\' && (text[at + 1] == 'n' || text[at + 1] == 'r');
}

// The line if it is base64 from end to end, blanks around it left out; else empty.
std::string_view base64_line(std::string_view text, LineSpan line) {
    while (line.begin < line.end && std::string_view(" \t\"'>").find(text[line.begin]) != std::string_view::npos) {
        ++line.begin;
    }
    while (line.end > line.begin && std::string_view(" \t\"',").find(text[line.end - 1]) != std::string_view::npos) {
        --line.end;
    }
    const std::string_view content = text.substr(line.begin, line.end - line.begin);
    return content.size() <= kLongestLine && std::all_of(content.begin(), content.end(), is_in_block)
               ? content
               : std::string_view();
}

std::string_view line_before(std::string_view text, LineSpan line, LineSpan& before) {
    std::size_t at = line.begin;
    if (at >= 2 && is_escaped_break(text, at - 2)) {
        at -= 2;
    } else if (at >= 1 && text[at - 1] == '\n') {
        at -= at >= 2 && text[at - 2] == '\r' ? 2 : 1;
    } else {
        return {};
    }
    before = line_around(text, at);
    return base64_line(text, before);
}

std::string_view line_behind(std::string_view text, LineSpan line, LineSpan& behind) {
    std::size_t at = line.end;
    while (at < text.size() && at < line.end + 4 &&
           (text[at] == '\r' || text[at] == '\n' || is_escaped_break(text, at))) {
        at += text[at] == '\\' ? 2 : 1;
    }
    if (at == line.end || at >= text.size()) {
        return {};
    }
    behind = line_around(text, at);
    return base64_line(text, behind);
}

// At least three lines, all but the last of one length, with `+` or `/` among them as random octets have.
bool is_wrapped_data(std::string_view text, std::size_t at) {
    const LineSpan here = line_around(text, at);
    const std::string_view line = base64_line(text, here);
    if (line.empty()) {
        return false;
    }
    LineSpan span{};
    LineSpan far{};
    const std::string_view before = line_before(text, here, span);
    const std::string_view far_before = before.empty() ? before : line_before(text, span, far);
    const std::string_view behind = line_behind(text, here, span);
    const std::string_view far_behind = behind.empty() ? behind : line_behind(text, span, far);
    const std::size_t width = std::max({line.size(), before.size(), behind.size()});
    const std::array lines{far_before, before, line, behind, far_behind};
    const auto whole =
        std::count_if(lines.begin(), lines.end(), [&](std::string_view other) { return other.size() == width; });
    const bool marked = std::any_of(lines.begin(), lines.end(), [](std::string_view other) {
        return other.find_first_of("+/") != std::string_view::npos;
    });
    const auto some = std::count_if(lines.begin(), lines.end(), [](std::string_view other) { return !other.empty(); });
    return width >= kShortestLine && whole >= 2 && some >= 3 && marked && line.size() <= width;
}

}  // namespace

LineSpan line_around(std::string_view text, std::size_t at) {
    LineSpan line{at, at};
    while (line.begin > 0 && text[line.begin - 1] != '\n' && text[line.begin - 1] != '\r' &&
           !(line.begin >= 2 && is_escaped_break(text, line.begin - 2)) && at - line.begin < kLongestKey) {
        --line.begin;
    }
    while (line.end < text.size() && text[line.end] != '\n' && text[line.end] != '\r' &&
           !is_escaped_break(text, line.end) && line.end - at < kLongestKey) {
        ++line.end;
    }
    return line;
}

bool is_base64_data(std::string_view text, std::size_t begin, std::size_t end) {
    if (end - begin >= kLongestKey || has_known_beginning(text.substr(begin, end - begin))) {
        return true;
    }
    if (text.substr(0, begin).ends_with("base64,")) {
        return true;
    }
    return is_wrapped_data(text, begin);
}

}  // namespace banana
