#include "python_json.hpp"

#include "banana/ascii.hpp"
#include "banana/bounds.hpp"

#include <boost/json/parse.hpp>
#include <string>

namespace banana {
namespace {

namespace json = boost::json;

// U+FFFD in place of what is no UTF-8, as bytes.decode(errors="replace") does; all else untouched.
std::string replace_invalid_utf8(std::string_view body) {
    std::string out;
    out.reserve(body.size());
    std::size_t index = 0;
    while (index < body.size()) {
        const auto first = static_cast<unsigned char>(body[index]);
        const std::size_t length = first < 0x80   ? 1
                                   : first < 0xC2 ? 0
                                   : first < 0xE0 ? 2
                                   : first < 0xF0 ? 3
                                   : first < 0xF5 ? 4
                                                  : 0;
        bool valid = length > 0 && index + length <= body.size();
        for (std::size_t next = 1; valid && next < length; ++next) {
            valid = (static_cast<unsigned char>(body[index + next]) & 0xC0U) == 0x80U;
        }
        if (valid && length > 2) {
            const auto second = static_cast<unsigned char>(body[index + 1]);
            valid = !(first == 0xE0 && second < 0xA0) && !(first == 0xED && second > 0x9F) &&
                    !(first == 0xF0 && second < 0x90) && !(first == 0xF4 && second > 0x8F);
        }
        out += valid ? body.substr(index, length) : std::string_view("\xEF\xBF\xBD");
        index += valid ? length : 1;
    }
    return out;
}

bool is_word(char c) {
    return is_alphanumeric(c) || c == '_';
}

// Python takes NaN, Infinity and -Infinity for numbers and lone surrogate escapes for characters; Boost.JSON takes
// neither. Their places are filled: a number out of range, and U+FFFD.
std::string without_python_extras(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    bool in_string = false;
    for (std::size_t index = 0; index < text.size(); ++index) {
        const char c = text[index];
        if (in_string && c == '\\' && index + 1 < text.size()) {
            const auto is_surrogate = [&](std::size_t at, std::string_view thirds) {
                return at + 5 < text.size() && text[at] == '\\' && text[at + 1] == 'u' &&
                       (text[at + 2] == 'd' || text[at + 2] == 'D') &&
                       thirds.find(text[at + 3]) != std::string_view::npos;
            };
            constexpr std::string_view kHigh = "89abAB";
            constexpr std::string_view kLow = "cdefCDEF";
            if (is_surrogate(index, kHigh) && is_surrogate(index + 6, kLow)) {
                out += text.substr(index, 12);
                index += 11;
            } else if (is_surrogate(index, kHigh) || is_surrogate(index, kLow)) {
                out += "\\ufffd";
                index += 5;
            } else {
                out += text.substr(index, 2);
                ++index;
            }
            continue;
        }
        if (c == '"') {
            in_string = !in_string;
        }
        if (!in_string && (c == 'N' || c == 'I') && (index == 0 || !is_word(text[index - 1]))) {
            const std::string_view word = c == 'N' ? "NaN" : "Infinity";
            if (text.substr(index).starts_with(word)) {
                out += "1e999";
                index += word.size() - 1;
                continue;
            }
        }
        out += c;
    }
    return out;
}

}  // namespace

JsonReading read_python_json(std::string_view body) {
    JsonReading reading;
    const std::string text = without_python_extras(replace_invalid_utf8(body));
    json::parse_options options;
    options.max_depth = bounds::kUpstreamJsonDepth;
    json::error_code error;
    json::value value = json::parse(text, error, {}, options);
    if (!error) {
        reading.value = std::move(value);
    }
    reading.too_deep = error == json::error::too_deep;
    return reading;
}

}  // namespace banana
