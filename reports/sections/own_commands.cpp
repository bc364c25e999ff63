#include "banana/system_name.hpp"
#include "report_sections.hpp"

#include <algorithm>

namespace banana::sections {
namespace {

constexpr std::string_view kProgram = "banana-diag ";

bool names_command(const Blocks& blocks);

bool names_command(const Inline& text) {
    return std::any_of(text.begin(), text.end(), [](const Span& span) {
        return span.kind == Span::Kind::code && span.text.starts_with(kProgram);
    });
}

bool names_command(const Block& block) {
    if (const auto* code = std::get_if<CodeBlock>(&block.content)) {
        return code->text.starts_with(kProgram);
    }
    if (const auto* text = std::get_if<Paragraph>(&block.content)) {
        return names_command(text->text);
    }
    const auto* list = std::get_if<List>(&block.content);
    return list != nullptr &&
           std::any_of(list->items.begin(), list->items.end(), [](const Blocks& item) { return names_command(item); });
}

bool names_command(const Blocks& blocks) {
    return std::any_of(blocks.begin(), blocks.end(), [](const Block& block) { return names_command(block); });
}

}  // namespace

void explain_own_commands(const View& view, Blocks& blocks) {
    if (system_of(view.report.subject) != SystemName::windows) {
        return;
    }
    const auto first =
        std::find_if(blocks.begin(), blocks.end(), [](const Block& block) { return names_command(block); });
    if (first != blocks.end()) {
        blocks.insert(first + 1, paragraph(view.say("report.own-commands")));
    }
}

}  // namespace banana::sections
