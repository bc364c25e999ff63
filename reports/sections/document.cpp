#include "document.hpp"

namespace banana {
namespace {

Block list_of(std::vector<Inline> items, bool ordered) {
    List list;
    list.ordered = ordered;
    for (Inline& item : items) {
        Blocks blocks;
        blocks.push_back(paragraph(std::move(item)));
        list.items.push_back(std::move(blocks));
    }
    return Block(std::move(list));
}

}  // namespace

Block heading(int level, Inline text) {
    return Block(Heading{level, std::move(text)});
}
Block paragraph(Inline text) {
    return Block(Paragraph{std::move(text)});
}
Block code_block(std::string language, std::string text) {
    return Block(CodeBlock{std::move(language), std::move(text)});
}
Block bullet_list(std::vector<Inline> items) {
    return list_of(std::move(items), false);
}
Block numbered_list(std::vector<Inline> items) {
    return list_of(std::move(items), true);
}

}  // namespace banana
