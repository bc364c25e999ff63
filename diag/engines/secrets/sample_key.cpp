#include "sample_key.hpp"

#include "banana/ascii.hpp"
#include "key_text.hpp"
#include "python_text.hpp"

#include <algorithm>
#include <array>

namespace banana {
namespace {

using namespace key_text;

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

// Lower case, half width, without separators, invisible characters, quotes and brackets.
std::string bare_form(std::string_view value) {
    const std::string half = transform(value, [](char32_t c) { return is_invisible(c) ? 0 : to_half_width(c); });
    return transform(python_lower(half), [](char32_t c) -> char32_t {
        const bool separator = c == '-' || c == '_' || c == '.' || c == '!' || c == 0x2026 || is_python_space(c);
        return separator || is_enclosing(c) ? 0 : c;
    });
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

}  // namespace banana
