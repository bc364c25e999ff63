// What the terminal shows: one line a check as it ends, a live line while one runs, the verdict at the end.
#pragma once

#include "banana/report.hpp"
#include "catalog.hpp"

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace banana {

struct TerminalStyle {
    bool colour = false;  // SGR colours
    bool unicode = true;  // false: marks and arrows in ASCII
    int width = 80;       // columns; lines are cut or wrapped to it
    enum class Detail { quiet, normal, verbose } detail = Detail::normal;
};

// "✔ Key in config.ini   what was found" and, when verbose, its id, its time, and its findings below. Empty for a check
// that was not selected, unless verbose.
[[nodiscard]] std::string check_line(const CheckResult& check, const Catalog& texts, const TerminalStyle& style);
// The verdict, the cause, what to do, and where the report is.
[[nodiscard]] std::string verdict_text(const Report& report, const std::vector<std::string>& report_paths,
                                       const Catalog& texts, const TerminalStyle& style);

// One line that is rewritten in place; only for a terminal.
class ProgressLine {
public:
    ProgressLine(std::ostream& out, TerminalStyle style) : out_(out), style_(style) {}
    ~ProgressLine() { clear(); }
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    // "⠋ ComfyUI server, Balance API  3.0 s": the names of the checks that are waited for; `waiting_for` may be empty.
    void show(const std::vector<std::string>& running, const std::string& waiting_for, double elapsed_ms);
    // Removes it, so that a whole line can be printed.
    void clear();

private:
    std::ostream& out_;
    TerminalStyle style_;
    std::size_t frame_ = 0;
    bool shown_ = false;
};

}  // namespace banana
