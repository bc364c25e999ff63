#include "terminal.hpp"

#include "banana/cause.hpp"
#include "display_width.hpp"
#include "names.hpp"
#include "next_steps.hpp"
#include "ticket_head.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ostream>

namespace banana {
namespace {

enum class Colour { none, red, green, yellow, grey, bold };

std::string_view code_of_colour(Colour colour) {
    switch (colour) {
        case Colour::none: return "";
        case Colour::red: return "\x1b[31m";
        case Colour::green: return "\x1b[32m";
        case Colour::yellow: return "\x1b[33m";
        case Colour::grey: return "\x1b[90m";
        case Colour::bold: return "\x1b[1m";
    }
    return "";
}

std::string painted(std::string_view text, Colour colour, const TerminalStyle& style) {
    if (!style.colour || colour == Colour::none || text.empty()) {
        return std::string(text);
    }
    return std::string(code_of_colour(colour)) + std::string(text) + "\x1b[0m";
}

struct Mark {
    std::string_view unicode, ascii;
    Colour colour;
};

// ASCII marks are as wide as their words need; a check's line pads them.
Mark mark_of(Status status) {
    switch (status) {
        case Status::pass: return {"✔", "ok  ", Colour::green};
        case Status::warn: return {"!", "warn", Colour::yellow};
        case Status::fail: return {"✘", "FAIL", Colour::red};
        case Status::skip: return {"-", "skip", Colour::grey};
    }
    return {"-", "skip", Colour::grey};
}

Mark mark_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::healthy: return {"✔", "[OK]", Colour::green};
        case Verdict::attention: return {"!", "[!]", Colour::yellow};
        case Verdict::broken: return {"✘", "[FAIL]", Colour::red};
        case Verdict::inconclusive: return {"?", "[?]", Colour::yellow};
    }
    return {"?", "[?]", Colour::yellow};
}

std::string shown(const Mark& mark, const TerminalStyle& style) {
    return painted(style.unicode ? mark.unicode : mark.ascii, mark.colour, style);
}

std::string padded(std::string text, int columns) {
    const int missing = columns - display_width(text);
    text.append(static_cast<std::size_t>(std::max(missing, 0)), ' ');
    return text;
}

std::string duration_text(double milliseconds) {
    constexpr double kSecond = 1000;
    std::array<char, 40> buffer{};
    const bool seconds = milliseconds >= kSecond;
    const int length = std::snprintf(buffer.data(), buffer.size(), seconds ? "%.1f s" : "%.1f ms",
                                     seconds ? milliseconds / kSecond : milliseconds);
    return std::string(buffer.data(), static_cast<std::size_t>(std::clamp(length, 0, 39)));
}

// Symbols of the catalog that a console without UTF-8 cannot show stand for themselves in words.
std::string for_console(std::string_view text, const TerminalStyle& style) {
    if (style.unicode) {
        return std::string(text);
    }
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kReplacements = {{{"→", "->"},
                                                                                                    {"✅", "[ok]"},
                                                                                                    {"❌", "[x]"},
                                                                                                    {"⚠️", "[!]"},
                                                                                                    {"…", "..."},
                                                                                                    {"·", "-"},
                                                                                                    {"“", "\""},
                                                                                                    {"”", "\""}}};
    std::string result(text);
    for (const auto& [symbol, words] : kReplacements) {
        for (std::size_t at = result.find(symbol); at != std::string::npos; at = result.find(symbol, at)) {
            result.replace(at, symbol.size(), words);
        }
    }
    return result;
}

std::string wrapped(std::string_view text, std::string_view first, std::string_view next, const TerminalStyle& style,
                    Colour colour = Colour::none) {
    const int indent = std::max(display_width(first), display_width(next));
    std::string all;
    for (const std::string& line : wrap(for_console(text, style), style.width - indent)) {
        all += std::string(all.empty() ? first : next) + painted(line, colour, style) + "\n";
    }
    return all;
}

// Steps are numbered; a command stands whole on a line of its own, so that it can be pasted.
std::string steps_text(const std::vector<std::string>& lines, const TerminalStyle& style) {
    std::string all;
    int number = 0;
    for (const std::string& line : lines) {
        if (line.starts_with(kCommandIndent)) {
            all += "     " + line + "\n";
            continue;
        }
        ++number;
        all += wrapped(line, "  " + std::to_string(number) + ". ", "     ", style);
    }
    return all;
}

