#include "home_folders.hpp"

#include "banana/ascii.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace banana {
namespace {

bool is_name_character(char c) {
    return std::string_view("/\\\t\r\n\"'`<>|:*?").find(c) == std::string_view::npos;
}

// `/`, `\`, `\\` as JSON has it, `%5C`, `%2F`, `%255C`.
std::size_t separator_length(std::string_view text) {
    if (text.empty()) {
        return 0;
    }
    if (text.front() == '\\') {
        const std::size_t end = std::min(text.find_first_not_of('\\'), text.size());
        // `\\u5f20` is a separator before a letter's escape, or half of one.
        const bool letter =
            end % 2 == 1 && end > 1 && end + 4 < text.size() && text[end] == 'u' && hex_value(text[end + 1]) >= 0;
        return letter ? end - 1 : end;
    }
    if (text.front() == '/') {
        return 1;
    }
    for (const std::string_view coded : {"%5c", "%2f", "%255c", "%252f"}) {
        if (starts_with_ignoring_case(text, coded)) {
            return coded.size();
        }
    }
    return 0;
}

// A separator that ends at `at`; its length.
std::size_t separator_before(std::string_view text, std::size_t at) {
    for (const std::string_view coded : {"%255c", "%252f", "%5c", "%2f"}) {
        if (at >= coded.size() && equal_ignoring_case(text.substr(at - coded.size(), coded.size()), coded)) {
            return coded.size();
        }
    }
    if (at > 0 && text[at - 1] == '/') {
        return 1;
    }
    std::size_t begin = at;
    while (begin > 0 && text[begin - 1] == '\\') {
        --begin;
    }
    return at - begin;
}

std::size_t word_before(std::string_view text, std::size_t at) {
    std::size_t begin = at;
    while (begin > 0 && is_alphanumeric(text[begin - 1])) {
        --begin;
    }
    return at - begin;
}

struct Root {
    bool found = false;
    bool windows = false;
    std::size_t begin = 0;
};

// `\\?\` before a drive.
std::size_t long_path_prefix(std::string_view text, std::size_t at) {
    const std::size_t inner = separator_before(text, at);
    const bool mark = inner > 0 && at > inner && (text[at - inner - 1] == '?' || text[at - inner - 1] == '.');
    const std::size_t outer = mark ? separator_before(text, at - inner - 1) : 0;
    return outer > 0 ? inner + 1 + outer : 0;
}

// What stands before `\Users`, which is at `at`: a drive, a device, a mounted drive, nothing.
Root root_before(std::string_view text, std::size_t at) {
    const std::size_t colon = at > 0 && text[at - 1] == ':'                                   ? 1
                              : at >= 3 && equal_ignoring_case(text.substr(at - 3, 3), "%3a") ? 3
                                                                                              : 0;
    if (colon > 0) {
        const std::size_t drive = at - colon;
        // "%20C:\": the escape's digits are no part of the drive.
        const bool alone = drive == 1 || (drive > 1 && !is_alphanumeric(text[drive - 2])) ||
                           (drive > 3 && (text[drive - 4] == '%' || (text[drive - 3] == '\\')));
        if (drive == 0 || !is_letter(text[drive - 1]) || !alone) {
            return {};
        }
        return {true, true, drive - 1 - long_path_prefix(text, drive - 1)};
    }
    const std::size_t word = word_before(text, at);
    const std::string_view name = text.substr(at - word, word);
    const std::size_t before = separator_before(text, at - word);
    if (starts_with_ignoring_case(name, "HarddiskVolume") && before > 0) {
        const std::size_t device = at - word - before;
        const std::size_t length = word_before(text, device);
        const bool is_device = equal_ignoring_case(text.substr(device - length, length), "Device");
        return {true, true, is_device ? device - length - separator_before(text, device - length) : device};
    }
    if (word == 1 && is_letter(name.front()) && before == 1) {
        // `/mnt/c`, `/cygdrive/c`, `/c`
        const std::size_t mount = at - word - before;
        const std::size_t length = word_before(text, mount);
        const std::string_view parent = text.substr(mount - length, length);
        if (parent == "mnt" || parent == "cygdrive" || parent == "host") {
            return {true, true, mount - length - separator_before(text, mount - length)};
        }
        return {length == 0, true, mount};
    }
    const char previous = at > 0 ? text[at - 1] : ' ';
    const bool begins = !is_alphanumeric(previous) && previous != ':' && previous != '.';
    return {begins, text[at] == '\\' || text[at] == '%', at};
}

// Where the name ends that begins at `at`. A blank is a part of it where a separator (`\` for Windows) or the quote
// that opened the path follows.
std::size_t name_end(std::string_view text, std::size_t at, const Root& root, std::size_t separator) {
    constexpr std::size_t kLongestName = 96;
    constexpr int kMostBlanks = 3;
    const char quote = root.begin > 0 && std::string_view("\"'`").find(text[root.begin - 1]) != std::string_view::npos
                           ? text[root.begin - 1]
                           : '\0';
    const std::size_t plain = std::min(text.find_first_of("/\\ \t\r\n\"'`<>|:,;)%", at), text.size());
    int blanks = 0;
    for (std::size_t end = at; end < text.size() && end - at < kLongestName; ++end) {
        const char c = text[end];
        const std::size_t length = separator_length(text.substr(end));
        if (length > 0) {
            const bool letter = c == '\\' && length < separator && text.substr(end + length).starts_with('u');
            if (letter) {
                continue;
            }
            return text[end - 1] == ' ' || (!root.windows && blanks > 0) ? plain : end;
        }
        if (c == quote && quote != '\0') {
            return end;
        }
        blanks += c == ' ' ? 1 : 0;
        if (!is_name_character(c) || blanks > kMostBlanks) {
            break;
        }
    }
    // "C%3A%5CUsers%5CZhang%20San": escapes of other characters belong to the name.
    std::size_t end = plain;
    while (end + 2 < text.size() && text[end] == '%' && hex_value(text[end + 1]) >= 0 &&
           hex_value(text[end + 2]) >= 0 && separator_length(text.substr(end)) == 0) {
        end = std::min(text.find_first_of("/\\ \t\r\n\"'`<>|:,;)%", end + 3), text.size());
    }
    return end;
}

bool is_nobody(std::string_view name) {
    static constexpr std::array<std::string_view, 5> kShared{"public", "default", "all users", "default user",
                                                             "shared"};
    return std::find(kShared.begin(), kShared.end(), to_lower_ascii(name)) != kShared.end();
}

class HomeFinder {
public:
    explicit HomeFinder(std::string_view text) : text_(text) {}

