#include "commands.hpp"

#include "assemble.hpp"
#include "banana/bounds.hpp"
#include "banana/cause.hpp"
#include "banana/exit_code.hpp"
#include "bounded_file.hpp"
#include "comfyui_headers.hpp"
#include "console.hpp"
#include "demo.hpp"
#include "displayable_text.hpp"
#include "explain.hpp"
#include "explained_rows.hpp"
#include "fix.hpp"
#include "given_key.hpp"
#include "language.hpp"
#include "nearest_word.hpp"
#include "option_table.hpp"
#include "options.hpp"
#include "platform.hpp"
#include "platform_host.hpp"
#include "redact_stream.hpp"
#include "redaction.hpp"
#include "report_data.hpp"
#include "self_test.hpp"
#include "session.hpp"
#include "text.hpp"
#include "tls_algorithms.hpp"
#include "watch.hpp"
#include "window_mode.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iostream>
#include <system_error>
#include <utility>

namespace banana {
namespace {

constexpr int kWidestHelp = 100;  // columns; longer lines are hard to read

// What every command works with.
struct Program {
    CommandLine line;
    Surroundings surroundings;
    const Catalog& texts;
};

Surroundings real_surroundings() {
    Surroundings surroundings;
    surroundings.environment = platform::process_environment();
    surroundings.system_proxy = platform::system_proxy();
    surroundings.has_proxy_script = platform::has_proxy_script();
    surroundings.home = platform::home_folder(surroundings.environment);
    std::error_code error;
    surroundings.working_directory = std::filesystem::current_path(error);
    surroundings.executable = platform::executable_path();
    surroundings.other_accounts = platform::other_people_have_accounts();
    // ComfyUI's own port, then the Desktop application's, which takes the first free one from 8000 up.
    surroundings.usual_ports = {8188, 8000, 8001, 8189};
    if (const auto port = surroundings.environment.get("COMFY_PORT")) {
        std::uint16_t number = 0;
        std::from_chars(port->data(), port->data() + port->size(), number);
        if (number != 0) {
            surroundings.usual_ports.insert(surroundings.usual_ports.begin() + 1, number);
        }
    }
    return surroundings;
}

int refuse(const Catalog& texts, const Message& message, std::string_view nearest = {}) {
    std::cerr << "banana-diag: " << texts.text(message) << '\n';
    if (!nearest.empty()) {
        std::cerr << texts.text("usage.did-you-mean", Arguments{{"nearest", nearest}}) << '\n';
    }
    std::cerr << texts.text("usage.see-help") << '\n';
    return exit_code::wrong_usage;
}

int run(const Program& program) {
    SessionInput session(program.line, program.surroundings, program.texts);
    session.options = program.line.run;
    auto key = read_given_key(program.line, program.surroundings.environment);
    if (const auto* message = std::get_if<Message>(&key)) {
        return refuse(program.texts, *message);
    }
    session.given_key = std::move(std::get<std::optional<KeyUnderTest>>(key));
    if (const auto message = refuse_as_node(program.line.run, session.given_key.has_value())) {
        return refuse(program.texts, *message);
    }
    auto headers = read_comfyui_headers(program.line);
    if (const auto* message = std::get_if<Message>(&headers)) {
        return refuse(program.texts, *message);
    }
    session.comfyui_headers = std::move(std::get<std::vector<SecretHeader>>(headers));
    platform::hold_interrupts();
    switch (program.line.command) {
        case Command::fix: return run_fix(std::move(session));
        default: return program.line.watch ? run_watch(std::move(session)) : run_session(std::move(session));
    }
}

// What the window of a double click offers besides: the repair where there is one, and watching.
std::vector<WindowKey> further_keys(const Surroundings& surroundings, const Catalog& texts) {
    using Action = int (*)(SessionInput, SessionResult*);
    const auto with = [&surroundings, &texts](Action action, const CommandLine& words) {
        return [&surroundings, &texts, action, words](SessionResult& last) {
            CommandLine line = words;
            line.in_window = true;
            line.outputs = window_outputs(surroundings);
            SessionInput session(line, surroundings, texts);
            auto key = read_given_key(line, surroundings.environment);
            if (auto* given = std::get_if<std::optional<KeyUnderTest>>(&key)) {
                session.given_key = std::move(*given);
            }
            std::cout << '\n';
            action(std::move(session), &last);
            return AfterKey::ask_again;
        };
    };
    const Action watch_on = [](SessionInput input, SessionResult* last) { return run_watch(std::move(input), last); };
    CommandLine fix;
    fix.command = Command::fix;
    CommandLine undo = fix;
    undo.undo = true;
    CommandLine watch;
    watch.watch = true;
    return {
        {'f', "program.key-fix", with(run_fix, fix), [](const SessionResult& last) { return has_repair(last.report); }},
        {'u', "program.key-undo", with(run_fix, undo), [](const SessionResult& last) { return last.can_undo; }},
        {'w', "program.key-watch", with(watch_on, watch),
         [](const SessionResult& last) { return last.report.exit_code != exit_code::done; }}};
}

int explain_code(const Program& program) {
    const TerminalStyle style = terminal_style(program.line, program.surroundings.environment, false);
    if (program.line.argument.empty()) {
        std::cout << explain_list(program.texts, style.width);
        return exit_code::done;
    }
    const std::optional<Cause> code = cause_from_code(program.line.argument);
    const std::optional<std::string> text =
        code ? explain(program.line.argument, explained_rows(*code), program.texts, style.width) : std::nullopt;
    if (const auto by_symptom =
            text ? std::nullopt : explain_symptom(program.line.argument, program.texts, style.width)) {
        std::cout << *by_symptom;
        return exit_code::done;
    }
    if (!text) {
        std::vector<std::string_view> codes;
        for (const CauseInfo& cause : kCauses) {
            codes.push_back(cause.code);
        }
        const auto nearest = nearest_word(program.line.argument, codes);
        return refuse(program.texts, Message("usage.unknown-code"), nearest.value_or(""));
    }
    std::cout << *text;
    return exit_code::done;
}

Message file_message(std::string_view id, const std::filesystem::path& path) {
    Arguments args;
    args["path"] = displayable_path(path);
    return Message(std::string(id), std::move(args));
}

void learn_environment_key(Redactor& redactor, const Environment& environment) {
    if (const auto key = environment.get("BANANA_API_KEY")) {
        redactor.learn(Secret(*key));
    }
}

int render(const Program& program) {
    const std::filesystem::path path = path_from_utf8(program.line.argument);
    std::string text;
    if (program.line.argument == "-") {
        text = read_bounded(std::cin, bounds::kReportBytes + 1);
    } else {
        const platform::RawRead file = platform::read_without_waiting(path, bounds::kReportBytes + 1);
        if (file.error || file.kind != platform::FileKind::regular) {
            return refuse(program.texts, file_message("usage.file-unreadable", path));
        }
        text = file.bytes;
    }
    // An edited or foreign file may hold anything, in any member.
    Redactor redactor;
    learn_environment_key(redactor, program.surroundings.environment);
    auto parsed = read_any_report(text, [&](boost::json::value& root) { redactor.scrub(root); });
    if (const auto* error = std::get_if<ReportError>(&parsed)) {
        return refuse(program.texts, message_of(*error));
    }
    Report& report = std::get<Report>(parsed);
    report.lang = std::string(program.texts.language());
    assemble(report);
    platform::hold_interrupts();
    std::vector<std::string> written;
    if (!write_outputs(report, program.line, program.surroundings, {}, program.texts, written)) {
        return exit_code::tool_failed;
    }
    const bool on_standard_error = standard_output_is_taken(program.line);
    const TerminalStyle style = terminal_style(program.line, program.surroundings.environment, on_standard_error);
    std::ostream& out = on_standard_error ? std::cerr : std::cout;
    out << verdict_text(report, written, program.texts, style);
    if (program.line.copy) {
        copy_head(report, program.surroundings.environment, on_standard_error, program.texts, out);
    }
    return report.exit_code;
}

int redact(const Program& program) {
    Redactor redactor;
    learn_environment_key(redactor, program.surroundings.environment);
    if (program.line.argument == "-") {
        return redact_stream(std::cin, std::cout, redactor) ? exit_code::done : exit_code::tool_failed;
    }
    const std::filesystem::path path = path_from_utf8(program.line.argument);
    std::error_code error;
    std::ifstream file;
    if (!std::filesystem::is_directory(path, error)) {
        file.open(path, std::ios::binary);
    }
    if (!file.is_open()) {
        return refuse(program.texts, file_message("usage.file-unreadable", path));
    }
    return redact_stream(file, std::cout, redactor) ? exit_code::done : exit_code::tool_failed;
}

int dispatch(const Program& program) {
    switch (program.line.command) {
        case Command::run:
        case Command::fix: return run(program);
        case Command::demo: return run_demo(program.line, program.surroundings, program.texts);
        case Command::self_test: {
            platform::hold_interrupts();
            const TerminalStyle style = terminal_style(program.line, program.surroundings.environment, false);
            return run_self_test(program.line.argument, std::string(program.texts.language()), style, std::cout);
        }
        case Command::explain: return explain_code(program);
        case Command::render: return render(program);
        case Command::redact: return redact(program);
        case Command::help: {
            const TerminalStyle style = terminal_style(program.line, program.surroundings.environment, false);
            std::cout << help_text(program.texts, std::min(style.width, kWidestHelp));
            return exit_code::done;
        }
        case Command::version: break;  // before anything is looked at
    }
    return exit_code::tool_failed;
}

int show_version() {
    std::cout << "banana-diag " << BANANA_VERSION << '\n';
    return exit_code::done;
}

}  // namespace

int execute(const std::vector<std::string>& arguments) {
    // Asked alone, by what looks whether the program is there: not even the table of options is built.
    if (arguments.size() == 1 && arguments.front() == "--version") {
        return show_version();
    }
    auto parsed = parse_command_line(arguments);
    if (const auto* line = std::get_if<CommandLine>(&parsed); line != nullptr && line->command == Command::version) {
        return show_version();
    }
    start_tls();
    Surroundings surroundings = real_surroundings();
    const std::string locale = platform::user_locale(surroundings.environment);
    if (const auto* error = std::get_if<UsageError>(&parsed)) {
        return refuse(catalog(choose_language(language_option(arguments), locale)), error->message, error->nearest);
    }
    CommandLine& line = std::get<CommandLine>(parsed);
    const Catalog& texts = catalog(choose_language(line.lang, locale));
    if (arguments.empty() && platform::started_by_double_click()) {
        return run_in_window(surroundings, texts, further_keys(surroundings, texts));
    }
    const Program program{std::move(line), std::move(surroundings), texts};
    return dispatch(program);
}

}  // namespace banana