std::string field(const Catalog& texts, const DiagnosedCause& cause, std::string_view name) {
    const Arguments& args = cause.finding.args;
    return texts.text(texts.cause_text_id(code_of(cause.finding.code), name, args), args);
}

std::string cause_text(const DiagnosedCause& cause, const Catalog& texts, const TerminalStyle& style) {
    const std::string code(code_of(cause.finding.code));
    const Arguments& args = cause.finding.args;
    std::string text = wrapped(field(texts, cause, "title"), texts.text("terminal.cause"), "  ", style, Colour::bold);
    const std::string confidence = texts.text("word.confidence." + std::string(confidence_name(cause.confidence)));
    text += "  " + painted(for_console(code + " · " + confidence, style), Colour::grey, style) + "\n";
    text += wrapped(field(texts, cause, "message"), "  ", "  ", style);
    text += "\n" + painted(texts.text("terminal.fix"), Colour::bold, style) + "\n";
    return text + steps_text(texts.text_lines(texts.cause_text_id(code, "fix", args), args), style);
}

// Of several steps the first with its commands: the report has them all.
std::vector<std::string> first_step(std::vector<std::string> lines) {
    for (std::size_t index = 1; index < lines.size(); ++index) {
        if (!lines[index].starts_with(kCommandIndent)) {
            lines.resize(index);
        }
    }
    return lines;
}

// Where nothing is broken, a warning says here what it is and what to do first.
std::string warning_text(const DiagnosedCause& cause, const Catalog& texts, const TerminalStyle& style) {
    const Arguments& args = cause.finding.args;
    std::string text = wrapped(field(texts, cause, "message"), "    ", "    ", style);
    const std::string fix = texts.cause_text_id(code_of(cause.finding.code), "fix", args);
    const std::string arrow = style.unicode ? "    → " : "    -> ";
    for (const std::string& line : first_step(texts.text_lines(fix, args))) {
        text += line.starts_with(kCommandIndent) ? "      " + line + "\n" : wrapped(line, arrow, "      ", style);
    }
    return text;
}

std::string others_text(const Report& report, const Catalog& texts, const TerminalStyle& style) {
    if (report.diagnosis.others.empty()) {
        return {};
    }
    const bool broken = report.diagnosis.verdict == Verdict::broken;
    std::string text =
        "\n" + painted(texts.text(broken ? "terminal.also-fix" : "terminal.warnings"), Colour::bold, style) + "\n";
    for (const DiagnosedCause& cause : report.diagnosis.others) {
        const std::string bullet = style.unicode ? "  • " : "  - ";
        text += wrapped(field(texts, cause, "title") + " (" + std::string(code_of(cause.finding.code)) + ")", bullet,
                        "    ", style);
        text += broken ? std::string() : warning_text(cause, texts, style);
    }
    return text;
}

std::string open_text(const Report& report, const Catalog& texts, const TerminalStyle& style) {
    std::string text = wrapped(texts.text(what_next(report, texts)), "  ", "  ", style);
    std::vector<std::string> steps;
    for (const Message& step : report.diagnosis.narrative.next_steps) {
        steps.push_back(texts.text(step));
    }
    return steps.empty() ? text
                         : text + "\n" + painted(texts.text("terminal.fix"), Colour::bold, style) + "\n" +
                               steps_text(steps, style);
}

// Names stand in one column.
int widest_check_name(const Catalog& texts) {
    constexpr std::string_view kPrefix = "check-name.";
    int widest = 0;
    for (const CatalogEntry& entry : texts.entries()) {
        if (entry.id.starts_with(kPrefix)) {
            widest = std::max(widest, display_width(entry.text));
        }
    }
    return widest;
}

// What the file holds and what it is for: nobody has to guess what to do with it.
std::string files_text(const std::vector<std::string>& paths, const Catalog& texts, const TerminalStyle& style) {
    std::string text;
    for (const std::string& path : paths) {
        text += "\n" + texts.text("terminal.report", Arguments{{"path", path}});
    }
    if (text.empty() || style.detail == TerminalStyle::Detail::quiet) {
        return text.empty() ? text : text + "\n";
    }
    return text + "\n" + wrapped(texts.text("terminal.report-use"), "  ", "  ", style);
}

