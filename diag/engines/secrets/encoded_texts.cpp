#include "encoded_texts.hpp"

#include "banana/ascii.hpp"
#include "banana/bounds.hpp"
#include "base64.hpp"

#include <algorithm>
#include <string>

namespace banana {
namespace {

constexpr std::size_t kShortestEncoded = 20;      // encoded; holds 15 octets
constexpr std::size_t kShortestEncodedLine = 40;  // of a text that goes on in the next line

bool is_base64_text(char c) {
    return is_base64_digit(c) || c == '-' || c == '_';
}

bool is_text_octet(char c) {
    return (c >= ' ' && c < 0x7F) || c == '\n' || c == '\r' || c == '\t' || static_cast<unsigned char>(c) >= 0x80;
}

// Without the zeros of UTF-16, as PowerShell encodes its commands.
std::string without_zeros(std::string octets) {
    if (octets.size() > 4 && octets[1] == '\0' && octets[3] == '\0') {
        octets.erase(std::remove(octets.begin(), octets.end(), '\0'), octets.end());
    }
    return octets;
}

// The text up to the first octet that none has; empty when it is short.
std::string_view text_part(std::string_view octets) {
    constexpr std::size_t kShortestText = 12;
    const auto end = std::find_if_not(octets.begin(), octets.end(), is_text_octet);
    const auto size = static_cast<std::size_t>(end - octets.begin());
    return size < kShortestText ? std::string_view() : octets.substr(0, size);
}

struct Span {
    std::size_t begin;
    std::size_t end;
};

class EncodedFinder {
public:
    EncodedFinder(std::string_view text, const HoldsSecret& holds_secret) : text_(text), holds_secret_(holds_secret) {}

    std::vector<Replacement> find() {
        for (std::size_t at = 0; at < text_.size();) {
            if (!is_base64_text(text_[at])) {
                ++at;
                continue;
            }
            const std::size_t end = run_end(at);
            at = end - at >= kShortestEncoded ? std::max(end, run(at, end)) : end;
        }
        return std::move(found_);
    }

private:
    [[nodiscard]] std::size_t run_end(std::size_t at) const {
        while (at < text_.size() && is_base64_text(text_[at])) {
            ++at;
        }
        return at;
    }

    // Returns where to go on.
    std::size_t run(std::size_t begin, std::size_t end) {
        const std::vector<Span> lines = lines_of(begin, end);
        std::string joined;
        for (const Span& line : lines) {
            joined.append(text_.substr(line.begin, line.end - line.begin));
        }
        if (!holds(joined)) {
            return end;
        }
        for (const Span& line : lines) {
            std::size_t stop = line.end;
            while (stop < text_.size() && text_[stop] == '=' && stop < line.end + 2) {
                ++stop;
            }
            found_.push_back({line.begin, stop, "…"});
        }
        return lines.back().end;
    }

    // The run and the lines below it of the same width, the last one shorter.
    [[nodiscard]] std::vector<Span> lines_of(std::size_t begin, std::size_t end) const {
        std::vector<Span> lines{{begin, end}};
        const std::size_t width = end - begin;
        while (width >= kShortestEncodedLine && lines.back().end - lines.back().begin == width) {
            std::size_t next = text_.find_first_not_of(" \t\r\n", lines.back().end);
            if (next == std::string_view::npos ||
                text_.substr(lines.back().end, next - lines.back().end).find('\n') == std::string_view::npos) {
                break;
            }
            const std::size_t stop = run_end(next);
            const bool whole =
                stop == text_.size() || std::string_view("=\r\n \"'").find(text_[stop]) != std::string_view::npos;
            if (stop - next > width || stop == next || !whole || lines.size() * width > bounds::kUrlSearchedBytes) {
                break;
            }
            lines.push_back({next, stop});
        }
        return lines;
    }

    [[nodiscard]] bool holds(const std::string& encoded) const {
        const auto is_secret = [&](std::string octets) {
            octets = without_zeros(std::move(octets));
            const std::string_view part = text_part(octets);
            return !part.empty() && holds_secret_(part);
        };
        // Most tokens are no texts: the first octets tell.
        constexpr std::size_t kProbe = 16;
        if (!text_part(without_zeros(base64_beginning(std::string_view(encoded).substr(0, kProbe)))).empty()) {
            if (is_secret(base64_beginning(encoded))) {
                return true;
            }
        }
        const bool hex = encoded.size() % 2 == 0 &&
                         std::all_of(encoded.begin(), encoded.end(), [](char c) { return hex_value(c) >= 0; });
        return hex && is_secret(octets_of_hex(encoded));
    }

    static std::string octets_of_hex(std::string_view digits) {
        std::string octets;
        for (std::size_t at = 0; at + 1 < digits.size(); at += 2) {
            octets += static_cast<char>(hex_value(digits[at]) * 16 + hex_value(digits[at + 1]));
        }
        return octets;
    }

    std::string_view text_;
    const HoldsSecret& holds_secret_;
    std::vector<Replacement> found_;
};

}  // namespace

std::vector<Replacement> find_encoded_secrets(std::string_view text, const HoldsSecret& holds_secret) {
    return text.size() < kShortestEncoded ? std::vector<Replacement>() : EncodedFinder(text, holds_secret).find();
}

}  // namespace banana
