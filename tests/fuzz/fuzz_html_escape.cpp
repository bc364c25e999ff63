// Untrusted text in a paragraph, a table cell, a heading and a code block of the HTML report: the tags are those of
// the same document with harmless text, and reading the entities gives text without markup.
#include "html.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace banana;

Document document_with(const std::string& text) {
    Table table;
    table.header = {text_span("a"), text_span(text)};
    table.rows = {{text_span(text), code_span(text)}};
    Document document;
    document.title = text;
    document.language = "en";
    document.blocks = {paragraph(text_span(text)), Block(table), code_block("", text), paragraph(code_span(text))};
    return document;
}

// All tags, in order, as a tokeniser sees them: from "<" to the next ">".
std::string tags_of(std::string_view html) {
    std::string tags;
    for (std::size_t at = html.find('<'); at != std::string_view::npos; at = html.find('<', at + 1)) {
        const std::size_t end = html.find('>', at);
        tags += html.substr(at, end == std::string_view::npos ? end : end - at + 1);
    }
    return tags;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    static const std::string harmless = tags_of(write_html(document_with("word")));
    if (tags_of(write_html(document_with(text))) != harmless) {
        std::abort();
    }
    if (html::escape(text).find_first_of("<>\"'") != std::string::npos) {
        std::abort();
    }
    return 0;
}