std::string amount_text(const Report& report, const Catalog& texts, const TerminalStyle& style) {
    const std::string amount = amount_shown(report);
    return amount.empty() ? std::string()
                          : wrapped(texts.text("terminal.amount", Arguments{{"amount", amount}}), "  ", "  ", style);
}

}  // namespace

std::string check_line(const CheckResult& check, const Catalog& texts, const TerminalStyle& style) {
    if (check.skip_reason == skip_reason::not_selected && style.detail != TerminalStyle::Detail::verbose) {
        return {};
    }
    constexpr int kIdColumns = 22;
    constexpr int kTimeColumns = 9;
    const bool verbose = style.detail == TerminalStyle::Detail::verbose;
    const Mark mark = mark_of(check.status);
    const int mark_columns = display_width(style.unicode ? mark.unicode : mark.ascii);
    const int name_columns = widest_check_name(texts);
    const int tail = verbose ? kIdColumns + kTimeColumns + 2 : 0;
    const int room = std::max(style.width - mark_columns - name_columns - tail - 3, 16);
    const std::string summary = fit(for_console(texts.text(check.summary), style), room, style.unicode);
    std::string line = shown(mark, style) + " " + padded(check_name(check.id, texts), name_columns) + "  ";
    if (verbose) {
        const std::string time = check.status == Status::skip ? std::string() : duration_text(check.duration_ms);
        line += padded(summary, room) + " " + painted(padded(check.id, kIdColumns) + time, Colour::grey, style);
    } else {
        line += summary;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    line += "\n";
    if (style.detail != TerminalStyle::Detail::verbose) {
        return line;
    }
    for (const Finding& finding : check.findings) {
        const std::string id = texts.cause_text_id(code_of(finding.code), "message", finding.args);
        line += wrapped(std::string(code_of(finding.code)) + ": " + texts.text(id, finding.args), "    ", "      ",
                        style, finding.severity == Severity::error ? Colour::red : Colour::yellow);
    }
    return line;
}

std::string verdict_text(const Report& report, const std::vector<std::string>& report_paths, const Catalog& texts,
                         const TerminalStyle& style) {
    const Diagnosis& diagnosis = report.diagnosis;
    const std::string headline = texts.text(diagnosis.narrative.headline);
    std::string text = "\n" + shown(mark_of(diagnosis.verdict), style) + " " +
                       painted(for_console(headline, style), mark_of(diagnosis.verdict).colour, style) + "\n";
    if (style.detail != TerminalStyle::Detail::quiet) {
        if (diagnosis.primary) {
            text += "\n" + cause_text(*diagnosis.primary, texts, style);
        }
        if (diagnosis.verdict == Verdict::inconclusive) {
            text += open_text(report, texts, style);
        }
        text += amount_text(report, texts, style) + others_text(report, texts, style);
    } else if (diagnosis.primary) {
        text += wrapped(field(texts, *diagnosis.primary, "title"), "  ", "  ", style);
    }
    return text + files_text(report_paths, texts, style);
}

void ProgressLine::show(const std::vector<std::string>& running, const std::string& waiting_for, double elapsed_ms) {
    static constexpr std::array<std::string_view, 10> kFrames = {"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};
    static constexpr std::array<std::string_view, 4> kAsciiFrames = {"|", "/", "-", "\\"};
    const std::string_view frame =
        style_.unicode ? kFrames[frame_ % kFrames.size()] : kAsciiFrames[frame_ % kAsciiFrames.size()];
    ++frame_;
    std::string text(frame);
    for (std::size_t index = 0; index < running.size(); ++index) {
        text += (index == 0 ? " " : ", ") + running[index];
    }
    if (!waiting_for.empty()) {
        text += " - " + waiting_for;
    }
    text += "  " + duration_text(elapsed_ms);
    // The last column stays free: some terminals wrap as soon as it is filled.
    out_ << "\r\x1b[2K" << fit(text, style_.width - 1, style_.unicode) << std::flush;
    shown_ = true;
}

void ProgressLine::clear() {
    if (shown_) {
        out_ << "\r\x1b[2K" << std::flush;
        shown_ = false;
    }
}

}  // namespace banana
