// A config.ini put right by the smallest certain change, or not at all: what a careful person with an editor would do,
// who leaves every other byte as it is. A pure function of bytes; nothing is written here.
#pragma once

#include "banana/secret.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace banana {

// What was changed.
enum class Mend {
    byte_order_mark,     // taken away
    encoding,            // GBK, UTF-16, UTF-32 or Latin-1 made UTF-8
    text_before_header,  // commented out
    code_fence,          // Markdown's ``` taken away
    header,              // `［gemini］`, `[gemini` made `[gemini]`
    missing_header,      // `[gemini]` put in
    delimiter,           // `＝`, `：` or none made `=`, `:`
    slash_comment,       // `//` made `#`
    remark,              // a line of prose commented out
    control_z,           // the end-of-file mark of old editors taken away
    invisible,           // characters that cannot be seen taken out of a header, comment or option name
    duplicate,           // a section or option that says the same again commented out
    section_name,        // `[Gemini]` made `[gemini]`
    option_name,         // `api-key` made `api_key`
    indentation,         // an option that was swallowed by the one above it moved to the left
    key_put_in,          // another key than the file had
    key_text,            // quotes, blanks, `Bearer ` … taken off the key
    key_comment,         // a comment behind the key moved to a line of its own
    key_joined,          // a key that was broken over lines made whole
};
// "byte-order-mark", "key-text" …
std::string_view mend_name(Mend mend);

enum class MendObstacle {
    key_needed,         // empty, missing or a sample: there is no key to go on with
    key_unclear,        // what stands there is no key, and what was meant cannot be told
    not_text,           // a document, or NUL characters
    encoding,           // which one cannot be told, or several in one file
    other_format,       // JSON, YAML, RTF, XML
    conflict,           // git's marks around two versions
    unclear_line,       // a line that may have been meant otherwise
    unclear_duplicate,  // a section or option twice, with different values
    unclear_section,    // no [gemini], and none that is certain to be meant
    interpolation,      // a `%` in the key
    too_many,           // mistakes
    not_proved,         // the outcome would not read as it should
};
// "key-needed", "unclear-line" …
std::string_view obstacle_name(MendObstacle obstacle);

struct MendedConfig {
    std::string bytes;        // of the whole file; UTF-8
    std::vector<Mend> mends;  // each once, in the order in which they were made; empty: nothing is wrong with the file
};

struct MendRefusal {
    MendObstacle obstacle = MendObstacle::not_proved;
    int line = 0;  // one-based, of the text as it was or as far as it was mended; 0 where none is to blame
};

enum class KeyUse {
    where_none_is,  // the key goes in where the file has none
    always,         // it replaces whatever key the file has
};

// `key`: null where none is at hand; printable ASCII without blanks. What comes back was read again by our
// configparser: it is accepted, `api_key` is a clean key (the given one, where it went in), and every other option that
// the file had as Python reads it reads as before.
std::variant<MendedConfig, MendRefusal> mend_config(std::string_view bytes, const Secret* key,
                                                    KeyUse use = KeyUse::where_none_is);

// Only so far that the parser reads the file: its text, as mend_config() would go on from.
std::variant<std::string, MendRefusal> mend_syntax(std::string_view bytes);

}  // namespace banana
