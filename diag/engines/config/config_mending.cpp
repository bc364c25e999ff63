#include "config_mending.hpp"

#include "api_key.hpp"
#include "banana/bounds.hpp"
#include "config_encoding.hpp"
#include "config_lines.hpp"
#include "config_options.hpp"
#include "config_text.hpp"
#include "config_words.hpp"
#include "ini_reader.hpp"
#include "key_text.hpp"
#include "python_text.hpp"
#include "sample_key.hpp"
#include "split_key.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <set>

namespace banana {
namespace {

constexpr std::string_view kKeyOption = "api_key";
constexpr std::string_view kPluginHeader = "[gemini]";
constexpr std::string_view kFence = "```";
constexpr std::string_view kSlashes = "//";
constexpr std::size_t kWholeKey = 51;    // `sk-` and 48 letters and digits
constexpr std::size_t kPieceOfKey = 16;  // a run of that many characters may be one
constexpr int kKeyRounds = 6;            // quotes in a comment behind `Bearer ` …

bool is_comment(std::string_view line) {
    const std::string_view text = python_strip(line);
    return text.starts_with('#') || text.starts_with(';');
}

bool is_blank(std::string_view line) {
    return python_strip(line).empty();
}

bool is_pure_key_text(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), key_text::is_key_character);
}

bool holds_piece_of_key(std::string_view text) {
    std::size_t run = 0;
    for (const char c : text) {
        run = key_text::is_key_character(c) ? run + 1 : 0;
        if (run >= kPieceOfKey) {
            return true;
        }
    }
    return false;
}

bool is_whole_key(std::string_view text) {
    return text.size() == kWholeKey && text.starts_with("sk-") && !find_key_problem(text);
}

bool is_header_line(std::string_view line) {
    return python_strip(line).starts_with('[') || !meant_header(line).empty();
}

// Prose that somebody wrote without a `#`: several words or other letters than Latin ones, and nothing in it that could
// be a key or an option.
bool is_remark(std::string_view line) {
    const std::string_view text = python_strip(line);
    const bool words =
        std::any_of(text.begin(), text.end(), [](char c) { return c == ' ' || static_cast<unsigned char>(c) >= 0x80; });
    return words && !holds_piece_of_key(text) && !is_header_line(text) && meant_option(text).empty() &&
           find_full_width_delimiter(text) == std::string_view::npos && text.find_first_of("=:") == text.npos;
}

bool is_key_or_none(std::string_view value) {
    return value.empty() || find_sample_key(value) || clean_key(value).has_value();
}

// `note=8` is meant as an option, `Note: mine` above a header is prose.
bool may_be_option(std::string_view line, bool header_follows) {
    const std::string_view text = python_strip(line);
    const std::size_t delimiter = text.find_first_of("=:");
    if (delimiter == std::string_view::npos) {
        return false;
    }
    const bool prose = text[delimiter] == ':' && text.substr(delimiter + 1).starts_with(' ');
    return !header_follows || (!prose && is_pure_key_text(python_strip(text.substr(0, delimiter))));
}

// Whether lines in a legacy encoding stand beside lines that are UTF-8, Chinese or Japanese: no one encoding is right.
bool is_mixed(std::string_view bytes) {
    const ConfigLines lines(bytes);
    bool legacy = false;
    bool unicode = false;
    for (int number = 1; number <= lines.count(); ++number) {
        const std::string& text = lines.text(number);
        if (find_invalid_utf8(text)) {
            legacy = true;
            continue;
        }
        // Three octets a character: pairs of GBK that happen to be UTF-8 have two.
        unicode = unicode ||
                  std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0xE0; });
    }
    return legacy && unicode;
}

// What Windows-1252 has in the places of Latin-1's control characters; 0 where it has nothing.
char32_t from_windows_1252(unsigned char byte) {
    constexpr std::array<char16_t, 32> kTable{
        0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
        0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
        0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178,
    };
    return byte >= 0x80 && byte < 0xA0 ? kTable[byte - 0x80U] : byte;
}

