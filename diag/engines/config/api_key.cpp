#include "api_key.hpp"

#include "banana/ascii.hpp"
#include "banana/bounds.hpp"
#include "key_text.hpp"
#include "python_text.hpp"
#include "sample_key.hpp"
#include "split_key.hpp"
#include "text.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace banana {
namespace {

using namespace key_text;

constexpr std::size_t kShortestKey = 20;  // below this no service's key is known

std::string_view unicode_name(char32_t c) {
    switch (c) {
        case 0x00: return "NULL";
        case 0x09: return "TAB";
        case 0x0A: return "LINE FEED";
        case 0x1A: return "SUBSTITUTE";
        case 0x20: return "SPACE";
        case 0xA0: return "NO-BREAK SPACE";
        case 0xAD: return "SOFT HYPHEN";
        case 0x200B: return "ZERO WIDTH SPACE";
        case 0x200C: return "ZERO WIDTH NON-JOINER";
        case 0x200D: return "ZERO WIDTH JOINER";
        case 0x200E: return "LEFT-TO-RIGHT MARK";
        case 0x200F: return "RIGHT-TO-LEFT MARK";
        case 0x2013: return "EN DASH";
        case 0x2014: return "EM DASH";
        case 0x2060: return "WORD JOINER";
        case 0x3000: return "IDEOGRAPHIC SPACE";
        case 0xFEFF: return "ZERO WIDTH NO-BREAK SPACE";
        case 0xFF0D: return "FULLWIDTH HYPHEN-MINUS";
        case 0xFFFD: return "REPLACEMENT CHARACTER";
        default: return {};
    }
}

// "U+200B ZERO WIDTH SPACE"; for a visible character without a name in the table the character itself: "U+4F60 “你”".
std::string describe(char32_t c) {
    static constexpr char kDigits[] = "0123456789ABCDEF";
    std::string text = "U+";
    for (int shift = c > 0xFFFF ? 20 : 12; shift >= 0; shift -= 4) {
        text += kDigits[(c >> shift) & 15];
    }
    const std::string_view name = unicode_name(c);
    text += ' ';
    if (!name.empty()) {
        text += name;
    } else if (is_invisible(c)) {
        text += c < 0xA0 ? "CONTROL CHARACTER" : "FORMAT CHARACTER";
    } else {
        text += "“";
        append_utf8(text, c);
        text += "”";
    }
    return text;
}

struct Character {
    char32_t c;
    std::size_t offset;
    std::size_t position;  // one-based
};

template <class Predicate>
std::optional<Character> first_character(std::string_view text, Predicate matches) {
    std::size_t position = 0;
    for (std::size_t offset = 0; offset < text.size();) {
        const std::size_t start = offset;
        const char32_t c = utf8::next(text, offset);
        ++position;
        if (matches(c)) {
            return Character{c, start, position};
        }
    }
    return std::nullopt;
}

struct Provider {
    std::string_view prefix;
    std::size_t shortest;
    std::string_view name;
};

constexpr std::array kOtherProviders{
    Provider{"AIza", 35, "Google"},
    Provider{"sk-ant-", 24, "Anthropic"},
    Provider{"sk-or-v1-", 24, "OpenRouter"},
    Provider{"sk-proj-", 24, "OpenAI"},
    Provider{"sk-svcacct-", 24, "OpenAI"},
    Provider{"xai-", 24, "xAI"},
    Provider{"gsk_", 24, "Groq"},
    Provider{"hf_", 24, "Hugging Face"},
    Provider{"ghp_", 24, "GitHub"},
    Provider{"github_pat_", 24, "GitHub"},
    Provider{"ms-", 24, "ModelScope"},
    Provider{"r8_", 24, "Replicate"},
    Provider{"LTAI", 16, "Alibaba Cloud"},
    Provider{"AKIA", 20, "AWS"},
};

using Found = std::optional<KeyProblem>;

KeyProblem problem(KeyDefect defect, std::string detail = {}, std::size_t position = 0) {
    KeyProblem result;
    result.defect = defect;
    result.detail = std::move(detail);
    result.position = position;
    return result;
}

// With the corrected key, where what is left is a clean one.
KeyProblem corrected_problem(KeyDefect defect, std::string_view rest, const std::optional<Character>& blamed = {}) {
    KeyProblem result = problem(defect);
    if (blamed) {
        result.detail = describe(blamed->c);
        result.position = blamed->position;
    }
    const std::string_view key = python_strip(rest);
    if (!key.empty() && !find_sample_key(key) && !find_key_problem(key)) {
        result.corrected.emplace(key);
    }
    return result;
}

// Without empty parts.
std::vector<std::string_view> split_at(std::string_view text, std::string_view marks) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(marks), text.size());
        if (end > 0) {
            parts.push_back(text.substr(0, end));
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

// What pages, chats and reports put in the place of a key's middle. No key has a star; a dot may stand once in one.
bool is_masked_copy(std::string_view value) {
    static constexpr std::array<std::string_view, 16> kMarks{"*", "..", "…",  "•", "·", "●", "○", "∙",
                                                             "⋅", "・", "＊", "∗", "✱", "█", "▒", "■"};
    const bool marked = std::any_of(kMarks.begin(), kMarks.end(), [&](std::string_view mark) {
        const std::size_t at = value.find(mark);
        return at != std::string_view::npos;
    });
    // "sk-abcXXXXXXXXXXXXxyz"
    constexpr std::size_t kRun = 8;
    return marked || value.find(std::string(kRun, 'x')) != std::string_view::npos ||
           value.find(std::string(kRun, 'X')) != std::string_view::npos;
}

Found find_wrapping(std::string_view value) {
    if (const std::size_t end = value.find('\n'); end != std::string_view::npos) {
        const std::vector<std::string_view> pieces = split_at(value, "\n");
        if (const std::optional<std::string> whole = join_key_pieces(pieces)) {
            KeyProblem result = problem(KeyDefect::broken, piece_counts(pieces));
            result.corrected.emplace(*whole);
            return result;
        }
        return corrected_problem(KeyDefect::continued, value.substr(0, end));
    }
    if (value.size() > bounds::kKeyBytes) {
        return problem(KeyDefect::too_long);
    }
    if (value.front() == '=' || value.front() == ':') {
        const std::size_t key = std::min(value.find_first_not_of("=: 	"), value.size());
        return corrected_problem(KeyDefect::double_delimiter, value.substr(key));
    }
    if (const std::string inner = without_enclosing(value); inner != value) {
        return corrected_problem(KeyDefect::quotes, inner);
    }
    std::string_view rest = value;
    if (remove_prefix_ignoring_case(rest, "bearer") && (rest.empty() || !is_key_character(rest.front()))) {
        return corrected_problem(KeyDefect::bearer, rest);
    }
    if (contains_ignoring_case(value, "://")) {
        return problem(KeyDefect::url);
    }
    return std::nullopt;
}

Found find_label(std::string_view value) {
    static constexpr std::array<std::string_view, 7> kLabels{"api_key", "api-key",       "api key", "apikey",
                                                             "token",   "authorization", "key"};
    std::string_view rest = value;
    if (!remove_any_prefix(rest, kLabels)) {
        return std::nullopt;
    }
    rest = python_strip_left(rest);
    for (const std::string_view delimiter : {"=", ":", "：", "＝"}) {
        if (rest.starts_with(delimiter)) {
            return corrected_problem(KeyDefect::label, rest.substr(delimiter.size()));
        }
    }
    return std::nullopt;
}

// Where keys begin: "sk-" and enough behind it.
std::vector<std::size_t> key_starts(std::string_view value) {
    std::vector<std::size_t> starts;
    for (std::size_t at = value.find(kKeyPrefix); at != std::string_view::npos;
         at = value.find(kKeyPrefix, at + kKeyPrefix.size())) {
        const std::string_view tail = value.substr(at + kKeyPrefix.size());
        const auto end = std::find_if_not(tail.begin(), tail.end(), is_alphanumeric);
        if (end - tail.begin() >= 16) {
            starts.push_back(at);
        }
    }
    return starts;
}

// The key that stands there again and again, whatever separates the copies; empty where something else is there too.
std::string_view repeated_key(std::string_view value, const std::vector<std::size_t>& starts) {
    if (starts.front() != 0) {
        return {};
    }
    std::string_view first;
    for (std::size_t index = 0; index < starts.size(); ++index) {
        const std::size_t end = index + 1 < starts.size() ? starts[index + 1] : value.size();
        std::string_view piece = value.substr(starts[index], end - starts[index]);
        while (!piece.empty() && !is_alphanumeric(piece.back())) {
            piece.remove_suffix(1);
        }
        if (index > 0 && piece != first) {
            return {};
        }
        first = piece;
    }
    return first;
}

Found find_extra_text(std::string_view value) {
    const std::size_t comment = find_comment(value);
    const std::string_view before = value.substr(0, comment);
    if (is_masked_copy(before)) {
        return problem(KeyDefect::masked_copy);
    }
    if (const std::vector<std::size_t> starts = key_starts(before); starts.size() > 1) {
        const std::string_view key = repeated_key(before, starts);
        return key.empty() ? problem(KeyDefect::two_keys) : corrected_problem(KeyDefect::repeated, key);
    }
    if (comment != std::string_view::npos) {
        return corrected_problem(KeyDefect::comment, before);
    }
    return std::nullopt;
}

Found find_bad_character(std::string_view value) {
    if (const auto found = first_character(value, is_invisible)) {
        return corrected_problem(KeyDefect::invisible,
                                 transform(value, [](char32_t c) { return is_invisible(c) ? 0 : c; }), found);
    }
    if (const auto found = first_character(value, is_full_width)) {
        return corrected_problem(KeyDefect::full_width, transform(value, to_half_width), found);
    }
    if (const auto found = first_character(value, is_python_space)) {
        KeyProblem spaced = problem(KeyDefect::inner_space, describe(found->c), found->position);
        const std::string plain = transform(value, [](char32_t c) { return is_python_space(c) ? U' ' : c; });
        if (const std::optional<std::string> whole = join_key_pieces(split_at(plain, " "))) {
            spaced.corrected.emplace(*whole);
        }
        return spaced;
    }
    if (const auto found = first_character(value, [](char32_t c) { return c >= 0x80; })) {
        return problem(KeyDefect::non_ascii, describe(found->c), found->position);
    }
    const auto found =
        first_character(value, [](char32_t c) { return !is_key_character(static_cast<char>(c)) && c != '.'; });
    if (!found) {
        return std::nullopt;
    }
    const bool last = found->offset + 1 == value.size();
    return last ? corrected_problem(KeyDefect::stray_character, value.substr(0, found->offset), found)
                : problem(KeyDefect::stray_character, describe(found->c), found->position);
}

Found find_wrong_form(std::string_view value) {
    const auto other = std::find_if(kOtherProviders.begin(), kOtherProviders.end(), [&](const Provider& provider) {
        return value.starts_with(provider.prefix) && value.size() >= provider.shortest;
    });
    if (other != kOtherProviders.end()) {
        return problem(KeyDefect::other_provider, std::string(other->name));
    }
    if (value.size() < kShortestKey) {
        return problem(KeyDefect::too_short);
    }
    if (!value.starts_with(kKeyPrefix)) {
        return std::nullopt;
    }
    const std::string_view tail = value.substr(kKeyPrefix.size());
    const auto end =
        static_cast<std::size_t>(std::find_if_not(tail.begin(), tail.end(), is_alphanumeric) - tail.begin());
    if (end == tail.size() && end < kKeyTail) {
        return problem(KeyDefect::cut_short);
    }
    if (end == kKeyTail && tail.size() > end && tail[end] == '-') {
        KeyProblem result = problem(KeyDefect::suffix);
        result.corrected.emplace(value.substr(0, kKeyPrefix.size() + kKeyTail));
        return result;
    }
    return std::nullopt;
}

}  // namespace

