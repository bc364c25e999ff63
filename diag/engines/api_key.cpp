#include "engines/api_key.hpp"

#include "banana/ascii.hpp"
#include "banana/bounds.hpp"
#include "banana/invisible.hpp"
#include "engines/python_text.hpp"
#include "engines/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace banana {
namespace {

constexpr std::size_t kKeyTail = 48;        // new-api: `sk-` and 48 letters and digits
constexpr std::size_t kShortestKey = 20;    // below this no service's key is known
constexpr std::size_t kSampleWordRun = 16;  // a longer run of letters and digits is a key, not a word

struct SampleKey {
    std::string_view shown;
    std::string_view bare;  // lower case, without separators
};

// What example files, plugin code and tutorials put where the key belongs.
constexpr std::array kSamples{
    SampleKey{"YOUR_API_KEY_HERE", "yourapikeyhere"},
    SampleKey{"your-api-key-here", "yourapikeyhere"},
    SampleKey{"YOUR_API_KEY", "yourapikey"},
    SampleKey{"YOUR_KEY", "yourkey"},
    SampleKey{"YOUR_KEY_HERE", "yourkeyhere"},
    SampleKey{"you api_key", "youapikey"},
    SampleKey{"API_KEY", "apikey"},
    SampleKey{"API_KEY_HERE", "apikeyhere"},
    SampleKey{"MY_API_KEY", "myapikey"},
    SampleKey{"YOUR_TOKEN", "yourtoken"},
    SampleKey{"YOUR_TOKEN_HERE", "yourtokenhere"},
    SampleKey{"INSERT_YOUR_API_KEY_HERE", "insertyourapikeyhere"},
    SampleKey{"PUT_YOUR_API_KEY_HERE", "putyourapikeyhere"},
    SampleKey{"ENTER_YOUR_API_KEY", "enteryourapikey"},
    SampleKey{"REPLACE_WITH_YOUR_KEY", "replacewithyourkey"},
    SampleKey{"CHANGE_ME", "changeme"},
    SampleKey{"REPLACE_ME", "replaceme"},
    SampleKey{"PLACEHOLDER", "placeholder"},
    SampleKey{"None", "none"},
    SampleKey{"null", "null"},
    SampleKey{"undefined", "undefined"},
};
constexpr std::string_view kBlankedKey = "sk-xxxxxxxx";

// Words around "key": `insert your gemini api key here` is a sample though it has no line of its own above.
constexpr std::array<std::string_view, 12> kLeadingWords{"please", "insert", "enter", "put",  "paste", "add",
                                                         "fillin", "fill",   "type",  "with", "use",   "replace"};
constexpr std::array<std::string_view, 3> kOwners{"your", "you", "my"};
constexpr std::array<std::string_view, 7> kProviders{"gemini", "google", "banana", "openai", "own", "real", "secret"};
constexpr std::array<std::string_view, 5> kNouns{"apikey", "key", "apitoken", "token", "secret"};

struct Phrase {
    std::string_view part;
    std::string_view shown;
};

constexpr std::array kChinesePhrases{
    Phrase{"填写", "在此填写你的密钥"}, Phrase{"填寫", "在此填寫你的金鑰"}, Phrase{"填入", "在此填入你的密钥"},
    Phrase{"输入", "请输入你的密钥"},   Phrase{"輸入", "請輸入你的金鑰"},   Phrase{"粘贴", "在此粘贴你的密钥"},
    Phrase{"替换", "替换为你的密钥"},   Phrase{"替換", "替換為你的金鑰"},   Phrase{"改成", "改成你的密钥"},
    Phrase{"改为", "改为你的密钥"},     Phrase{"您的", "您的密钥"},         Phrase{"你的", "你的密钥"},
    Phrase{"示例", "示例密钥"},         Phrase{"密钥", "你的密钥"},         Phrase{"秘钥", "你的密钥"},
    Phrase{"密匙", "你的密钥"},         Phrase{"金鑰", "你的金鑰"},         Phrase{"令牌", "你的令牌"},
};

bool is_key_character(char c) {
    return is_alphanumeric(c) || c == '-' || c == '_';
}

bool is_invisible(char32_t c) {
    return (is_control_character(c) && c != '\t') || is_invisible_character(c);
}

bool is_full_width(char32_t c) {
    return c >= 0xFF01 && c <= 0xFF5E;
}

bool is_enclosing(char32_t c) {
    return std::u32string_view(U"\"'`<>()[]{}“”‘’«»‹›「」『』【】《》〈〉（）＂＇＜＞［］｛｝").find(c) !=
           std::u32string_view::npos;
}

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

// "U+200B ZERO WIDTH SPACE"; for a visible character without a name in the table the character itself: "U+4F60 你".
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
        append_utf8(text, c);
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
        const char32_t c = next_code_point(text, offset);
        ++position;
        if (matches(c)) {
            return Character{c, start, position};
        }
    }
    return std::nullopt;
}

