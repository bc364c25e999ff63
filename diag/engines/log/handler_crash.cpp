#include "handler_crash.hpp"

#include "banana/bounds.hpp"
#include "line_range.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace banana {
namespace {

constexpr std::string_view kRequestFailed = "Error handling request";  // aiohttp's words before the traceback
constexpr std::string_view kTracebackHead = "Traceback (most recent call last)";
constexpr std::array<std::string_view, 2> kChained{"During handling of the above exception",
                                                   "The above exception was the direct cause"};
// Cython's frames name the module's source alone.
constexpr std::array<std::string_view, 2> kOwnModuleSources{"Gemini_Imagen_Generator.py", "balance_service.py"};

struct TracebackFrame {
    std::string_view file;
    int line = 0;
};

// `  File "/x/y.py", line 12, in handler`
std::optional<TracebackFrame> traceback_frame_in(std::string_view line) {
    constexpr std::string_view kFile = "File \"";
    constexpr std::string_view kLine = "\", line ";
    const std::string_view text = trim_ascii(line);
    const std::size_t end = text.find(kLine);
    if (!text.starts_with(kFile) || end == std::string_view::npos) {
        return std::nullopt;
    }
    TracebackFrame frame{text.substr(kFile.size(), end - kFile.size())};
    const std::string_view digits = text.substr(end + kLine.size());
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), frame.line);
    return error == std::errc{} ? std::optional(frame) : std::nullopt;
}

// From the plugin's folder on, which may be nested in another of its name; empty for a file that is not the plugin's.
std::string own_file(std::string_view file, std::string_view folder) {
    std::string path(file);
    std::replace(path.begin(), path.end(), '\\', '/');
    if (std::find(kOwnModuleSources.begin(), kOwnModuleSources.end(), std::string_view(path)) !=
        kOwnModuleSources.end()) {
        return path;
    }
    const std::string step = "/" + std::string(folder) + "/";
    const std::size_t at = folder.empty() ? std::string::npos : path.rfind(step);
    return at == std::string::npos ? std::string() : path.substr(at + 1);
}

bool is_chained_exception(std::string_view line) {
    return std::any_of(kChained.begin(), kChained.end(),
                       [&](std::string_view words) { return line.starts_with(words); });
}

}  // namespace

std::optional<HandlerCrash> last_handler_crash(std::string_view log, std::string_view folder) {
    const std::size_t start = log.rfind(kRequestFailed);
    if (start == std::string_view::npos) {
        return std::nullopt;
    }
    HandlerCrash crash;
    bool in_traceback = false;
    // Of exceptions that follow from one another the last one ended the handler.
    for (const std::string_view line : LineRange(log.substr(start))) {
        if (line.starts_with(kTracebackHead)) {
            in_traceback = true;
            crash = {};
        } else if (const auto frame = in_traceback ? traceback_frame_in(line) : std::nullopt) {
            const std::string file = own_file(frame->file, folder);
            if (!file.empty()) {
                crash.file = sanitize(file, Lines::single, bounds::kFileNameBytes);
                crash.line = frame->line;
            }
        } else if (in_traceback && !line.empty() && line.front() != ' ') {
            in_traceback = false;
            crash.exception = sanitize(trim_ascii(line), Lines::single, bounds::kRouteMessageTextBytes);
        } else if (!in_traceback && !crash.exception.empty() && !trim_ascii(line).empty() &&
                   !is_chained_exception(line)) {
            break;
        }
    }
    const bool whole = !crash.file.empty() && !crash.exception.empty();
    return whole ? std::optional(std::move(crash)) : std::nullopt;
}

}  // namespace banana
