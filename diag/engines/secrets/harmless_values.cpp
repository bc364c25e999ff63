#include "harmless_values.hpp"

#include "banana/ascii.hpp"
#include "base64.hpp"
#include "sample_key.hpp"
#include "text.hpp"

#include <algorithm>
#include <cstddef>
#include <string>

namespace banana {

// Of the other samples (`changeme`, `secret`) people make passwords. Something longer is more than a sample.
bool is_sample_text(std::string_view value) {
    constexpr std::size_t kLongestSample = 48;
    return value.size() <= kLongestSample && contains_ignoring_case(value, "key") && find_sample_key(value);
}

bool is_prose(std::string_view text) {
    constexpr std::size_t kLongestWord = 12;
    std::size_t word = 0;
    for (const char c : text) {
        const bool small = is_lower(c);
        word = small ? word + 1 : 0;
        if ((!small && std::string_view(" ,.?!").find(c) == std::string_view::npos) || word > kLongestWord) {
            return false;
        }
    }
    return true;
}

bool is_path_or_name(std::string_view value) {
    constexpr std::size_t kLongestWord = 15;
    std::size_t word = 0;
    std::size_t words = 0;
    bool digit_among_letters = false;
    for (std::size_t at = 0; at < value.size(); ++at) {
        const char c = value[at];
        if (std::string_view("-_./").find(c) != std::string_view::npos) {
            words += word > 0 ? 1 : 0;
            word = 0;
            continue;
        }
        const bool small = is_lower(c);
        const bool digit = is_digit(c);
        const bool capital = is_upper(c) && word == 0;
        if (!small && !digit && !capital && !(is_upper(c) && value.front() == '/')) {
            return false;
        }
        digit_among_letters = digit_among_letters || (digit && word > 3);
        if (++word > kLongestWord) {
            return false;
        }
    }
    return words > 0 && !digit_among_letters;
}

namespace {

bool is_port(std::string_view text) {
    constexpr std::size_t kMostDigits = 5;
    return !text.empty() && text.size() <= kMostDigits && std::all_of(text.begin(), text.end(), is_digit);
}

}  // namespace

bool is_plain_address(std::string_view text) {
    constexpr std::size_t kLongestWord = 20;
    for (const std::string_view scheme : {std::string_view("https://"), std::string_view("http://")}) {
        if (!text.starts_with(scheme)) {
            continue;
        }
        text.remove_prefix(scheme.size());
        const std::string_view authority = text.substr(0, text.find('/'));
        const std::size_t colon = authority.find(':');
        if (colon != std::string_view::npos && !is_port(authority.substr(colon + 1))) {
            return false;  // a password may stand there
        }
        std::size_t word = 0;
        return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
            const bool divides = std::string_view(".-:/").find(c) != std::string_view::npos;
            word = divides ? 0 : word + 1;
            return (divides || is_alphanumeric(c)) && word <= kLongestWord;
        });
    }
    return false;
}

bool is_encoded_address(std::string_view value) {
    constexpr char kMask = 7;
    constexpr std::size_t kLongest = 400;  // bytes, encoded
    if (value.size() > kLongest) {
        return false;
    }
    std::string address = base64_beginning(value);
    for (char& c : address) {
        c = static_cast<char>(c ^ kMask);
    }
    return is_plain_address(address);
}

}  // namespace banana
