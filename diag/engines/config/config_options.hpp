// The options of config.ini beside the key: what each version family makes of a value that it cannot use.
#pragma once

#include "banana/context.hpp"
#include "ini_reader.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banana {

inline constexpr std::string_view kPluginSection = "gemini";  // of config.ini

struct OptionProblem {
    std::string_view option;
    std::string_view
        kind;           // "number", "range", "whole-number", "not-positive", "switch", "encoded-url", "interpolation"
    std::string value;  // as read; empty where interpolation fails
    std::string used;   // what the plugin uses instead; empty where that is not documented
    int line = 0;
};

// The name of every option that config.ini is known to have beside api_key, in the order of the report's facts.
std::vector<std::string_view> known_options();

// Which family's rules hold; `install` may be unknown (only --config was given).
std::vector<OptionProblem> find_option_problems(const IniFile& file, const Install* install);

// api_base_url_enc: base64 of the address's UTF-8 bytes, each XOR 7. None where absent or where the plugin falls back
// to its default.
std::optional<std::string> base_url_of(const IniFile& file, std::string_view section, const Install* install);

}  // namespace banana