// Each code point as `change` gives it; 0 leaves it out.
template <class Change>
std::string transform(std::string_view text, Change change) {
    std::string result;
    for (std::size_t offset = 0; offset < text.size();) {
        if (const char32_t c = change(next_code_point(text, offset)); c != 0) {
            append_utf8(result, c);
        }
    }
    return result;
}

char32_t to_half_width(char32_t c) {
    return is_full_width(c) ? c - 0xFEE0 : c == 0x3000 ? U' ' : c;
}

std::string without_enclosing(std::string_view text) {
    std::string_view rest = python_strip(text);
    for (bool changed = true; changed && !rest.empty();) {
        changed = false;
        std::size_t behind = 0;
        if (is_enclosing(next_code_point(rest, behind))) {
            rest = python_strip(rest.substr(behind));
            changed = true;
        }
        if (rest.empty()) {
            break;
        }
        std::size_t last = rest.size() - 1;
        while (last > 0 && (static_cast<unsigned char>(rest[last]) & 0xC0) == 0x80) {
            --last;
        }
        std::size_t offset = last;
        if (is_enclosing(next_code_point(rest, offset))) {
            rest = python_strip(rest.substr(0, last));
            changed = true;
        }
    }
    return std::string(rest);
}

// Offset of ` #…` or ` ;…`; npos when there is none.
std::size_t find_comment(std::string_view text) {
    for (std::size_t at = 1; at < text.size(); ++at) {
        const bool mark = text[at] == '#' || text[at] == ';' || text.substr(at, 2) == "//";
        if (mark && (text[at - 1] == ' ' || text[at - 1] == '\t')) {
            return at;
        }
    }
    return std::string_view::npos;
}

bool remove_prefix_ignoring_case(std::string_view& text, std::string_view prefix) {
    if (text.size() < prefix.size() || !equal_ignoring_case(text.substr(0, prefix.size()), prefix)) {
        return false;
    }
    text.remove_prefix(prefix.size());
    return true;
}

// Lower case, half width, without separators, invisible characters, quotes and brackets.
std::string bare_form(std::string_view value) {
    const std::string half = transform(value, [](char32_t c) { return is_invisible(c) ? 0 : to_half_width(c); });
    return transform(python_lower(half), [](char32_t c) -> char32_t {
        const bool separator = c == '-' || c == '_' || c == '.' || c == '!' || c == 0x2026 || is_python_space(c);
        return separator || is_enclosing(c) ? 0 : c;
    });
}

template <std::size_t Count>
bool remove_any_prefix(std::string_view& text, const std::array<std::string_view, Count>& words) {
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return remove_prefix_ignoring_case(text, word); });
}

bool is_worded_sample(std::string_view bare) {
    while (remove_any_prefix(bare, kLeadingWords)) {
    }
    remove_any_prefix(bare, kOwners);
    while (remove_any_prefix(bare, kProviders)) {
    }
    if (bare.ends_with("here")) {
        bare.remove_suffix(4);
    }
    return std::find(kNouns.begin(), kNouns.end(), bare) != kNouns.end();
}

