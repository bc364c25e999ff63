#include "log_scanner.hpp"

#include "banana/ascii.hpp"
#include "banana/bounds.hpp"
#include "line_range.hpp"
#include "plugin_source.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>

namespace banana {
namespace {

constexpr int kLinesAfterFatal = 3;  // what a launcher adds: "press any key"
constexpr std::string_view kNodeFile = "Gemini_Imagen_Generator";
constexpr std::string_view kLoadFailed = "加载节点文件失败";
constexpr std::array<std::string_view, 2> kLauncherWords{"Press any key", "请按任意键"};
constexpr std::string_view kTraceback = "Traceback (most recent call last)";

// Printed while ComfyUI sets itself up, before any custom node.
constexpr std::array<std::string_view, 9> kEarlyMarks{"** ComfyUI startup time:",
                                                      "[START] Security scan",
                                                      "Checkpoint files will always be loaded safely",
                                                      "Total VRAM ",
                                                      "Adding extra search path",
                                                      "pytorch version:",
                                                      "** Python executable:",
                                                      "Prestartup times for custom",
                                                      "Set vram state to:"};

// Printed when the loading of custom nodes is under way or over.
constexpr std::array<std::string_view, 7> kLateMarks{"Import times for custom nodes:",
                                                     "Starting server",
                                                     "To see the GUI go to:",
                                                     "got prompt",
                                                     "module for custom nodes:",
                                                     kTraceback,
                                                     kLoadFailed};

constexpr std::string_view kNoExports = " module for custom nodes due to the lack of NODE_CLASS_MAPPINGS";
constexpr std::string_view kRefusedOrigin = "request with non matching host and origin";

constexpr std::array<std::string_view, 3> kTitles{"Banana Node Loader", "Banana Loader", "香蕉 Loader"};

// ".py", ".so", ".cp311-win_amd64.pyd", ".abi3.so": what Python or the loader imports. ".bak.py" is no such ending.
bool is_module_ending(std::string_view ending) {
    if (ending == ".py" || ending == ".pyd" || ending == ".so") {
        return true;
    }
    static constexpr std::array<std::string_view, 4> kTags{".cp3", ".cpython-3", ".abi3.", ".darwin."};
    const std::size_t last = ending.rfind('.');
    const bool binary =
        last != std::string_view::npos && (ending.substr(last) == ".so" || ending.substr(last) == ".pyd");
    return binary && ending.find('.', 1) == last &&
           std::any_of(kTags.begin(), kTags.end(), [&](std::string_view tag) { return ending.starts_with(tag); });
}

// "Gemini_Imagen_Generator.py", ".so" and so on; "Gemini_Imagen_Generator_helper.py" is another file.
bool names_node_file(std::string_view text) {
    if (!text.starts_with(kNodeFile)) {
        return false;
    }
    text.remove_prefix(kNodeFile.size());
    return is_module_ending(text.substr(0, text.find_first_of(": \t")));
}

bool is_level(std::string_view word) {
    static constexpr std::array<std::string_view, 7> kLevels{"INFO",  "WARN",     "WARNING", "ERROR",
                                                             "DEBUG", "CRITICAL", "Main"};
    return std::find(kLevels.begin(), kLevels.end(), word) != kLevels.end();
}

// Time stamps and levels in brackets, as ComfyUI-Manager, ComfyUI and the plugin put before a message.
std::string_view without_prefix(std::string_view line) {
    bool stamped = false;
    while (line.starts_with("[")) {
        const std::size_t end = line.find(']');
        if (end == std::string_view::npos || end > bounds::kLogStampBytes) {
            break;
        }
        const std::string_view word = line.substr(1, end - 1);
        const bool time = !word.empty() && is_digit(word.front());
        if (!time && !stamped && !is_level(word)) {
            break;
        }
        stamped = true;
        line.remove_prefix(end + 1);
        line.remove_prefix(line.starts_with(" ") ? 1 : 0);
    }
    return line;
}

LogLine shown(int number, std::string_view text) {
    return {number, sanitize(trim_ascii(text), Lines::single, bounds::kLogShownLineBytes)};
}

// The text behind `mark` and a colon of either width.
std::string_view after_mark(std::string_view line, std::string_view mark) {
    const std::size_t at = line.find(mark);
    std::string_view rest = at == std::string_view::npos ? std::string_view() : line.substr(at + mark.size());
    rest = trim_ascii(rest);
    for (const std::string_view colon : {std::string_view(":"), std::string_view("：")}) {
        if (rest.starts_with(colon)) {
            rest.remove_prefix(colon.size());
        }
    }
    return trim_ascii(rest);
}

std::string_view last_component(std::string_view path) {
    path = trim_ascii(path);
    const std::size_t slash = path.find_last_of("/\\");
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

// "RuntimeError: text", "torch.OutOfMemoryError: text", "KeyboardInterrupt".
bool is_exception_line(std::string_view line) {
    if (line.empty() || line.front() == ' ' || line.front() == '\t') {
        return false;
    }
    const std::string_view name = line.substr(0, line.find(':'));
    return !name.empty() && name.size() <= bounds::kLogExceptionNameBytes &&
           name.find_first_of(" \t(\"'") == std::string_view::npos && (is_upper(name.front()) || has(name, "."));
}

// Reads lines in order and forgets all when another start begins.
class Scanner {
public:
    Scanner(std::string_view folder, bool complete) : folder_(folder), complete_(complete) {}

    void line(int number, std::string_view raw) {
        const std::string_view text = without_prefix(raw);
        const std::string_view content = trim_ascii(text);
        if (content.empty()) {
            return;
        }
        number_ = complete_ ? number : 0;
        follow_start(raw);
        follow_traceback(text);
        if (!follow_loader(content)) {
            follow_server(content);
        }
    }

    LogScan finish() {
        if (scan_.node_file_loaded.value_or(false)) {
            load_error_.reset();
        }
        scan_.load_error = std::move(load_error_);
        // Without the beginning of a start the text may be no log of ComfyUI at all.
        const bool at_end = exception_ && lines_since_exception_ <= kLinesAfterFatal;
        if (at_end && scan_.start_seen && !scan_.server_ready) {
            const bool certain = lines_since_exception_ == 0 && from_main_;
            scan_.fatal = FatalEnd{*exception_, fatal_kind_of(exception_->text), certain};
        }
        return std::move(scan_);
    }

private:
    void follow_start(std::string_view raw) {
        if (has_any(raw, kEarlyMarks)) {
            if (!scan_.start_seen || late_) {
                scan_ = LogScan();
                load_error_.reset();
                exception_.reset();
                in_traceback_ = false;
                late_ = false;
                scan_.start_seen = true;
            }
            return;
        }
        late_ = late_ || has_any(raw, kLateMarks);
    }

    void follow_traceback(std::string_view text) {
        if (has(text, kTraceback)) {
            in_traceback_ = true;
            from_main_ = false;
            expects_first_frame_ = true;
            return;
        }
        if (in_traceback_) {
            if (expects_first_frame_) {
                from_main_ = has(text, "main.py\"");
                expects_first_frame_ = false;
            }
            if (is_exception_line(text)) {
                in_traceback_ = false;
                exception_ = shown(number_, text);
                lines_since_exception_ = 0;
                const bool stopped = text.starts_with("KeyboardInterrupt") || text.starts_with("SystemExit");
                if (stopped) {
                    exception_.reset();
                }
            }
            return;
        }
        if (exception_ && !continues_exception(text)) {
            ++lines_since_exception_;
        }
        if (has(text, "Port ") && has(text, "already in use")) {
            exception_ = shown(number_, text);
            lines_since_exception_ = 0;
            from_main_ = true;
        }
    }

    // Further lines of the exception's own text, or what a launcher says at its end.
    [[nodiscard]] bool continues_exception(std::string_view text) const {
        const bool indented = text.starts_with(" ") || text.starts_with("\t");
        return (indented && lines_since_exception_ == 0) || has_any(text, kLauncherWords);
    }

    // True when the line is the plugin's own.
    bool follow_loader(std::string_view line) {
        if (has_any(line, kTitles)) {
            ++scan_.loader_titles;
            late_ = true;
            note(line);
            return true;
        }
        if (has(line, "成功加载节点文件")) {
            late_ = true;
            if (names_node_file(after_mark(line, "成功加载节点文件"))) {
                scan_.node_file_loaded = true;
            }
            note(line);
            return true;
        }
        if (has(line, kLoadFailed)) {
            follow_failed_file(line);
            return true;
        }
        if (has(line, "检测到已有") && has(line, kBalanceRoute)) {
            scan_.route_taken = shown(number_, line);
            note(line);
            return true;
        }
        if (has(line, "读取配置文件失败")) {
            scan_.config_error = shown(number_, line);
            note(line);
            return true;
        }
        return follow_query(line) || follow_other_notes(line);
    }

    void follow_failed_file(std::string_view line) {
        const std::string_view rest = after_mark(line, kLoadFailed);
        note(line);
        if (!names_node_file(rest)) {
            return;  // an optional part: no cause
        }
        const std::size_t colon = rest.find(": ");
        const std::string_view exception = colon == std::string_view::npos ? rest : rest.substr(colon + 2);
        load_error_ = load_error_of(shown(number_, line), exception);
        scan_.node_file_loaded = scan_.node_file_loaded.value_or(false);
    }

    bool follow_query(std::string_view line) {
        std::string_view summary;
        if (has(line, "错误摘要")) {
            summary = after_mark(line, "错误摘要");
        } else if (has(line, kBalanceRoute) && has(line, "刷新失败")) {
            summary = after_mark(line, "刷新失败");
        } else {
            return false;
        }
        // The second line repeats in other words what the first has said.
        if (scan_.failure_summary.empty() || has(line, "错误摘要")) {
            scan_.failure_summary = sanitize(summary, Lines::single, bounds::kLogShownLineBytes);
        }
        return true;
    }

    bool follow_other_notes(std::string_view line) {
        static constexpr std::array<std::string_view, 4> kNoted{"加载子包", "个自定义节点", "未找到任何有效的节点",
                                                                "(BananaImageNode"};
        if (!has_any(line, kNoted)) {
            return false;
        }
        if (has(line, "(BananaImageNode)")) {
            scan_.node_file_loaded = true;
        }
        note(line);
        return true;
    }

    void follow_server(std::string_view line) {
        if (has(line, "To see the GUI go to:")) {
            scan_.server_ready = true;
        } else if (has(line, "Skipping loading of custom nodes")) {
            scan_.custom_nodes_skipped = true;
            note(line);
        } else if (has(line, "** Python executable:")) {
            scan_.python =
                sanitize(after_mark(line, "** Python executable"), Lines::single, bounds::kLogPythonPathBytes);
        } else if (has(line, "** ComfyUI Path:")) {
            scan_.comfyui_dir =
                sanitize(after_mark(line, "** ComfyUI Path"), Lines::single, bounds::kLogPythonPathBytes);
        } else if (has(line, "compiled using NumPy 1.x")) {
            scan_.numpy_1_module = true;
        } else if (has(line, kRefusedOrigin)) {
            follow_refused_origin(line);
        } else if (has(line, "Cannot import ") && has(line, " module for custom nodes:")) {
            follow_failed_package(line);
        } else if (has(line, kNoExports)) {
            follow_skipped_package(line);
        } else if (has(line, "(IMPORT FAILED):")) {
            follow_import_times(line);
        }
    }

    // "request with non matching host and origin 127.0.0.1 != localhost, returning 403"
    void follow_refused_origin(std::string_view line) {
        const std::string_view names = after_mark(line, kRefusedOrigin);
        const std::size_t differs = names.find(" != ");
        const std::size_t end = names.find(", returning 403");
        if (differs == std::string_view::npos || end == std::string_view::npos || end < differs) {
            return;
        }
        const auto name = [](std::string_view text) {
            return sanitize(trim_ascii(text), Lines::single, bounds::kLogShownLineBytes);
        };
        scan_.refused_origin = RefusedOrigin{shown(number_, line), name(names.substr(0, differs)),
                                             name(names.substr(differs + 4, end - differs - 4))};
    }

    // "Skip /x/custom_nodes/p module for custom nodes due to the lack of NODE_CLASS_MAPPINGS."
    void follow_skipped_package(std::string_view line) {
        const std::string_view rest = after_mark(line, "Skip ");
        if (!is_plugin(last_component(rest.substr(0, rest.find(kNoExports))))) {
            return;
        }
        note(line);
        load_error_ = load_error_of(shown(number_, line), {});
        load_error_->kind = LoadFailure::no_exports;
    }

    void follow_failed_package(std::string_view line) {
        exception_.reset();  // ComfyUI caught it and goes on
        const std::string_view rest = after_mark(line, "Cannot import ");
        const std::size_t end = rest.find(" module for custom nodes:");
        if (!is_plugin(last_component(rest.substr(0, end)))) {
            return;
        }
        note(line);
        load_error_ = load_error_of(shown(number_, line), after_mark(line, " module for custom nodes"));
        scan_.node_file_loaded = false;
    }

    void follow_import_times(std::string_view line) {
        if (!is_plugin(last_component(after_mark(line, "(IMPORT FAILED)")))) {
            return;
        }
        note(line);
        if (!load_error_) {
            load_error_ = load_error_of(shown(number_, line), {});
        }
        scan_.node_file_loaded = false;
    }

    [[nodiscard]] bool is_plugin(std::string_view folder) const { return !folder_.empty() && folder == folder_; }

    void note(std::string_view line) {
        if (scan_.notes.size() < bounds::kLogNotes) {
            scan_.notes.push_back(shown(number_, line));
        }
    }

    std::string_view folder_;
    bool complete_;
    LogScan scan_;
    std::optional<LoadError> load_error_;
    std::optional<LogLine> exception_;  // of the last traceback that nothing is known to have caught
    int lines_since_exception_ = 0;
    bool from_main_ = false;  // the traceback begins in main.py
    bool expects_first_frame_ = false;
    int number_ = 0;
    bool in_traceback_ = false;
    bool late_ = false;
};

}  // namespace

LogScan scan_log(std::string_view text, std::string_view folder, bool complete) {
    Scanner scanner(folder, complete);
    int number = 0;
    for (std::string_view line : LineRange(text)) {
        ++number;
        // A progress bar draws over itself with carriage returns.
        while (!line.empty()) {
            const std::size_t part = std::min(line.find('\r'), line.size());
            scanner.line(number, line.substr(0, part));
            line.remove_prefix(std::min(part + 1, line.size()));
        }
    }
    return scanner.finish();
}

std::span<const std::string_view> start_marks() {
    return kEarlyMarks;
}

std::string address_of_page(std::string_view text) {
    constexpr std::string_view kAnnouncement = "To see the GUI go to: ";
    const std::size_t found = text.rfind(kAnnouncement);
    if (found == std::string_view::npos) {
        return {};
    }
    const std::string_view rest = text.substr(found + kAnnouncement.size());
    return std::string(rest.substr(0, rest.find_first_of(" \r\n")));
}

std::vector<int> lines_containing(std::string_view text, std::string_view value) {
    std::vector<int> numbers;
    if (value.empty()) {
        return numbers;
    }
    int line = 1;
    std::size_t counted = 0;
    for (std::size_t at = text.find(value); at != std::string_view::npos && numbers.size() < bounds::kLogLinesTold;
         at = text.find(value, at + value.size())) {
        line += static_cast<int>(std::count(text.begin() + static_cast<std::ptrdiff_t>(counted),
                                            text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
        counted = at;
        if (numbers.empty() || numbers.back() != line) {
            numbers.push_back(line);
        }
    }
    return numbers;
}

}  // namespace banana
