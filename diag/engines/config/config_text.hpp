// config.ini as text for people: what is wrong on which line, and the whole file put right. A guess at what the user
// meant, kept apart from the exact reading in ini_reader.
#pragma once

#include "config_encoding.hpp"
#include "ini_reader.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banana {

// Universal newlines; the terminators are left out.
std::vector<std::string> split_lines(std::string_view text);

// What kind of mistake a line is that made the parser raise: "text-before-header", "no-header", "slash-comment",
// "code-fence", "open-bracket", "full-width-bracket", "no-delimiter", "full-width-delimiter", "control-z",
// "empty-name", "invisible", "nul", "bare-key", "text".
std::string_view line_mistake(std::string_view line, IniErrorKind kind);

struct ProposedConfig {
    std::vector<std::string> lines;
    bool parses = false;      // the real reader accepts it now
    bool key_certain = true;  // false where a choice was made that could have been meant otherwise
};
// What makes the file readable. Where that is certain, it is what `fix` writes; else a proposal to choose from: headers
// and delimiters put right, lines that are neither option nor comment commented out, duplicates commented out.
ProposedConfig propose_config(std::string_view bytes, const DecodedConfig& decoded);

// "JSON", "YAML", "RTF" or "XML" where the text is no INI file but of that form; empty otherwise.
std::string_view other_format(std::string_view text);

// Whether an invisible character is all that keeps the text from being a header, comment or known option.
bool looks_right_without_invisible(std::string_view text);

// A section name that was meant to be `gemini`; none when none is near.
const IniSection* near_section(const IniFile& file);

struct NearOption {
    std::string kind;  // "name", "command", "after-header", "section", "swallowed", "commented"
    std::string name;  // as written (the section's name for "section")
    int line = 0;
    std::string swallowed_by;  // the option whose value it became part of
};
// Where the api_key that the parser does not see stands; none when there is no trace of one.
std::optional<NearOption> near_api_key(const IniFile& file, const std::vector<std::string>& lines);

// A line as it may be shown: sanitised, keys and tokens masked, bounded.
std::string masked_config_line(std::string_view line);

// The whole file with the api_key line of [gemini] set to the token <YOUR-KEY>, other keys and tokens masked,
// everything else kept; at most 60 lines.
std::string corrected_config(const ProposedConfig& proposed);

}  // namespace banana
