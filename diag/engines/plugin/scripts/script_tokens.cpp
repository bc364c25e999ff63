#include "script_tokens.hpp"

#include "banana/ascii.hpp"
#include "banana/bounds.hpp"

#include <algorithm>

namespace banana::script {

bool is_word(char c) {
    return is_alphanumeric(c) || c == '_' || c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

namespace {

// Splits a script into words, punctuation and literals. The code inside `${…}` follows its literal.
class Tokenizer {
public:
    explicit Tokenizer(std::string_view text) : text_(text) {}

    std::vector<Token> run() {
        read_code(0, false);
        return std::move(tokens_);
    }

private:
    [[nodiscard]] bool at_end() const { return position_ >= text_.size(); }
    [[nodiscard]] char peek(std::size_t ahead = 0) const {
        return position_ + ahead < text_.size() ? text_[position_ + ahead] : '\0';
    }
    char take() {
        const char c = text_[position_++];
        line_ += c == '\n' ? 1 : 0;
        return c;
    }

    void skip_line_comment() {
        while (!at_end() && peek() != '\n') {
            take();
        }
    }

    void skip_block_comment() {
        position_ += 2;
        while (!at_end() && !(peek() == '*' && peek(1) == '/')) {
            take();
        }
        position_ = std::min(position_ + 2, text_.size());
    }

    // A slash begins a regular expression where no value can stand before it.
    [[nodiscard]] bool slash_begins_expression() const {
        if (tokens_.empty()) {
            return true;
        }
        const Token& last = tokens_.back();
        if (last.kind == TokenKind::punctuation) {
            return std::string_view("(,=:[!&|?{};+-*%<>~^").find(last.text.front()) != std::string_view::npos;
        }
        return last.kind == TokenKind::word && (last.text == "return" || last.text == "typeof");
    }

    void skip_expression() {
        take();
        bool in_class = false;
        while (!at_end() && peek() != '\n') {
            const char c = take();
            if (c == '\\' && !at_end()) {
                take();
            } else if (c == '[') {
                in_class = true;
            } else if (c == ']') {
                in_class = false;
            } else if (c == '/' && !in_class) {
                return;
            }
        }
    }

    void read_string(char quote) {
        Token token{TokenKind::literal, {}, line_};
        while (!at_end() && peek() != '\n') {
            const char c = take();
            if (c == quote) {
                break;
            }
            token.text += c;
            if (c == '\\' && !at_end()) {
                token.text += take();
            }
        }
        tokens_.push_back(std::move(token));
    }

    void read_template(int depth) {
        Token token{TokenKind::literal, {}, line_};
        const std::size_t index = tokens_.size();
        tokens_.push_back(token);
        while (!at_end()) {
            const char c = take();
            if (c == '`') {
                break;
            }
            if (c == '$' && peek() == '{') {
                take();
                token.text += kInserted;
                read_code(depth + 1, true);
                continue;
            }
            token.text += c;
            if (c == '\\' && !at_end()) {
                token.text += take();
            }
        }
        tokens_[index].text = std::move(token.text);
    }

    void read_word() {
        Token token{TokenKind::word, {}, line_};
        while (!at_end() && is_word(peek())) {
            token.text += take();
        }
        tokens_.push_back(std::move(token));
    }

    // Until the end, or the brace that closes an insertion.
    void read_code(int depth, bool inserted) {
        int braces = 0;
        while (!at_end()) {
            const char c = peek();
            if (c == '/' && peek(1) == '/') {
                skip_line_comment();
            } else if (c == '/' && peek(1) == '*') {
                skip_block_comment();
            } else if (c == '/' && slash_begins_expression()) {
                skip_expression();
            } else if (c == '"' || c == '\'') {
                take();
                read_string(c);
            } else if (c == '`' && depth < bounds::kScriptTemplateDepth) {
                take();
                read_template(depth);
            } else if (is_word(c)) {
                read_word();
            } else if (inserted && c == '}' && braces == 0) {
                take();
                return;
            } else {
                braces += c == '{' ? 1 : c == '}' ? -1 : 0;
                read_punctuation();
            }
        }
    }

    void read_punctuation() {
        const int line = line_;
        const char c = take();
        if (static_cast<unsigned char>(c) > ' ') {
            tokens_.push_back(Token{TokenKind::punctuation, std::string(1, c), line});
        }
    }

    std::string_view text_;
    std::size_t position_ = 0;
    int line_ = 1;
    std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokenize(std::string_view text) {
    return Tokenizer(text).run();
}

}  // namespace banana::script
