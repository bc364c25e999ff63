#include "options.hpp"

#include "banana/secret.hpp"
#include "check.hpp"
#include "key_text.hpp"
#include "nearest_word.hpp"
#include "numbers.hpp"
#include "option_table.hpp"
#include "runner.hpp"
#include "text.hpp"

#include <boost/program_options/errors.hpp>
#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/positional_options.hpp>
#include <boost/program_options/value_semantic.hpp>
#include <boost/program_options/variables_map.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace banana {
namespace {

namespace po = boost::program_options;

constexpr double kLongestTimeout = 600;
constexpr double kLongestDeadline = 3600;

// Raised inside this file only; becomes the returned UsageError.
struct Refusal {
    Message message;
    std::string nearest;
};

[[noreturn]] void refuse(std::string id, Arguments args = {}, std::optional<std::string_view> nearest = {}) {
    throw Refusal{Message(std::move(id), std::move(args)), std::string(nearest.value_or(""))};
}

Arguments option_argument(std::string_view option) {
    Arguments args;
    args["option"] = std::string(option);
    return args;
}

// A token may be repeated in a message only when it cannot be a key: short, lower-case words and hyphens.
bool may_be_shown(std::string_view token) {
    constexpr std::size_t kLongest = 20;
    std::size_t word = 0;
    for (const char c : token) {
        word = c == '-' || c == '.' ? 0 : word + 1;
        if (word >= kTellingPart) {
            return false;
        }
    }
    return token.size() <= kLongest && token.find(key_text::kKeyPrefix) == std::string_view::npos &&
           token.find_first_not_of("abcdefghijklmnopqrstuvwxyz-.") == std::string_view::npos;
}

po::options_description known_options() {
    po::options_description options;
    for (const OptionRow& row : option_rows()) {
        const std::string name = std::string(row.name) + (row.letter != '\0' ? "," + std::string(1, row.letter) : "");
        switch (row.takes) {
            case OptionRow::Takes::nothing: options.add_options()(name.c_str(), po::bool_switch()); break;
            case OptionRow::Takes::value: options.add_options()(name.c_str(), po::value<std::string>()); break;
            case OptionRow::Takes::values:
                options.add_options()(name.c_str(), po::value<std::vector<std::string>>());
                break;
        }
    }
    options.add_options()("words", po::value<std::vector<std::string>>());
    return options;
}

std::optional<std::string> value_of(const po::variables_map& values, const char* name) {
    return values.count(name) != 0 ? std::optional(values[name].as<std::string>()) : std::nullopt;
}

// Without the quotes of a path that was copied with them: `"D:\ComfyUI\"` reaches us on Windows with the last
// quote in it.
std::string_view copied_path(std::string_view text) {
    constexpr std::string_view kAround = "\"";
    const std::size_t first = text.find_first_not_of(kAround);
    return first == std::string_view::npos ? std::string_view()
                                           : text.substr(first, text.find_last_not_of(kAround) - first + 1);
}

std::optional<std::filesystem::path> path_value(const po::variables_map& values, const char* name) {
    const std::optional<std::string> text = value_of(values, name);
    const std::string_view path = text ? copied_path(*text) : std::string_view();
    if (text && path.empty()) {
        refuse("usage.empty-value", option_argument(name));
    }
    return text ? std::optional(path_from_utf8(path)) : std::nullopt;
}

std::chrono::milliseconds seconds_value(const po::variables_map& values, const char* name,
                                        std::chrono::milliseconds fallback, double least, double most) {
    const std::optional<std::string> text = value_of(values, name);
    if (!text) {
        return fallback;
    }
    double seconds = 0;
    const char* end = text->data() + text->size();
    const auto [stop, error] = std::from_chars(text->data(), end, seconds);
    if (error != std::errc{} || stop != end || !std::isfinite(seconds) || seconds < least || seconds > most) {
        Arguments args = option_argument(name);
        args["least"] = least;
        args["most"] = most;
        refuse("usage.seconds", std::move(args));
    }
    return std::chrono::milliseconds(static_cast<std::int64_t>(nearest_whole(seconds * 1000)));
}

std::vector<std::string_view> split_at_blanks(std::string_view words) {
    std::vector<std::string_view> all;
    while (!words.empty()) {
        const std::size_t end = std::min(words.find(' '), words.size());
        all.push_back(words.substr(0, end));
        words.remove_prefix(std::min(end + 1, words.size()));
    }
    return all;
}

// One of the words that the option's row lists; the first of them without the option.
std::string choice_value(const po::variables_map& values, const char* name) {
    const std::span<const OptionRow> rows = option_rows();
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const OptionRow& each) { return each.name == name; });
    const std::vector<std::string_view> choices = split_at_blanks(row->choices);
    const std::optional<std::string> text = value_of(values, name);
    if (!text) {
        return std::string(choices.front());
    }
    std::string all;
    for (const std::string_view choice : choices) {
        if (equal_ignoring_case(choice, *text)) {
            return std::string(choice);
        }
        all += (all.empty() ? "" : ", ") + std::string(choice);
    }
    Arguments args = option_argument(name);
    args["choices"] = all;
    refuse("usage.choice", std::move(args), nearest_word(*text, choices));
}