// A guess, and good enough for comments only, which nobody's program reads.
std::optional<std::string> comments_from_windows_1252(std::string_view bytes) {
    std::string text;
    ConfigLines lines(bytes);
    for (int number = 1; number <= lines.count(); ++number) {
        const std::string line = lines.text(number);
        const bool plain =
            std::all_of(line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
        std::string decoded;
        for (const char c : line) {
            const char32_t character = from_windows_1252(static_cast<unsigned char>(c));
            if (character == 0 && c != '\0') {
                return std::nullopt;
            }
            append_utf8(decoded, character);
        }
        if (!plain && !is_comment(decoded) && !python_strip(decoded).starts_with(kSlashes)) {
            return std::nullopt;
        }
        lines.set_text(number, decoded);
    }
    return lines.joined();
}

struct Refused {
    MendRefusal refusal;
};

[[noreturn]] void refuse_to_mend(MendObstacle obstacle, int line = 0) {
    throw Refused{{obstacle, line}};
}

class Mending {
public:
    Mending(std::string_view bytes, const Secret* key, KeyUse use)
        : original_(bytes), key_(key), use_(use), lines_(decoded(bytes)) {}

    std::string readable() {
        mend_syntax();
        return lines_.joined();
    }

    MendedConfig run() {
        mend_syntax();
        mend_section();
        mend_option_name();
        mend_value();
        MendedConfig mended;
        mended.bytes = done_.empty() ? std::string(original_) : lines_.joined();
        mended.mends = done_;
        prove(mended.bytes);
        return mended;
    }

private:
    void note(Mend mend) {
        if (std::find(done_.begin(), done_.end(), mend) == done_.end()) {
            done_.push_back(mend);
        }
    }

    [[nodiscard]] IniFile read() const { return IniFile::parse(lines_.joined()); }

    // ---- from bytes to text ----

    std::string decoded(std::string_view bytes) {
        DecodedConfig config = decode_config(bytes);
        switch (config.encoding) {
            case TextEncoding::utf8: break;
            case TextEncoding::utf8_bom: note(Mend::byte_order_mark); break;
            case TextEncoding::document: refuse_to_mend(MendObstacle::not_text);
            case TextEncoding::east_asian: refuse_to_mend(MendObstacle::encoding);
            case TextEncoding::gbk:
            case TextEncoding::single_byte:
                if (is_mixed(bytes)) {
                    refuse_to_mend(MendObstacle::encoding);
                }
                [[fallthrough]];
            default: note(Mend::encoding); break;
        }
        if (config.encoding == TextEncoding::single_byte) {
            std::optional<std::string> text = comments_from_windows_1252(bytes);
            if (!text) {
                refuse_to_mend(MendObstacle::encoding);
            }
            config.text = std::move(*text);
        } else if (!config.exact ||
                   (config.encoding != TextEncoding::utf8 && config.encoding != TextEncoding::utf8_bom &&
                    config.text.find("\xEF\xBF\xBD") != std::string::npos)) {
            refuse_to_mend(MendObstacle::encoding);
        }
        if (config.text.find('\0') != std::string::npos) {
            refuse_to_mend(MendObstacle::not_text);
        }
        // At the end, or before the last line's own end.
        for (std::size_t last = config.text.find_last_not_of("\r\n");
             last != std::string::npos && config.text[last] == '\x1A'; last = config.text.find_last_not_of("\r\n")) {
            config.text.erase(last, 1);
            note(Mend::control_z);
        }
        return std::move(config.text);
    }

    // ---- until the parser is content ----

    void mend_syntax() {
        for (int number = 1; number <= lines_.count(); ++number) {
            if (lines_.text(number).starts_with("<<<<<<< ")) {
                refuse_to_mend(MendObstacle::conflict, number);
            }
        }
        for (std::size_t round = 0; round < bounds::kConfigRepairs; ++round) {
            const IniFile file = read();
            if (!file.error()) {
                return;
            }
            mend_error(file, *file.error());
        }
        refuse_to_mend(MendObstacle::too_many);
    }

    void mend_error(const IniFile& file, const IniError& error) {
        switch (error.kind) {
            case IniErrorKind::missing_header: return mend_before_header(*error.line);
            case IniErrorKind::parsing: return mend_bad_lines(file, error);
            case IniErrorKind::duplicate_section: return mend_duplicate_section(file, error);
            case IniErrorKind::duplicate_option: return mend_duplicate_option(file, error);
            default: refuse_to_mend(MendObstacle::not_proved);
        }
    }

    void comment_out(int number) { lines_.set_text(number, "# " + lines_.text(number)); }

    // What is wrong in the same way wherever the line stands. True where it was that.
    bool mend_anywhere(int number) {
        const std::string text = lines_.text(number);
        const std::string_view stripped = python_strip(text);
        if (stripped.starts_with(kFence)) {
            lines_.erase(number);
            note(Mend::code_fence);
            return true;
        }
        if (stripped.starts_with(kSlashes)) {
            mend_slashes(number);
            return true;
        }
        const std::string plain = without_invisible(text);
        if (plain != text && (is_blank(plain) || looks_right_without_invisible(text))) {
            lines_.set_text(number, plain);
            note(Mend::invisible);
            return true;
        }
        if (const std::string header = meant_header(text); !header.empty()) {
            lines_.set_text(number, header);
            note(Mend::header);
            return true;
        }
        return false;
    }

    void mend_slashes(int number) {
        std::string text = lines_.text(number);
        text.replace(text.find(kSlashes), kSlashes.size(), "#");
        lines_.set_text(number, std::move(text));
        note(Mend::slash_comment);
    }

    void mend_before_header(int number) {
        const std::string text = lines_.text(number);
        const std::vector<std::string> texts = lines_.texts();
        if (!other_format(lines_.joined()).empty()) {
            refuse_to_mend(MendObstacle::other_format, number);
        }
        if (mend_anywhere(number)) {
            return;
        }
        const bool header_follows = std::any_of(texts.begin() + number, texts.end(), is_header_line);
        const bool option = is_option_line(text) || !meant_option(text).empty();
        if (option && !header_follows) {
            lines_.insert(number, std::string(kPluginHeader));
            return note(Mend::missing_header);
        }
        if (option || holds_piece_of_key(text) || is_header_line(text) || may_be_option(text, header_follows)) {
            refuse_to_mend(MendObstacle::unclear_line, number);
        }
        comment_out(number);
        note(Mend::text_before_header);
    }

    void mend_bad_lines(const IniFile& file, const IniError& error) {
        if (join_broken_key(file)) {
            return;
        }
        // From the last on: lines may go.
        for (auto number = error.lines.rbegin(); number != error.lines.rend(); ++number) {
            if (!mend_anywhere(*number) && !mend_delimiter(*number)) {
                if (!is_remark(lines_.text(*number))) {
                    refuse_to_mend(MendObstacle::unclear_line, *number);
                }
                comment_out(*number);
                note(Mend::remark);
            }
        }
    }

    bool mend_delimiter(int number) {
        std::string text = lines_.text(number);
        if (meant_option(text).empty()) {
            return false;
        }
        const std::size_t wide = find_full_width_delimiter(text);
        if (wide != std::string::npos && is_known_option(meant_name(std::string_view(text).substr(0, wide)))) {
            constexpr std::size_t kOctets = 3;
            text.replace(wide, kOctets, std::string_view(text).substr(wide).starts_with("＝") ? "=" : ":");
        } else {
            const std::string_view stripped = python_strip(text);
            const std::size_t space = stripped.find_first_of(" \t");
            const std::string name(stripped.substr(0, space));
            const std::string value(space == stripped.npos ? std::string_view() : python_strip(stripped.substr(space)));
            const bool certain = meant_name(name) == meant_name(kKeyOption)
                                     ? is_key_or_none(value)
                                     : value.find_first_of(" \t") == std::string::npos;
            if (!certain) {
                return false;
            }
            text = std::string(lines_.indentation(number)) + name + (value.empty() ? " =" : " = ") + value;
        }
        lines_.set_text(number, std::move(text));
        note(Mend::delimiter);
        return true;
    }

    // `api_key = sk-abc` and the rest of the key on the lines below: certain where it makes a whole key, or where
    // nothing but a key stands on the one line below an empty value.
    bool join_broken_key(const IniFile& file) {
        const IniSection* section = file.section(kPluginSection);
        const IniOption* option = section != nullptr ? section->find(kKeyOption) : nullptr;
        if (option == nullptr) {
            return false;
        }
        const std::optional<SplitKey> split = find_split_key(lines_.texts());
        const bool is_whole = split && split->first_line == option->line;
        const std::string key = is_whole ? split->value : key_below(option->line);
        if (key.empty()) {
            return false;
        }
        for (int last = is_whole ? split->last_line : option->line + 1; last > option->line; --last) {
            lines_.erase(last);
        }
        set_value(option->line, key);
        note(Mend::key_joined);
        return true;
    }

    // The one line below an option without a value, where it is a key; else empty.
    [[nodiscard]] std::string key_below(int number) const {
        const std::string_view line = lines_.text(number);
        const auto is_piece = [this](int below) {
            return below <= lines_.count() && is_pure_key_text(python_strip(lines_.text(below)));
        };
        if (!is_blank(line.substr(line.find_first_of("=:") + 1)) || !is_piece(number + 1) || is_piece(number + 2)) {
            return {};
        }
        const std::string_view key = python_strip(lines_.text(number + 1));
        return find_key_problem(key) || is_known_option(meant_name(key)) ? std::string() : std::string(key);
    }

    // ---- the same twice ----

    void mend_duplicate_section(const IniFile& file, const IniError& error) {
        if (file.sections().back().name == error.section) {
            comment_out(*error.line);  // the section that is open goes on
            return note(Mend::duplicate);
        }
        const IniSection& first = *file.section(error.section);
        std::string body = "[x]\n";
        int last = *error.line;
        for (; last < lines_.count() && !is_header_line(lines_.text(last + 1)); ++last) {
            body += lines_.text(last + 1) + "\n";
        }
        const IniFile second = IniFile::parse(body);
        const bool same =
            !second.error() && std::all_of(second.sections().front().options.begin(),
                                           second.sections().front().options.end(), [&](const IniOption& option) {
                                               const IniOption* earlier = first.find(option.name);
                                               return earlier != nullptr && earlier->value == option.value;
                                           });
        if (!same) {
            refuse_to_mend(MendObstacle::unclear_duplicate, *error.line);
        }
        for (int number = *error.line; number <= last; ++number) {
            if (!is_blank(lines_.text(number)) && !is_comment(lines_.text(number))) {
                comment_out(number);
            }
        }
        note(Mend::duplicate);
    }

    void mend_duplicate_option(const IniFile& file, const IniError& error) {
        const IniSection* section = file.section(error.section);
        const IniOption* first = (section != nullptr ? *section : file.defaults()).find(error.option);
        const int second = *error.line;
        const std::string& text = lines_.text(second);
        const std::string value(python_strip(std::string_view(text).substr(text.find_first_of("=:") + 1)));
        const bool goes_on = second < lines_.count() && !is_blank(lines_.text(second + 1)) &&
                             !is_comment(lines_.text(second + 1)) &&
                             lines_.indentation(second + 1).size() > lines_.indentation(second).size();
        if (first == nullptr || goes_on || first->last_line != first->line) {
            refuse_to_mend(MendObstacle::unclear_duplicate, second);
        }
        const auto is_none = [](std::string_view text) { return text.empty() || find_sample_key(text).has_value(); };
        const bool is_key = error.option == kKeyOption;
        if (first->value == value || (is_key && is_none(value))) {
            comment_out(second);
        } else if (is_key && is_none(first->value)) {
            comment_out(first->line);
        } else {
            refuse_to_mend(MendObstacle::unclear_duplicate, second);
        }
        note(Mend::duplicate);
    }

    // ---- names ----

    void mend_section() {
        const IniFile file = read();
        if (file.section(kPluginSection) != nullptr) {
            return;
        }
        const IniSection* near = near_section(file);
        if (near != nullptr) {
            const std::string meant = meant_name(near->name);
            const bool certain = meant == kPluginSection || differs_by_one_letter(meant, kPluginSection) ||
                                 near->find(kKeyOption) != nullptr;
            const auto twins = std::count_if(file.sections().begin(), file.sections().end(),
                                             [&](const auto& other) { return meant_name(other.name) == meant; });
            if (!certain || twins != 1) {
                refuse_to_mend(MendObstacle::unclear_section, near->line);
            }
            std::string text = lines_.text(near->line);
            const std::size_t open = text.find('[');
            text.replace(open + 1, text.rfind(']') - open - 1, kPluginSection);
            lines_.set_text(near->line, std::move(text));
            renamed_section_ = near->name;
            return note(Mend::section_name);
        }
        const bool elsewhere = std::any_of(file.sections().begin(), file.sections().end(),
                                           [](const auto& section) { return section.find(kKeyOption) != nullptr; });
        if (elsewhere) {
            refuse_to_mend(MendObstacle::unclear_section);
        }
        lines_.insert(lines_.count() + 1, std::string(kPluginHeader));
        note(Mend::missing_header);
    }

    void mend_option_name() {
        const IniFile file = read();
        if (file.get(kPluginSection, kKeyOption).option != nullptr) {
            return;
        }
        const auto near = near_api_key(file, lines_.texts());
        if (near && near->kind == "name") {
            return rename_option(*file.section(kPluginSection), *near);
        }
        if (near && near->kind == "swallowed") {
            free_swallowed(*file.section(kPluginSection)->find(near->swallowed_by));
        }
    }

    void rename_option(const IniSection& section, const NearOption& near) {
        const IniOption& option = *section.find(near.name);
        const std::string_view value = python_strip(option.value);
        const auto others = std::count_if(section.options.begin(), section.options.end(), [](const IniOption& other) {
            return means_api_key(other.name) || differs_by_one_letter(meant_name(other.name), "apikey");
        });
        if (others != 1 || !is_key_or_none(value)) {
            refuse_to_mend(MendObstacle::unclear_line, near.line);
        }
        std::string text = lines_.text(option.line);
        const std::size_t delimiter = text.find_first_of("=:");
        const std::string_view name = python_strip(std::string_view(text).substr(0, delimiter));
        text.replace(static_cast<std::size_t>(name.data() - text.data()), name.size(), kKeyOption);
        lines_.set_text(option.line, std::move(text));
        changed_options_.insert(near.name);
        note(Mend::option_name);
    }

    // Known options among the lines that became part of another option's value move to the left.
    void free_swallowed(const IniOption& option) {
        const std::string indentation(lines_.indentation(option.line));
        for (int number = option.line + 1; number <= option.last_line; ++number) {
            if (is_option_line(lines_.text(number)) && !is_comment(lines_.text(number))) {
                lines_.set_indentation(number, indentation);
                changed_options_.insert(option.name);
                note(Mend::indentation);
            }
        }
        if (const std::optional<IniError> error = read().error()) {
            refuse_to_mend(MendObstacle::unclear_duplicate, error->line.value_or(option.line));
        }
    }

    // ---- the key ----

    void mend_value() {
        for (int round = 0; round < kKeyRounds; ++round) {
            const IniFile file = read();
            const IniValue value = file.get(kPluginSection, kKeyOption);
            if (value.option == nullptr) {
                require_key(0);
                lines_.insert(file.section(kPluginSection)->line + 1, std::string(kKeyOption) + " = " + escaped_key());
                return note(Mend::key_put_in);
            }
            if (!mend_value(*value.option, value)) {
                return;
            }
        }
        refuse_to_mend(MendObstacle::key_unclear);
    }

    // True where it was changed and has to be looked at again.
    bool mend_value(const IniOption& option, const IniValue& read) {
        if (read.error) {
            if (key_ == nullptr) {
                refuse_to_mend(MendObstacle::interpolation, option.line);
            }
            return put_key(option);
        }
        const std::string_view value = python_strip(*read.value);
        if (key_ != nullptr && value == key_->reveal()) {
            return false;
        }
        if (value.empty() || find_sample_key(value)) {
            require_key(option.line);
            return put_key(option);
        }
        if (key_ != nullptr && use_ == KeyUse::always) {
            return put_key(option);
        }
        const auto problem = find_key_problem(value);
        if (!problem) {
            return false;
        }
        if (value.find('\n') != std::string_view::npos) {
            if (join_broken_key(this->read())) {
                return true;
            }
            release_continuation(option, false);
            return true;
        }
        if (std::optional<CleanedKey> cleaned = clean_key(value)) {
            set_value(value_line(option), escaped(cleaned->key.reveal()));
            note(Mend::key_text);
            if (!cleaned->comment.empty()) {
                std::string comment = cleaned->comment;
                if (comment.starts_with(kSlashes)) {
                    comment.replace(0, kSlashes.size(), "#");
                }
                lines_.insert(option.line, std::string(lines_.indentation(option.line)) + comment);
                note(Mend::key_comment);
            }
            return true;
        }
        if (key_ != nullptr) {
            return put_key(option);
        }
        // Its length alone is for the upstream to judge.
        const bool may_work = problem->defect == KeyDefect::cut_short || problem->defect == KeyDefect::suffix;
        if (!may_work || done_.empty()) {
            refuse_to_mend(MendObstacle::key_unclear, option.line);
        }
        return false;
    }

    void require_key(int line) const {
        if (key_ == nullptr) {
            refuse_to_mend(MendObstacle::key_needed, line);
        }
    }

    static std::string escaped(std::string_view key) {
        std::string text;
        for (const char c : key) {
            text += c == '%' ? std::string("%%") : std::string(1, c);
        }
        return text;
    }
    [[nodiscard]] std::string escaped_key() const { return escaped(key_->reveal()); }

    bool put_key(const IniOption& option) {
        release_continuation(option, true);
        set_value(option.line, escaped_key());
        note(Mend::key_put_in);
        return true;
    }

    // Where the value stands: on the option's own line, or all of it on the one below.
    [[nodiscard]] int value_line(const IniOption& option) const {
        const std::string& text = lines_.text(option.line);
        const bool empty = is_blank(std::string_view(text).substr(text.find_first_of("=:") + 1));
        return empty && option.last_line > option.line ? option.last_line : option.line;
    }

    void set_value(int number, std::string_view value) {
        std::string text = lines_.text(number);
        const std::size_t delimiter = text.find_first_of("=:");
        if (delimiter == std::string::npos) {  // below its option's line
            return lines_.set_text(number, std::string(lines_.indentation(number)).append(value));
        }
        const std::string_view rest = std::string_view(text).substr(delimiter + 1);
        const std::string_view old = python_strip(rest);
        std::string replaced = text.substr(0, delimiter + 1);
        if (old.empty()) {
            const bool spaced = delimiter > 0 && (text[delimiter - 1] == ' ' || !rest.empty());
            replaced.append(spaced ? " " : "").append(value);
        } else {
            const auto at = static_cast<std::size_t>(old.data() - rest.data());
            replaced.append(rest.substr(0, at)).append(value).append(rest.substr(at + old.size()));
        }
        lines_.set_text(number, std::move(replaced));
    }

    // Lines that became part of the key's value: options and comments get back what they are. Of an old key, which
    // another replaces, its pieces go.
    void release_continuation(const IniOption& option, bool old_key_goes) {
        const std::string indentation(lines_.indentation(option.line));
        const int before = lines_.count();
        const std::string text_before = lines_.joined();
        for (int number = option.last_line; number > option.line; --number) {
            const std::string text = lines_.text(number);
            const std::string_view stripped = python_strip(text);
            if (stripped.empty() || is_comment(text)) {
                continue;
            }
            if (is_option_line(text)) {
                lines_.set_indentation(number, indentation);
                note(Mend::indentation);
            } else if (stripped.starts_with(kSlashes)) {
                mend_slashes(number);
            } else if (is_remark(text)) {
                comment_out(number);
                note(Mend::remark);
            } else if (old_key_goes && is_pure_key_text(stripped)) {
                lines_.erase(number);
            } else {
                refuse_to_mend(MendObstacle::unclear_line, number);
            }
        }
        const bool changed = lines_.count() != before || lines_.joined() != text_before;
        const std::optional<IniError> error = read().error();
        if (error || (!changed && !old_key_goes)) {
            refuse_to_mend(MendObstacle::unclear_line, error ? error->line.value_or(option.line) : option.line);
        }
    }

    // ---- the proof ----

    void prove(std::string_view bytes) const {
        const IniFile after = IniFile::parse(bytes);
        const IniValue key = after.error() ? IniValue() : after.get(kPluginSection, kKeyOption);
        if (!key.value || python_strip(*key.value).empty() || find_sample_key(python_strip(*key.value))) {
            refuse_to_mend(MendObstacle::not_proved);
        }
        const bool put_in = std::find(done_.begin(), done_.end(), Mend::key_put_in) != done_.end();
        if (put_in && python_strip(*key.value) != key_->reveal()) {
            refuse_to_mend(MendObstacle::not_proved);
        }
        const IniFile before = IniFile::parse(original_);
        if (before.error() || std::find(done_.begin(), done_.end(), Mend::encoding) != done_.end()) {
            return;
        }
        for (const IniSection& section : before.sections()) {
            prove_section(section, after.section(section.name == renamed_section_ ? kPluginSection : section.name));
        }
        prove_section(before.defaults(), &after.defaults());
    }

    void prove_section(const IniSection& before, const IniSection* after) const {
        for (const IniOption& option : before.options) {
            if (option.name == kKeyOption || changed_options_.contains(option.name)) {
                continue;
            }
            const IniOption* now = after != nullptr ? after->find(option.name) : nullptr;
            if (now == nullptr || (now->value != option.value && !ended_at_control_z(*now, option))) {
                refuse_to_mend(MendObstacle::not_proved);
            }
        }
    }

    // The file's last value had the mark at its end.
    [[nodiscard]] bool ended_at_control_z(const IniOption& now, const IniOption& before) const {
        std::string_view value = before.value;
        while (value.ends_with('\x1A')) {
            value.remove_suffix(1);
        }
        return value != before.value && now.value == python_strip_right(value);
    }

    std::string_view original_;
    const Secret* key_;
    KeyUse use_;
    std::vector<Mend> done_;
    ConfigLines lines_;
    std::string renamed_section_;
    std::set<std::string, std::less<>> changed_options_;
};

}  // namespace

