#include "secret_finder.hpp"

#include "banana/ascii.hpp"
#include "banana/bounds.hpp"
#include "banana/secret.hpp"
#include "harmless_values.hpp"
#include "key_text.hpp"
#include "randomness.hpp"
#include "secret_names.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace banana {
namespace {

using key_text::is_key_character;

constexpr std::size_t kShortestKeyTail = 16;  // characters behind "sk-"
constexpr std::size_t kShortestNamedValue = 6;

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

std::string mask(std::string_view value) {
    return Secret(value).masked();
}

bool is_hex(char c) {
    return hex_value(c) >= 0;
}

// `\n`, `%3D`, `\u003d`, `\x20` or a terminal's colour sequence at the end: what follows is a word of its own.
bool ends_escape(std::string_view text) {
    const auto behind = [&](std::size_t count) { return text.substr(text.size() - std::min(count, text.size())); };
    const auto digits = [](std::string_view part) { return std::all_of(part.begin(), part.end(), is_hex); };
    const std::string_view two = behind(2);
    if (two.size() == 2 && two[0] == '\\' && std::string_view("nrtbf").find(two[1]) != std::string_view::npos) {
        return true;
    }
    if (const std::string_view three = behind(3); three.size() == 3 && three[0] == '%' && digits(three.substr(1))) {
        return true;
    }
    if (const std::string_view four = behind(4);
        four.starts_with("\\x") && digits(four.substr(2)) && four.size() == 4) {
        return true;
    }
    if (const std::string_view six = behind(6); six.starts_with("\\u") && digits(six.substr(2)) && six.size() == 6) {
        return true;
    }
    constexpr std::size_t kLongestColour = 20;
    const std::string_view tail = behind(kLongestColour);
    const std::size_t start = tail.rfind('\x1b');
    return start != std::string_view::npos && start + escape_length(tail.substr(start)) == tail.size();
}

// The shortest of two lengths that a quoted or bare value may end at.
std::size_t end_of_word(std::string_view text, std::size_t from) {
    return std::min(text.find_first_of(" \t\r\n\"'`<>,;&|", from), text.size());
}

class Finder {
public:
    explicit Finder(std::string_view text) : text_(text) {
        for (const char lead : {'\\', '%', '\x1b'}) {
            may_have_escapes_ = may_have_escapes_ || text.find(lead) != std::string_view::npos;
        }
    }

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
            case '$': return password_hash(at);
            case '-': {
                const std::size_t end = private_key(at);
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
        found_.push_back({begin, end, mask(text_.substr(begin, end - begin)), true});
    }

    [[nodiscard]] bool starts_word(std::size_t at) const {
        return at == 0 || !is_alphanumeric(text_[at - 1]) || (may_have_escapes_ && ends_escape(text_.substr(0, at)));
    }

    std::size_t api_key(std::size_t at) {
        if (!starts_with_ignoring_case(text_.substr(at), key_text::kKeyPrefix)) {
            return at;
        }
        // Inside a word ("task-…") only what no word looks like: a long run without a hyphen.
        const std::string_view tail =
            text_.substr(std::min(at + 3, text_.size()), run_end(text_, at + 3, is_alphanumeric) - (at + 3));
        const bool number = tail.find_first_not_of("0123456789") == std::string_view::npos;
        if (!starts_word(at) && (tail.size() < 2 * kShortestKeyTail || number)) {
            return at;
        }
        const std::size_t end = run_end(text_, at + 3, is_key_character);
        const std::string_view value = text_.substr(at, end - at);
        if (is_sample_text(value) || !(value.size() >= 3 + kShortestKeyTail || is_short_key(value.substr(3)))) {
            return at;
        }
        add(at, end);
        return end;
    }

    // What stands behind "sk-" and is shorter than a service's keys: no word (`sk-learn`), no locale (`sk-SK`).
    static bool is_short_key(std::string_view tail) {
        constexpr std::size_t kShortestTail = 6;
        constexpr int kNoWord = 20;
        if (tail.size() < kShortestTail || tail.find_first_not_of("xX*-") == std::string_view::npos) {
            return false;
        }
        const bool digit = std::any_of(tail.begin(), tail.end(), is_digit);
        return digit || randomness(tail) > kNoWord;
    }

