#include "python_json.hpp"

#include "banana/ascii.hpp"
#include "banana/bounds.hpp"
#include "utf8.hpp"

#include <boost/json/parse.hpp>
#include <string>

namespace banana {
namespace {

namespace json = boost::json;

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
    const std::string text = without_python_extras(utf8::repaired(body));
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
