#include "log_text.hpp"

#include "banana/bounds.hpp"
#include "phrase_search.hpp"
#include "platform.hpp"
#include "platform_encoding.hpp"
#include "text.hpp"
#include "utf16.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <utility>
#include <vector>

namespace banana {
namespace {

namespace fs = std::filesystem;

// By a BOM, else by where the NUL bytes of Latin text stand; none where it is no UTF-16.
std::optional<utf16::Order> utf16_order(std::string_view bytes) {
    if (bytes.starts_with("\xFF\xFE")) {
        return utf16::Order::little;
    }
    if (bytes.starts_with("\xFE\xFF")) {
        return utf16::Order::big;
    }
    const std::size_t looked_at = std::min<std::size_t>(bytes.size(), 4096);
    std::size_t even = 0;
    std::size_t odd = 0;
    for (std::size_t index = 0; index < looked_at; ++index) {
        if (bytes[index] == '\0') {
            ++(index % 2 == 0 ? even : odd);
        }
    }
    const std::size_t enough = looked_at / 8 + 1;
    if (odd >= enough && odd > even * 4) {
        return utf16::Order::little;
    }
    return even >= enough && even > odd * 4 ? std::optional(utf16::Order::big) : std::nullopt;
}

bool is_plain(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char byte) { return static_cast<unsigned char>(byte) < 0x80 && byte != '\x1B'; });
}

void append_line(std::string_view line, std::string& out) {
    if (line.ends_with("\r")) {
        line.remove_suffix(1);
    }
    if (line.size() > bounds::kLogLineBytes) {
        line = line.substr(0, utf8::boundary_before(line, bounds::kLogLineBytes));
    }
    if (is_plain(line)) {
        out += line;
        return;
    }
    std::string text;
    if (utf8::is_valid(line)) {
        text = line;
    } else if (std::optional<std::string> converted = platform::gb18030_to_utf8(line)) {
        text = std::move(*converted);
    } else {
        text = utf8::repaired(line);
    }
    out += text.find('\x1B') == std::string::npos ? text : strip_ansi(text);
}

// A log that is open, or why it is not.
struct OpenedLog {
    std::ifstream stream;
    std::uintmax_t size = 0;
    std::optional<FileProblem> problem;
};

OpenedLog open_log(const fs::path& path) {
    OpenedLog log;
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!fs::is_regular_file(status)) {
        log.problem = fs::is_directory(status)                            ? FileProblem::folder
                      : error == std::errc::permission_denied             ? FileProblem::permission
                      : status.type() == fs::file_type::not_found         ? FileProblem::missing
                      : error == std::errc::too_many_symbolic_link_levels ? FileProblem::link_loop
                                                                          : FileProblem::not_regular;
        return log;
    }
    log.size = fs::file_size(path, error);
    log.stream.open(path, std::ios::binary);
    if (error || !log.stream) {
        platform::throw_if_short_of_descriptors();
        log.problem = FileProblem::permission;
    }
    return log;
}

void read_at(OpenedLog& log, std::uintmax_t offset, std::size_t count, std::string& bytes) {
    bytes.resize(count);
    log.stream.clear();
    log.stream.seekg(static_cast<std::streamoff>(offset));
    log.stream.read(bytes.data(), static_cast<std::streamsize>(count));
    bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(log.stream.gcount(), 0)));
}

// An even offset keeps UTF-16 units whole.
constexpr std::uintmax_t even(std::uintmax_t offset) {
    return offset & ~std::uintmax_t{1};
}

// The text from `offset` on, but for its first line, of which only a part may be there.
std::string decode_from(OpenedLog& log, std::uintmax_t offset, std::size_t count, std::optional<utf16::Order> order) {
    std::string bytes;
    read_at(log, offset, count, bytes);
    if (order && offset > 0) {
        bytes.insert(0, order == utf16::Order::little ? "\xFF\xFE" : "\xFE\xFF");
    }
    std::string text = decode_log(bytes);
    if (offset > 0) {
        const std::size_t first_end = text.find('\n');
        text.erase(0, first_end == std::string::npos ? 0 : first_end + 1);
    }
    return text;
}

// By the file's beginning: a piece of its middle may look like anything.
std::optional<utf16::Order> order_of_file(OpenedLog& log) {
    constexpr std::size_t kEnough = 4096;
    std::string head;
    read_at(log, 0, kEnough, head);
    return utf16_order(head);
}

std::string as_in_file(std::string_view phrase, std::optional<utf16::Order> order) {
    if (!order) {
        return std::string(phrase);
    }
    std::string units;
    for (const char byte : phrase) {
        units += order == utf16::Order::little ? std::string{byte, '\0'} : std::string{'\0', byte};
    }
    return units;
}

// Where the last of the phrases begins, searched for from the file's end backwards.
std::optional<std::uintmax_t> last_of(OpenedLog& log, const PhraseSearch& phrases) {
    std::string block;
    const std::uintmax_t first = log.size - std::min<std::uintmax_t>(log.size, bounds::kLogSearchedBytes);
    for (std::uintmax_t end = log.size; end > first;) {
        const std::uintmax_t begin = end - std::min<std::uintmax_t>(end - first, bounds::kLogBlockBytes);
        // What begins in this block may end in the next one, which was searched before.
        read_at(log, begin, static_cast<std::size_t>(end - begin) + phrases.longest() - 1, block);
        const std::size_t found = phrases.last_in(block);
        if (found != std::string::npos) {
            return begin + found;
        }
        end = begin;
    }
    return std::nullopt;
}

}  // namespace

std::string decode_log(std::string_view bytes) {
    std::string converted;
    if (const auto order = utf16_order(bytes)) {
        converted = utf16::to_utf8(bytes, *order);
        bytes = converted;
    }
    if (bytes.starts_with("\xEF\xBB\xBF")) {
        bytes.remove_prefix(3);
    }
    std::string out;
    out.reserve(bytes.size());
    while (!bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        append_line(bytes.substr(0, end), out);
        if (end == std::string_view::npos) {
            break;
        }
        out.push_back('\n');
        bytes.remove_prefix(end + 1);
    }
    return out;
}

LogText read_last_start(const fs::path& path, std::span<const std::string_view> start_marks) {
    LogText log;
    OpenedLog file = open_log(path);
    log.problem = file.problem;
    if (log.problem) {
        return log;
    }
    const std::optional<utf16::Order> order = order_of_file(file);
    log.complete = file.size <= bounds::kLogWholeBytes;
    if (log.complete) {
        log.text = decode_from(file, 0, static_cast<std::size_t>(file.size) + 2, order);
        return log;
    }
    std::vector<std::string> phrases;
    for (const std::string_view mark : start_marks) {
        phrases.push_back(as_in_file(mark, order));
    }
    std::uintmax_t tail = even(file.size - bounds::kLogTailBytes);
    if (const std::optional<std::uintmax_t> start = last_of(file, PhraseSearch(std::move(phrases)))) {
        const std::uintmax_t begin = even(*start - std::min<std::uintmax_t>(*start, bounds::kLogLeadBytes));
        const std::uintmax_t end = begin + bounds::kLogStartBytes;
        if (begin < tail && end < tail) {
            log.text = decode_from(file, begin, bounds::kLogStartBytes, order);
            log.text.erase(log.text.rfind('\n') + 1);  // the piece's last line is cut
            log.has_gap = true;
        }
        tail = begin < tail && end >= tail ? begin : tail;
    }
    log.text += decode_from(file, tail, static_cast<std::size_t>(file.size - tail) + 2, order);
    return log;
}

}  // namespace banana
