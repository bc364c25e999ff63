#include "split_keys.hpp"

#include "banana/ascii.hpp"
#include "base64_blocks.hpp"
#include "harmless_values.hpp"
#include "randomness.hpp"

#include <algorithm>
#include <cstddef>

namespace banana {
namespace {

constexpr int kOdd = 20;  // tenths of a bit: more than a word costs
constexpr std::size_t kShortestPart = 6;

bool is_part_character(char c) {
    return is_alphanumeric(c) || std::string_view("-_+/").find(c) != std::string_view::npos;
}

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

// What stands between two parts.
struct Break {
    std::size_t length = 0;
    bool line = false;
    bool marked = false;  // `=` or `\` at the line's end: the text says that it goes on
};

// At `at`: a blank, or a line's end with what an editor, a quotation or a table puts around it.
Break break_at(std::string_view text, std::size_t at) {
    const std::size_t begin = at;
    Break found;
    if (at < text.size() && (text[at] == '=' || text[at] == '\\') && at + 1 < text.size() &&
        (text[at + 1] == '\n' || text[at + 1] == '\r')) {
        found.marked = true;
        ++at;
    }
    while (at < text.size() && is_blank(text[at]) && at - begin < 4) {
        ++at;
    }
    const std::size_t before_line = at;
    while (at < text.size() && (text[at] == '\r' || text[at] == '\n') && at - before_line < 2) {
        found.line = true;
        ++at;
    }
    if (found.line) {
        constexpr std::size_t kWidestMargin = 16;
        const std::size_t margin = at;
        while (at < text.size() && at - margin < kWidestMargin &&
               std::string_view(" \t>|#*\"'").find(text[at]) != std::string_view::npos) {
            ++at;
        }
    }
    found.length = at - begin;
    return found.line || found.length == 1 ? found : Break{};
}

bool ends_line(std::string_view text, std::size_t at) {
    at = std::min(text.find_first_not_of(" \t\"',;|`*", at), text.size());
    return at == text.size() || text[at] == '\n' || text[at] == '\r' || text[at] == '=' || text[at] == '\\';
}

bool begins_line(std::string_view text, std::size_t at) {
    while (at > 0 && std::string_view(" \t>|#*\"'`").find(text[at - 1]) != std::string_view::npos) {
        --at;
    }
    return at == 0 || text[at - 1] == '\n';
}

// Letters with digits among them, or more of both cases than a name has.
bool is_odd_piece(std::string_view part) {
    const bool digit = std::any_of(part.begin(), part.end(), is_digit);
    const bool letter = std::any_of(part.begin(), part.end(), is_letter);
    return part.size() >= kShortestPart && letter && randomness(part) > (digit ? 0 : kOdd) && !is_sample_text(part);
}

bool is_rest_of_key(std::string_view text, std::size_t begin, std::size_t end, const Break& gap) {
    const std::string_view part = text.substr(begin, end - begin);
    if (gap.marked) {
        return !part.empty();
    }
    // The name of the next option is no part.
    const std::size_t next = text.find_first_not_of(" \t", end);
    const bool name =
        next != std::string_view::npos && std::string_view("=:(").find(text[next]) != std::string_view::npos;
    return !name && is_odd_piece(part) && (!gap.line || ends_line(text, end));
}

void add_behind(std::string_view text, std::size_t at, std::vector<Replacement>& found) {
    constexpr int kMostParts = 16;
    for (int part = 0; part < kMostParts; ++part) {
        const Break gap = break_at(text, at);
        const std::size_t begin = at + gap.length;
        std::size_t end = begin;
        while (end < text.size() && is_part_character(text[end])) {
            ++end;
        }
        if (gap.length == 0 || !is_rest_of_key(text, begin, end, gap)) {
            return;
        }
        found.push_back({begin, end, "…"});
        at = end;
    }
}

void add_before(std::string_view text, std::size_t at, std::vector<Replacement>& found) {
    constexpr std::size_t kWidestBreak = 20;
    std::size_t end = at;
    while (end > 0 && at - end < kWidestBreak &&
           std::string_view(" \t\r\n>|#*\"'=\\").find(text[end - 1]) != std::string_view::npos) {
        --end;
    }
    std::size_t begin = end;
    while (begin > 0 && end - begin < kWidestBreak * 4 && is_part_character(text[begin - 1])) {
        --begin;
    }
    const Break gap = break_at(text, end);
    const std::string_view part = text.substr(begin, end - begin);
    if (end == at || gap.length != at - end || !is_odd_piece(part)) {
        return;
    }
    if (!gap.line || gap.marked || begins_line(text, begin)) {
        found.push_back({begin, end, "…"});
    }
}

}  // namespace

void add_parts_beyond_breaks(std::string_view text, std::vector<Replacement>& found) {
    std::vector<Replacement> parts;
    for (const Replacement& replacement : found) {
        if (replacement.key && !is_base64_data(text, replacement.begin, replacement.end)) {
            add_behind(text, replacement.end, parts);
            add_before(text, replacement.begin, parts);
        }
    }
    found.insert(found.end(), parts.begin(), parts.end());
}

}  // namespace banana
