// What a line of config.ini can be to somebody who mends the file.
#pragma once

#include <string_view>

namespace banana::mending {

bool is_comment(std::string_view line);
bool is_blank(std::string_view line);
bool is_pure_key_text(std::string_view text);
bool holds_piece_of_key(std::string_view text);
bool is_header_line(std::string_view line);
// Prose that somebody wrote without a `#`: several words or other letters than Latin ones, and nothing in it that could
// be a key or an option.
bool is_remark(std::string_view line);
bool is_key_or_none(std::string_view value);
// `note=8` is meant as an option, `Note: mine` above a header is prose.
bool may_be_option(std::string_view line, bool header_follows);

}  // namespace banana::mending
