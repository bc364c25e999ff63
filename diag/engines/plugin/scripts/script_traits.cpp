#include "script_traits.hpp"

#include "banana/bounds.hpp"
#include "script_reader.hpp"
#include "script_tokens.hpp"
#include "text.hpp"
#include "utf16.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace banana {
namespace {

// Labels that releases are known to have; a script without them has none of these buttons.
constexpr std::array<std::string_view, 4> kButtonMarks{"查询余额", "复制微信号", "兑换积分", "二维码"};
constexpr std::array<std::string_view, 2> kKeyBoxes{"banana_api_key", "api_key"};
constexpr std::string_view kTaskCenter = "心宝任务中心";
constexpr std::array<std::string_view, 2> kWorkflowKeyMarks{"XinbaoApiKeyPurge", "banana_global_api_key"};

// The code unit of the `\u67e5` or `\u{67e5}` that begins at `at`, which is moved behind it; none where it is neither.
std::optional<char32_t> take_unicode_escape(std::string_view literal, std::size_t& at) {
    constexpr char32_t kLast = 0x10FFFF;
    if (!literal.substr(at).starts_with("\\u")) {
        return std::nullopt;
    }
    const bool braced = literal.substr(at).starts_with("\\u{");
    const std::size_t start = at + (braced ? 3 : 2);
    const std::size_t end = braced ? literal.find('}', start) : start + 4;
    if (end == std::string_view::npos || end > literal.size()) {
        return std::nullopt;
    }
    std::uint32_t value = 0;
    const char* const last = literal.data() + end;
    const auto [stop, error] = std::from_chars(literal.data() + start, last, value, 16);
    if (error != std::errc{} || stop != last || value > kLast) {
        return std::nullopt;
    }
    at = braced ? end + 1 : end;
    return value;
}

// Escapes as the character, `\n` as a blank: enough to read a label.
std::string unescaped(std::string_view literal) {
    std::string text;
    for (std::size_t at = 0; at < literal.size();) {
        if (const std::optional<char32_t> unit = take_unicode_escape(literal, at)) {
            char32_t c = *unit;
            std::size_t behind = at;
            const std::optional<char32_t> low = utf16::is_high(c) ? take_unicode_escape(literal, behind) : std::nullopt;
            if (low && utf16::is_low(*low)) {
                c = utf16::joined(c, *low);
                at = behind;
            }
            append_utf8(text, utf16::is_surrogate(c) ? U'\uFFFD' : c);
        } else if (literal[at] == '\\' && at + 1 < literal.size()) {
            text += literal[at + 1] == 'n' || literal[at + 1] == 't' ? ' ' : literal[at + 1];
            at += 2;
        } else {
            text += literal[at++];
        }
    }
    return text;
}

void add_once(std::vector<std::string>& all, std::string text, std::size_t most) {
    if (all.size() < most && std::find(all.begin(), all.end(), text) == all.end()) {
        all.push_back(std::move(text));
    }
}

bool is_button(std::string_view label) {
    return label.size() <= bounds::kButtonLabelBytes &&
           std::any_of(kButtonMarks.begin(), kButtonMarks.end(),
                       [&](std::string_view mark) { return label.find(mark) != std::string_view::npos; });
}

// `baseUrl = "https://…"`, `base_url: "https://…"`, `set("base_url", "https://…")`: what the script sends itself. One
// that is called a default is what stands in the node's box.
std::string own_address(const std::vector<script::Token>& tokens) {
    constexpr std::size_t kReach = 3;
    const auto is_of_address = [](const script::Token& token) {
        return (contains_ignoring_case(token.text, "base_url") || contains_ignoring_case(token.text, "baseurl")) &&
               !contains_ignoring_case(token.text, "default");
    };
    for (auto token = tokens.begin(); token != tokens.end(); ++token) {
        const bool is_url = token->kind == script::TokenKind::literal &&
                            (token->text.starts_with("https://") || token->text.starts_with("http://")) &&
                            token->text.find(script::kInserted) == std::string::npos;
        const std::size_t reach = std::min(kReach, static_cast<std::size_t>(token - tokens.begin()));
        if (is_url && token->text.size() <= bounds::kSourceUrlBytes &&
            std::any_of(token - static_cast<std::ptrdiff_t>(reach), token, is_of_address)) {
            return sanitize(token->text);
        }
    }
    return {};
}

bool is_line_label(const script::Token& token) {
    constexpr std::array<std::string_view, 4> kShort{"hk", "us", "cf", "hidden"};
    const bool is_text = token.kind == script::TokenKind::literal && token.text.size() <= bounds::kLineNameTextBytes &&
                         token.text.find(script::kInserted) == std::string::npos;
    const bool is_short = std::find(kShort.begin(), kShort.end(), token.text) != kShort.end();
    return is_text && (is_short || std::any_of(token.text.begin(), token.text.end(),
                                               [](char c) { return static_cast<unsigned char>(c) >= 0x80; }));
}

bool is_sign(const script::Token& token, std::string_view sign) {
    return token.kind == script::TokenKind::punctuation && token.text == sign;
}

using Tokens = std::vector<script::Token>;

// The end of the expression that begins there, or of what a reader of scripts need look at.
Tokens::const_iterator end_of_expression(Tokens::const_iterator from, Tokens::const_iterator end) {
    constexpr std::ptrdiff_t kReach = 40;
    const auto limit = end - from > kReach ? from + kReach : end;
    int depth = 0;
    return std::find_if(from, limit, [&](const script::Token& token) {
        const bool opens = is_sign(token, "(") || is_sign(token, "[") || is_sign(token, "{");
        const bool closes = is_sign(token, ")") || is_sign(token, "]") || is_sign(token, "}");
        depth += opens ? 1 : closes ? -1 : 0;
        return depth < 0 || is_sign(token, ";") || (depth == 0 && is_sign(token, ","));
    });
}

// `…token_usage?…&route=${encodeURIComponent("label")}`, `set("route", "label")`: a line that the script sends itself.
std::string own_line(const Tokens& tokens) {
    for (auto token = tokens.begin(); token != tokens.end(); ++token) {
        const bool is_literal = token->kind == script::TokenKind::literal;
        if (is_literal && token->text == "route" && tokens.end() - token > 2 && is_sign(*(token + 1), ",") &&
            is_line_label(*(token + 2))) {
            return unescaped((token + 2)->text);
        }
        if (!is_literal || token->text.find("token_usage") == std::string::npos ||
            token->text.find(std::string("route=") + script::kInserted) == std::string::npos) {
            continue;
        }
        const auto end = end_of_expression(token + 1, tokens.end());
        if (const auto label = std::find_if(token + 1, end, is_line_label); label != end) {
            return unescaped(label->text);
        }
    }
    return {};
}

// `const route = valueOf(node, "channel") || "label"`: a box of another name, which nobody knows.
bool is_line_of_another_box(const Tokens& tokens) {
    for (auto token = tokens.begin(); token != tokens.end(); ++token) {
        if (token->kind != script::TokenKind::word || token->text != "route" || tokens.end() - token < 3 ||
            !is_sign(*(token + 1), "=") || is_sign(*(token + 2), "=") || is_sign(*(token + 2), ">")) {
            continue;
        }
        const auto end = end_of_expression(token + 2, tokens.end());
        const auto is_name = [](const script::Token& each) {
            return each.kind == script::TokenKind::literal && !each.text.empty() && !is_line_label(each);
        };
        const bool is_own = std::any_of(
            token + 2, end, [](const script::Token& each) { return each.text == "route" || each.text == "线路"; });
        if (!is_own && std::any_of(token + 2, end, is_name) && std::any_of(token + 2, end, is_line_label)) {
            return true;
        }
    }
    return false;
}

}  // namespace

