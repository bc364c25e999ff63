#include "engines/secret_shapes.hpp"

#include "banana/secret.hpp"
#include "engines/text.hpp"

#include <algorithm>
#include <array>

namespace banana {
namespace {

constexpr std::size_t kShortestKeyTail = 16;  // characters behind "sk-"
constexpr std::size_t kShortestNamedValue = 6;
constexpr std::size_t kShortestToken = 8;
constexpr std::size_t kLongestSample = 48;

bool is_alphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}
bool is_key_character(char c) {
    return is_alphanumeric(c) || c == '-' || c == '_';
}
// RFC 6750 token68, and what URL encoding adds.
bool is_token_character(char c) {
    return is_key_character(c) || std::string_view(".~+/=%").find(c) != std::string_view::npos;
}

template <class Predicate>
std::size_t run_end(std::string_view text, std::size_t from, Predicate matches) {
    while (from < text.size() && matches(text[from])) {
        ++from;
    }
    return from;
}

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() && equal_ignoring_case(text.substr(0, prefix.size()), prefix);
}

std::string mask(std::string_view value) {
    return Secret(value).masked();
}

// Sample texts carry words; a key of the same letters is not to be feared. Something longer is more than a sample.
bool is_sample(std::string_view value) {
    if (value.size() > kLongestSample) {
        return false;
    }
    std::string bare;
    for (const char c : to_lower_ascii(value)) {
        if (is_alphanumeric(c)) {
            bare += c;
        }
    }
    return bare.find("yourapikey") != std::string::npos || bare.find("yourkey") != std::string::npos ||
           bare == "youapikey" || bare.find("apikeyhere") != std::string::npos;
}

class Finder {
public:
    explicit Finder(std::string_view text) : text_(text) {}

    std::vector<Replacement> find() {
        for (std::size_t at = 0; at < text_.size();) {
            at = std::max(at + 1, at_position(at));
        }
        std::stable_sort(found_.begin(), found_.end(),
                         [](const Replacement& a, const Replacement& b) { return a.begin < b.begin; });
        return std::move(found_);
    }

private:
    // Looks for whatever begins at `at`; returns where to go on.
    std::size_t at_position(std::size_t at) {
        switch (text_[at]) {
            case 's':
            case 'S': {
                const std::size_t end = api_key(at);
                return end > at ? end : named_value(at);
            }
            case ':': return url_password(at);
            case '@': return e_mail(at);
            default: break;
        }
        if (const std::size_t end = other_provider_key(at); end > at) {
            return end;
        }
        return named_value(at);
    }

    void add(std::size_t begin, std::size_t end) {
        found_.push_back({begin, end, mask(text_.substr(begin, end - begin))});
    }

    [[nodiscard]] bool starts_word(std::size_t at) const { return at == 0 || !is_alphanumeric(text_[at - 1]); }

    std::size_t api_key(std::size_t at) {
        if (!starts_with_ignoring_case(text_.substr(at), "sk-")) {
            return at;
        }
        // Inside a word ("task-…") only what no word looks like: a long run without a hyphen.
        if (!starts_word(at) && run_end(text_, at + 3, is_alphanumeric) - (at + 3) < 2 * kShortestKeyTail) {
            return at;
        }
        const std::size_t end = run_end(text_, at + 3, is_key_character);
        const std::string_view value = text_.substr(at, end - at);
        if (value.size() < 3 + kShortestKeyTail || is_sample(value)) {
            return at;
        }
        add(at, end);
        return end;
    }

    std::size_t other_provider_key(std::size_t at) {
        struct Prefix {
            std::string_view text;
            std::size_t tail;
        };
        constexpr std::array kPrefixes{Prefix{"AIza", 30}, Prefix{"ghp_", 30}, Prefix{"gho_", 30}, Prefix{"gsk_", 30},
                                       Prefix{"hf_", 30},  Prefix{"xai-", 30}, Prefix{"ms-", 30},  Prefix{"eyJ", 30}};
        if (!starts_word(at)) {
            return at;
        }
        for (const Prefix& prefix : kPrefixes) {
            if (!text_.substr(at).starts_with(prefix.text)) {
                continue;
            }
            const std::size_t end =
                run_end(text_, at + prefix.text.size(), [](char c) { return is_key_character(c) || c == '.'; });
            if (end - at >= prefix.text.size() + prefix.tail) {
                add(at, end);
                return end;
            }
        }
        return at;
    }

