#include "markdown.hpp"

#include "banana/ascii.hpp"
#include "catalog.hpp"
#include "report_document.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace banana {
namespace {

using Lines = std::vector<std::string>;

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), to_lower);
    return result;
}

// GFM makes links of bare addresses, and GitHub mentions of @names; a backslash does not stop all of them.
bool would_link(std::string_view word) {
    return word.find('@') != std::string_view::npos || word.find("://") != std::string_view::npos ||
           lower(word).find("www.") != std::string::npos;
}

// An underscore between letters opens no emphasis in GFM; left alone it keeps names readable in the source.
bool is_inside_word(std::string_view word, std::size_t at) {
    return at > 0 && at + 1 < word.size() && is_alphanumeric(word[at - 1]) && is_alphanumeric(word[at + 1]);
}

// Whether the character at `at` would mean something there. Brackets alone do not, since no document of ours defines
// references: what makes a link of them is the character behind; "[ ]" and "[^" are tasks and footnotes.
bool has_meaning(std::string_view word, std::size_t at, bool in_table) {
    const char c = word[at];
    const char before = at > 0 ? word[at - 1] : ' ';
    const char after = at + 1 < word.size() ? word[at + 1] : ' ';
    switch (c) {
        case '_': return !is_inside_word(word, at);
        case '&':
        case '#': return is_alphanumeric(after) || after == '#';
        case '|': return in_table;
        case '[': return before == ']' || after == '^' || after == ' ' || (at + 2 < word.size() && word[at + 2] == ']');
        case '(':
        case ':': return before == ']';
        default: return std::string_view("\\`*<~$").find(c) != std::string_view::npos;
    }
}

// Backslashes only where they are needed: people read the raw text too.
std::string escape_word(std::string_view word, bool in_table) {
    std::string escaped;
    for (std::size_t at = 0; at < word.size(); ++at) {
        if (has_meaning(word, at, in_table)) {
            escaped += '\\';
        }
        escaped += word[at];
    }
    return escaped;
}

// What would open a heading, quote, list, rule, table or code fence there.
std::string guard_line_start(std::string line) {
    if (line.empty()) {
        return line;
    }
    if (std::string_view("-+=>#|").find(line.front()) != std::string_view::npos) {
        return "\\" + line;
    }
    const std::size_t digits = std::min(line.find_first_not_of("0123456789"), line.size());
    if (digits > 0 && digits < line.size() && (line[digits] == '.' || line[digits] == ')')) {
        line.insert(digits, 1, '\\');
    }
    return line;
}

char32_t first_of(std::string_view text) {
    std::size_t at = 0;
    return text.empty() ? U' ' : utf8::next(text, at);
}

char32_t last_of(std::string_view text) {
    if (text.empty()) {
        return U' ';
    }
    std::size_t start = utf8::boundary_before(text, text.size() - 1);
    return utf8::next(text, start);
}

// Neither white space nor punctuation, as far as CommonMark's rules for ** go.
bool is_word_character(char32_t c) {
    if (c < 0x80) {
        return is_alphanumeric(static_cast<char>(c));
    }
    const bool punctuation = (c >= 0x2010 && c <= 0x205f) || (c >= 0x3000 && c <= 0x303f) ||
                             (c >= 0xff00 && c <= 0xff0f) || (c >= 0xff1a && c <= 0xff20) ||
                             (c >= 0xff3b && c <= 0xff40) || (c >= 0xff5b && c <= 0xff65) || c == 0xa0 || c == 0xb7;
    return !punctuation;
}

char32_t leading_character(const Inline& text, std::size_t index) {
    if (index >= text.size()) {
        return U' ';
    }
    return text[index].kind == Span::Kind::text ? first_of(text[index].text) : U'*';
}

// Parsers count no more than 80 backticks around a code span and 255 around a block (cmark-gfm): of a longer run, which
// nothing sensible holds, the rest is left out.
std::string with_short_runs(std::string_view text) {
    constexpr std::size_t kLongestRun = 60;
    std::string out;
    std::size_t run = 0;
    for (const char c : text) {
        run = c == '`' ? run + 1 : 0;
        if (run <= kLongestRun) {
            out += c;
        }
    }
    return out;
}

