#include "python_text.hpp"

#include "banana/ascii.hpp"
#include "base64.hpp"
#include "text.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <limits>

namespace banana {
namespace {

constexpr std::size_t kChunk = 8192;  // TextIOWrapper._CHUNK_SIZE
constexpr char32_t kCapitalSigma = 0x3A3, kSmallSigma = 0x3C3, kFinalSigma = 0x3C2;
constexpr char32_t kCapitalIWithDot = 0x130, kCombiningDot = 0x307;

struct LowerRange {
    char32_t first, last;
    std::uint8_t step;
    std::int32_t delta;
};

struct CodeRange {
    char32_t first, last;
};

#include "python_case_tables.inc"

template <typename Range, std::size_t Count>
const Range* find_range(const Range (&ranges)[Count], char32_t c) {
    const auto* after = std::upper_bound(std::begin(ranges), std::end(ranges), c,
                                         [](char32_t value, const Range& range) { return value < range.first; });
    if (after == std::begin(ranges) || c > std::prev(after)->last) {
        return nullptr;
    }
    return std::prev(after);
}

char32_t lower_of(char32_t c) {
    const LowerRange* range = find_range(kLowerRanges, c);
    if (range == nullptr || (c - range->first) % range->step != 0) {
        return c;
    }
    return static_cast<char32_t>(static_cast<std::int64_t>(c) + range->delta);
}

bool is_case_ignorable(char32_t c) {
    return find_range(kCaseIgnorableRanges, c) != nullptr;
}
bool is_cased(char32_t c) {
    return find_range(kCasedRanges, c) != nullptr;
}

// A sigma at the end of a word: a letter before it, none behind it, marks passed over.
bool is_final_sigma(const std::u32string& text, std::size_t at) {
    std::size_t before = at;
    while (before > 0 && is_case_ignorable(text[before - 1])) {
        --before;
    }
    if (before == 0 || !is_cased(text[before - 1])) {
        return false;
    }
    std::size_t behind = at + 1;
    while (behind < text.size() && is_case_ignorable(text[behind])) {
        ++behind;
    }
    return behind == text.size() || !is_cased(text[behind]);
}

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

struct DecodeFailure {
    std::size_t start;    // of the sequence
    std::size_t decided;  // the byte that makes it wrong; the size of the text where it is cut short
};

std::optional<DecodeFailure> find_failure(std::string_view bytes) {
    for (std::size_t at = 0; at < bytes.size();) {
        const utf8::Decoded decoded = utf8::decode(bytes.substr(at));
        if (!decoded.valid) {
            const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(bytes[index]); };
            const bool is_lead = byte(at) >= 0xC2 && byte(at) <= 0xF4;
            // The start of an encoded surrogate is held back like a sequence cut short (bpo-24214).
            const bool surrogate = byte(at) == 0xED && at + 1 < bytes.size() && byte(at + 1) >= 0xA0 &&
                                   utf8::is_continuation(bytes[at + 1]);
            return DecodeFailure{at, !is_lead ? at : at + decoded.length + (surrogate ? 1 : 0)};
        }
        at += decoded.length;
    }
    return std::nullopt;
}

// Start of the code point that ends before `end`.
std::size_t previous_start(std::string_view text, std::size_t end) {
    return utf8::boundary_before(text, end - 1);
}

// The text without the underscores that Python allows between digits; none where one stands elsewhere.
std::optional<std::string> without_underscores(std::string_view text) {
    std::string plain;
    for (std::size_t index = 0; index < text.size(); ++index) {
        if (text[index] != '_') {
            plain.push_back(text[index]);
        } else if (index == 0 || index + 1 == text.size() || !is_digit(text[index - 1]) || !is_digit(text[index + 1])) {
            return std::nullopt;
        }
    }
    return plain;
}

}  // namespace

bool is_python_space(char32_t c) {
    if (c < 0x80) {
        return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20);
    }
    return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
           c == 0x202F || c == 0x205F || c == 0x3000;
}

std::optional<std::size_t> find_invalid_utf8(std::string_view bytes) {
    const auto failure = find_failure(bytes);
    return failure ? std::optional(failure->start) : std::nullopt;
}

std::string_view python_strip_left(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        std::size_t behind = at;
        if (!is_python_space(utf8::next(text, behind))) {
            break;
        }
        at = behind;
    }
    return text.substr(at);
}

std::string_view python_strip_right(std::string_view text) {
    while (!text.empty()) {
        const std::size_t start = previous_start(text, text.size());
        std::size_t offset = start;
        if (!is_python_space(utf8::next(text, offset))) {
            break;
        }
        text = text.substr(0, start);
    }
    return text;
}

std::string_view python_strip(std::string_view text) {
    return python_strip_right(python_strip_left(text));
}

