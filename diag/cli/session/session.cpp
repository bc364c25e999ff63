#include "session.hpp"

#include "assemble.hpp"
#include "banana/cause.hpp"
#include "banana/exit_code.hpp"
#include "clipboard.hpp"
#include "display_width.hpp"
#include "displayable_text.hpp"
#include "file_change.hpp"
#include "fix_backup.hpp"
#include "html.hpp"
#include "json.hpp"
#include "markdown.hpp"
#include "metrics.hpp"
#include "names.hpp"
#include "output_file.hpp"
#include "platform_host.hpp"
#include "redaction.hpp"
#include "runner.hpp"
#include "text.hpp"
#include "ticket_head.hpp"

#include <algorithm>
#include <iostream>
#include <optional>
#include <utility>

namespace banana {
namespace {

std::string render(const Report& report, std::string_view format, Data data) {
    if (format == "json") {
        return write_json(report);
    }
    if (format == "html") {
        return write_html(report, data);
    }
    return format == "metrics" ? write_metrics(report) : write_markdown(report, data);
}

bool print(std::string_view text) {
    std::cout << text;
    std::cout.flush();
    return static_cast<bool>(std::cout);
}

std::string_view extension_of(std::string_view format) {
    if (format == "json") {
        return ".json";
    }
    if (format == "html") {
        return ".html";
    }
    return format == "metrics" ? ".prom" : ".md";
}

// Shows the run while it goes on.
class Screen {
public:
    Screen(const Catalog& texts, TerminalStyle style, std::ostream& out, bool live)
        : texts_(texts), style_(style), out_(out), live_(live), progress_(out, style) {}

