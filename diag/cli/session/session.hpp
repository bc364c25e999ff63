// One run as the user sees it: live progress, a line a check, the report files, the verdict, the exit code.
#pragma once

#include "banana/context.hpp"
#include "catalog.hpp"
#include "http_client.hpp"
#include "options.hpp"
#include "runner.hpp"
#include "terminal.hpp"

#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace banana {

class Redactor;

// What the terminal at hand can show.
TerminalStyle terminal_style(const CommandLine& line, const Environment& environment, bool on_standard_error);

// Everything a session needs beside the command line.
struct SessionInput {
    SessionInput(const CommandLine& line, const Surroundings& surroundings, const Catalog& texts)
        : line(line),
          surroundings(surroundings),
          texts(texts),
          terminal(surroundings.environment),
          report_folder(surroundings.working_directory) {}
    const CommandLine& line;
    const Surroundings& surroundings;
    const Catalog& texts;
    Environment terminal;  // says what the terminal can show; differs from the examined one in the embedded world
    std::filesystem::path report_folder;  // of the user, even where the examined world is another
    RunOptions options;
    NameOverrides name_overrides;
    std::optional<KeyUnderTest> given_key;
    std::vector<SecretHeader> comfyui_headers;
};

// What a run came to: the report as it is shown, and what a repair starts from.
struct Diagnosed {
    Report report;
    Discoveries found;
    std::filesystem::path comfyui_dir;  // where no report may be written; empty when not known
};

// What is left of a session when it is over.
struct SessionResult {
    Report report;
    bool can_undo = false;  // `fix --undo` would find something
};
SessionResult result_of(Diagnosed diagnosed);

// What a run of these options is given of the session: all but a key.
RunInput run_input_of(const SessionInput& input, const RunOptions& options, Redactor& redactor);

// Runs the checks of `options` and shows them on `out` as they end. `key`: to test with, gone afterwards.
Diagnosed run_and_show(const SessionInput& input, const RunOptions& options, std::optional<KeyUnderTest> key,
                       Redactor& redactor, std::ostream& out);

// The report of a run that was shown in another way, or not at all.
Diagnosed diagnosed_of(const SessionInput& input, RunOutcome outcome, Redactor& redactor);

// Where the user's own files go: surroundings with the user's folders, even where the examined world is another.
Surroundings user_surroundings(const SessionInput& input);

// Whether the report names something that `fix` could put right.
bool has_repair(const Report& report);
// What to say of it, in lines of that width: what is mended is named where it is not the cause itself.
std::string fix_offer(const Report& report, const Catalog& texts, int width);

// Writes the report to its outputs and shows the verdict. Returns the exit code.
int show_and_write(const SessionInput& input, const Diagnosed& diagnosed, std::ostream& out);

// Runs the checks, shows and writes the report. Returns the exit code of the verdict, 128 + signal when interrupted.
int run_session(SessionInput input, SessionResult* finished = nullptr);

// Writes the report to every wanted output; paths written are added to `written`. Returns false when nothing could be
// written, not even to standard output.
bool write_outputs(const Report& report, const CommandLine& line, const Surroundings& surroundings,
                   const std::filesystem::path& comfyui_dir, const Catalog& texts, std::vector<std::string>& written);

// --copy: the ticket head on the clipboard; `out` gets a sentence that says whether it is there.
void copy_head(const Report& report, const Environment& terminal, bool on_standard_error, const Catalog& texts,
               std::ostream& out);

// Standard output carries machine text only: what is for people goes to standard error.
bool standard_output_is_taken(const CommandLine& line);

}  // namespace banana
