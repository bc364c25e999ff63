#include "html.hpp"

#include "catalog.hpp"
#include "html_drawing.hpp"
#include "report_document.hpp"

#include <algorithm>

namespace banana {
namespace {

constexpr std::string_view kStyle =
#include "html_style.inc"
    ;
// SHA-256 of kStyle in base64, which lets this style sheet in and no other; tests/unit/test_html.cpp computes it.
constexpr std::string_view kStyleHash = "ISt3nIDsEjRNOJAfRGzrXjjdP8dJDDB3Kv9G1iLtWYU=";

std::string element(std::string_view name, const std::string& content) {
    return "<" + std::string(name) + ">" + content + "</" + std::string(name) + ">";
}

std::string inline_html(const Inline& text) {
    std::string html;
    for (const Span& span : text) {
        const std::string escaped = html::escape(one_line(span.text));
        switch (span.kind) {
            case Span::Kind::text: html += escaped; break;
            case Span::Kind::strong: html += element("strong", escaped); break;
            case Span::Kind::code: html += element("code", escaped); break;
        }
    }
    return html;
}

std::string write(const Blocks& blocks);

std::string write(const Heading& heading) {
    const std::string name = "h" + std::to_string(std::clamp(heading.level, 1, 6));
    return element(name, inline_html(heading.text)) + "\n";
}

std::string write(const Paragraph& paragraph) {
    return element("p", inline_html(paragraph.text)) + "\n";
}

std::string write(const List& list) {
    std::string items;
    for (const Blocks& item : list.items) {
        items += element("li", write(item)) + "\n";
    }
    return element(list.ordered ? "ol" : "ul", "\n" + items) + "\n";
}

std::string row(const std::vector<Inline>& cells, std::string_view cell, const Table& table) {
    std::string html;
    for (std::size_t column = 0; column < table.header.size(); ++column) {
        const bool right = column < table.right_aligned.size() && table.right_aligned[column];
        html += "<" + std::string(cell) + (right ? " class=\"right\">" : ">") +
                (column < cells.size() ? inline_html(cells[column]) : std::string()) + "</" + std::string(cell) + ">";
    }
    return element("tr", html) + "\n";
}

std::string write(const Table& table) {
    std::string rows;
    for (const auto& cells : table.rows) {
        rows += row(cells, "td", table);
    }
    return "<div class=\"scroll\"><table>\n<thead>" + row(table.header, "th", table) + "</thead>\n<tbody>\n" + rows +
           "</tbody>\n</table></div>\n";
}

std::string write(const CodeBlock& code) {
    return "<pre tabindex=\"0\">" + element("code", html::escape(many_lines(code.text))) + "</pre>\n";
}

std::string write(const Quote& quote) {
    return element("blockquote", write(quote.blocks)) + "\n";
}

std::string_view tone_class(Callout::Tone tone) {
    switch (tone) {
        case Callout::Tone::good: return "good";
        case Callout::Tone::caution: return "caution";
        case Callout::Tone::bad: return "bad";
        case Callout::Tone::unknown: return "unknown";
    }
    return "unknown";
}

std::string write(const Callout& callout) {
    return "<section class=\"callout " + std::string(tone_class(callout.tone)) + "\">\n" + write(callout.blocks) +
           "</section>\n";
}

std::string write(const Rule&) {
    return "<hr>\n";
}

std::string write(const SequenceDiagram& diagram) {
    return element("figure", html::draw(diagram)) + "\n";
}

std::string write(const Timeline& timeline) {
    return element("figure", html::draw(timeline)) + "\n";
}

std::string write(const Blocks& blocks) {
    std::string html;
    for (const Block& block : blocks) {
        html += std::visit([](const auto& content) { return write(content); }, block.content);
    }
    return html;
}

}  // namespace

namespace html {

std::string escape(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        switch (c) {
            case '&': escaped += "&amp;"; break;
            case '<': escaped += "&lt;"; break;
            case '>': escaped += "&gt;"; break;
            case '"': escaped += "&quot;"; break;
            case '\'': escaped += "&#39;"; break;
            default: escaped += c;
        }
    }
    return escaped;
}

}  // namespace html

std::string write_html(const Document& document) {
    const std::string policy =
        "default-src 'none'; style-src 'sha256-" + std::string(kStyleHash) + "'; base-uri 'none'; form-action 'none'";
    return "<!DOCTYPE html>\n<html lang=\"" + html::escape(document.language) +
           "\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"generator\" content=\"banana-diag\">\n<meta "
           "http-equiv=\"Content-Security-Policy\" content=\"" +
           policy +
           "\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
           "<meta name=\"referrer\" content=\"no-referrer\">\n<title>" +
           html::escape(one_line(document.title)) + "</title>\n<style>" + std::string(kStyle) +
           "</style>\n</head>\n<body>\n<main>\n" + write(document.blocks) + "</main>\n</body>\n</html>\n";
}

std::string write_html(const Report& report, Data data) {
    return write_html(report_document(report, catalog(report.lang))) + data_comment(report, data) + "\n";
}

}  // namespace banana