    std::string replace() {
        for (std::size_t at = text_.find_first_of("hHuUdD"); at != std::string_view::npos;
             at = text_.find_first_of("hHuUdD", at + 1)) {
            for (const std::string_view parent : {"Users", "home", "Documents and Settings"}) {
                if (at >= done_ && starts_with_ignoring_case(text_.substr(at, parent.size()), parent)) {
                    folder(at, parent);
                }
            }
        }
        return out_.append(text_.substr(done_));
    }

private:
    void folder(std::size_t at, std::string_view parent) {
        const std::size_t before = separator_before(text_, at);
        const std::size_t behind = separator_length(text_.substr(at + parent.size()));
        // The case counts where the file system does.
        const bool exact = text_.substr(at, parent.size()) == parent;
        if (before == 0 || behind == 0) {
            return;
        }
        const Root root = root_before(text_, at - before);
        const bool home = parent == "home";
        if (!root.found || root.begin < done_ || (!exact && !root.windows) || (home && (root.windows || !exact))) {
            return;
        }
        const std::size_t name = at + parent.size() + behind;
        const std::size_t end = name_end(text_, name, root, behind);
        if (end <= name || is_nobody(text_.substr(name, end - name))) {
            return;
        }
        out_.append(text_, done_, root.begin - done_).append("~");
        done_ = end;
    }

    std::string_view text_;
    std::string out_;
    std::size_t done_ = 0;
};

}  // namespace

std::string without_home_folders(std::string_view text) {
    return HomeFinder(text).replace();
}

}  // namespace banana