std::string_view mend_name(Mend mend) {
    switch (mend) {
        case Mend::byte_order_mark: return "byte-order-mark";
        case Mend::encoding: return "encoding";
        case Mend::text_before_header: return "text-before-header";
        case Mend::code_fence: return "code-fence";
        case Mend::header: return "header";
        case Mend::missing_header: return "missing-header";
        case Mend::delimiter: return "delimiter";
        case Mend::slash_comment: return "slash-comment";
        case Mend::remark: return "remark";
        case Mend::control_z: return "control-z";
        case Mend::invisible: return "invisible";
        case Mend::duplicate: return "duplicate";
        case Mend::section_name: return "section-name";
        case Mend::option_name: return "option-name";
        case Mend::indentation: return "indentation";
        case Mend::key_put_in: return "key-put-in";
        case Mend::key_text: return "key-text";
        case Mend::key_comment: return "key-comment";
        case Mend::key_joined: break;
    }
    return "key-joined";
}

std::string_view obstacle_name(MendObstacle obstacle) {
    switch (obstacle) {
        case MendObstacle::key_needed: return "key-needed";
        case MendObstacle::key_unclear: return "key-unclear";
        case MendObstacle::not_text: return "not-text";
        case MendObstacle::encoding: return "encoding";
        case MendObstacle::other_format: return "other-format";
        case MendObstacle::conflict: return "conflict";
        case MendObstacle::unclear_line: return "unclear-line";
        case MendObstacle::unclear_duplicate: return "unclear-duplicate";
        case MendObstacle::unclear_section: return "unclear-section";
        case MendObstacle::interpolation: return "interpolation";
        case MendObstacle::too_many: return "too-many";
        case MendObstacle::not_proved: break;
    }
    return "not-proved";
}

