// Whether a configured value is a real key: what is wrong with a value that is no clean one.
#pragma once

#include "banana/secret.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace banana {

enum class KeyDefect {
    broken,            // over several lines, the next of them indented: one key, cut in pieces
    continued,         // the next, indented lines became part of the value
    quotes,            // quotes or brackets around it, which Python keeps
    double_delimiter,  // `==` or `:=`: the second one is part of the value
    label,             // `api_key = api_key = …`: a name inside the value
    bearer,            // `Bearer ` in front
    url,               // an address, not a key
    masked_copy,       // a shortened form copied from a page: `sk-abc***xyz`
    two_keys,          // two keys on one line
    repeated,          // one key pasted twice or more
    comment,           // `… # text` or `… ; text`: Python has no comments behind a value
    invisible,         // zero-width and control characters, byte order marks
    full_width,        // ＳＫ－…: letters of a Chinese input method
    non_ascii,         // any other character that an HTTP header cannot carry
    inner_space,
    stray_character,  // punctuation that no key has
    other_provider,   // the form of another service's key
    cut_short,        // `sk-` and fewer than the 48 letters and digits behind it
    too_short,
    too_long,  // no key is: a whole text was pasted
    suffix,    // `sk-…-123`: accepted for drawing, not by the balance query
};

// As written into args, "quotes" … "too-short".
std::string_view key_defect_name(KeyDefect defect);

struct KeyProblem {
    KeyDefect defect = KeyDefect::too_short;
    std::string detail;        // the character ("U+200B ZERO WIDTH SPACE"), the other provider's name, "25 + 26 = 51"
    std::size_t position = 0;  // one-based code point within the value; 0 where none is to blame
    std::optional<Secret> corrected;  // the key without the defect, where it is safe to derive
};

// `value` is what the plugin would use: after strip(), not empty, valid UTF-8. None for a clean key.
std::optional<KeyProblem> find_key_problem(std::string_view value);

}  // namespace banana
