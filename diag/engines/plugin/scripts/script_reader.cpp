#include "script_reader.hpp"

#include "banana/bounds.hpp"
#include "script_tokens.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace banana {
namespace {

constexpr std::string_view kRouteName = "banana/token_usage";
constexpr std::string_view kRouteEnd = "/token_usage";  // of a release that has moved it

using script::is_word;
using script::kInserted;
using script::Token;
using script::tokenize;
using script::TokenKind;

bool is_punctuation(const Token& token, char c) {
    return token.kind == TokenKind::punctuation && token.text.front() == c;
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= bounds::kRequestParameterBytes &&
           std::all_of(text.begin(), text.end(), [](char c) { return is_word(c) || c == '-' || c == '.'; });
}

struct Range {
    std::size_t begin = 0;
    std::size_t end = 0;
};

// The body of the innermost function around the token: a block whose brace follows `)` or `=>`, and no
// `if`, `for`, `while`, `switch` or `catch`. The whole script where there is none.
class FunctionFinder {
public:
    explicit FunctionFinder(const std::vector<Token>& tokens) : tokens_(tokens) {}

    [[nodiscard]] Range around(std::size_t index) const {
        int depth = 0;
        for (std::size_t at = index; at-- > 0;) {
            if (is_punctuation(tokens_[at], '}')) {
                ++depth;
            } else if (is_punctuation(tokens_[at], '{')) {
                if (depth > 0) {
                    --depth;
                } else if (opens_function(at)) {
                    return {at, closing_brace(at)};
                }
            }
        }
        return {0, tokens_.size()};
    }

private:
    [[nodiscard]] bool opens_function(std::size_t brace) const {
        if (brace < 2) {
            return false;
        }
        if (is_punctuation(tokens_[brace - 1], '>') && is_punctuation(tokens_[brace - 2], '=')) {
            return true;
        }
        if (!is_punctuation(tokens_[brace - 1], ')')) {
            return false;
        }
        int depth = 0;
        const std::size_t first = brace > bounds::kScriptNearbyTokens ? brace - bounds::kScriptNearbyTokens : 0;
        for (std::size_t at = brace - 1; at > first; --at) {
            depth += is_punctuation(tokens_[at], ')') ? 1 : is_punctuation(tokens_[at], '(') ? -1 : 0;
            if (depth == 0) {
                const Token& before = tokens_[at - 1];
                static constexpr std::string_view kStatements[] = {"if", "for", "while", "switch", "catch", "with"};
                return before.kind == TokenKind::word &&
                       std::find(std::begin(kStatements), std::end(kStatements), before.text) == std::end(kStatements);
            }
        }
        return false;
    }

    [[nodiscard]] std::size_t closing_brace(std::size_t brace) const {
        int depth = 0;
        for (std::size_t at = brace; at < tokens_.size(); ++at) {
            depth += is_punctuation(tokens_[at], '{') ? 1 : is_punctuation(tokens_[at], '}') ? -1 : 0;
            if (depth == 0) {
                return at + 1;
            }
        }
        return tokens_.size();
    }

    const std::vector<Token>& tokens_;
};

class ParameterCollector {
public:
    explicit ParameterCollector(const std::vector<Token>& tokens) : tokens_(tokens) {}

    // Everything in the range that can name a query parameter.
    void collect(Range range) {
        for (std::size_t index = range.begin; index < range.end; ++index) {
            const Token& token = tokens_[index];
            if (token.kind == TokenKind::literal) {
                collect_from_literal(token.text);
            } else if (token.kind == TokenKind::word && token.text == "URLSearchParams") {
                collect_from_constructor(index + 1, std::min(range.end, index + bounds::kScriptNearbyTokens));
            } else if (token.kind == TokenKind::word && (token.text == "set" || token.text == "append")) {
                collect_from_call(index);
            }
        }
    }

    std::vector<std::string> take() { return std::move(names_); }

private:
    void add(std::string_view name) {
        if (is_name(name) && names_.size() < bounds::kScriptParameters &&
            std::find(names_.begin(), names_.end(), name) == names_.end()) {
            names_.emplace_back(name);
        }
    }

    // `…?a=…&b=${…}`, `&c=…`, `d=${…}`. A literal with a scheme is another address unless it is the route's.
    void collect_from_literal(std::string_view text) {
        if (text.find("://") != std::string_view::npos && text.find(kRouteName) == std::string_view::npos) {
            return;
        }
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t mark = text.find_first_of("?&", at);
            if (mark == std::string_view::npos) {
                break;
            }
            const std::size_t end = text.find_first_of("=&?", mark + 1);
            if (end != std::string_view::npos && text[end] == '=') {
                add(text.substr(mark + 1, end - mark - 1));
            }
            at = mark + 1;
        }
        // A piece of a query that is joined with `&` later.
        const std::size_t equals = text.find('=');
        if (equals != std::string_view::npos && equals + 1 <= text.size() &&
            (equals + 1 == text.size() || text[equals + 1] == kInserted)) {
            add(text.substr(0, equals));
        }
    }

