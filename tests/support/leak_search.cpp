#include "support/leak_search.hpp"

#include "banana/secret.hpp"
#include "support/leak_forms.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>

namespace banana::test {
namespace {

constexpr std::size_t kPart = kTellingPart;
constexpr std::size_t kBrokenPart = 10;
constexpr std::size_t kCodedPart = 10;  // base64 characters that eight octets alone decide
constexpr std::size_t kPairs = 65536;

std::string with_each(std::string_view text, const char* format) {
    std::string out;
    for (const char c : text) {
        std::array<char, 16> buffer{};
        std::snprintf(buffer.data(), buffer.size(), format, static_cast<unsigned>(static_cast<unsigned char>(c)));
        out += buffer.data();
    }
    return out;
}

bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return is_upper(c) ? static_cast<char>(c + 32) : c; });
    return out;
}

std::string other_case(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (is_upper(c)) {
            c = static_cast<char>(c + 32);
        } else if (c >= 'a' && c <= 'z') {
            c = static_cast<char>(c - 32);
        }
    }
    return out;
}

std::string wrapped(std::string_view text, std::size_t width, std::string_view line_end) {
    return broken(std::string(text), width, std::string(line_end)).append(line_end);
}

std::string without_line_ends(std::string_view text) {
    std::string out;
    std::copy_if(text.begin(), text.end(), std::back_inserter(out), [](char c) { return c != '\n' && c != '\r'; });
    return out;
}

int digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = static_cast<char>(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// The octet of two hexadecimal digits, or -1.
int octet_at(std::string_view text, std::size_t at) {
    if (at + 2 > text.size() || digit(text[at]) < 0 || digit(text[at + 1]) < 0) {
        return -1;
    }
    return digit(text[at]) * 16 + digit(text[at + 1]);
}

struct Entity {
    int value = -1;
    std::size_t length = 0;
};

// `&#65;`.
Entity decimal_entity(std::string_view text) {
    const std::size_t end = text.find(';');
    if (!text.starts_with("&#") || end == std::string_view::npos || end < 3 || end > 5 ||
        text.substr(2, end - 2).find_first_not_of("0123456789") != std::string_view::npos) {
        return {};
    }
    return {std::stoi(std::string(text.substr(2, end - 2))), end + 1};
}

// Letters and digits alone: a key stays readable whatever stands between its characters.
std::string squeezed(std::string_view text) {
    std::string out;
    std::copy_if(text.begin(), text.end(), std::back_inserter(out),
                 [](char c) { return (c >= '0' && c <= '9') || is_upper(c) || (c >= 'a' && c <= 'z'); });
    return out;
}

// URL, JSON and HTML escapes of ASCII undone; line ends, real and escaped, dropped.
std::string decoded(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t next = text.find_first_of("%\\&\n\r", at);
        if (next != at) {
            out.append(text.substr(at, next == std::string_view::npos ? next : next - at));
            at = std::min(next, text.size());
            continue;
        }
        const std::string_view rest = text.substr(at, 8);
        int value = -1;
        std::size_t length = 1;
        if (rest[0] == '%') {
            value = octet_at(text, at + 1);
            length = 3;
        } else if (rest.starts_with("\\u00")) {
            value = octet_at(text, at + 4);
            length = 6;
        } else if (rest.starts_with("&#x") && rest.size() > 5 && rest[5] == ';') {
            value = octet_at(text, at + 3);
            length = 6;
        } else if (rest.starts_with("\\x")) {
            value = octet_at(text, at + 2);
            length = 4;
        } else if (const auto entity = decimal_entity(rest); entity.length > 0) {
            value = entity.value;
            length = entity.length;
        } else if (rest.starts_with("\\n") || rest.starts_with("\\r") || rest.starts_with("\\t")) {
            at += 2;
            continue;
        }
        if (rest[0] == '\n' || rest[0] == '\r') {
            ++at;
        } else if (value >= 0 && value < 128) {
            out += static_cast<char>(value);
            at += length;
        } else {
            out += rest[0];
            ++at;
        }
    }
    return out;
}

std::uint64_t packed(std::string_view part) {
    std::uint64_t value = 0;
    std::memcpy(&value, part.data(), kPart);
    return value;
}

