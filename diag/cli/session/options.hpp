// The command line, read and checked.
#pragma once

#include "banana/context.hpp"
#include "banana/message.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace banana {

enum class Command { run, demo, self_test, fix, explain, render, redact, help, version };
enum class ColorMode { automatic, always, never };
enum class Verbosity { quiet, normal, verbose };

struct CommandLine {
    Command command = Command::run;
    std::string argument;  // scenario, filter, code or file; empty when not given
    RunOptions run;
    std::optional<std::filesystem::path> api_key_file;         // "-": standard input
    std::optional<std::filesystem::path> comfyui_header_file;  // "-": standard input
    std::vector<std::string> outputs;
    std::string format = "markdown";  // markdown, json, html, metrics
    std::string lang = "auto";        // auto, zh-CN, en
    ColorMode color = ColorMode::automatic;
    Verbosity verbosity = Verbosity::normal;
    bool copy = false;       // the ticket head to the clipboard
    bool data = true;        // the report's data inside .md and .html
    bool list = false;       // demo: its scenarios instead of a run
    bool in_window = false;  // of a double click, where keys stand for commands
    bool watch = false;      // run: stay until the query works
    bool dry_run = false;    // fix: show, write nothing
    bool yes = false;        // fix: ask nothing
    bool undo = false;       // fix: put the newest backup back
};

// What is wrong with the command line. Never carries a token that could be a key.
struct UsageError {
    explicit UsageError(Message message, std::string nearest = {})
        : message(std::move(message)), nearest(std::move(nearest)) {}
    Message message;
    std::string nearest;  // the name of ours that was probably meant; empty: none is near
};

// `arguments` without the program's name, UTF-8.
std::variant<CommandLine, UsageError> parse_command_line(const std::vector<std::string>& arguments);

// The value of --lang before the command line is known to be right; "auto" when there is none.
std::string language_option(const std::vector<std::string>& arguments);

}  // namespace banana