std::optional<CleanedKey> clean_key(std::string_view value) {
    std::string key(python_strip(value));
    std::string comment;
    for (int round = 0; round < kKeyRounds && !key.empty() && !find_sample_key(key); ++round) {
        const auto problem = find_key_problem(key);
        if (!problem) {
            return CleanedKey{Secret(key), comment};
        }
        const std::string before = key;
        switch (problem->defect) {
            case KeyDefect::quotes: key = key_text::without_enclosing(key); break;
            case KeyDefect::double_delimiter: key.erase(0, std::min(key.find_first_not_of("=: \t"), key.size())); break;
            case KeyDefect::bearer: key.erase(0, std::string_view("bearer").size()); break;
            case KeyDefect::invisible:
                key = key_text::transform(key, [](char32_t c) { return key_text::is_invisible(c) ? 0 : c; });
                break;
            case KeyDefect::full_width: key = key_text::transform(key, key_text::to_half_width); break;
            case KeyDefect::comment: {
                const std::size_t at = key_text::find_comment(key);
                comment = key.substr(at);
                key.erase(at);
                break;
            }
            case KeyDefect::inner_space: {
                std::string joined;
                std::copy_if(key.begin(), key.end(), std::back_inserter(joined),
                             [](char c) { return c != ' ' && c != '\t'; });
                key = is_whole_key(joined) ? joined : std::string();
                break;
            }
            case KeyDefect::label:
            case KeyDefect::stray_character:
                key = problem->corrected ? std::string(problem->corrected->reveal()) : std::string();
                break;
            default: return std::nullopt;
        }
        key = python_strip(std::string(key));
        if (key == before) {
            return std::nullopt;
        }
    }
    return std::nullopt;
}

std::variant<MendedConfig, MendRefusal> mend_config(std::string_view bytes, const Secret* key, KeyUse use) {
    try {
        return Mending(bytes, key, use).run();
    } catch (const Refused& refused) {
        return refused.refusal;
    }
}

std::variant<std::string, MendRefusal> mend_syntax(std::string_view bytes) {
    try {
        return Mending(bytes, nullptr, KeyUse::where_none_is).readable();
    } catch (const Refused& refused) {
        return refused.refusal;
    }
}

}  // namespace banana
