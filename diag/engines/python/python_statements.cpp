#include "python_statements.hpp"

#include "banana/ascii.hpp"
#include "banana/bounds.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace banana {
namespace {

constexpr int kTabWidth = 8;  // as Python's tokenizer

bool is_identifier(char c) {
    return is_alphanumeric(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

// Which characters mean nothing to the splitter: runs of them are taken at once. One at a time is a third of a
// healthy run's time for the plugin's source.
struct PlainCharacters {
    std::array<bool, 256> plain{};

    constexpr explicit PlainCharacters(std::string_view others) {
        plain.fill(true);
        for (const char c : others) {
            plain[static_cast<unsigned char>(c)] = false;
        }
    }
    [[nodiscard]] std::size_t run_end(std::string_view text, std::size_t from) const {
        while (from < text.size() && plain[static_cast<unsigned char>(text[from])]) {
            ++from;
        }
        return from;
    }
};

constexpr PlainCharacters kOfCode("\r\n\\#\"'()[]{}");
constexpr PlainCharacters kOfString("\r\n\\\"'");

// Cuts source into logical lines: brackets, backslashes and triple quotes join physical ones.
class Splitter {
public:
    explicit Splitter(std::string_view source) : source_(source) {}

    std::vector<PythonStatement> run() {
        if (source_.starts_with("\xEF\xBB\xBF")) {
            position_ = 3;
        }
        while (position_ < source_.size()) {
            begin_statement();
            while (position_ < source_.size() && !step()) {
            }
            end_statement();
        }
        return std::move(statements_);
    }

private:
    struct Block {
        int indent;
        int statement;  // index of the function or class, -1 for a conditional block
    };

    [[nodiscard]] char peek(std::size_t offset = 0) const {
        return position_ + offset < source_.size() ? source_[position_ + offset] : '\0';
    }

    void begin_statement() {
        current_ = PythonStatement();
        current_.line = line_;
        depth_ = 0;
        const std::size_t start = position_;
        indent_ = 0;
        for (; peek() == ' ' || peek() == '\t' || peek() == '\f'; ++position_) {
            indent_ = peek() == '\t' ? (indent_ / kTabWidth + 1) * kTabWidth : indent_ + 1;
        }
        const std::size_t end = source_.find_first_of("\r\n", start);
        current_.first_line = source_.substr(start, end == std::string_view::npos ? end : end - start);
    }

    void skip_line_end() {
        position_ += peek() == '\r' && peek(1) == '\n' ? 2 : 1;
        ++line_;
    }

    static void append_within_bound(std::string& text, std::string_view more) {
        text += more.substr(0, bounds::kPythonStatementBytes - std::min(text.size(), bounds::kPythonStatementBytes));
    }

    void put_text(std::string_view text) { append_within_bound(current_.code, text); }

    void put_text(char c) { put_text(std::string_view(&c, 1)); }

    void put(std::string_view text) {
        put_text(text);
        append_within_bound(current_.bare, text);
    }

    void put(char c) { put(std::string_view(&c, 1)); }

    // All up to `end` at once.
    [[nodiscard]] std::string_view take_until(std::size_t end) {
        const std::size_t begin = std::exchange(position_, end);
        return source_.substr(begin, end - begin);
    }

    // Consumes one token; true when the statement has ended.
    bool step() {
        if (const std::size_t end = kOfCode.run_end(source_, position_); end > position_) {
            put(take_until(end));
            return false;
        }
        const char c = peek();
        if (c == '\n' || c == '\r') {
            skip_line_end();
            if (depth_ <= 0 || line_ - current_.line >= bounds::kPythonStatementLines) {
                return true;
            }
            put(' ');
            return false;
        }
        if (c == '\\' && (peek(1) == '\n' || peek(1) == '\r')) {
            ++position_;
            skip_line_end();
            put(' ');
            return line_ - current_.line >= bounds::kPythonStatementLines;
        }
        if (c == '#') {
            position_ = std::min(source_.find_first_of("\r\n", position_), source_.size());
            return false;
        }
        if (c == '"' || c == '\'') {
            read_string(c);
            return false;
        }
        depth_ += c == '(' || c == '[' || c == '{' ? 1 : 0;
        depth_ -= c == ')' || c == ']' || c == '}' ? 1 : 0;
        put(c);
        ++position_;
        return false;
    }

    void read_string(char quote) {
        const bool triple = peek(1) == quote && peek(2) == quote;
        position_ += triple ? 3 : 1;
        put(quote);
        for (; position_ < source_.size(); ++position_) {
            const std::string_view plain = take_until(kOfString.run_end(source_, position_));
            if (!triple) {
                put_text(plain);
            }
            if (position_ == source_.size()) {
                break;
            }
            const char c = peek();
            if (c == '\n' || c == '\r') {
                if (!triple) {
                    break;  // never closed: as Python, the line ends it
                }
                skip_line_end();
                --position_;
                continue;
            }
            if (c == quote && (!triple || (peek(1) == quote && peek(2) == quote))) {
                position_ += triple ? 3 : 1;
                break;
            }
            if (!triple) {
                put_text(c);
            }
            if (c == '\\' && peek(1) != '\n' && peek(1) != '\r' && peek(1) != '\0') {
                ++position_;
                if (!triple) {
                    put_text(peek());
                }
            }
        }
        put(quote);
    }

    void end_statement() {
        const std::string_view bare = trim_ascii(current_.bare);
        if (bare.empty() || bare.front() == '"' || bare.front() == '\'') {
            return;
        }
        while (!blocks_.empty() && blocks_.back().indent >= indent_) {
            blocks_.pop_back();
        }
        for (const Block& block : blocks_) {
            current_.parent = block.statement >= 0 ? block.statement : current_.parent;
            current_.guarded = current_.guarded || block.statement < 0;
        }
        classify(bare);
        const int index = static_cast<int>(statements_.size());
        if (current_.kind == PythonKind::function || current_.kind == PythonKind::class_definition) {
            blocks_.push_back({indent_, index});
        } else if (current_.kind == PythonKind::conditional) {
            blocks_.push_back({indent_, -1});
        }
        statements_.push_back(std::move(current_));
    }

    void classify(std::string_view bare) {
        if (bare.starts_with("@")) {
            current_.kind = PythonKind::decorator;
            return;
        }
        if (begins_conditional(bare)) {
            current_.kind = PythonKind::conditional;
            return;
        }
        const bool is_async = bare.starts_with("async ");
        if (is_async) {
            bare = trim_ascii(bare.substr(6));
        }
        if (bare.starts_with("def ")) {
            current_.kind = PythonKind::function;
            bare.remove_prefix(4);
        } else if (bare.starts_with("class ")) {
            current_.kind = PythonKind::class_definition;
            bare.remove_prefix(6);
        } else {
            return;
        }
        bare = trim_ascii(bare);
        const auto end = std::find_if_not(bare.begin(), bare.end(), is_identifier);
        current_.name.assign(bare.begin(), end);
    }

    // `try`, branches of any kind, and `with suppress(…)`.
    static bool begins_conditional(std::string_view bare) {
        const std::string_view word = bare.substr(0, bare.find_first_of(" :(\t"));
        static constexpr std::array<std::string_view, 8> kWords{"try",  "except", "if",    "elif",
                                                                "else", "while",  "match", "case"};
        const bool is_block = bare.ends_with(":");
        return is_block && (std::find(kWords.begin(), kWords.end(), word) != kWords.end() ||
                            (word == "with" && bare.find("suppress") != std::string_view::npos));
    }

    std::string_view source_;
    std::size_t position_ = 0;
    int line_ = 1;
    int indent_ = 0;
    int depth_ = 0;
    PythonStatement current_;
    std::vector<Block> blocks_;
    std::vector<PythonStatement> statements_;
};

// Index just behind the next whole-identifier occurrence of `name` at or after `from`; npos when none.
std::size_t find_identifier(std::string_view code, std::string_view name, std::size_t from) {
    for (std::size_t at = code.find(name, from); at != std::string_view::npos; at = code.find(name, at + 1)) {
        const std::size_t end = at + name.size();
        if ((at == 0 || !is_identifier(code[at - 1])) && (end == code.size() || !is_identifier(code[end]))) {
            return end;
        }
    }
    return std::string_view::npos;
}

// Resolves the escape after a backslash at `at`; returns the index behind it.
std::size_t append_escape(std::string_view code, std::size_t at, std::string& out) {
    const char kind = code[at];
    const std::size_t digits = kind == 'x' ? 2 : kind == 'u' ? 4 : 0;
    if (digits == 0 || at + digits >= code.size()) {
        out.push_back(kind == 'n' ? '\n' : kind == 't' ? '\t' : kind);
        return at + 1;
    }
    std::uint32_t value = 0;
    for (std::size_t index = 1; index <= digits; ++index) {
        const int digit = hex_value(code[at + index]);
        if (digit < 0) {
            out.push_back(kind);
            return at + 1;
        }
        value = value * 16 + static_cast<std::uint32_t>(digit);
    }
    if (value > 0 && value < 0x80) {
        out.push_back(static_cast<char>(value));
    } else {
        out.append("\xEF\xBF\xBD");
    }
    return at + 1 + digits;
}

}  // namespace

std::vector<PythonStatement> python_statements(std::string_view source) {
    return Splitter(source).run();
}

bool is_within(const std::vector<PythonStatement>& statements, const PythonStatement& inner, int outer) {
    for (int parent = inner.parent; parent >= 0; parent = statements[static_cast<std::size_t>(parent)].parent) {
        if (parent == outer) {
            return true;
        }
    }
    return false;
}

bool mentions(std::string_view bare, std::string_view name) {
    return find_identifier(bare, name, 0) != std::string_view::npos;
}

bool calls(std::string_view bare, std::string_view name) {
    for (std::size_t end = find_identifier(bare, name, 0); end != std::string_view::npos;
         end = find_identifier(bare, name, end)) {
        const std::string_view before = trim_ascii(bare.substr(0, end - name.size()));
        const std::string_view after = trim_ascii(bare.substr(end));
        if (after.starts_with("(") && !before.ends_with("def")) {
            return true;
        }
    }
    return false;
}

std::vector<std::string> string_literals(std::string_view code) {
    std::vector<std::string> literals;
    for (std::size_t at = 0; at < code.size(); ++at) {
        const char quote = code[at];
        if (quote != '"' && quote != '\'') {
            continue;
        }
        std::string value;
        for (++at; at < code.size() && code[at] != quote;) {
            if (code[at] == '\\' && at + 1 < code.size()) {
                at = append_escape(code, at + 1, value);
            } else {
                value.push_back(code[at++]);
            }
        }
        literals.push_back(std::move(value));
    }
    return literals;
}

int find_function(const std::vector<PythonStatement>& statements, std::string_view name) {
    const auto found = std::find_if(statements.begin(), statements.end(), [&](const PythonStatement& statement) {
        return statement.kind == PythonKind::function && statement.name == name;
    });
    return found == statements.end() ? -1 : static_cast<int>(found - statements.begin());
}

bool has_literal(const PythonStatement& statement, std::string_view value) {
    if (statement.code.find(value) == std::string::npos) {
        return false;
    }
    const std::vector<std::string> literals = string_literals(statement.code);
    return std::find(literals.begin(), literals.end(), value) != literals.end();
}

}  // namespace banana
