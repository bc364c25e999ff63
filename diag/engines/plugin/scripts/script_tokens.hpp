// JavaScript as words, punctuation and literals: as much of a script's form as its readers need. Bounded and tolerant:
// any bytes give tokens.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace banana::script {

// Stands in a literal's text for `${…}`.
inline constexpr char kInserted = '\x01';

enum class TokenKind { word, punctuation, literal };

struct Token {
    TokenKind kind = TokenKind::punctuation;
    // Word, one punctuation character, or a literal's text with escapes kept and `${…}` as kInserted.
    std::string text;
    int line = 1;
};

// Of an identifier; bytes beyond ASCII count as letters.
bool is_word(char c);

// Comments and regular expressions are left out. The code inside `${…}` follows its literal.
std::vector<Token> tokenize(std::string_view text);

}  // namespace banana::script