    // `new URLSearchParams({ a: …, "b": …, c })`
    void collect_from_constructor(std::size_t at, std::size_t end) {
        if (at + 1 >= end || !is_punctuation(tokens_[at], '(') || !is_punctuation(tokens_[at + 1], '{')) {
            return;
        }
        int depth = 0;
        bool expect_name = false;
        for (std::size_t index = at + 1; index < end; ++index) {
            const Token& token = tokens_[index];
            if (is_punctuation(token, '{') || is_punctuation(token, '(') || is_punctuation(token, '[')) {
                expect_name = ++depth == 1;
                continue;
            }
            if (is_punctuation(token, '}') || is_punctuation(token, ')') || is_punctuation(token, ']')) {
                if (--depth == 0) {
                    return;
                }
                continue;
            }
            if (expect_name && token.kind != TokenKind::punctuation) {
                add(token.text);
            }
            expect_name = depth == 1 && is_punctuation(token, ',');
        }
    }

    // `params.set("a", …)`. A map or header set by that name would be another thing: only plain names count.
    void collect_from_call(std::size_t at) {
        if (at < 2 || at + 3 >= tokens_.size() || !is_punctuation(tokens_[at - 1], '.') ||
            !is_punctuation(tokens_[at + 1], '(') || tokens_[at + 2].kind != TokenKind::literal ||
            !is_punctuation(tokens_[at + 3], ',')) {
            return;
        }
        add(tokens_[at + 2].text);
    }

    const std::vector<Token>& tokens_;
    std::vector<std::string> names_;
};

bool is_called_by_fetch(const std::vector<Token>& tokens, std::size_t index) {
    return index >= 2 && is_punctuation(tokens[index - 1], '(') && tokens[index - 2].kind == TokenKind::word &&
           tokens[index - 2].text.starts_with("fetch");
}

// Index of the literal of the route that is asked for; prefers one inside a call of fetchApi or fetch.
std::optional<std::size_t> find_route_literal(const std::vector<Token>& tokens, std::string_view route) {
    std::optional<std::size_t> first;
    for (std::size_t index = 0; index < tokens.size(); ++index) {
        const Token& token = tokens[index];
        if (token.kind != TokenKind::literal || token.text.find(route) == std::string::npos) {
            continue;
        }
        if (is_called_by_fetch(tokens, index)) {
            return index;
        }
        first = first ? first : index;
    }
    return first;
}

// A fork that has renamed the route still asks it as the known releases do: `fetchApi("/other/path?refresh=1&…")`.
std::optional<std::size_t> find_renamed_question(const std::vector<Token>& tokens) {
    for (std::size_t index = 0; index < tokens.size(); ++index) {
        const std::string& text = tokens[index].text;
        const bool is_question =
            tokens[index].kind == TokenKind::literal && is_called_by_fetch(tokens, index) &&
            (text.find("?refresh=") != std::string::npos || text.find("&refresh=") != std::string::npos);
        if (is_question && text.find('/') < text.find('?')) {
            return index;
        }
    }
    return std::nullopt;
}

// What the call says beside its address: `fetch(…, { method: "POST", body: …, headers: { … } })`.
struct CallSettings {
    bool sends_body = false;
    bool other_method = false;
    bool may_send_key_in_header = false;
};

bool begins_statement(const Token& token) {
    static constexpr std::array<std::string_view, 9> kWords{"const", "let",    "var", "function", "async",
                                                            "class", "export", "if",  "return"};
    return is_punctuation(token, ';') ||
           (token.kind == TokenKind::word && std::find(kWords.begin(), kWords.end(), token.text) != kWords.end());
}

CallSettings settings_of_call(const std::vector<Token>& tokens, std::size_t literal) {
    CallSettings settings;
    bool in_headers = false;
    int depth = 0;
    const std::size_t end = std::min(tokens.size(), literal + bounds::kScriptNearbyTokens);
    for (std::size_t at = literal + 1; at < end && depth >= 0; ++at) {
        if (depth == 0 && begins_statement(tokens[at])) {
            break;  // the address stands in no call: what follows is another matter
        }
        depth += is_punctuation(tokens[at], '(') ? 1 : is_punctuation(tokens[at], ')') ? -1 : 0;
        const Token& token = tokens[at];
        const bool is_name = token.kind == TokenKind::word || token.kind == TokenKind::literal;
        settings.sends_body = settings.sends_body || (token.kind == TokenKind::word && token.text == "body");
        if (is_name && token.text == "headers") {
            in_headers = true;
            // Made elsewhere: what is in it is not seen here.
            settings.may_send_key_in_header = at + 2 < end && !is_punctuation(tokens[at + 2], '{');
        } else if (in_headers && is_name &&
                   (contains_ignoring_case(token.text, "key") || contains_ignoring_case(token.text, "auth"))) {
            settings.may_send_key_in_header = true;
        }
        if (token.kind == TokenKind::word && token.text == "method" && at + 2 < end &&
            tokens[at + 2].kind == TokenKind::literal) {
            settings.other_method = tokens[at + 2].text != "GET" && tokens[at + 2].text != "get";
        }
    }
    return settings;
}

