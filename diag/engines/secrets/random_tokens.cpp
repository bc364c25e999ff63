#include "random_tokens.hpp"

#include "banana/ascii.hpp"
#include "banana/secret.hpp"
#include "base64.hpp"
#include "base64_blocks.hpp"
#include "harmless_values.hpp"
#include "randomness.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace banana {
namespace {

constexpr std::size_t kShortestRandomToken = 16;
constexpr std::size_t kLongestFileName = 40;  // a longer random name is a key that was given for one
constexpr std::string_view kJoints = ".+/:~";

bool is_word_character(char c) {
    return is_alphanumeric(c) || c == '_' || c == '-';
}

bool is_random_token_character(char c) {
    return is_word_character(c) || kJoints.find(c) != std::string_view::npos;
}

bool is_any_of(std::string_view text, std::string_view characters) {
    return !text.empty() && text.find_first_not_of(characters) == std::string_view::npos;
}

bool is_hex_token(std::string_view text) {
    return is_any_of(text, "0123456789abcdef") || is_any_of(text, "0123456789ABCDEF");
}

bool is_one_of(std::size_t size, std::initializer_list<std::size_t> sizes) {
    return std::find(sizes.begin(), sizes.end(), size) != sizes.end();
}

// RFC 9562: 8-4-4-4-12.
bool is_uuid_at(std::string_view text) {
    constexpr std::size_t kSize = 36;
    if (text.size() < kSize || (text.size() > kSize && is_alphanumeric(text[kSize]))) {
        return false;
    }
    for (std::size_t at = 0; at < kSize; ++at) {
        const bool hyphen = is_one_of(at, {8, 13, 18, 23});
        if (hyphen ? text[at] != '-' : hex_value(text[at]) < 0) {
            return false;
        }
    }
    return true;
}

bool has_any(std::string_view text, const auto& words) {
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

// Letters with digits or letters of both cases.
bool is_mixed(std::string_view text) {
    constexpr std::size_t kShortestMixed = 12;
    const bool digit = std::any_of(text.begin(), text.end(), is_digit);
    const bool small = std::any_of(text.begin(), text.end(), is_lower);
    const bool capital = std::any_of(text.begin(), text.end(), is_upper);
    return text.size() >= kShortestMixed && (small || capital) && (digit || (small && capital));
}

class TokenFinder {
public:
    explicit TokenFinder(std::string_view text) : text_(text) {}

    std::vector<Replacement> find() {
        for (std::size_t at = 0; at < text_.size();) {
            if (!is_random_token_character(text_[at])) {
                ++at;
                continue;
            }
            std::size_t end = at + 1;
            while (end < text_.size() && is_random_token_character(text_[end])) {
                ++end;
            }
            if (end - at >= kShortestRandomToken) {
                const std::size_t begin = behind_escape(at, end);
                behind_escape_ = begin > at ? begin : text_.size();
                token(begin, end);
            }
            at = end;
        }
        return std::move(found_);
    }

private:
    // The end of `\n`, `\u003d`, `%3D` or a colour that runs into the token is no part of it.
    [[nodiscard]] std::size_t behind_escape(std::size_t at, std::size_t end) const {
        const char before = at > 0 ? text_[at - 1] : '\0';
        const auto behind_digits = [&](std::size_t first, std::size_t count) {
            const std::string_view digits = text_.substr(first, count);
            const bool all = digits.size() == count &&
                             std::all_of(digits.begin(), digits.end(), [](char c) { return hex_value(c) >= 0; });
            return all ? std::min(end, first + count) : at;
        };
        if (before == '\\') {
            const char lead = text_[at];
            const bool simple = std::string_view("nrtbf").find(lead) != std::string_view::npos;
            return lead == 'u'   ? behind_digits(at + 1, 4)
                   : lead == 'x' ? behind_digits(at + 1, 2)
                                 : at + (simple ? 1 : 0);
        }
        if (before == '%') {
            return behind_digits(at, 2);
        }
        if (at >= 2 && before == '[' && text_[at - 2] == '\x1b') {
            return std::min(end, text_.find_first_of("mKJH", at) + 1);
        }
        return at;
    }

    // Hashes and UUIDs part a token; what lies between them is measured.
    void token(std::size_t begin, std::size_t end) {
        std::size_t from = begin;
        for (std::size_t at = begin; at < end;) {
            const bool starts = at == begin || !is_alphanumeric(text_[at - 1]);
            if (!starts || hex_value(text_[at]) < 0) {
                ++at;
                continue;
            }
            std::size_t stop = at + 1;
            while (stop < end && is_alphanumeric(text_[stop])) {
                ++stop;
            }
            if (is_uuid_at(text_.substr(at, end - at))) {
                stop = at + 36;
            } else if (!is_hex_token(text_.substr(at, stop - at)) || stop - at < kShortestRandomToken) {
                at = stop;
                continue;
            }
            measure(from, at);
            at = hash(at, stop, end);
            from = std::max(at, from);
        }
        measure(from, end);
    }

    // A run of hexadecimal digits or a UUID; returns where to go on.
    std::size_t hash(std::size_t begin, std::size_t end, std::size_t token_end) {
        // `id.secret`, `id:secret`
        if (end < token_end && (text_[end] == '.' || text_[end] == ':')) {
            std::size_t stop = end + 1;
            while (stop < token_end && is_word_character(text_[stop])) {
                ++stop;
            }
            const std::string_view secret = text_.substr(end + 1, stop - end - 1);
            constexpr std::size_t kShortestSecret = 10;
            if (secret.size() >= kShortestSecret && (randomness(secret) > 40 || is_mixed(secret) ||
                                                     (is_hex_token(secret) && secret.size() >= kShortestRandomToken))) {
                add(begin, stop);
                return stop;
            }
        }
        if (!is_harmless_hash(begin, end)) {
            add(begin, end);
        }
        return end;
    }

    [[nodiscard]] bool is_harmless_hash(std::size_t begin, std::size_t end) const {
        const std::string_view value = text_.substr(begin, end - begin);
        constexpr std::size_t kShortestHexKey = 20;
        if (value.size() < kShortestHexKey || value.find('-') != std::string_view::npos ||
            value.find_first_of("abcdefABCDEF") == std::string_view::npos ||
            value.find_first_of("0123456789") == std::string_view::npos || is_named_hash(begin, end)) {
            return true;
        }
        const char before = begin > 0 ? text_[begin - 1] : '\0';
        const char behind = end < text_.size() ? text_[end] : '\0';
        constexpr std::string_view kPath = "/\\";
        if (kPath.find(before) != std::string_view::npos || kPath.find(behind) != std::string_view::npos ||
            before == '_' || before == '-' || behind == '_' || behind == '-' || has_file_ending(end)) {
            return true;
        }
        const bool quoted = before == behind && (before == '"' || before == '\'');
        if (value.size() == 32) {
            return !quoted;
        }
        return is_one_of(value.size(), {40, 56, 64, 96, 128}) && !(quoted && !is_member(begin - 1));
    }

    // Whether a `:` or `=` stands before: a value under a name.
    [[nodiscard]] bool is_member(std::size_t quote) const {
        while (quote > 0 && text_[quote - 1] == ' ') {
            --quote;
        }
        return quote > 0 && (text_[quote - 1] == ':' || text_[quote - 1] == '=');
    }

    // Words on the line that say what a hash is of.
    [[nodiscard]] bool is_named_hash(std::size_t begin, std::size_t end) const {
        static constexpr std::array<std::string_view, 26> kWords{
            "sha1", "sha2",     "sha5",    "sha-",  "md5",         "hash",      "commit", "checksum", "digest",
            "git",  "revision", "rev ",    "etag",  "fingerprint", "blake",     "crc",    "blob",     "oid",
            "tree", "head",     "request", "trace", "prompt_id",   "client_id", "model",  "uuid"};
        static constexpr std::array<std::string_view, 8> kFiles{".safetensors", ".ckpt", ".pth", ".pt",
                                                                ".gguf",        ".onnx", ".bin", ".sft"};
        constexpr std::size_t kNear = 64;
        const LineSpan line = line_around(text_, begin);
        const std::size_t from = std::max(line.begin, begin - std::min(begin, kNear));
        const std::string before = to_lower_ascii(text_.substr(from, begin - from));
        const std::string behind = to_lower_ascii(text_.substr(end, std::min(line.end, end + kNear) - end));
        return has_any(before, kWords) || has_any(behind, kWords) || has_any(before, kFiles) ||
               has_any(behind, kFiles) || behind.starts_with("  ") || behind.starts_with(" *");
    }

    // A picture's, a model's, a library's, a script's: its name may be random.
    [[nodiscard]] bool has_file_ending(std::size_t end) const {
        static constexpr std::array<std::string_view, 26> kEndings{
            ".png",  ".jpg", ".jpeg", ".webp", ".gif",  ".bmp",   ".mp4", ".webm", ".safetensors",
            ".ckpt", ".pth", ".pt",   ".bin",  ".gguf", ".onnx",  ".sft", ".whl",  ".dll",
            ".pyd",  ".so",  ".js",   ".css",  ".map",  ".woff2", ".ttf", ".svg"};
        const std::string rest = to_lower_ascii(text_.substr(end, 16));
        return std::any_of(kEndings.begin(), kEndings.end(), [&](std::string_view ending) {
            return rest.starts_with(ending) && (rest.size() == ending.size() || !is_alphanumeric(rest[ending.size()]));
        });
    }

    void measure(std::size_t begin, std::size_t end) {
        while (begin < end && end - begin >= kShortestRandomToken) {
            const auto stretch = find_random_stretch(text_.substr(begin, end - begin));
            if (!stretch) {
                return;
            }
            const std::size_t first = begin_of_value(begin + stretch->begin, begin);
            const std::size_t last = end_of_value(begin + stretch->end, end);
            if (!is_harmless(first, last)) {
                add(first, last);
            }
            begin = last;
        }
    }

    // The digits of base64 from end to end around the stretch.
    [[nodiscard]] std::string_view whole_base64(std::size_t begin, std::size_t end) const {
        while (begin > 0 && is_base64_digit(text_[begin - 1])) {
            --begin;
        }
        while (end < text_.size() && is_base64_digit(text_[end])) {
            ++end;
        }
        return text_.substr(begin, end - begin);
    }

    [[nodiscard]] bool is_harmless(std::size_t begin, std::size_t end) const {
        const std::string_view value = text_.substr(begin, end - begin);
        const bool address = value.starts_with("0x") && is_hex_token(value.substr(2));
        if (address || is_sample_text(value) || is_mangled_symbol(value) || is_base64_data(text_, begin, end) ||
            is_encoded_address(whole_base64(begin, end))) {
            return true;
        }
        if (end - begin < kLongestFileName && has_file_ending(end)) {
            return true;
        }
        static constexpr std::array<std::string_view, 5> kHashes{"sha256", "sha384", "sha512", "sha1", "h1:"};
        static constexpr std::array<std::string_view, 5> kRequests{"request id", "request_id", "request-id",
                                                                   "requestid", "trace"};
        constexpr std::size_t kNear = 24;
        constexpr std::size_t kLongestId = 40;
        const std::string before = to_lower_ascii(text_.substr(begin - std::min(begin, kNear), std::min(begin, kNear)));
        const std::string_view close =
            std::string_view(before).substr(before.size() - std::min<std::size_t>(before.size(), 8));
        return has_any(close, kHashes) || has_any(to_lower_ascii(value.substr(0, 8)), kHashes) ||
               (value.size() <= kLongestId && has_any(before, kRequests));
    }

    // Itanium C++ ABI and Rust.
    static bool is_mangled_symbol(std::string_view value) {
        return (value.starts_with("_Z") || value.starts_with("_R") || value.starts_with("__Z")) && value.size() > 3 &&
               is_alphanumeric(value[3]);
    }

    // To the end of the word; over a joint where more of the same follows.
    [[nodiscard]] std::size_t end_of_value(std::size_t at, std::size_t end) const {
        for (;;) {
            while (at < end && is_word_character(text_[at])) {
                ++at;
            }
            if (at >= end) {
                break;
            }
            std::size_t stop = at + 1;
            while (stop < end && is_word_character(text_[stop])) {
                ++stop;
            }
            if (!goes_on(text_[at], text_.substr(at + 1, stop - at - 1))) {
                break;
            }
            at = stop;
        }
        std::size_t padded = at;
        while (padded < text_.size() && padded < at + 2 && text_[padded] == '=') {
            ++padded;
        }
        return padded < text_.size() && is_alphanumeric(text_[padded]) ? at : padded;
    }

    [[nodiscard]] std::size_t begin_of_value(std::size_t at, std::size_t begin) const {
        for (;;) {
            while (at > begin && is_word_character(text_[at - 1])) {
                --at;
            }
            if (at <= begin) {
                return at;
            }
            std::size_t start = at - 1;
            while (start > begin && is_word_character(text_[start - 1])) {
                --start;
            }
            if (!goes_on(text_[at - 1], text_.substr(start, at - 1 - start))) {
                return at;
            }
            at = start;
        }
    }

    // Whether the piece beyond a joint belongs to a random value.
    static bool goes_on(char joint, std::string_view piece) {
        constexpr std::size_t kShortestPart = 6;
        if (joint == '+' || joint == '~') {
            return true;
        }
        const bool scrap = piece.size() <= 2 && std::none_of(piece.begin(), piece.end(), is_lower);
        return joint == '/' ? scrap || randomness(piece) > 0 : piece.size() >= kShortestPart && randomness(piece) > 20;
    }

    void add(std::size_t begin, std::size_t end) {
        const std::string_view value = text_.substr(begin, end - begin);
        // Where it begins is not sure: nothing of it is shown.
        const bool unsure = begin == behind_escape_ || value.find_first_of("+/") != std::string_view::npos;
        found_.push_back({begin, end, unsure ? "…" : Secret(value).masked(), true, true});
    }

    std::string_view text_;
    std::size_t behind_escape_ = 0;  // where a token begins behind what may be an escape
    std::vector<Replacement> found_;
};

}  // namespace

std::vector<Replacement> find_random_tokens(std::string_view text) {
    return text.size() < kShortestRandomToken ? std::vector<Replacement>() : TokenFinder(text).find();
}

}  // namespace banana
