#include "session.hpp"

#include "banana/exit_code.hpp"
#include "diagnosis.hpp"
#include "html.hpp"
#include "json.hpp"
#include "markdown.hpp"
#include "metrics.hpp"
#include "output_file.hpp"
#include "platform_host.hpp"
#include "redaction.hpp"
#include "runner.hpp"
#include "shown_text.hpp"
#include "text.hpp"

#include <algorithm>
#include <iostream>
#include <optional>
#include <utility>

namespace banana {
namespace {

std::string render(const Report& report, std::string_view format) {
    if (format == "json") {
        return write_json(report);
    }
    if (format == "html") {
        return write_html(report);
    }
    return format == "metrics" ? write_metrics(report) : write_markdown(report);
}

bool print(std::string_view text) {
    std::cout << text;
    std::cout.flush();
    return static_cast<bool>(std::cout);
}

void add_extension(std::filesystem::path& path, std::string_view format) {
    if (format == "json") {
        path.replace_extension(".json");
    } else if (format == "html") {
        path.replace_extension(".html");
    } else if (format == "metrics") {
        path.replace_extension(".prom");
    }
}

// Shows the run while it goes on.
class Screen {
public:
    Screen(const Catalog& texts, TerminalStyle style, std::ostream& out, bool live)
        : texts_(texts), style_(style), out_(out), live_(live), progress_(out, style) {}

    RunObserver observer() {
        RunObserver observer;
        observer.started = [this](std::string_view id) { running_.emplace_back(id); };
        observer.finished = [this](const CheckResult& check) { finished(check); };
        observer.progress = [this](const Message& message) { waiting_for_ = texts_.text(message); };
        if (live_) {
            observer.tick = [this](double elapsed) { progress_.show(running_, waiting_for_, elapsed); };
        }
        return observer;
    }

    void end() { progress_.clear(); }

private:
    void finished(const CheckResult& check) {
        std::erase(running_, check.id);
        const bool unasked = check.skip_reason == skip_reason::not_selected;
        if (style_.detail == TerminalStyle::Detail::quiet ||
            (unasked && style_.detail != TerminalStyle::Detail::verbose)) {
            return;
        }
        progress_.clear();
        out_ << check_line(check, texts_, style_) << std::flush;
    }

    const Catalog& texts_;
    TerminalStyle style_;
    std::ostream& out_;
    bool live_;
    ProgressLine progress_;
    std::vector<std::string> running_;
    std::string waiting_for_;
};

// Whoever mistakes the option for another gives a key as a file's name.
std::string shown_output(const std::filesystem::path& path, const Surroundings& surroundings) {
    Redactor redactor;
    redactor.set_home(path_text(surroundings.home));
    return redactor.scrub(shown_path(path));
}

// The given key is gone when the checks are over.
RunOutcome run_all(SessionInput& input, Redactor& redactor, const RunObserver& observer) {
    RunInput run(input.options, input.surroundings, redactor);
    run.name_overrides = input.name_overrides;
    run.handle_signals = true;
    run.given_key = std::exchange(input.given_key, std::nullopt);
    return run_checks(run, observer);
}

}  // namespace

bool standard_output_is_taken(const CommandLine& line) {
    return std::find(line.outputs.begin(), line.outputs.end(), "-") != line.outputs.end();
}

TerminalStyle terminal_style(const CommandLine& line, const Environment& environment, bool on_standard_error) {
    const platform::Stream stream = on_standard_error ? platform::Stream::error : platform::Stream::output;
    const bool terminal = platform::is_terminal(stream);
    TerminalStyle style;
    // no-color.org: set and not empty.
    const bool refused = !environment.get("NO_COLOR").value_or("").empty() || environment.get("TERM") == "dumb";
    style.colour = line.color == ColorMode::always || (line.color == ColorMode::automatic && terminal && !refused);
    // What is piped into a file is UTF-8 whatever the locale says; what is shown must suit the terminal.
    style.unicode = platform::prepare_utf8_terminal(environment) || !terminal;
    style.width = std::clamp(platform::terminal_width(stream), 40, 200);
    style.detail = line.verbosity == Verbosity::quiet     ? TerminalStyle::Detail::quiet
                   : line.verbosity == Verbosity::verbose ? TerminalStyle::Detail::verbose
                                                          : TerminalStyle::Detail::normal;
    return style;
}

bool write_outputs(const Report& report, const CommandLine& line, const Surroundings& surroundings,
                   const std::filesystem::path& comfyui_dir, const Catalog& texts, std::vector<std::string>& written) {
    std::vector<std::string> outputs = line.outputs;
    if (outputs.empty()) {
        std::filesystem::path path = default_report_path(surroundings, comfyui_dir);
        add_extension(path, line.format);
        outputs.push_back(path_text(path));
    }
    bool printed = false;
    bool delivered = true;
    for (const std::string& output : outputs) {
        if (output == "-") {
            printed = print(render(report, line.format));
            delivered = delivered && printed;
            continue;
        }
        const std::filesystem::path path = path_from_utf8(output);
        const std::string content = render(report, format_of(path, line.format));
        const WrittenFile file = write_report_file(path, content);
        if (!file.error) {
            written.push_back(shown_output(file.path, surroundings));
            continue;
        }
        Arguments args;
        args["path"] = shown_output(file.path, surroundings);
        args["reason"] = sanitize(file.error.message());
        std::cerr << texts.text("program.output-failed", args) << '\n';
        if (!printed) {
            printed = print(content);
            delivered = delivered && printed;
        }
    }
    return delivered;
}

int run_session(SessionInput input, std::string* primary) {
    const CommandLine& line = input.line;
    const bool on_standard_error = standard_output_is_taken(line);
    std::ostream& out = on_standard_error ? std::cerr : std::cout;
    const TerminalStyle style = terminal_style(line, input.terminal, on_standard_error);
    const bool terminal = platform::is_terminal(on_standard_error ? platform::Stream::error : platform::Stream::output);
    Screen screen(input.texts, style, out, terminal && line.verbosity != Verbosity::quiet);

    Redactor redactor;
    redactor.set_home(path_text(input.surroundings.home));
    if (input.options.deep && line.verbosity != Verbosity::quiet) {
        out << input.texts.text("program.deep-intro") << "\n\n";
    }
    RunOutcome outcome = run_all(input, redactor, screen.observer());
    screen.end();

    Report report;
    report.tool_version = BANANA_VERSION;
    report.generated_at = platform::local_time(input.surroundings.now());
    report.lang = std::string(input.texts.language());
    report.checks = std::move(outcome.checks);
    report.subject = std::move(outcome.subject);
    settle_severities(report.checks);
    report.diagnosis = diagnose(report.checks, report.subject);
    report.exit_code = outcome.interrupted_by != 0 ? exit_code::signal_base + outcome.interrupted_by
                                                   : exit_code_of(report.diagnosis.verdict);
    redactor.scrub(report);

    std::vector<std::string> written;
    Surroundings at_user = input.surroundings;
    at_user.working_directory = input.report_folder;
    const bool delivered = write_outputs(report, line, at_user, outcome.comfyui_dir, input.texts, written);
    if (primary != nullptr && report.diagnosis.primary) {
        *primary = std::string(code_of(report.diagnosis.primary->finding.code));
    }
    out << verdict_text(report, written, input.texts, style) << std::flush;
    return delivered ? report.exit_code : exit_code::tool_failed;
}

}  // namespace banana