std::string path_of(std::string_view literal) {
    std::string_view path = literal.substr(0, literal.find_first_of("?#"));
    const std::size_t known = path.find(kRouteName);
    const std::size_t route = known != std::string_view::npos ? known : path.find(kRouteEnd);
    // A base that is inserted or spelled out in front is no part of the path.
    const std::size_t inserted = path.rfind(kInserted, route);
    if (inserted != std::string_view::npos) {
        path.remove_prefix(inserted + 1);
    }
    path = path.substr(0, path.find(kInserted));
    return sanitize(path, Lines::single, bounds::kScriptPathTextBytes);
}

// Whether it names another script than those of the page itself, which are in /scripts/.
bool loads_more(const std::vector<Token>& tokens) {
    return std::any_of(tokens.begin(), tokens.end(), [](const Token& token) {
        return token.kind == TokenKind::literal && token.text.find(".js") != std::string::npos &&
               token.text.find("scripts/") == std::string::npos;
    });
}

}  // namespace

ScriptReading read_balance_script(std::string_view script) {
    return read_balance_script(tokenize(script.substr(0, bounds::kScriptBytes)));
}

ScriptReading read_balance_script(const std::vector<Token>& tokens) {
    ScriptReading reading;
    std::optional<std::size_t> literal = find_route_literal(tokens, kRouteName);
    reading.is_unknown_question = !literal;
    literal = literal ? literal : find_route_literal(tokens, kRouteEnd);
    literal = literal ? literal : find_renamed_question(tokens);
    if (!literal) {
        reading.is_unknown_question = false;
        return reading;
    }
    reading.called_path = path_of(tokens[*literal].text);
    reading.line = tokens[*literal].line;

    ParameterCollector within_function(tokens);
    within_function.collect(FunctionFinder(tokens).around(*literal));
    reading.parameters = within_function.take();

    // The query comes from elsewhere in the script: look everywhere.
    if (reading.parameters.empty()) {
        ParameterCollector anywhere(tokens);
        anywhere.collect({0, tokens.size()});
        reading.parameters = anywhere.take();
        const std::string_view text = tokens[*literal].text;
        reading.query_unclear = reading.parameters.empty() && text.find(kInserted) != std::string_view::npos;
    }
    const CallSettings settings = settings_of_call(tokens, *literal);
    reading.query_unclear = reading.query_unclear || settings.sends_body ||
                            (settings.may_send_key_in_header && key_parameters_in(reading.parameters).empty());
    reading.is_unknown_question = reading.is_unknown_question || settings.other_method;
    return reading;
}

ScriptContent judge_script_content(std::string_view script) {
    script = script.substr(0, bounds::kScriptBytes);
    const std::vector<Token> tokens = tokenize(script);
    const bool only_zeros = script.find_first_not_of('\0') == std::string_view::npos;
    if (tokens.empty() || only_zeros || tokens.front().text == "<") {
        return ScriptContent::damaged;
    }
    // What can send a request, and what an obfuscated script hides that with.
    static constexpr std::array<std::string_view, 8> kMarks{"token_usage", "fetch", "XMLHttpRequest", "import(",
                                                            "eval",        "atob",  "Function",       "_0x"};
    const bool may_ask = std::any_of(kMarks.begin(), kMarks.end(), [&](std::string_view mark) {
        return script.find(mark) != std::string_view::npos;
    });
    return may_ask || loads_more(tokens) ? ScriptContent::may_ask : ScriptContent::no_query;
}

std::vector<std::string> key_parameters_in(const std::vector<std::string>& parameters) {
    std::vector<std::string> names;
    std::copy_if(parameters.begin(), parameters.end(), std::back_inserter(names),
                 [](const std::string& name) { return name == "banana_api_key" || name == "api_key"; });
    const auto other = std::find_if(parameters.begin(), parameters.end(),
                                    [](const std::string& name) { return contains_ignoring_case(name, "key"); });
    if (names.empty() && other != parameters.end()) {
        names.push_back(*other);
    }
    return names;
}

}  // namespace banana