std::optional<std::string_view> nearest_check(std::string_view id) {
    std::vector<std::string_view> known;
    for (const Check* check : all_checks()) {
        known.push_back(check->id);
    }
    return nearest_word(id, known);
}

std::vector<std::string> check_ids(const po::variables_map& values, const char* name) {
    std::vector<std::string> ids;
    const std::optional<std::string> text = value_of(values, name);
    if (!text) {
        return ids;
    }
    for (std::size_t at = 0; at <= text->size();) {
        const std::size_t comma = std::min(text->find(',', at), text->size());
        std::string id(trim_ascii(std::string_view(*text).substr(at, comma - at)));
        if (id.ends_with(".*")) {
            id.pop_back();  // "deep.*" is how people write a prefix
        }
        const std::span<const Check* const> checks = all_checks();
        const bool known = !id.empty() && std::any_of(checks.begin(), checks.end(),
                                                      [&](const Check* check) { return matches_any(check->id, {id}); });
        if (!known) {
            Arguments args = option_argument(name);
            args["id"] = may_be_shown(id) ? id : "…";
            refuse("usage.unknown-check", std::move(args), nearest_check(id));
        }
        ids.push_back(id);
        at = comma + 1;
    }
    return ids;
}

// An experiment that is asked for by name, without the consent to it, would silently not be done.
void require_consent(const RunOptions& run) {
    for (const std::string& id : run.only) {
        const std::span<const Check* const> checks = all_checks();
        const bool other = std::any_of(checks.begin(), checks.end(), [&](const Check* check) {
            return !check->deep && matches_any(check->id, {id});
        });
        if (!other && !run.deep) {
            refuse("usage.deep-needed", Arguments{{"id", id}});
        }
    }
}

RunOptions run_options(const po::variables_map& values) {
    RunOptions run;
    run.comfyui_dir = path_value(values, "comfyui-dir");
    run.plugin_dir = path_value(values, "plugin-dir");
    run.config = path_value(values, "config");
    run.comfyui_url = value_of(values, "comfyui-url").value_or("");
    run.base_url = value_of(values, "base-url").value_or("");
    run.service_line = value_of(values, "line").value_or("");
    run.as_node = values["as-node"].as<bool>();
    run.proxy = value_of(values, "proxy");
    run.ca_file = path_value(values, "ca-file");
    run.only = check_ids(values, "only");
    run.skip = check_ids(values, "skip");
    run.deep = values["deep"].as<bool>();
    require_consent(run);
    run.wait = seconds_value(values, "wait", run.wait, 0, kLongestDeadline);
    run.timeout = seconds_value(values, "timeout", run.timeout, 0.05, kLongestTimeout);
    run.deadline = seconds_value(values, "deadline", run.deadline, 0.1, kLongestDeadline);
    return run;
}

void read_words(const po::variables_map& values, CommandLine& line) {
    std::vector<std::string> words;
    if (values.count("words") != 0) {
        words = values["words"].as<std::vector<std::string>>();
    }
    if (words.empty()) {
        return;
    }
    const std::span<const CommandRow> rows = command_rows();
    const auto found =
        std::find_if(rows.begin(), rows.end(), [&](const CommandRow& row) { return row.name == words.front(); });
    if (found == rows.end()) {
        const std::vector<std::string_view> names = command_names();
        std::string all;
        for (const std::string_view name : names) {
            all += (all.empty() ? "" : ", ") + std::string(name);
        }
        Arguments args;
        args["word"] = may_be_shown(words.front()) ? words.front() : "…";
        args["commands"] = all;
        refuse("usage.unknown-command", std::move(args), nearest_word(words.front(), names));
    }
    line.command = found->command;
    if (words.size() > (found->takes_argument ? 2U : 1U)) {
        refuse("usage.too-many-words");
    }
    if (words.size() == 2) {
        line.argument = words[1];
    }
    const bool needs_file = line.command == Command::render || line.command == Command::redact;
    if (needs_file && line.argument.empty()) {
        Arguments args;
        args["command"] = std::string(found->name);
        refuse("usage.file-needed", std::move(args));
    }
}