void read_script_traits(std::string_view script, PageTraits& traits) {
    const std::vector<script::Token> tokens = script::tokenize(script.substr(0, bounds::kScriptBytes));
    const ScriptReading question = read_balance_script(tokens);
    if (!question.called_path.empty() && !question.is_unknown_question) {
        traits.asks_known_route = true;
        traits.other_question.clear();
    } else if (question.is_unknown_question && !traits.asks_known_route && traits.other_question.empty()) {
        traits.other_question = question.called_path;
    }
    if (!question.called_path.empty() && !question.is_unknown_question && !question.query_unclear) {
        const auto& sent = question.parameters;
        traits.names_line =
            traits.names_line.value_or(false) || std::find(sent.begin(), sent.end(), "route") != sent.end();
    }
    if (traits.address.empty()) {
        traits.address = own_address(tokens);
    }
    const bool asks_balance = !question.called_path.empty() && !question.is_unknown_question;
    if (asks_balance && traits.line.empty()) {
        traits.line = own_line(tokens);
        traits.is_line_unclear = traits.is_line_unclear || (traits.line.empty() && is_line_of_another_box(tokens));
    }
    for (const script::Token& token : tokens) {
        const auto has = [&](std::string_view part) { return token.text.find(part) != std::string::npos; };
        traits.reads_key_of_workflow =
            traits.reads_key_of_workflow || std::any_of(kWorkflowKeyMarks.begin(), kWorkflowKeyMarks.end(), has);
        if (token.kind != script::TokenKind::literal) {
            continue;
        }
        if (std::find(kKeyBoxes.begin(), kKeyBoxes.end(), token.text) != kKeyBoxes.end()) {
            add_once(traits.key_boxes, token.text, kKeyBoxes.size());
        }
        if (token.text.size() > bounds::kButtonLabelEscapedBytes) {
            continue;
        }
        const std::string label = sanitize(unescaped(token.text), Lines::single, bounds::kButtonLabelBytes);
        traits.has_task_center = traits.has_task_center || label.find(kTaskCenter) != std::string::npos;
        if (is_button(label)) {
            add_once(traits.buttons, label, bounds::kButtonsShown);
        }
    }
}

}  // namespace banana