std::size_t longest_word(std::string_view text) {
    std::size_t longest = 0;
    std::size_t run = 0;
    for (const char c : text) {
        run = is_alphanumeric(c) ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    return longest;
}

// Only `x`, `*` and dots, perhaps behind `sk-`.
bool is_blanked(std::string_view value) {
    const std::string bare = bare_form(value);
    std::string_view rest = bare;
    const bool prefixed = remove_prefix_ignoring_case(rest, "sk");
    const bool dots = rest.empty() && value.find("..") != std::string_view::npos;
    if (prefixed && dots) {
        return true;
    }
    return rest.size() >= 3 && rest.find_first_not_of("x*") == std::string_view::npos;
}

std::optional<std::string_view> find_bare_sample(std::string_view bare) {
    const auto entry =
        std::find_if(kSamples.begin(), kSamples.end(), [&](const SampleKey& sample) { return sample.bare == bare; });
    if (entry != kSamples.end()) {
        return entry->shown;
    }
    if (is_worded_sample(bare)) {
        return "YOUR_API_KEY";
    }
    if (longest_word(bare) >= kSampleWordRun) {
        return std::nullopt;
    }
    const auto phrase = std::find_if(kChinesePhrases.begin(), kChinesePhrases.end(),
                                     [&](const Phrase& p) { return bare.find(p.part) != std::string_view::npos; });
    return phrase == kChinesePhrases.end() ? std::nullopt : std::optional(phrase->shown);
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

Found find_wrapping(std::string_view value) {
    if (const std::size_t end = value.find('\n'); end != std::string_view::npos) {
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
    constexpr std::array<std::string_view, 7> kLabels{"api_key", "api-key",       "api key", "apikey",
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

std::size_t count_keys(std::string_view value) {
    std::size_t count = 0;
    for (std::size_t at = value.find("sk-"); at != std::string_view::npos; at = value.find("sk-", at + 3)) {
        const std::string_view tail = value.substr(at + 3);
        const auto end = std::find_if_not(tail.begin(), tail.end(), is_alphanumeric);
        count += end - tail.begin() >= 16 ? 1 : 0;
    }
    return count;
}

Found find_extra_text(std::string_view value) {
    if (value.find("***") != std::string_view::npos || value.find("...") != std::string_view::npos ||
        value.find("…") != std::string_view::npos || value.find("•") != std::string_view::npos) {
        return problem(KeyDefect::masked_copy);
    }
    const std::size_t comment = find_comment(value);
    const std::string_view before = value.substr(0, comment);
    if (count_keys(before) > 1) {
        return problem(KeyDefect::two_keys);
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
        return problem(KeyDefect::inner_space, describe(found->c), found->position);
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
    if (!value.starts_with("sk-")) {
        return std::nullopt;
    }
    const std::string_view tail = value.substr(3);
    const auto end =
        static_cast<std::size_t>(std::find_if_not(tail.begin(), tail.end(), is_alphanumeric) - tail.begin());
    if (end == tail.size() && end < kKeyTail) {
        return problem(KeyDefect::cut_short);
    }
    if (end == kKeyTail && tail.size() > end && tail[end] == '-') {
        KeyProblem result = problem(KeyDefect::suffix);
        result.corrected.emplace(value.substr(0, 3 + kKeyTail));
        return result;
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string_view> find_sample_key(std::string_view value) {
    const std::string_view stripped = python_strip(value);
    const auto exact = std::find_if(kSamples.begin(), kSamples.end(),
                                    [&](const SampleKey& sample) { return sample.shown == stripped; });
    if (exact != kSamples.end()) {
        return exact->shown;
    }
    const std::string inner = without_enclosing(stripped.substr(0, find_comment(stripped)));
    if (is_blanked(inner)) {
        return kBlankedKey;
    }
    const std::string bare = bare_form(inner);
    if (const auto found = find_bare_sample(bare)) {
        return found;
    }
    std::string_view rest = bare;
    const bool bearer = remove_prefix_ignoring_case(rest, "bearer");
    const bool prefix = remove_prefix_ignoring_case(rest, "sk");
    return (bearer || prefix) && !rest.empty() ? find_bare_sample(rest) : std::nullopt;
}

std::string_view key_defect_name(KeyDefect defect) {
    switch (defect) {
        case KeyDefect::continued: return "continued";
        case KeyDefect::quotes: return "quotes";
        case KeyDefect::double_delimiter: return "double-delimiter";
        case KeyDefect::label: return "label";
        case KeyDefect::bearer: return "bearer";
        case KeyDefect::url: return "url";
        case KeyDefect::masked_copy: return "masked-copy";
        case KeyDefect::two_keys: return "two-keys";
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