void read_repair_options(const po::variables_map& values, CommandLine& line) {
    line.watch = values["watch"].as<bool>();
    line.dry_run = values["dry-run"].as<bool>();
    line.yes = values["yes"].as<bool>();
    line.undo = values["undo"].as<bool>();
    const bool is_fix = line.command == Command::fix;
    for (const char* name : {"dry-run", "yes", "undo"}) {
        if (values[name].as<bool>() && !is_fix) {
            refuse("usage.only-with-fix", option_argument(name));
        }
    }
    if (line.watch && line.command != Command::run) {
        refuse("usage.watch-of-what");
    }
    if (!is_fix) {
        return;
    }
    // What is not looked at cannot be proved to work.
    for (const char* name : {"only", "skip"}) {
        if (values.count(name) != 0) {
            refuse("usage.not-with-fix", option_argument(name));
        }
    }
    for (const char* name : {"as-node", "deep"}) {
        if (values[name].as<bool>()) {
            refuse("usage.not-with-fix", option_argument(name));
        }
    }
}

CommandLine command_line(const std::vector<std::string>& arguments) {
    po::positional_options_description positional;
    positional.add("words", -1);
    const po::options_description options = known_options();
    using Style = po::command_line_style::style_t;
    // No guessing of abbreviations.
    const int style = Style::unix_style & ~Style::allow_guessing;
    po::variables_map values;
    po::store(po::command_line_parser(arguments).options(options).positional(positional).style(style).run(), values);

    CommandLine line;
    read_words(values, line);
    line.run = run_options(values);
    line.api_key_file = path_value(values, "api-key-file");
    line.comfyui_header_file = path_value(values, "comfyui-header-file");
    if (values.count("output") != 0) {
        line.outputs = values["output"].as<std::vector<std::string>>();
    }
    line.format = choice_value(values, "format");
    line.lang = choice_value(values, "lang");
    const std::string color = choice_value(values, "color");
    line.color = color == "auto" ? ColorMode::automatic : color == "always" ? ColorMode::always : ColorMode::never;
    line.copy = values["copy"].as<bool>();
    line.data = !values["no-data"].as<bool>();
    line.list = values["list"].as<bool>();
    if (line.list && line.command != Command::demo) {
        refuse("usage.list-of-what");
    }
    read_repair_options(values, line);
    if (values["quiet"].as<bool>()) {
        line.verbosity = Verbosity::quiet;
    } else if (values["verbose"].as<bool>()) {
        line.verbosity = Verbosity::verbose;
    }
    if (values["help"].as<bool>()) {
        line.command = Command::help;
    } else if (values["version"].as<bool>()) {
        line.command = Command::version;
    }
    return line;
}

UsageError option_error(std::string_view kind, std::string option) {
    while (option.starts_with('-')) {
        option.erase(0, 1);
    }
    Arguments args = option_argument(may_be_shown(option) && !option.empty() ? option : "…");
    UsageError refused(Message("usage." + std::string(kind), std::move(args)));
    if (kind == "unknown-option") {
        if (const auto nearest = nearest_word(option, option_names())) {
            refused.nearest = "--" + std::string(*nearest);
        }
    }
    return refused;
}

}  // namespace

std::variant<CommandLine, UsageError> parse_command_line(const std::vector<std::string>& arguments) {
    try {
        return command_line(arguments);
    } catch (const Refusal& refusal) {
        return UsageError(refusal.message, refusal.nearest);
    } catch (const po::unknown_option& error) {
        return option_error("unknown-option", error.get_option_name());
    } catch (const po::multiple_occurrences& error) {
        return option_error("given-twice", error.get_option_name());
    } catch (const po::invalid_command_line_syntax& error) {
        return option_error("value", error.get_option_name());
    } catch (const po::error_with_option_name& error) {
        return option_error("value", error.get_option_name());
    } catch (const po::error&) {
        return UsageError(Message("usage.malformed"));
    }
}

std::string language_option(const std::vector<std::string>& arguments) {
    constexpr std::string_view kName = "--lang";
    for (std::size_t index = 0; index < arguments.size(); ++index) {
        std::string_view value;
        if (arguments[index] == kName && index + 1 < arguments.size()) {
            value = arguments[index + 1];
        } else if (arguments[index].starts_with("--lang=")) {
            value = std::string_view(arguments[index]).substr(kName.size() + 1);
        }
        if (equal_ignoring_case(value, "en")) {
            return "en";
        }
        if (equal_ignoring_case(value, "zh-CN")) {
            return "zh-CN";
        }
    }
    return "auto";
}

}  // namespace banana
