#include "netrc.hpp"

#include "banana/bounds.hpp"
#include "platform.hpp"
#include "text.hpp"

#include <fstream>
#include <iterator>
#include <system_error>
#include <vector>

namespace banana {
namespace {

// Text mode of Python: CR and CRLF are line ends too.
std::string universal_newlines(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t index = 0; index < text.size(); ++index) {
        if (text[index] != '\r') {
            result += text[index];
            continue;
        }
        result += '\n';
        if (index + 1 < text.size() && text[index + 1] == '\n') {
            ++index;
        }
    }
    return result;
}

// CPython's _netrclex. Its line counter misses lines that were skipped whole; the comment rule depends on
// that, so the counter is kept as it is there, beside the true one.
class Lexer {
public:
    explicit Lexer(std::string_view text) : text_(text) {}

    std::string token() {
        if (pushed_) {
            pushed_ = false;
            return pushed_token_;
        }
        std::string token;
        while (auto c = next()) {
            if (is_space(*c)) {
                continue;
            }
            token_line_ = line_;
            if (*c == '"') {
                read_quoted(token);
                return token;
            }
            read_plain(*c, token);
            return token;
        }
        return token;
    }

    void push(std::string token) {
        pushed_ = true;
        pushed_token_ = std::move(token);
    }

    // The rest of the line with its end; none at the end of the file.
    std::optional<std::string_view> rest_of_line() {
        if (position_ >= text_.size()) {
            return std::nullopt;
        }
        const std::size_t end = text_.find('\n', position_);
        const std::size_t stop = end == std::string_view::npos ? text_.size() : end + 1;
        const std::string_view line = text_.substr(position_, stop - position_);
        position_ = stop;
        line_ += end == std::string_view::npos ? 0 : 1;
        return line;
    }

    [[nodiscard]] int counted_line() const { return counted_line_; }
    [[nodiscard]] int token_line() const { return token_line_; }

private:
    static bool is_space(char c) { return c == '\n' || c == '\t' || c == '\r' || c == ' '; }

    std::optional<char> next() {
        if (position_ >= text_.size()) {
            return std::nullopt;
        }
        const char c = text_[position_++];
        if (c == '\n') {
            ++counted_line_;
            ++line_;
        }
        return c;
    }

    void append_escaped(char c, std::string& token) {
        if (c != '\\') {
            token += c;
        } else if (const auto escaped = next()) {
            token += *escaped;
        }
    }

    void read_quoted(std::string& token) {
        while (const auto c = next()) {
            if (*c == '"') {
                return;
            }
            append_escaped(*c, token);
        }
    }

    void read_plain(char first, std::string& token) {
        append_escaped(first, token);
        while (const auto c = next()) {
            if (is_space(*c)) {
                return;
            }
            append_escaped(*c, token);
        }
    }

    std::string_view text_;
    std::size_t position_ = 0;
    int counted_line_ = 1;
    int line_ = 1;
    int token_line_ = 1;
    bool pushed_ = false;
    std::string pushed_token_;
};

struct Entry {
    std::string name;
    int line = 0;
};

// False: the macro has no end, an error for Python.
bool skip_macro(Lexer& lexer) {
    while (const auto line = lexer.rest_of_line()) {
        if (*line == "\n") {
            return true;
        }
    }
    return false;
}

// False: a word that has no place in an entry, an error for Python.
bool skip_entry_body(Lexer& lexer) {
    for (;;) {
        const int line_before = lexer.counted_line();
        std::string token = lexer.token();
        if (token.starts_with('#')) {
            if (lexer.counted_line() == line_before) {
                lexer.rest_of_line();
            }
            continue;
        }
        if (token.empty() || token == "machine" || token == "default" || token == "macdef") {
            lexer.push(std::move(token));
            return true;
        }
        if (token != "login" && token != "user" && token != "account" && token != "password") {
            return false;
        }
        lexer.token();
    }
}

// None where CPython raises NetrcParseError.
std::optional<std::vector<Entry>> parse(std::string_view text) {
    Lexer lexer(text);
    std::vector<Entry> entries;
    for (;;) {
        const int line_before = lexer.counted_line();
        const std::string token = lexer.token();
        if (token.empty()) {
            return entries;
        }
        if (token.front() == '#') {
            if (lexer.counted_line() == line_before && token.size() == 1) {
                lexer.rest_of_line();
            }
            continue;
        }
        const int line = lexer.token_line();
        if (token == "macdef") {
            lexer.token();
            if (!skip_macro(lexer)) {
                return std::nullopt;
            }
            continue;
        }
        if (token != "machine" && token != "default") {
            return std::nullopt;
        }
        const std::string name = token == "machine" ? lexer.token() : token;
        if (name.empty() || !skip_entry_body(lexer)) {
            return std::nullopt;
        }
        entries.push_back(Entry{name, line});
    }
}

// None unless it is a regular file of bounded size.
std::optional<std::string> read_small_file(const std::filesystem::path& file) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error)) {
        return std::nullopt;
    }
    const std::uintmax_t size = std::filesystem::file_size(file, error);
    if (error || size > bounds::kNetrcBytes) {
        return std::nullopt;
    }
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
        return std::nullopt;
    }
    return std::string(std::istreambuf_iterator<char>(stream), {});
}

// Python's expanduser("~").
std::filesystem::path home_of(const Environment& environment, const std::filesystem::path& fallback) {
    const bool windows = platform::kSystem == platform::System::windows;
    const std::optional<std::string> value = environment.get(windows ? "USERPROFILE" : "HOME");
    return value && !value->empty() ? path_from_utf8(*value) : fallback;
}

std::filesystem::path expand_user(const std::string& path, const std::filesystem::path& home) {
    if (path == "~") {
        return home;
    }
    if (path.starts_with("~/") || path.starts_with("~\\")) {
        return home / path_from_utf8(std::string_view(path).substr(2));
    }
    return path_from_utf8(path);
}

std::filesystem::path netrc_file(const Environment& environment, const std::filesystem::path& home) {
    const std::filesystem::path user_home = home_of(environment, home);
    // An empty NETRC is as good as none for requests.
    const std::optional<std::string> named = environment.get("NETRC");
    if (named && !named->empty()) {
        return expand_user(*named, user_home);
    }
    for (const char* name : {".netrc", "_netrc"}) {
        std::error_code error;
        if (std::filesystem::exists(user_home / name, error)) {
            return user_home / name;
        }
    }
    return {};
}

}  // namespace

std::optional<NetrcEntry> netrc_entry_in(std::string_view text, std::string_view host) {
    const std::optional<std::vector<Entry>> entries = parse(universal_newlines(text));
    if (!entries) {
        return std::nullopt;
    }
    std::optional<NetrcEntry> chosen;
    // The last entry of a name wins; the default serves only where no entry has the name.
    for (const Entry& entry : *entries) {
        const bool named = entry.name == host;
        const bool fallback = entry.name == "default" && (!chosen || chosen->is_default);
        if (named || fallback) {
            chosen = NetrcEntry{{}, entry.line, entry.name, !named};
        }
    }
    return chosen;
}

std::optional<NetrcEntry> find_netrc_entry(std::string_view host, const Environment& environment,
                                           const std::filesystem::path& home) {
    const std::filesystem::path file = netrc_file(environment, home);
    if (file.empty() || host.empty()) {
        return std::nullopt;
    }
    const std::optional<std::string> text = read_small_file(file);
    if (!text) {
        return std::nullopt;
    }
    std::optional<NetrcEntry> entry = netrc_entry_in(*text, host);
    if (entry) {
        entry->file = file;
    }
    return entry;
}

}  // namespace banana
