#include "mending_lines.hpp"

#include "config_options.hpp"
#include "config_words.hpp"
#include "key_cleaning.hpp"
#include "key_text.hpp"
#include "python_text.hpp"
#include "sample_key.hpp"

#include <algorithm>
#include <string>

namespace banana::mending {
namespace {

constexpr std::size_t kPieceOfKey = 16;  // a run of that many characters may be one

}  // namespace

bool is_comment(std::string_view line) {
    const std::string_view text = python_strip(line);
    return text.starts_with('#') || text.starts_with(';');
}

bool is_blank(std::string_view line) {
    return python_strip(line).empty();
}

bool is_pure_key_text(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), key_text::is_key_character);
}

bool holds_piece_of_key(std::string_view text) {
    std::size_t run = 0;
    for (const char c : text) {
        run = key_text::is_key_character(c) ? run + 1 : 0;
        if (run >= kPieceOfKey) {
            return true;
        }
    }
    return false;
}

bool is_header_line(std::string_view line) {
    return python_strip(line).starts_with('[') || !meant_header(line).empty();
}

bool is_remark(std::string_view line) {
    const std::string_view text = python_strip(line);
    const bool words =
        std::any_of(text.begin(), text.end(), [](char c) { return c == ' ' || static_cast<unsigned char>(c) >= 0x80; });
    return words && !holds_piece_of_key(text) && !is_header_line(text) && meant_option(text).empty() &&
           find_full_width_delimiter(text) == std::string_view::npos && text.find_first_of("=:") == text.npos;
}

bool is_key_or_none(std::string_view value) {
    return value.empty() || find_sample_key(value) || clean_key(value).has_value();
}

bool may_be_option(std::string_view line, bool header_follows) {
    const std::string_view text = python_strip(line);
    const std::size_t delimiter = text.find_first_of("=:");
    if (delimiter == std::string_view::npos) {
        return false;
    }
    const bool prose = text[delimiter] == ':' && text.substr(delimiter + 1).starts_with(' ');
    return !header_follows || (!prose && is_pure_key_text(python_strip(text.substr(0, delimiter))));
}

}  // namespace banana::mending