    // crypt(3): `$2b$12$…`, `$argon2id$…`, `$6$salt$…`.
    std::size_t password_hash(std::size_t at) {
        constexpr std::size_t kShortestHash = 20;
        const std::size_t scheme = run_end(text_, at + 1, [](char c) { return is_alphanumeric(c) || c == '-'; });
        if (scheme == at + 1 || scheme >= text_.size() || text_[scheme] != '$' || scheme - at > kShortestHash) {
            return at;
        }
        const std::size_t end = run_end(text_, scheme, [](char c) {
            return is_alphanumeric(c) || std::string_view("$./+=,_-").find(c) != std::string_view::npos;
        });
        if (end - scheme < kShortestHash || randomness(text_.substr(scheme, end - scheme)) < 50) {
            return at;
        }
        found_.push_back({at, end, "…"});
        return end;
    }

    // RFC 7468: all that stands between the two lines of a private key.
    std::size_t private_key(std::size_t at) {
        constexpr std::string_view kBegin = "-----BEGIN ";
        constexpr std::size_t kLongestLabel = 40;
        if (!text_.substr(at).starts_with(kBegin)) {
            return at;
        }
        const std::string_view label = text_.substr(at + kBegin.size(), kLongestLabel);
        const std::size_t label_end = label.find("-----");
        if (label_end == std::string_view::npos ||
            label.substr(0, label_end).find("PRIVATE KEY") == std::string_view::npos) {
            return at;
        }
        const std::size_t begin = at + kBegin.size() + label_end + 5;
        const std::size_t end = std::min(text_.find("-----END", begin), text_.size());
        found_.push_back({begin, end, "…"});
        return end;
    }

