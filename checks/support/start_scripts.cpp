#include "start_scripts.hpp"

#include "bounded_file.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <system_error>

namespace banana {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMain = "main.py";

bool counts(std::string_view name) {
    const std::string lower = to_lower_ascii(name);
    return lower.ends_with("_proxy") || lower == "requests_ca_bundle" || lower == "curl_ca_bundle";
}

void put(VariableChanges& variables, std::string_view name, std::optional<std::string> value, bool case_blind) {
    if (case_blind) {
        std::erase_if(variables, [&](const auto& entry) { return equal_ignoring_case(entry.first, name); });
    }
    variables.insert_or_assign(std::string(name), std::move(value));
}

// %NAME% from what the file itself has set; false where that does not tell.
bool expand(std::string& value, const VariableChanges& variables) {
    for (std::size_t from = value.find('%'); from != std::string::npos; from = value.find('%')) {
        const std::size_t end = value.find('%', from + 1);
        if (end == std::string::npos) {
            return false;
        }
        const std::string name = value.substr(from + 1, end - from - 1);
        const auto known = std::find_if(variables.begin(), variables.end(),
                                        [&](const auto& entry) { return equal_ignoring_case(entry.first, name); });
        if (known == variables.end() || known->second.value_or("%").find('%') != std::string::npos) {
            return false;
        }
        value.replace(from, end + 1 - from, *known->second);
    }
    return true;
}

// One command of a batch file; false where a variable that counts gets a value that only running it would tell.
bool read_batch_command(std::string_view command, VariableChanges& variables) {
    const std::size_t start = command.find_first_not_of(" \t@(");
    command.remove_prefix(std::min(start, command.size()));
    if (!starts_with_ignoring_case(command, "set ")) {
        return true;
    }
    command.remove_prefix(4);
    command.remove_prefix(std::min(command.find_first_not_of(" \t"), command.size()));
    if (command.starts_with('"')) {
        const std::size_t quote = command.rfind('"');
        command = command.substr(1, quote == 0 ? std::string_view::npos : quote - 1);
    }
    const std::size_t equals = command.find('=');
    if (equals == std::string_view::npos || command.starts_with('/')) {
        return true;
    }
    const std::string_view name = command.substr(0, equals);
    std::string value(command.substr(equals + 1));
    if (!expand(value, variables)) {
        return !counts(name);
    }
    put(variables, name, value.empty() ? std::nullopt : std::optional(std::move(value)), true);
    return true;
}

// The commands of a line, which `&` and `&&` separate outside quotes.
bool read_batch_line(std::string_view line, VariableChanges& variables) {
    bool quoted = false;
    std::size_t begin = 0;
    for (std::size_t at = 0; at <= line.size(); ++at) {
        const bool ends = at == line.size() || (line[at] == '&' && !quoted);
        if (ends && !read_batch_command(line.substr(begin, at - begin), variables)) {
            return false;
        }
        begin = ends ? at + 1 : begin;
        quoted = at < line.size() && line[at] == '"' ? !quoted : quoted;
    }
    return true;
}

// The next word of a shell's line, quotes taken off; empty at the end. `told`: false where the shell would put
// something in its place.
std::string take_word(std::string_view& line, bool& told) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t;"), line.size()));
    std::string word;
    char quote = '\0';
    while (!line.empty() && (quote != '\0' || std::string_view(" \t;").find(line.front()) == std::string_view::npos)) {
        const char c = line.front();
        line.remove_prefix(1);
        if (quote == '\0' && (c == '"' || c == '\'')) {
            quote = c;
        } else if (c == quote) {
            quote = '\0';
        } else {
            told = told && (quote == '\'' || (c != '$' && c != '`'));
            word += c;
        }
    }
    return word;
}

bool read_shell_line(std::string_view line, VariableChanges& variables) {
    bool takes_out = false;
    while (!line.empty()) {
        bool told = true;
        const std::string word = take_word(line, told);
        const std::size_t equals = word.find('=');
        const std::string name = word.substr(0, equals);
        if (word == "export" || word == "unset") {
            takes_out = word == "unset";
        } else if (takes_out && !word.empty()) {
            put(variables, word, std::nullopt, false);
        } else if (equals == std::string::npos) {
            break;  // the command itself
        } else if (told) {
            put(variables, name, word.substr(equals + 1), false);
        } else if (counts(name)) {
            return false;
        }
    }
    return true;
}

bool is_comment(std::string_view line, bool is_batch) {
    return is_batch ? line.starts_with("::") || starts_with_ignoring_case(line, "rem ") ||
                          starts_with_ignoring_case(line, "@rem ")
                    : line.starts_with('#');
}

// The scripts of a folder in the order of their names.
std::vector<fs::path> scripts_in(const fs::path& folder) {
    constexpr std::array<std::string_view, 3> kEndings{".bat", ".cmd", ".sh"};
    constexpr int kMostEntries = 1000;
    std::vector<fs::path> files;
    std::error_code error;
    fs::directory_iterator entry(folder, fs::directory_options::skip_permission_denied, error);
    for (int seen = 0; !error && entry != fs::directory_iterator() && seen < kMostEntries; ++seen) {
        const std::string ending = to_lower_ascii(path_text(entry->path().extension()));
        if (std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end()) {
            files.push_back(entry->path());
        }
        entry.increment(error);
    }
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace

std::optional<VariableChanges> variables_of_script(std::string_view text, bool is_batch) {
    VariableChanges variables;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        line = line.substr(0, line.find('\r'));
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
        if (is_comment(line, is_batch)) {
            continue;
        }
        if (!(is_batch ? read_batch_line(line, variables) : read_shell_line(line, variables))) {
            return std::nullopt;
        }
        if (line.find(kMain) != std::string_view::npos) {
            std::erase_if(variables, [](const auto& entry) { return !counts(entry.first); });
            return variables;
        }
    }
    return std::nullopt;
}

std::vector<StartScript> start_scripts(const fs::path& comfyui_dir) {
    constexpr std::size_t kMostBytes = 64 * 1024;
    std::vector<StartScript> scripts;
    const std::string name = path_text(comfyui_dir.filename());
    for (const fs::path& folder : {comfyui_dir, comfyui_dir.parent_path()}) {
        for (const fs::path& file : name.empty() ? std::vector<fs::path>() : scripts_in(folder)) {
            const BoundedFile script = read_bounded(file, kMostBytes);
            const bool is_of_it = folder == comfyui_dir || contains_ignoring_case(script.bytes, name);
            const bool is_batch = !equal_ignoring_case(path_text(file.extension()), ".sh");
            std::optional<VariableChanges> variables =
                is_of_it ? variables_of_script(script.bytes, is_batch) : std::nullopt;
            if (variables) {
                scripts.push_back({file, *std::move(variables)});
            }
        }
    }
    return scripts;
}

const StartScript* agreed_script(const std::vector<StartScript>& scripts) {
    const bool alike = !scripts.empty() && std::all_of(scripts.begin(), scripts.end(), [&](const StartScript& script) {
        return script.variables == scripts.front().variables;
    });
    return alike ? &scripts.front() : nullptr;
}

}  // namespace banana
