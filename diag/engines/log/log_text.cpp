#include "log_text.hpp"

#include "banana/bounds.hpp"
#include "platform.hpp"
#include "platform_encoding.hpp"
#include "text.hpp"

#include <algorithm>
#include <cstdint>
#include <fstream>

namespace banana {
namespace {

namespace fs = std::filesystem;

enum class Wide { none, little, big };

// By a BOM, else by where the NUL bytes of Latin text stand.
Wide utf16_order(std::string_view bytes) {
    if (bytes.starts_with("\xFF\xFE")) {
        return Wide::little;
    }
    if (bytes.starts_with("\xFE\xFF")) {
        return Wide::big;
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
        return Wide::little;
    }
    return even >= enough && even > odd * 4 ? Wide::big : Wide::none;
}

std::string from_utf16(std::string_view bytes, Wide order) {
    const auto unit = [&](std::size_t index) -> std::uint32_t {
        const auto first = static_cast<unsigned char>(bytes[index]);
        const auto second = static_cast<unsigned char>(bytes[index + 1]);
        return order == Wide::little ? first | second << 8U : first << 8U | second;
    };
    std::string out;
    out.reserve(bytes.size());
    for (std::size_t index = 0; index + 1 < bytes.size(); index += 2) {
        std::uint32_t code = unit(index);
        const bool high = code >= 0xD800 && code < 0xDC00;
        if (high && index + 3 < bytes.size()) {
            const std::uint32_t low = unit(index + 2);
            if (low >= 0xDC00 && low < 0xE000) {
                code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
                index += 2;
            }
        }
        const bool lone = code >= 0xD800 && code < 0xE000;
        append_utf8(out, lone ? U'\uFFFD' : static_cast<char32_t>(code));
    }
    return out;
}

// Length of the UTF-8 sequence at the start, 0 when it is not valid (RFC 3629).
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(text[index]); };
    const unsigned char lead = byte(0);
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xC2 ? 0
                               : lead < 0xE0 ? 2
                               : lead < 0xF0 ? 3
                               : lead < 0xF5 ? 4
                                             : 0;
    if (length == 0 || length > text.size()) {
        return 0;
    }
    for (std::size_t index = 1; index < length; ++index) {
        if ((byte(index) & 0xC0) != 0x80) {
            return 0;
        }
    }
    const bool bad_second = length > 2 && ((lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xED && byte(1) > 0x9F) ||
                                           (lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) > 0x8F));
    return bad_second ? 0 : length;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0) {
            return false;
        }
        text.remove_prefix(length);
    }
    return true;
}

std::string repaired(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0) {
            out.append("\xEF\xBF\xBD");
        } else {
            out.append(text.substr(0, length));
        }
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out;
}

void append_line(std::string_view line, std::string& out) {
    if (line.ends_with("\r")) {
        line.remove_suffix(1);
    }
    if (line.size() > bounds::kLogLineBytes) {
        std::size_t end = bounds::kLogLineBytes;
        while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0) == 0x80) {
            --end;
        }
        line = line.substr(0, end);
    }
    std::string text;
    if (is_utf8(line)) {
        text = line;
    } else if (std::optional<std::string> converted = platform::gb18030_to_utf8(line)) {
        text = std::move(*converted);
    } else {
        text = repaired(line);
    }
    out += text.find('\x1B') == std::string::npos ? text : strip_ansi(text);
}

}  // namespace

std::string decode_log(std::string_view bytes) {
    std::string converted;
    if (const Wide order = utf16_order(bytes); order != Wide::none) {
        converted = from_utf16(bytes, order);
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

LogText read_log_end(const fs::path& path, std::size_t limit) {
    LogText log;
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
    const std::uintmax_t size = fs::file_size(path, error);
    std::ifstream file(path, std::ios::binary);
    if (error || !file) {
        platform::throw_if_short_of_descriptors();
        log.problem = FileProblem::permission;
        return log;
    }
    log.complete = size <= limit;
    std::string order_mark(2, '\0');
    if (!log.complete) {
        file.read(order_mark.data(), 2);
        // An even offset keeps UTF-16 units whole.
        file.seekg(static_cast<std::streamoff>((size - limit) & ~std::uintmax_t{1}));
    }
    std::string bytes(static_cast<std::size_t>(std::min<std::uintmax_t>(size, limit)) + 2, '\0');
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
    const bool wide = order_mark == "\xFF\xFE" || order_mark == "\xFE\xFF";
    log.text = decode_log(!log.complete && wide ? order_mark + bytes : bytes);
    if (!log.complete) {
        const std::size_t first_end = log.text.find('\n');
        log.text.erase(0, first_end == std::string::npos ? 0 : first_end + 1);
    }
    return log;
}

}  // namespace banana
