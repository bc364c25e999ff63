#include "config_words.hpp"

#include "config_options.hpp"
#include "python_text.hpp"
#include "text.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <array>

namespace banana {
namespace {

constexpr std::array<std::string_view, 7> kKnownOptions{
    "api_key",      "balance_cost_factor", "max_workers",        "network_workers_cap",
    "bypass_proxy", "api_base_url_enc",    "modelscope_api_key",
};

}  // namespace

std::string meant_name(std::string_view text) {
    std::string name;
    for (std::size_t offset = 0; offset < text.size();) {
        char32_t c = utf8::next(text, offset);
        if (c >= 0xFF01 && c <= 0xFF5E) {
            c -= 0xFEE0;
        }
        const bool left_out = is_python_space(c) || c == '-' || c == '_' || c == '"' || c == '\'' || c == '`' ||
                              c == 0xFEFF || (c >= 0x200B && c <= 0x200F) || c < 0x20;
        if (!left_out) {
            append_utf8(name, c);
        }
    }
    return python_lower(name);
}

bool is_known_option(std::string_view meant) {
    return std::any_of(kKnownOptions.begin(), kKnownOptions.end(),
                       [&](std::string_view known) { return meant_name(known) == meant; });
}

bool means_api_key(std::string_view name) {
    static constexpr std::array<std::string_view, 9> kSpellings{
        "apikey", "apikeys", "key", "keyapi", "geminiapikey", "googleapikey", "bananaapikey", "geminikey", "token"};
    return std::find(kSpellings.begin(), kSpellings.end(), meant_name(name)) != kSpellings.end();
}

std::string_view without_command_word(std::string_view line) {
    static constexpr std::array<std::string_view, 8> kWords{"set", "setx", "export", "env",
                                                            "let", "var",  "const",  "declare"};
    static constexpr std::array<std::string_view, 2> kSigns{"$env:", "$"};
    std::string_view rest = python_strip_left(line);
    const std::string lower = to_lower_ascii(rest.substr(0, std::string_view("declare ").size()));
    for (const std::string_view word : kWords) {
        const bool is_it = std::string_view(lower).starts_with(word) && rest.size() > word.size() &&
                           (rest[word.size()] == ' ' || rest[word.size()] == '\t');
        if (is_it) {
            rest = python_strip_left(rest.substr(word.size()));
            // `set "api_key=…"` is how Windows' shell wants blanks.
            rest.remove_prefix(rest.starts_with('"') ? 1 : 0);
            return rest;
        }
    }
    for (const std::string_view sign : kSigns) {
        if (std::string_view(lower).starts_with(sign)) {
            return rest.substr(sign.size());
        }
    }
    return line;
}

std::string meant_section(std::string_view name) {
    static constexpr std::array<std::string_view, 4> kOpen{"[", "［", "【", "〔"};
    static constexpr std::array<std::string_view, 4> kClose{"]", "］", "】", "〕"};
    for (const std::string_view open : kOpen) {
        name.remove_prefix(name.starts_with(open) ? open.size() : 0);
    }
    std::size_t end = name.size();
    for (const std::string_view close : kClose) {
        end = std::min(end, name.find(close));
    }
    return meant_name(name.substr(0, end));
}

bool differs_by_one_letter(std::string_view a, std::string_view b) {
    if (a.size() > b.size()) {
        std::swap(a, b);
    }
    if (b.size() - a.size() > 1) {
        return false;
    }
    const auto [in_a, in_b] = std::mismatch(a.begin(), a.end(), b.begin());
    if (in_a == a.end()) {
        return true;
    }
    return a.size() == b.size() ? std::equal(in_a + 1, a.end(), in_b + 1, b.end())
                                : std::equal(in_a, a.end(), in_b + 1, b.end());
}

std::size_t find_full_width_delimiter(std::string_view line) {
    return std::min(line.find("＝"), line.find("："));
}

std::string meant_header(std::string_view line) {
    std::string_view rest = python_strip(line);
    bool bracket = false;
    for (const std::string_view open : {"[", "［", "【", "〔"}) {
        if (rest.starts_with(open)) {
            rest.remove_prefix(open.size());
            bracket = true;
        }
    }
    for (const std::string_view close : {"]", "］", "】", "〕"}) {
        if (rest.ends_with(close)) {
            rest.remove_suffix(close.size());
            bracket = true;
        }
    }
    return bracket && meant_name(rest) == kPluginSection ? "[gemini]" : "";
}

std::string meant_option(std::string_view line) {
    line = without_command_word(line);
    const std::size_t wide = find_full_width_delimiter(line);
    if (wide != std::string_view::npos && is_known_option(meant_name(line.substr(0, wide)))) {
        return std::string(line.substr(0, wide)) + " = " + std::string(python_strip(line.substr(wide + 3)));
    }
    const std::string_view stripped = python_strip(line);
    const std::size_t space = stripped.find_first_of(" \t");
    const std::string_view name = stripped.substr(0, space);
    if (stripped.find_first_of("=:") == std::string_view::npos && is_known_option(meant_name(name))) {
        const std::string_view value = space == std::string_view::npos ? "" : python_strip(stripped.substr(space));
        return std::string(name) + " = " + std::string(value);
    }
    return {};
}

bool is_option_line(std::string_view line) {
    line = without_command_word(line);
    const std::size_t delimiter = line.find_first_of("=:");
    return delimiter != std::string_view::npos && is_known_option(meant_name(line.substr(0, delimiter)));
}

std::string without_invisible(std::string_view line) {
    std::string text;
    for (std::size_t offset = 0; offset < line.size();) {
        const char32_t c = utf8::next(line, offset);
        if (c != 0xFEFF && c != 0x1A && (c < 0x200B || c > 0x200F) && c != 0) {
            append_utf8(text, c);
        }
    }
    return text;
}

}  // namespace banana
