#include "key_cleaning.hpp"

#include "api_key.hpp"
#include "key_text.hpp"
#include "python_text.hpp"
#include "sample_key.hpp"

#include <algorithm>
#include <iterator>

namespace banana {
namespace {

bool is_whole_key(std::string_view text) {
    return text.size() == key_text::kKeyPrefix.size() + key_text::kKeyTail && text.starts_with(key_text::kKeyPrefix) &&
           !find_key_problem(text);
}

}  // namespace

std::optional<CleanedKey> clean_key(std::string_view value) {
    std::string key(python_strip(value));
    std::string comment;
    for (int round = 0; round < kKeyRounds && !key.empty() && !find_sample_key(key); ++round) {
        const auto problem = find_key_problem(key);
        if (!problem) {
            return CleanedKey{Secret(key), comment};
        }
        const std::string before = key;
        switch (problem->defect) {
            case KeyDefect::quotes: key = key_text::without_enclosing(key); break;
            case KeyDefect::double_delimiter: key.erase(0, std::min(key.find_first_not_of("=: \t"), key.size())); break;
            case KeyDefect::bearer: key.erase(0, std::string_view("bearer").size()); break;
            case KeyDefect::invisible:
                key = key_text::transform(key, [](char32_t c) { return key_text::is_invisible(c) ? 0 : c; });
                break;
            case KeyDefect::full_width: key = key_text::transform(key, key_text::to_half_width); break;
            case KeyDefect::comment: {
                const std::size_t at = key_text::find_comment(key);
                comment = key.substr(at);
                key.erase(at);
                break;
            }
            case KeyDefect::inner_space: {
                std::string joined;
                std::copy_if(key.begin(), key.end(), std::back_inserter(joined),
                             [](char c) { return c != ' ' && c != '\t'; });
                key = is_whole_key(joined) ? joined : std::string();
                break;
            }
            case KeyDefect::label:
            case KeyDefect::stray_character:
                key = problem->corrected ? std::string(problem->corrected->reveal()) : std::string();
                break;
            default: return std::nullopt;
        }
        key = python_strip(std::string(key));
        if (key == before) {
            return std::nullopt;
        }
    }
    return std::nullopt;
}

}  // namespace banana
