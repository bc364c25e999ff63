#include "script_traits.hpp"

#include "banana/bounds.hpp"
#include "python_text.hpp"
#include "script_tokens.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <vector>

namespace banana {
namespace {

// Labels that releases are known to have; a script without them has none of these buttons.
constexpr std::array<std::string_view, 4> kButtonMarks{"查询余额", "复制微信号", "兑换积分", "二维码"};
constexpr std::array<std::string_view, 2> kKeyBoxes{"banana_api_key", "api_key"};
constexpr std::string_view kTaskCenter = "心宝任务中心";
constexpr std::array<std::string_view, 2> kWorkflowKeyMarks{"XinbaoApiKeyPurge", "banana_global_api_key"};

// `\u67e5` and `\u{67e5}` as the character, `\n` as a blank: enough to read a label.
std::string unescaped(std::string_view literal) {
    std::string text;
    for (std::size_t at = 0; at < literal.size(); ++at) {
        if (literal[at] != '\\' || at + 1 >= literal.size()) {
            text += literal[at];
            continue;
        }
        ++at;
        const bool braced = literal.substr(at).starts_with("u{");
        const std::size_t start = at + (braced ? 2 : 1);
        const std::size_t end = braced ? literal.find('}', start) : start + 4;
        unsigned value = 0;
        const bool whole = literal[at] == 'u' && end != std::string_view::npos && end <= literal.size();
        if (whole && std::from_chars(literal.data() + start, literal.data() + end, value, 16).ec == std::errc{}) {
            append_utf8(text, static_cast<char32_t>(value));
            at = braced ? end : end - 1;
        } else {
            text += literal[at] == 'n' || literal[at] == 't' ? ' ' : literal[at];
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

}  // namespace

void read_script_traits(std::string_view script, PageTraits& traits) {
    for (const script::Token& token : script::tokenize(script.substr(0, bounds::kScriptBytes))) {
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
