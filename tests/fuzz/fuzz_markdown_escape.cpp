// Untrusted text in a paragraph, a table cell and a fenced block: GitHub's own parser must find text and code only.
#include "markdown.hpp"

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

void require_harmless(const std::string& markdown) {
    cmark_parser* parser = cmark_parser_new(CMARK_OPT_DEFAULT);
    for (const char* name : {"table", "autolink", "strikethrough", "tasklist"}) {
        cmark_parser_attach_syntax_extension(parser, cmark_find_syntax_extension(name));
    }
    cmark_parser_feed(parser, markdown.data(), markdown.size());
    cmark_node* root = cmark_parser_finish(parser);
    cmark_iter* walk = cmark_iter_new(root);
    for (cmark_event_type event = cmark_iter_next(walk); event != CMARK_EVENT_DONE; event = cmark_iter_next(walk)) {
        const cmark_node_type type = cmark_node_get_type(cmark_iter_get_node(walk));
        if (type == CMARK_NODE_LINK || type == CMARK_NODE_IMAGE || type == CMARK_NODE_HTML_BLOCK ||
            type == CMARK_NODE_HTML_INLINE || type == CMARK_NODE_EMPH || type == CMARK_NODE_STRONG ||
            type == CMARK_NODE_HEADING || type == CMARK_NODE_BLOCK_QUOTE || type == CMARK_NODE_LIST) {
            std::abort();
        }
    }
    cmark_iter_free(walk);
    cmark_node_free(root);
    cmark_parser_free(parser);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace banana;
    cmark_gfm_core_extensions_ensure_registered();
    const std::string text(reinterpret_cast<const char*>(data), size);
    Table table;
    table.header = {text_span("a"), text_span("b")};
    table.rows = {{text_span(text), code_span(text)}};
    Document document;
    document.blocks = {paragraph(text_span(text)), Block(table), code_block("", text), paragraph(code_span(text))};
    require_harmless(write_markdown(document));
    return 0;
}
