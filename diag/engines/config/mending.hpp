// One config.ini while it is mended: the state that the steps share. Each step has a file: the text (mending_text.cpp),
// the syntax (mending_syntax.cpp), the names (mending_names.cpp), the key (mending_key.cpp); config_mending.cpp calls
// them and proves the outcome.
#pragma once

#include "config_lines.hpp"
#include "config_mending.hpp"
#include "config_text.hpp"
#include "ini_reader.hpp"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace banana::mending {

inline constexpr std::string_view kKeyOption = "api_key";
inline constexpr std::string_view kPluginHeader = "[gemini]";
inline constexpr std::string_view kSlashes = "//";

struct Refused {
    MendRefusal refusal;
};

[[noreturn]] inline void refuse_to_mend(MendObstacle obstacle, int line = 0) {
    throw Refused{{obstacle, line}};
}

class Mending {
public:
    Mending(std::string_view bytes, const Secret* key, KeyUse use)
        : original_(bytes), key_(key), use_(use), lines_(decoded(bytes)) {}
    std::string readable();
    MendedConfig run();

private:
    void note(Mend mend);
    [[nodiscard]] IniFile read() const { return IniFile::parse(lines_.joined()); }

    // ---- from bytes to text ----

    std::string decoded(std::string_view bytes);

    // ---- until the parser is content ----

    void mend_syntax();
    void mend_error(const IniFile& file, const IniError& error);
    void comment_out(int number) { lines_.set_text(number, "# " + lines_.text(number)); }

    // What is wrong in the same way wherever the line stands. True where it was that.
    bool mend_anywhere(int number);
    void mend_slashes(int number);
    void mend_before_header(int number);
    void mend_bad_lines(const IniFile& file, const IniError& error);
    bool mend_delimiter(int number);

    // `api_key = sk-abc` and the rest of the key on the lines below: certain where it makes a whole key, or where
    // nothing but a key stands on the one line below an empty value.
    bool join_broken_key(const IniFile& file);

    // The one line below an option without a value, where it is a key; else empty.
    [[nodiscard]] std::string key_below(int number) const;

    // ---- the same twice ----

    void mend_duplicate_section(const IniFile& file, const IniError& error);
    void mend_duplicate_option(const IniFile& file, const IniError& error);

    // ---- names ----

    void mend_section();
    void mend_option_name();
    void rename_option(const IniSection& section, const NearOption& near);

    // Known options among the lines that became part of another option's value move to the left.
    void drop_command_word(const NearOption& near);
    void free_swallowed(const IniOption& option);

    // ---- the key ----

    void mend_value();

    // True where it was changed and has to be looked at again.
    bool mend_value(const IniOption& option, const IniValue& read);
    void require_key(int line) const;
    static std::string escaped(std::string_view key);
    [[nodiscard]] std::string escaped_key() const { return escaped(key_->reveal()); }
    bool put_key(const IniOption& option);

    // Where the value stands: on the option's own line, or all of it on the one below.
    [[nodiscard]] int value_line(const IniOption& option) const;
    void set_value(int number, std::string_view value);

    // Lines that became part of the key's value: options and comments get back what they are. Of an old key, which
    // another replaces, its pieces go.
    void release_continuation(const IniOption& option, bool old_key_goes);

    // ---- the proof ----

    void prove(std::string_view bytes) const;
    void prove_section(const IniSection& before, const IniSection* after) const;

    // The file's last value had the mark at its end.
    [[nodiscard]] bool ended_at_control_z(const IniOption& now, const IniOption& before) const;

    std::string_view original_;
    const Secret* key_;
    KeyUse use_;
    std::vector<Mend> done_;
    ConfigLines lines_;
    std::string renamed_section_;
    std::set<std::string, std::less<>> changed_options_;
};

}  // namespace banana::mending