    // `Authorization: …`, `Cookie: …`: the rest of the line. `api_key = …`, `"token": "…"`, `?key=…`: the value.
    std::size_t named_value(std::size_t at) {
        enum class Kind { header, bearer, option, secret_option };
        struct Name {
            std::string_view text;
            Kind kind;
        };
        constexpr std::array kNames{
            Name{"authorization", Kind::header},
            Name{"proxy-authorization", Kind::header},
            Name{"cookie", Kind::header},
            Name{"set-cookie", Kind::header},
            Name{"x-api-key", Kind::secret_option},
            Name{"bearer", Kind::bearer},
            Name{"api_key", Kind::secret_option},
            Name{"api-key", Kind::secret_option},
            Name{"apikey", Kind::secret_option},
            Name{"api key", Kind::option},
            Name{"access_token", Kind::secret_option},
            Name{"password", Kind::secret_option},
            Name{"passwd", Kind::secret_option},
            Name{"secret", Kind::option},
            Name{"token", Kind::option},
            Name{"key", Kind::option},
            Name{"kv_auth_token", Kind::secret_option},
            Name{"kv_auth_key", Kind::secret_option},
            Name{"kv_auth_secret", Kind::secret_option},
        };
        const bool inside_word = !starts_word(at);
        const char first = static_cast<char>(text_[at] | 0x20);
        for (const Name& name : kNames) {
            if (name.text.front() != first || !starts_with_ignoring_case(text_.substr(at), name.text)) {
                continue;
            }
            const std::size_t behind = at + name.text.size();
            switch (name.kind) {
                case Kind::header: return inside_word ? at : header_value(at, behind);
                case Kind::bearer: return inside_word ? at : bearer_value(at, behind);
                case Kind::secret_option: return option_value(at, behind, kShortestNamedValue);
                case Kind::option: return inside_word ? at : option_value(at, behind, kShortestKeyTail);
            }
        }
        return at;
    }

    std::size_t separator_end(std::size_t at) const {
        std::size_t next = at;
        if (next < text_.size() &&
            (text_[next] == '\\' || text_[next] == '"' || text_[next] == '\'' || text_[next] == '`')) {
            next = run_end(text_, next, [](char c) { return c == '\\' || c == '"' || c == '\'' || c == '`'; });
        }
        const auto blank = [](char c) { return c == ' ' || c == '\t'; };
        next = run_end(text_, next, blank);
        constexpr std::array<std::string_view, 4> kSeparators{"=", ":", "＝", "："};
        for (const std::string_view separator : kSeparators) {
            if (text_.substr(next).starts_with(separator)) {
                next = run_end(text_, next + separator.size(), blank);
                return run_end(text_, next, [](char c) { return c == '\\' || c == '"' || c == '\'' || c == '`'; });
            }
        }
        return at;
    }

    std::size_t header_value(std::size_t at, std::size_t behind) {
        const std::size_t begin = separator_end(behind);
        if (begin == behind) {
            return at;
        }
        const std::size_t end = run_end(text_, begin, [](char c) {
            return c != '\n' && c != '\r' && c != '"' && c != '\'' && c != '`' && c != '\\';
        });
        if (end > begin) {
            found_.push_back({begin, end, "…"});
        }
        return end;
    }

