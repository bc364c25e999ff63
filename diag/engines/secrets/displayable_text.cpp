#include "displayable_text.hpp"

#include "banana/ascii.hpp"
#include "banana/secret.hpp"
#include "redaction.hpp"
#include "sample_key.hpp"
#include "secret_names.hpp"
#include "text.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <array>

namespace banana {
namespace {

constexpr std::size_t kShortestJoined = 16;  // pieces that together are as long as a key

bool is_run_character(char c) {
    return is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
}

// Full-width letters, digits and signs as ASCII.
std::string narrow(std::string_view text) {
    std::string out;
    for (std::size_t offset = 0; offset < text.size();) {
        const std::size_t first = offset;
        const char32_t c = utf8::next(text, offset);
        const char32_t ascii = c - 0xFEE0;
        const bool wide = c >= 0xFF01 && c <= 0xFF5E && is_run_character(static_cast<char>(ascii));
        wide ? append_utf8(out, ascii) : void(out.append(text.substr(first, offset - first)));
    }
    return out;
}

// The words of the sample file, of the plugin's options and of their usual misspellings, in lower case.
bool is_known_word(std::string_view word) {
    static constexpr std::array<std::string_view, 48> kWords{
        "api",       "key",       "keys",      "apikey",    "apikeys",      "gemini",   "google",     "banana",
        "balance",   "cost",      "factor",    "max",       "workers",      "network",  "cap",        "bypass",
        "proxy",     "base",      "url",       "enc",       "modelscope",   "your",     "here",       "example",
        "geminikey", "config",    "settings",  "comfyui",   "custom",       "nodes",    "default",    "geminiapikey",
        "replace",   "password",  "username",  "generator", "googleapikey", "imagen",   "ini",        "bananaapikey",
        "https",     "localhost", "duplicate", "section",   "option",       "comments", "parameters", "configuration"};
    return std::find(kWords.begin(), kWords.end(), to_lower_ascii(word)) != kWords.end();
}

// Made of known words only, as `api_key`, or a number, or a sample of our table.
bool is_harmless(std::string_view run) {
    if (run.find_first_not_of("0123456789.") == std::string_view::npos || find_sample_key(run)) {
        return true;
    }
    while (!run.empty()) {
        const std::size_t end = std::min(run.find_first_of("-_."), run.size());
        if (end > 0 && !is_known_word(run.substr(0, end))) {
            return false;
        }
        run.remove_prefix(std::min(end + 1, run.size()));
    }
    return true;
}

// Letters with digits among them, or a capital behind a small letter: no word looks so.
bool is_odd(std::string_view piece) {
    const bool digit = std::any_of(piece.begin(), piece.end(), is_digit);
    const bool letter = std::any_of(piece.begin(), piece.end(), is_letter);
    const auto turn = std::adjacent_find(piece.begin(), piece.end(),
                                         [](char before, char c) { return is_lower(before) && is_upper(c); });
    return (digit && letter) || turn != piece.end();
}

struct Piece {
    std::size_t begin;
    std::size_t end;
    bool masked;
};

std::vector<Piece> pieces_of(std::string_view text) {
    std::vector<Piece> pieces;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = at;
        while (at < text.size() && is_run_character(text[at])) {
            ++at;
        }
        if (at == begin) {
            ++at;
            continue;
        }
        const std::string_view run = text.substr(begin, at - begin);
        pieces.push_back({begin, at, run.size() >= kTellingPart && !is_harmless(run)});
    }
    return pieces;
}

// Pieces with few other characters between them, half of which no word looks like, are a broken key.
void mask_broken_keys(std::string_view text, std::vector<Piece>& pieces) {
    constexpr std::size_t kWidestGap = 6;
    for (std::size_t first = 0; first < pieces.size();) {
        std::size_t last = first;
        std::size_t length = 0;
        std::size_t odd = 0;
        for (; last < pieces.size(); ++last) {
            const Piece& piece = pieces[last];
            const std::string_view run = text.substr(piece.begin, piece.end - piece.begin);
            const bool apart = last > first && piece.begin - pieces[last - 1].end > kWidestGap;
            if (apart || (run.size() > 1 && is_harmless(run))) {
                break;
            }
            length += run.size();
            odd += is_odd(run) || run.size() == 1 ? 1 : 0;
        }
        if (length >= kShortestJoined && odd * 2 >= last - first) {
            std::for_each(pieces.begin() + static_cast<std::ptrdiff_t>(first),
                          pieces.begin() + static_cast<std::ptrdiff_t>(last),
                          [](Piece& piece) { piece.masked = true; });
        }
        first = std::max(last, first + 1);
    }
}

// As long a run of letters and digits as only a key has; a time stamp has two letters.
bool looks_like_key(std::string_view name) {
    constexpr std::size_t kShortestMixed = 16;
    constexpr std::size_t kShortestLetters = 24;
    constexpr std::ptrdiff_t kFewLetters = 2;
    for (std::size_t at = 0; at < name.size();) {
        const std::size_t begin = at;
        while (at < name.size() && is_alphanumeric(name[at])) {
            ++at;
        }
        const std::string_view run = name.substr(begin, at - begin);
        const auto letters = std::count_if(run.begin(), run.end(), is_letter);
        const bool digits = letters < static_cast<std::ptrdiff_t>(run.size());
        if (letters > kFewLetters && run.size() >= (digits ? kShortestMixed : kShortestLetters)) {
            return true;
        }
        at += at == begin ? 1 : 0;
    }
    return false;
}

bool has_known_extension(std::string_view path) {
    static constexpr std::array<std::string_view, 12> kExtensions{".txt", ".json", ".md",  ".html", ".prom", ".ini",
                                                                  ".log", ".pem",  ".crt", ".cer",  ".key",  ".py"};
    const std::string lower = to_lower_ascii(path);
    return std::any_of(kExtensions.begin(), kExtensions.end(),
                       [&](std::string_view extension) { return lower.ends_with(extension); });
}

}  // namespace

std::string mask_possible_keys(std::string_view text) {
    const std::string plain = narrow(text);
    std::vector<Piece> pieces = pieces_of(plain);
    mask_broken_keys(plain, pieces);
    std::string out;
    std::size_t done = 0;
    for (const Piece& piece : pieces) {
        if (piece.masked) {
            out.append(plain, done, piece.begin - done).append("…");
            done = piece.end;
        }
    }
    return out.append(plain, done);
}

std::string displayable_path(const std::filesystem::path& path) {
    const std::string text = sanitize(path_text(path));
    const bool is_path = text.find_first_of("/\\") != std::string::npos || has_known_extension(text);
    return is_path && !looks_like_key(text) ? Redactor().scrub(text) : std::string("…");
}

std::vector<std::string> masked_arguments(const std::vector<std::string>& arguments) {
    std::vector<std::string> shown;
    bool secret_follows = false;
    for (const std::string& argument : arguments) {
        const bool option = argument.starts_with('-');
        const std::size_t sign = argument.find('=');
        const bool secret_option = option && is_secret_name(std::string_view(argument).substr(0, sign));
        if (secret_option && sign != std::string::npos) {
            shown.push_back(argument.substr(0, sign + 1) + "…");
        } else {
            shown.push_back(!option && secret_follows ? std::string("…") : argument);
        }
        secret_follows = secret_option && sign == std::string::npos;
    }
    return shown;
}

}  // namespace banana
