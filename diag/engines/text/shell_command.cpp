#include "shell_command.hpp"

#include "banana/ascii.hpp"
#include "banana/system_name.hpp"
#include "text.hpp"

namespace banana {
namespace {

// PowerShell takes a quoted word at the start of a line for a text, not for a program: quotes only where needed.
std::string windows_word(const std::string& text) {
    constexpr std::string_view kReadByShells = " \t&()[]{}^=;!'+,`~%$@#";
    return text.find_first_of(kReadByShells) == std::string::npos ? text : '"' + text + '"';
}

std::string shell_word(std::string_view text, Shell shell) {
    const std::string shown = sanitize(text);
    if (shell == Shell::windows) {
        return windows_word(shown);
    }
    constexpr std::string_view kHome = "~/";  // escaped, a shell would not expand it
    std::string word(shown.starts_with(kHome) ? kHome : std::string_view());
    for (const char c : std::string_view(shown).substr(word.size())) {
        const bool plain = is_alphanumeric(c) || static_cast<unsigned char>(c) >= 0x80 ||
                           std::string_view("/._-+:@%,=").find(c) != std::string_view::npos;
        if (!plain) {
            word.push_back('\\');
        }
        word.push_back(c);
    }
    return word;
}

// In quotes whatever it holds, as the Run box takes it too; empty where quotes do not make it one word. A home folder
// written "~" is named by its variable.
std::string windows_quoted(std::string_view path) {
    if (path.find_first_of("\"%") != std::string_view::npos) {
        return {};
    }
    const bool home = path.starts_with("~\\") || path.starts_with("~/");
    return "\"" + (home ? "%USERPROFILE%" + std::string(path.substr(1)) : std::string(path)) + "\"";
}

}  // namespace

std::string shell_literal(std::string_view text) {
    std::string quoted = "'";
    for (const char c : text) {
        quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    }
    return quoted + "'";
}

std::string shell_path(const std::filesystem::path& path, Shell shell) {
    return shell_word(path_text(path), shell);
}

std::string move_command(const std::filesystem::path& from, const std::filesystem::path& to, Shell shell) {
    return (shell == Shell::windows ? "move " : "mv ") + shell_path(from, shell) + " " + shell_path(to, shell);
}

std::string editor_command(SystemName system, std::string_view path) {
    if (path.empty() || sanitize(path) != path || path.find("…") != std::string_view::npos) {
        return {};
    }
    if (system == SystemName::windows) {
        const std::string quoted = windows_quoted(path);
        return quoted.empty() ? std::string() : "notepad " + quoted;
    }
    return (system == SystemName::macos ? "open -e " : "nano ") + shell_word(path, Shell::posix);
}

std::string pip_command(std::string_view python, std::string_view package, Shell shell) {
    std::string command = "python";
    if (!python.empty()) {
        const bool is_windows_path = python.find('\\') != std::string_view::npos;
        command = is_windows_path ? windows_word(sanitize(python)) : shell_word(python, shell);
        if (contains_ignoring_case(python, "python_embed")) {
            command += " -s";
        }
    }
    return command + " -m pip install " + std::string(package);
}

std::string python_of_package_file(std::string_view file) {
    const bool windows = file.find('\\') != std::string_view::npos;
    const std::string_view mark = windows ? "\\Lib\\site-packages\\" : "/site-packages/";
    const std::size_t at = file.find(mark);
    if (at == std::string_view::npos) {
        return {};
    }
    const std::string_view before = file.substr(0, at);
    if (windows) {
        const std::string_view folder = before.substr(before.rfind('\\') + 1);
        return std::string(before) + (folder.ends_with("env") ? "\\Scripts\\python.exe" : "\\python.exe");
    }
    const std::size_t lib = before.rfind("/lib/");
    return lib == std::string_view::npos ? std::string() : std::string(before.substr(0, lib)) + "/bin/python";
}

}  // namespace banana