    std::size_t bearer_value(std::size_t at, std::size_t behind) {
        const std::size_t begin = run_end(text_, behind, [](char c) { return c == ' ' || c == '+'; });
        const std::size_t end = run_end(text_, begin, is_token_character);
        if (begin == behind || end - begin < kShortestToken || is_sample(text_.substr(begin, end - begin))) {
            return at;
        }
        // A word of prose ("Bearer authentication") has no digit.
        const std::string_view value = text_.substr(begin, end - begin);
        const bool has_digit = value.find_first_of("0123456789") != std::string_view::npos;
        if (!has_digit && value.size() < 24) {
            return at;
        }
        add(begin, end);
        return end;
    }

    std::size_t option_value(std::size_t at, std::size_t behind, std::size_t shortest) {
        const std::size_t begin = separator_end(behind);
        if (begin == behind) {
            return at;
        }
        const std::size_t end = run_end(text_, begin, is_token_character);
        const std::string_view value = text_.substr(begin, end - begin);
        const bool has_digit = value.find_first_of("0123456789") != std::string_view::npos;
        if (value.size() < shortest || is_sample(value) || (!has_digit && value.size() < kShortestKeyTail)) {
            return at;
        }
        add(begin, end);
        return end;
    }

    // `scheme://user:password@host`, found at the colon behind the scheme (RFC 3986, section 3.2.1).
    std::size_t url_password(std::size_t at) {
        if (!text_.substr(at).starts_with("://")) {
            return at;
        }
        const std::size_t begin = at + 3;
        const std::size_t authority_end = text_.find_first_of("/?# \t\r\n\"'`<>", begin);
        const std::string_view authority = text_.substr(
            begin, authority_end == std::string_view::npos ? std::string_view::npos : authority_end - begin);
        const std::size_t sign = authority.rfind('@');
        const std::size_t colon = authority.find(':');
        if (sign == std::string_view::npos || colon == std::string_view::npos || colon > sign) {
            return at;
        }
        found_.push_back({begin + colon + 1, begin + sign, "…"});
        return begin + sign + 1;
    }

    std::size_t e_mail(std::size_t at) {
        const auto local_character = [](char c) {
            return is_alphanumeric(c) || std::string_view("._%+-").find(c) != std::string_view::npos;
        };
        std::size_t begin = at;
        while (begin > 0 && at - begin < 64 && local_character(text_[begin - 1])) {
            --begin;
        }
        const std::size_t end =
            run_end(text_, at + 1, [](char c) { return is_alphanumeric(c) || c == '.' || c == '-'; });
        const std::string_view domain = text_.substr(at + 1, end - at - 1);
        const std::size_t dot = domain.rfind('.');
        if (begin == at || dot == std::string_view::npos || dot == 0 || domain.size() - dot < 3) {
            return at;
        }
        found_.push_back({begin, at, "…"});
        return end;
    }

    std::string_view text_;
    std::vector<Replacement> found_;
};

}  // namespace

std::vector<Replacement> find_secret_shapes(std::string_view text) {
    return Finder(text).find();
}

std::vector<Replacement> find_home_folders(std::string_view text) {
    constexpr std::array<std::string_view, 6> kParents{"/home/",   "/Users/",        ":\\Users\\",
                                                       ":/Users/", ":\\\\Users\\\\", ":\\Documents and Settings\\"};
    std::vector<Replacement> found;
    for (const std::string_view parent : kParents) {
        for (std::size_t at = text.find(parent); at != std::string_view::npos; at = text.find(parent, at + 1)) {
            const bool drive = parent.front() == ':';
            if (drive && (at == 0 || !is_alphanumeric(text[at - 1]))) {
                continue;
            }
            if (!drive && at > 0 && (is_alphanumeric(text[at - 1]) || text[at - 1] == ':' || text[at - 1] == '.')) {
                continue;
            }
            const std::size_t name = at + parent.size();
            const std::size_t end = text.find_first_of("/\\ \t\r\n\"'`<>|:,;)", name);
            const std::size_t stop = end == std::string_view::npos ? text.size() : end;
            if (stop > name) {
                found.push_back({drive ? at - 1 : at, stop, "~"});
            }
        }
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const Replacement& a, const Replacement& b) { return a.begin < b.begin; });
    return found;
}

}  // namespace banana