std::size_t pair_at(std::string_view text, std::size_t at) {
    return static_cast<unsigned char>(text[at]) * 256U + static_cast<unsigned char>(text[at + 1]);
}

}  // namespace

std::vector<std::string> echoed_forms(const std::string& key) {
    std::vector<std::string> forms{key,
                                   with_each(key, "%%%02X"),
                                   with_each(key, "%%%02x"),
                                   with_each(key, "\\u%04x"),
                                   with_each(key, "&#x%02x;"),
                                   other_case(key),
                                   lower(key),
                                   wrapped(key, 10, "\n"),
                                   wrapped(key, 3, "\r\n"),
                                   wrapped(key, 12, "\\n"),
                                   wrapped(key, 7, "\\n"),
                                   wrapped(key, 7, "\\r\\n\\t"),
                                   wrapped(key, 7, " "),
                                   wrapped(key, 3, "\t"),
                                   wrapped(key, 4, "**"),
                                   wrapped(key, 1, "\u2063"),
                                   wrapped(key, 5, "\uFE00"),
                                   wrapped(key, 6, "\u00AD"),
                                   with_each(key, "&#%u;"),
                                   with_each(key, "\\x%02x")};
    for (const char* before : {"", "a", "ab"}) {
        forms.push_back(base64(before + key));
        forms.push_back(wrapped(base64(before + key), 16, "\n"));
    }
    return forms;
}

LeakSearch::LeakSearch(std::string_view key) : pairs_(kPairs), coded_pairs_(kPairs) {
    const std::string_view secret = key.starts_with("sk-") ? key.substr(3) : key;
    const std::string folded = lower(secret);
    for (std::size_t at = 0; at + kPart <= folded.size(); ++at) {
        parts_.push_back(packed(std::string_view(folded).substr(at, kPart)));
        pairs_[pair_at(folded, at)] = true;
    }
    const std::string bare = squeezed(folded);
    for (std::size_t at = 0; at + kPart <= bare.size(); ++at) {
        parts_.push_back(packed(std::string_view(bare).substr(at, kPart)));
        pairs_[pair_at(bare, at)] = true;
    }
    std::sort(parts_.begin(), parts_.end());
    for (std::size_t alignment = 0; alignment < 3; ++alignment) {
        for (std::size_t at = 0; at + kPart <= secret.size(); ++at) {
            const std::string whole = base64(std::string(alignment, 'a') + std::string(secret.substr(at, kPart)));
            coded_.push_back(whole.substr((alignment * 8 + 5) / 6, kCodedPart));
            coded_pairs_[pair_at(coded_.back(), 0)] = true;
        }
    }
    std::sort(coded_.begin(), coded_.end());
}

bool LeakSearch::holds_part(std::string_view text, std::size_t length) const {
    const std::string folded = lower(text);
    std::size_t in_a_row = 0;
    for (std::size_t at = 0; at + kPart <= folded.size(); ++at) {
        const bool part =
            pairs_[pair_at(folded, at)] &&
            std::binary_search(parts_.begin(), parts_.end(), packed(std::string_view(folded).substr(at, kPart)));
        in_a_row = part ? in_a_row + 1 : 0;
        if (in_a_row > 0 && in_a_row + kPart - 1 >= length) {
            return true;
        }
    }
    return false;
}

bool LeakSearch::holds_base64(std::string_view text) const {
    for (std::size_t at = 0; at + kCodedPart <= text.size(); ++at) {
        if (coded_pairs_[pair_at(text, at)] &&
            std::binary_search(coded_.begin(), coded_.end(), text.substr(at, kCodedPart))) {
            return true;
        }
    }
    return false;
}

std::optional<std::string> LeakSearch::first_in(std::string_view text) const {
    if (holds_part(text)) {
        return "plain";
    }
    const std::string flat = without_line_ends(text);
    if (holds_part(flat)) {
        return "line-wrapped";
    }
    if (holds_base64(flat)) {
        return "base64";
    }
    const std::string once = decoded(text);
    if (holds_part(once)) {
        return "escaped";
    }
    if (holds_part(decoded(once))) {
        return "escaped twice";
    }
    // What stands behind seven characters, which may be shown, continues them by chance at times.
    if (holds_part(squeezed(text), kBrokenPart) || holds_part(squeezed(once), kBrokenPart)) {
        return "broken up";
    }
    return std::nullopt;
}

}  // namespace banana::test