    // `hf_` and letters and digits without a break, as no function's name is.
    std::size_t hugging_face_key(std::size_t at) {
        constexpr std::size_t kShortest = 20;
        if (!text_.substr(at).starts_with("hf_")) {
            return at;
        }
        const std::size_t end = run_end(text_, at + 3, is_alphanumeric);
        if (end - at < 3 + kShortest) {
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
        static constexpr std::array kPrefixes{
            Prefix{"AIza", 30},   Prefix{"ghp_", 30},  Prefix{"gho_", 30},  Prefix{"gsk_", 30},
            Prefix{"xai-", 30},   Prefix{"ms-", 30},   Prefix{"eyJ", 30},   Prefix{"github_pat_", 20},
            Prefix{"glpat-", 20}, Prefix{"xoxb-", 20}, Prefix{"xoxp-", 20}, Prefix{"r8_", 30},
            Prefix{"nvapi-", 20}, Prefix{"pplx-", 20}, Prefix{"tvly-", 20}, Prefix{"ya29.", 20}};
        // A look at the first character costs less than a call of string_view::find.
        static constexpr std::array<bool, 256> kFirst = [] {
            std::array<bool, 256> first{};
            first['h'] = true;  // of hf_
            for (const Prefix& prefix : kPrefixes) {
                first[static_cast<unsigned char>(prefix.text.front())] = true;
            }
            return first;
        }();
        if (!kFirst[static_cast<unsigned char>(text_[at])] || !starts_word(at)) {
            return at;
        }
        if (const std::size_t end = hugging_face_key(at); end > at) {
            return end;
        }
        for (const Prefix& prefix : kPrefixes) {
            if (prefix.text.front() != text_[at] || !text_.substr(at).starts_with(prefix.text)) {
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
        const SecretName* name = secret_name_at(text_.substr(at));
        if (name == nullptr) {
            return at;
        }
        const bool inside_word = !starts_word(at);
        const std::size_t behind = at + length_of_name(*name, text_.substr(at));
        switch (name->kind) {
            case SecretKind::header: return inside_word ? at : header_value(at, behind);
            case SecretKind::scheme: return inside_word ? at : scheme_value(at, behind);
            case SecretKind::secret_option: return option_value(at, behind, kShortestNamedValue);
            case SecretKind::option: return inside_word ? at : option_value(at, behind, kShortestKeyTail);
            case SecretKind::password: return inside_word ? at : password_value(at, behind);
            case SecretKind::part: break;
        }
        return at;
    }

    // Behind a name: quotes and Markdown's marks, a separator, an opening quote.
    [[nodiscard]] std::size_t separator_end(std::size_t name, std::size_t at) const {
        const std::size_t marks = run_end(text_, at, is_mark);
        std::size_t next = run_end(text_, marks, is_blank);
        static constexpr std::array<std::string_view, 7> kSeparators{"=>", "=", ":", "＝", "：", "|", "是"};
        for (const std::string_view separator : kSeparators) {
            if (text_.substr(next).starts_with(separator)) {
                next = run_end(text_, next + separator.size(), is_mark);
                return below(run_end(text_, run_end(text_, next, is_blank), is_mark));
            }
        }
        if (const std::size_t end = tags_end(name, at, marks); end > at) {
            return end;
        }
        // `"name": "api_key", "value": "…"`, `name="api_key" value="…"`, `('api_key', '…')`, a form's part.
        if (marks > at) {
            return beyond_quote(at, marks);
        }
        // `--api-key …`
        return name > 0 && text_[name - 1] == '-' && next > at ? next : at;
    }

    static bool is_blank(char c) { return c == ' ' || c == '\t'; }
    static bool is_mark(char c) { return std::string_view("\\\"'`*").find(c) != std::string_view::npos; }
    static bool is_space(char c) { return is_blank(c) || c == '\r' || c == '\n'; }

    // A value in the next line, set in from the margin, perhaps behind YAML's `|` or `>`.
    [[nodiscard]] std::size_t below(std::size_t at) const {
        std::size_t line =
            run_end(text_, at, [](char c) { return std::string_view("|>-+").find(c) != std::string_view::npos; });
        line = run_end(text_, line, is_blank);
        const std::size_t next = run_end(text_, line, [](char c) { return c == '\r' || c == '\n'; });
        if (next == line || next - line > 2) {
            return at;
        }
        const std::size_t value = run_end(text_, next, is_blank);
        const std::size_t end = std::min(text_.find_first_of("=:\r\n", value), text_.size());
        const bool option = end < text_.size() && (text_[end] == '=' || text_[end] == ':');
        return value == next || option ? at : run_end(text_, value, is_mark);
    }

    // `<api_key>…`, `<entry key="api_key">…`, `<td>api_key</td><td>…`.
    [[nodiscard]] std::size_t tags_end(std::size_t name, std::size_t at, std::size_t marks) const {
        constexpr std::size_t kLongestTag = 120;
        constexpr int kMostTags = 4;
        std::size_t next = marks;
        const std::size_t near = name - std::min(name, kLongestTag);
        const std::size_t open = text_.substr(near, name - near).find_last_of("<>");
        if (open != std::string_view::npos && text_[near + open] == '<') {
            const std::size_t close = text_.substr(0, next + kLongestTag).find_first_of("<>", next);
            if (close == std::string_view::npos || text_[close] != '>') {
                return at;
            }
            const std::string_view rest = text_.substr(next, close - next);
            if (const std::size_t value = rest.find("value="); value != std::string_view::npos) {
                return run_end(text_, next + value + 6, is_mark);
            }
            next = close + 1;
        } else if (next >= text_.size() || text_[next] != '<') {
            return at;
        }
        for (int tag = 0; tag < kMostTags; ++tag) {
            const std::size_t begin = run_end(text_, next, is_space);
            if (begin >= text_.size() || text_[begin] != '<') {
                return begin;
            }
            const std::size_t close = text_.substr(0, begin + kLongestTag).find('>', begin);
            if (close == std::string_view::npos) {
                return at;
            }
            next = close + 1;
        }
        return at;
    }

    [[nodiscard]] std::size_t beyond_quote(std::size_t at, std::size_t marks) const {
        const auto is_joint = [](char c) {
            return is_space(c) || c == ',' || c == ';' || is_mark(c) || c == '{' || c == '(';
        };
        const std::size_t next = run_end(text_, marks, is_joint);
        for (const std::string_view word : {"value", "Value", "VALUE", "content", "default"}) {
            if (text_.substr(next).starts_with(word)) {
                const std::size_t sign =
                    run_end(text_, next + word.size(), [](char c) { return is_blank(c) || is_mark(c); });
                if (sign < text_.size() && (text_[sign] == ':' || text_[sign] == '=')) {
                    return run_end(text_, sign + 1, [](char c) { return is_blank(c) || is_mark(c); });
                }
            }
        }
        const std::string_view gap = text_.substr(marks, next - marks);
        const bool pair = gap.starts_with(',') && is_mark(gap.back()) && gap.find('\n') == std::string_view::npos;
        const bool part = gap.find("\n\n") != std::string_view::npos || gap.find("\r\n\r\n") != std::string_view::npos;
        return pair || part ? next : at;
    }

    // To the end of the line, or to the quote that stands before the name: a header within quotes, as JSON has it.
    std::size_t header_value(std::size_t at, std::size_t behind) {
        const std::size_t begin = separator_end(at, behind);
        if (begin == behind) {
            return at;
        }
        const std::string_view rest = text_.substr(begin, text_.find_first_of("\r\n", begin) - begin);
        const char opening = opening_quote(at, begin);
        std::size_t end = opening == 0 ? rest.size() : std::min(rest.find(opening), rest.size());
        if (opening != 0 && end > 0 && rest[end - 1] == '\\') {
            --end;
        }
        if (end == 0 || is_prose(rest.substr(0, end))) {
            return at;
        }
        found_.push_back({begin, begin + end, "…"});
        return begin + end;
    }

    // The quote directly before the value, else before the name; 0: none.
    [[nodiscard]] char opening_quote(std::size_t name, std::size_t value) const {
        constexpr std::string_view kQuotes = "\"'`";
        if (kQuotes.find(text_[value - 1]) != std::string_view::npos) {
            return text_[value - 1];
        }
        return name > 0 && kQuotes.find(text_[name - 1]) != std::string_view::npos ? text_[name - 1] : '\0';
    }

    // `Bearer …`, `Bearer: …`, `Basic "…"`.
    std::size_t scheme_value(std::size_t at, std::size_t behind) {
        const std::size_t begin = run_end(
            text_, behind, [](char c) { return std::string_view(" +\t:\"'`\\").find(c) != std::string_view::npos; });
        const std::size_t end = run_end(text_, begin, is_token_character);
        if (begin == behind || end - begin < kTellingPart || is_sample_text(text_.substr(begin, end - begin))) {
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
        const std::size_t begin = separator_end(at, behind);
        if (begin == behind) {
            return at;
        }
        const std::size_t run = run_end(text_, begin, is_token_character);
        const std::size_t end = end_of_value(begin);
        const std::string_view value = text_.substr(begin, run - begin);
        // A value with other characters, as a password has; brackets are a program's.
        const std::string_view whole = text_.substr(begin, end - begin);
        const bool odd = whole.size() >= shortest && whole.find_first_of("()[]{}…") == std::string_view::npos &&
                         has_letters_and_digits(whole) && !is_sample_text(whole);
        if (value.size() < shortest ? !odd : is_harmless_value(value)) {
            return at;
        }
        add(begin, std::max(run, end));
        return std::max(run, end);
    }

    static bool is_harmless_value(std::string_view value) {
        const bool has_digit = std::any_of(value.begin(), value.end(), is_digit);
        return is_sample_text(value) || (!has_digit && value.size() < kShortestKeyTail) || is_path_or_name(value);
    }

    static bool has_letters_and_digits(std::string_view value) {
        return std::any_of(value.begin(), value.end(), is_digit) && std::any_of(value.begin(), value.end(), is_letter);
    }

    // To the closing quote where one opened it, else to the next blank or mark of a program.
    [[nodiscard]] std::size_t end_of_value(std::size_t begin) const {
        const char quote = begin > 0 ? text_[begin - 1] : '\0';
        if (quote == '"' || quote == '\'' || quote == '`') {
            const std::size_t end = text_.substr(0, begin + bounds::kUrlSearchedBytes)
                                        .find_first_of(std::string{quote, '\r', '\n', '\\'}, begin);
            if (end != std::string_view::npos && text_[end] == quote) {
                return end;
            }
        }
        return std::min(text_.find_first_of(" \t\r\n\"'`<>,;&|)]}\\#", begin), text_.size());
    }

    // To the next blank or to the closing quote.
    std::size_t password_value(std::size_t at, std::size_t behind) {
        const std::size_t begin = separator_end(at, behind);
        const std::size_t end = begin == behind ? behind : end_of_word(text_, begin);
        const std::string_view value = text_.substr(begin, end - begin);
        constexpr std::string_view kWords = "required optional missing invalid incorrect disabled";
        if (value.size() < kShortestNamedValue || is_sample_text(value) || value.starts_with("…") ||
            value.starts_with("***") || kWords.find(value) != std::string_view::npos) {
            return at;
        }
        found_.push_back({begin, end, "…"});
        return end;
    }

    // `scheme://user:password@host` and `scheme://token@host`, found at the colon behind the scheme (RFC 3986, section
    // 3.2.1). A password may hold what no URL may: the last `@` before a blank or a quote ends it.
    std::size_t url_password(std::size_t at) {
        if (!text_.substr(at).starts_with("://")) {
            return at;
        }
        constexpr std::size_t kShortestUserToken = 16;
        const std::size_t begin = at + 3;
        std::string_view rest = text_.substr(begin, bounds::kUrlSearchedBytes);
        rest = rest.substr(0, rest.find_first_of(" \t\r\n\"'`<>"));
        const std::size_t authority_end = std::min(rest.find_first_of("/?#"), rest.size());
        const std::string_view authority = rest.substr(0, authority_end);
        const std::size_t colon = authority.find(':');
        std::size_t sign = authority.rfind('@');
        if (sign == std::string_view::npos && colon != std::string_view::npos &&
            authority.find_first_not_of("0123456789", colon + 1) != std::string_view::npos) {
            sign = rest.rfind('@');
        }
        if (sign == std::string_view::npos) {
            return at;
        }
        const bool has_password = colon < sign && colon + 1 < sign;
        const std::size_t secret = has_password ? colon + 1 : 0;
        const std::size_t secret_end = has_password ? sign : std::min(colon, sign);
        const std::string_view value = rest.substr(secret, secret_end - secret);
        if (!has_password && value.size() < kShortestUserToken) {
            return at;
        }
        // What has been masked stays as it is.
        if (value != "***") {
            found_.push_back({begin + secret, begin + secret_end, "…"});
        }
        return begin + sign + 1;
    }

    std::size_t e_mail(std::size_t at) {
        const auto local_character = [](char c) {
            return is_alphanumeric(c) || std::string_view("._%+-").find(c) != std::string_view::npos;
        };
        std::size_t begin = at;
        while (begin > 0 && at - begin < bounds::kMailNameBytes && local_character(text_[begin - 1])) {
            --begin;
        }
        const std::size_t end =
            run_end(text_, at + 1, [](char c) { return is_alphanumeric(c) || c == '.' || c == '-'; });
        const std::string_view local = text_.substr(begin, at - begin);
        // `user:password@host`, without a scheme.
        const bool behind_user = begin >= 2 && text_[begin - 1] == ':' && is_alphanumeric(text_[begin - 2]);
        if (behind_user && local.size() >= kShortestNamedValue && end > at + 1) {
            found_.push_back({begin, at, "…"});
            return end;
        }
        const std::string_view domain = text_.substr(at + 1, end - at - 1);
        const std::size_t dot = domain.rfind('.');
        if (begin == at || local == "git" || dot == std::string_view::npos || dot == 0 || domain.size() - dot < 3) {
            return at;
        }
        found_.push_back({begin, at, "…"});
        return end;
    }

    std::string_view text_;
    bool may_have_escapes_ = false;
    std::vector<Replacement> found_;
};

}  // namespace

std::vector<Replacement> find_secrets_as_written(std::string_view text) {
    return Finder(text).find();
}

}  // namespace banana