std::size_t longest_run(std::string_view text) {
    std::size_t longest = 0;
    std::size_t run = 0;
    for (const char c : text) {
        run = c == '`' ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    return longest;
}

class InlineWriter {
public:
    explicit InlineWriter(bool in_table) : in_table_(in_table) {}

    std::string write(const Inline& text) {
        for (std::size_t index = 0; index < text.size(); ++index) {
            const std::string clean = one_line(text[index].text);
            switch (text[index].kind) {
                case Span::Kind::text: write_text(clean); break;
                case Span::Kind::code: write_code(clean); break;
                case Span::Kind::strong: write_strong(clean, leading_character(text, index + 1)); break;
            }
        }
        const std::size_t start = written_.find_first_not_of(' ');
        const std::size_t end = written_.find_last_not_of(' ');
        return start == std::string::npos ? std::string() : written_.substr(start, end - start + 1);
    }

private:
    void write_text(std::string_view text) {
        const std::string escaped = markdown::escape_text(text, false, in_table_);
        if (written_.ends_with('`') && escaped.starts_with('`')) {
            written_ += ' ';
        }
        if (written_.ends_with(']') && !escaped.empty() &&
            std::string_view("([:").find(escaped[0]) != std::string::npos) {
            written_ += '\\';
        }
        written_ += escaped;
    }

    // Two code spans side by side would make one longer run of backticks.
    void write_code(std::string_view code) {
        if (written_.ends_with('`')) {
            written_ += ' ';
        }
        written_ += markdown::code_span(code, in_table_);
    }

    // Blanks are moved out, and a space is put where the ** beside it would not count as emphasis.
    void write_strong(std::string_view text, char32_t following) {
        const std::size_t start = text.find_first_not_of(' ');
        if (start == std::string_view::npos) {
            written_ += text;
            return;
        }
        const std::size_t end = text.find_last_not_of(' ') + 1;
        const std::string_view core = text.substr(start, end - start);
        const bool opens = is_word_character(first_of(core)) || !is_word_character(last_of(written_));
        const bool closes = is_word_character(last_of(core)) || !is_word_character(following);
        if ((start > 0 || !opens || written_.ends_with('*')) && !written_.empty()) {
            written_ += ' ';
        }
        written_ += "**" + markdown::escape_text(core, false, in_table_) + "**";
        if (end < text.size() || !closes) {
            written_ += ' ';
        }
    }

    bool in_table_;
    std::string written_;
};

std::string write_inline(const Inline& text, bool in_table = false) {
    return InlineWriter(in_table).write(text);
}

Lines split(std::string_view text) {
    Lines lines;
    while (true) {
        const std::size_t end = text.find('\n');
        lines.emplace_back(text.substr(0, end));
        if (end == std::string_view::npos) {
            return lines;
        }
        text.remove_prefix(end + 1);
    }
}

class BlockWriter {
public:
    Lines write(const Blocks& blocks) {
        Lines all;
        for (const Block& block : blocks) {
            Lines lines = std::visit([&](const auto& content) { return write(content); }, block.content);
            if (lines.empty()) {
                continue;
            }
            if (!all.empty()) {
                all.emplace_back();
            }
            all.insert(all.end(), lines.begin(), lines.end());
            after_list_ = std::holds_alternative<List>(block.content) && !after_list_;
        }
        return all;
    }

private:
    Lines write(const Heading& heading) {
        return {std::string(static_cast<std::size_t>(heading.level), '#') + " " + write_inline(heading.text)};
    }

    Lines write(const Paragraph& paragraph) {
        std::string text = guard_line_start(write_inline(paragraph.text));
        return text.empty() ? Lines() : Lines{std::move(text)};
    }

    Lines write(const List& list) {
        // Two lists in a row would become one: the second gets the other marker.
        const bool other_marker = after_list_;
        Lines all;
        std::size_t number = 1;
        for (const Blocks& item : list.items) {
            const std::string marker = list.ordered ? std::to_string(number++) + (other_marker ? ") " : ". ")
                                                    : std::string(other_marker ? "* " : "- ");
            Lines lines = BlockWriter().write(item);
            for (std::size_t index = 0; index < lines.size(); ++index) {
                if (index > 0 && lines[index].empty()) {
                    all.emplace_back();
                } else {
                    all.push_back((index == 0 ? marker : std::string(marker.size(), ' ')) + lines[index]);
                }
            }
        }
        return all;
    }

    Lines write(const Table& table) {
        if (table.header.empty()) {
            return {};
        }
        Lines lines{row(table.header, table.header.size())};
        std::string rule = "|";
        for (std::size_t column = 0; column < table.header.size(); ++column) {
            const bool right = column < table.right_aligned.size() && table.right_aligned[column];
            rule += right ? " ---: |" : " --- |";
        }
        lines.push_back(std::move(rule));
        for (const auto& cells : table.rows) {
            lines.push_back(row(cells, table.header.size()));
        }
        return lines;
    }

    static std::string row(const std::vector<Inline>& cells, std::size_t columns) {
        std::string line = "|";
        for (std::size_t column = 0; column < columns; ++column) {
            line += " " + (column < cells.size() ? write_inline(cells[column], true) : std::string()) + " |";
        }
        return line;
    }

    Lines write(const CodeBlock& code) { return split(markdown::fenced(code.language, code.text)); }

    Lines write(const Quote& quote) { return quoted(quote.blocks); }

    Lines write(const Callout& callout) { return quoted(callout.blocks); }

    static Lines quoted(const Blocks& blocks) {
        Lines lines = BlockWriter().write(blocks);
        for (std::string& line : lines) {
            line = line.empty() ? ">" : "> " + line;
        }
        return lines;
    }

    Lines write(const Rule&) { return {"---"}; }

    // Drawings are HTML's: the head names each link with its mark, the table says the rest.
    Lines write(const SequenceDiagram&) { return {}; }

    Lines write(const Timeline&) { return {}; }

    bool after_list_ = false;
};

}  // namespace