std::string_view key_defect_name(KeyDefect defect) {
    switch (defect) {
        case KeyDefect::broken: return "broken";
        case KeyDefect::continued: return "continued";
        case KeyDefect::quotes: return "quotes";
        case KeyDefect::double_delimiter: return "double-delimiter";
        case KeyDefect::label: return "label";
        case KeyDefect::bearer: return "bearer";
        case KeyDefect::url: return "url";
        case KeyDefect::masked_copy: return "masked-copy";
        case KeyDefect::two_keys: return "two-keys";
        case KeyDefect::repeated: return "repeated";
        case KeyDefect::comment: return "comment";
        case KeyDefect::invisible: return "invisible";
        case KeyDefect::full_width: return "full-width";
        case KeyDefect::non_ascii: return "non-ascii";
        case KeyDefect::inner_space: return "inner-space";
        case KeyDefect::stray_character: return "stray-character";
        case KeyDefect::other_provider: return "other-provider";
        case KeyDefect::cut_short: return "cut-short";
        case KeyDefect::suffix: return "suffix";
        case KeyDefect::too_long: return "too-long";
        case KeyDefect::too_short: break;
    }
    return "too-short";
}

std::optional<KeyProblem> find_key_problem(std::string_view value) {
    if (value.empty()) {
        return problem(KeyDefect::too_short);
    }
    for (const auto find : {find_wrapping, find_label, find_extra_text, find_bad_character, find_wrong_form}) {
        if (Found found = find(value)) {
            return found;
        }
    }
    return std::nullopt;
}

}  // namespace banana