std::string python_lower(std::string_view text) {
    if (is_ascii(text)) {
        std::string lower(text);
        std::transform(lower.begin(), lower.end(), lower.begin(), to_lower);
        return lower;
    }
    std::u32string points;
    for (std::size_t offset = 0; offset < text.size();) {
        points.push_back(utf8::next(text, offset));
    }
    std::string lower;
    for (std::size_t index = 0; index < points.size(); ++index) {
        const char32_t c = points[index];
        if (c == kCapitalSigma) {
            append_utf8(lower, is_final_sigma(points, index) ? kFinalSigma : kSmallSigma);
        } else if (c == kCapitalIWithDot) {
            append_utf8(lower, U'i');
            append_utf8(lower, kCombiningDot);
        } else {
            append_utf8(lower, lower_of(c));
        }
    }
    return lower;
}

std::optional<double> python_float(std::string_view text) {
    const auto plain = without_underscores(python_strip(text));
    if (!plain || plain->empty()) {
        return std::nullopt;
    }
    std::string_view digits = *plain;
    const bool negative = digits.front() == '-';
    if (negative || digits.front() == '+') {
        digits.remove_prefix(1);
    }
    const std::string lower = python_lower(digits);
    double value = 0;
    if (lower == "inf" || lower == "infinity") {
        value = std::numeric_limits<double>::infinity();
    } else if (lower == "nan") {
        value = std::numeric_limits<double>::quiet_NaN();
    } else {
        if (lower.empty() || lower.find_first_not_of("0123456789.e+-") != std::string::npos || lower.front() == '+' ||
            lower.front() == '-') {
            return std::nullopt;
        }
        const auto [end, error] = std::from_chars(lower.data(), lower.data() + lower.size(), value);
        if (end != lower.data() + lower.size()) {
            return std::nullopt;
        }
        if (error == std::errc::result_out_of_range) {
            // Python answers inf or 0.0 here; the exponent's sign says which.
            const std::size_t exponent = lower.find('e');
            const bool tiny = exponent != std::string::npos && lower.compare(exponent + 1, 1, "-") == 0;
            value = tiny ? 0.0 : std::numeric_limits<double>::infinity();
        } else if (error != std::errc()) {
            return std::nullopt;
        }
    }
    return negative ? -value : value;
}

std::optional<long long> python_int(std::string_view text) {
    const auto plain = without_underscores(python_strip(text));
    if (!plain || plain->empty()) {
        return std::nullopt;
    }
    std::string_view digits = *plain;
    if (digits.starts_with('+')) {
        digits.remove_prefix(1);
        if (digits.starts_with('-')) {
            return std::nullopt;
        }
    }
    long long value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (digits.empty() || end != digits.data() + digits.size()) {
        return std::nullopt;
    }
    if (error == std::errc::result_out_of_range) {
        return digits.front() == '-' ? std::numeric_limits<long long>::min() : std::numeric_limits<long long>::max();
    }
    return error == std::errc() ? std::optional(value) : std::nullopt;
}

std::optional<std::string> python_base64(std::string_view text) {
    std::string digits;
    std::size_t padding = 0;
    for (const char c : text) {
        if (static_cast<unsigned char>(c) >= 0x80) {
            return std::nullopt;  // "string argument should contain only ASCII characters"
        }
        const std::size_t count = digits.size() % 4;
        if (c == '=') {
            // Padding ends the text once the group is complete; before that it is passed over.
            if (count >= 2 && ++padding + count >= 4) {
                return base64_beginning(digits);
            }
        } else if (is_base64_digit(c)) {
            padding = 0;
            digits.push_back(c);
        }
    }
    return digits.size() % 4 == 0 ? std::optional(base64_beginning(digits)) : std::nullopt;
}

PythonLines::PythonLines(std::string_view bytes) : text_(bytes) {
    const auto failure = find_failure(bytes);
    if (!failure) {
        return;
    }
    bad_ = failure->start;
    // What the chunks before the failing one give: the sequence itself may begin in one of them.
    const std::size_t chunk = failure->decided == bytes.size() ? failure->start : failure->decided / kChunk * kChunk;
    text_ = bytes.substr(0, std::min(failure->start, chunk));
    // The newline decoder keeps a last CR back until it has seen what follows.
    if (text_.ends_with('\r')) {
        text_.remove_suffix(1);
    }
}

std::optional<std::string_view> PythonLines::next() {
    const std::size_t end = text_.find_first_of("\r\n", position_);
    if (end == std::string_view::npos) {
        if (bad_) {
            met_ = bad_;
            return std::nullopt;
        }
        if (position_ >= text_.size()) {
            return std::nullopt;
        }
        const std::string_view last = text_.substr(position_);
        position_ = text_.size();
        return last;
    }
    const std::string_view line = text_.substr(position_, end - position_);
    const bool pair = text_[end] == '\r' && end + 1 < text_.size() && text_[end + 1] == '\n';
    position_ = end + (pair ? 2 : 1);
    return line;
}

}  // namespace banana