    RunObserver observer() {
        RunObserver observer;
        observer.started = [this](std::string_view id) {
            if (live_) {
                running_.push_back(check_name(id, texts_));
            }
        };
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
        if (live_) {
            std::erase(running_, check_name(check.id, texts_));
        }
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
std::string displayable_output(const std::filesystem::path& path, const Surroundings& surroundings) {
    Redactor redactor;
    redactor.set_home(path_text(surroundings.home));
    return redactor.scrub(displayable_path(path));
}

// In the words of the catalogs: the system has its own language.
std::string_view write_problem(const std::error_code& error) {
    if (error == std::errc::permission_denied || error == std::errc::operation_not_permitted) {
        return "permission";
    }
    if (error == std::errc::read_only_file_system) {
        return "read-only";
    }
    if (error == std::errc::no_space_on_device) {
        return "full";
    }
    if (error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory) {
        return "no-folder";
    }
    return error == std::errc::is_a_directory ? "folder" : "other";
}

// A report's way to where the user wants it, or to the next best place.
class ReportFiles {
public:
    ReportFiles(const Report& report, const CommandLine& line, const Surroundings& surroundings,
                const std::filesystem::path& comfyui_dir, const Catalog& texts, std::vector<std::string>& written)
        : report_(report),
          line_(line),
          surroundings_(surroundings),
          comfyui_dir_(comfyui_dir),
          texts_(texts),
          written_(written) {}

    bool print_it(std::string_view format) {
        printed_ = print(text_as(format)) || printed_;
        return printed_;
    }

    // The file that the user named; where that cannot be, the folders of write_somewhere.
    bool write_to(const std::filesystem::path& path) {
        const std::string format = format_of(path, line_.format);
        return written_to(path, format, Earlier::replaced) || write_somewhere(format);
    }

    // In the first folder that takes it. A terminal is not flooded with what no folder took.
    bool write_somewhere(std::string_view format) {
        for (const std::filesystem::path& path :
             default_report_paths(surroundings_, comfyui_dir_, extension_of(format))) {
            if (written_to(path, format, Earlier::kept)) {
                return true;
            }
        }
        return printed_ || (!platform::is_terminal(platform::Stream::output) && print_it(format));
    }

private:
    [[nodiscard]] std::string text_as(std::string_view format) const {
        return render(report_, format, line_.data ? Data::inside : Data::left_out);
    }

    bool written_to(const std::filesystem::path& path, std::string_view format, Earlier earlier) {
        const WrittenFile file = write_report_file(path, text_as(format), earlier);
        const std::string shown = displayable_output(file.path, surroundings_);
        if (!file.error) {
            written_.push_back(shown);
            return true;
        }
        const Arguments args{
            {"path", shown}, {"problem", write_problem(file.error)}, {"reason", sanitize(file.error.message())}};
        std::cerr << texts_.text("program.output-failed", args) << '\n';
        return false;
    }

    const Report& report_;
    const CommandLine& line_;
    const Surroundings& surroundings_;
    const std::filesystem::path& comfyui_dir_;
    const Catalog& texts_;
    std::vector<std::string>& written_;
    bool printed_ = false;
};

}  // namespace

bool has_repair(const Report& report) {
    return std::any_of(report.checks.begin(), report.checks.end(), [](const CheckResult& check) {
        return std::any_of(check.findings.begin(), check.findings.end(),
                           [](const Finding& finding) { return finding.repair == Repair::run; });
    });
}

std::string fix_offer(const Report& report, const Catalog& texts, int width) {
    const auto& primary = report.diagnosis.primary;
    const bool mends_the_cause = primary && primary->finding.repair == Repair::run;
    std::string titles;
    for (const CheckResult& check : report.checks) {
        for (const Finding& finding : check.findings) {
            if (finding.repair == Repair::run) {
                const std::string id = texts.cause_text_id(code_of(finding.code), "title", finding.args);
                titles += (titles.empty() ? "" : texts.text("report.list-comma")) + texts.text(id, finding.args);
            }
        }
    }
    const std::string_view id = mends_the_cause ? "program.fix-offer"
                                : primary       ? "program.fix-offer-beside"
                                                : "program.fix-offer-of";
    std::string offer;
    for (const std::string& line : texts.text_lines(id, {{"title", titles}})) {
        if (line.starts_with(kCommandIndent)) {
            offer += line + '\n';
            continue;
        }
        for (const std::string& part : wrap(line, width)) {
            offer += part + '\n';
        }
    }
    return offer;
}

bool standard_output_is_taken(const CommandLine& line) {
    return std::find(line.outputs.begin(), line.outputs.end(), "-") != line.outputs.end();
}

TerminalStyle terminal_style(const CommandLine& line, const Environment& environment, bool on_standard_error) {
    const platform::Stream stream = on_standard_error ? platform::Stream::error : platform::Stream::output;
    const bool terminal = platform::is_terminal(stream);
    TerminalStyle style;
    // no-color.org: set and not empty.
    const bool refused = !environment.get("NO_COLOR").value_or("").empty() || environment.get("TERM") == "dumb";
    // Asked for also where no colour is wanted: the line of progress erases itself.
    const bool escapes = platform::terminal_takes_escapes(stream);
    style.colour = line.color == ColorMode::always || (line.color == ColorMode::automatic && escapes && !refused);
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
    ReportFiles files(report, line, surroundings, comfyui_dir, texts, written);
    if (line.outputs.empty()) {
        return files.write_somewhere(line.format);
    }
    bool delivered = true;
    for (const std::string& output : line.outputs) {
        delivered = (output == "-" ? files.print_it(line.format) : files.write_to(path_from_utf8(output))) && delivered;
    }
    return delivered;
}

void copy_head(const Report& report, const Environment& terminal, bool on_standard_error, const Catalog& texts,
               std::ostream& out) {
    const platform::Stream stream = on_standard_error ? platform::Stream::error : platform::Stream::output;
    out << std::flush;
    switch (platform::copy_to_clipboard(ticket_head_text(report, texts), terminal, stream)) {
        case platform::ClipboardOutcome::copied: out << texts.text("program.copied"); break;
        case platform::ClipboardOutcome::offered: out << texts.text("program.copy-offered"); break;
        case platform::ClipboardOutcome::unavailable: out << texts.text("program.copy-unavailable"); break;
    }
    out << std::endl;
}

bool can_undo(const Discoveries& found) {
    const std::optional<ConfigReading>& config = found.config;
    return config && newest_backup(platform::real_path(config->file).value_or(config->file));
}

SessionResult result_of(Diagnosed diagnosed) {
    const bool undo = can_undo(diagnosed.found);
    return {std::move(diagnosed.report), undo};
}

RunInput run_input_of(const SessionInput& input, const RunOptions& options, Redactor& redactor) {
    RunInput run(options, input.surroundings, redactor);
    run.name_overrides = input.name_overrides;
    run.handle_signals = true;
    for (const SecretHeader& header : input.comfyui_headers) {
        run.comfyui_headers.emplace_back(header.name, header.value.clone());
    }
    return run;
}

Diagnosed run_and_show(const SessionInput& input, const RunOptions& options, std::optional<KeyUnderTest> key,
                       Redactor& redactor, std::ostream& out) {
    const bool on_standard_error = standard_output_is_taken(input.line);
    const bool terminal = platform::is_terminal(on_standard_error ? platform::Stream::error : platform::Stream::output);
    Screen screen(input.texts, terminal_style(input.line, input.terminal, on_standard_error), out,
                  terminal && input.line.verbosity != Verbosity::quiet);
    RunInput run = run_input_of(input, options, redactor);
    run.given_key = std::move(key);
    RunOutcome outcome = run_checks(run, screen.observer());
    screen.end();
    return diagnosed_of(input, std::move(outcome), redactor);
}

Diagnosed diagnosed_of(const SessionInput& input, RunOutcome outcome, Redactor& redactor) {
    Diagnosed diagnosed;
    Report& report = diagnosed.report;
    report.tool_version = BANANA_VERSION;
    report.generated_at = platform::local_time(input.surroundings.now());
    report.lang = std::string(input.texts.language());
    report.checks = std::move(outcome.checks);
    report.subject = std::move(outcome.subject);
    report.subject.circumstances.demo = input.line.command == Command::demo;
    assemble(report);
    if (outcome.interrupted_by != 0) {
        report.exit_code = exit_code::signal_base + outcome.interrupted_by;
    }
    redactor.scrub(report);
    diagnosed.found = std::move(outcome.found);
    diagnosed.comfyui_dir = std::move(outcome.comfyui_dir);
    return diagnosed;
}

Surroundings user_surroundings(const SessionInput& input) {
    Surroundings at_user = input.surroundings;
    at_user.working_directory = input.report_folder;
    at_user.environment = input.terminal;
    at_user.home = platform::home_folder(input.terminal);
    return at_user;
}

int show_and_write(const SessionInput& input, const Diagnosed& diagnosed, std::ostream& out) {
    const CommandLine& line = input.line;
    const bool on_standard_error = standard_output_is_taken(line);
    std::vector<std::string> written;
    const bool delivered =
        write_outputs(diagnosed.report, line, user_surroundings(input), diagnosed.comfyui_dir, input.texts, written);
    const TerminalStyle style = terminal_style(line, input.terminal, on_standard_error);
    out << verdict_text(diagnosed.report, written, input.texts, style) << std::flush;
    if (line.command == Command::run && !line.in_window && has_repair(diagnosed.report)) {
        out << '\n' << fix_offer(diagnosed.report, input.texts, style.width) << std::flush;
    }
    if (line.copy) {
        copy_head(diagnosed.report, input.terminal, on_standard_error, input.texts, out);
    }
    return delivered ? diagnosed.report.exit_code : exit_code::tool_failed;
}

int run_session(SessionInput input, SessionResult* finished) {
    platform::expect_diagnosis();
    std::ostream& out = standard_output_is_taken(input.line) ? std::cerr : std::cout;
    Redactor redactor;
    redactor.set_home(path_text(input.surroundings.home));
    if (input.options.deep && input.line.verbosity != Verbosity::quiet) {
        out << input.texts.text("program.deep-intro") << "\n\n";
    }
    Diagnosed diagnosed =
        run_and_show(input, input.options, std::exchange(input.given_key, std::nullopt), redactor, out);
    const bool undo = can_undo(diagnosed.found);
    // The keys and tokens are gone when the checks are over.
    diagnosed.found = {};
    input.comfyui_headers.clear();
    const int code = show_and_write(input, diagnosed, out);
    if (finished != nullptr) {
        *finished = {std::move(diagnosed.report), undo};
    }
    return code;
}

}  // namespace banana