namespace markdown {

std::string escape_text(std::string_view text, bool at_line_start, bool in_table) {
    std::string escaped;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        const std::string_view word = text.substr(at, end - at);
        if (would_link(word)) {
            escaped += code_span(word, in_table);
        } else {
            escaped += escape_word(word, in_table);
        }
        if (end < text.size()) {
            escaped += ' ';
        }
        at = end + 1;
    }
    return at_line_start ? guard_line_start(std::move(escaped)) : escaped;
}

std::string code_span(std::string_view text, bool in_table) {
    if (text.find_first_not_of(' ') == std::string_view::npos) {
        return {};  // CommonMark knows no empty code span
    }
    const std::string short_runs = with_short_runs(text);
    text = short_runs;
    const std::string fence(longest_run(text) + 1, '`');
    const bool padded = text.front() == '`' || text.back() == '`' || (text.front() == ' ' && text.back() == ' ');
    std::string code;
    for (const char c : text) {
        code += in_table && c == '|' ? "\\|" : std::string(1, c);
    }
    return fence + (padded ? " " : "") + code + (padded ? " " : "") + fence;
}

std::string fenced(std::string_view language, std::string_view text) {
    const std::string clean = with_short_runs(many_lines(text));
    constexpr std::size_t kShortestFence = 3;
    const std::string fence(std::max(kShortestFence, longest_run(clean) + 1), '`');
    std::string block = fence;
    std::copy_if(language.begin(), language.end(), std::back_inserter(block), is_alphanumeric);
    block += "\n" + clean;
    if (!clean.empty() && clean.back() != '\n') {
        block += '\n';
    }
    return block + fence;
}

}  // namespace markdown

std::string write_markdown(const Document& document) {
    std::string text;
    for (const std::string& line : BlockWriter().write(document.blocks)) {
        text += line;
        text += '\n';
    }
    return text;
}

std::string write_markdown(const Report& report, Data data) {
    // Its last line is also the mark by which the program knows a report of its own, which it may write over.
    const std::string text = write_markdown(report_document(report, catalog(report.lang)));
    return text + (data == Data::left_out ? "" : "\n") + data_comment(report, data) + "\n";
}

}  // namespace banana
