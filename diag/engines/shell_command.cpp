#include "engines/shell_command.hpp"

#include "engines/bounded_file.hpp"
#include "engines/text.hpp"

namespace banana {
namespace {

std::string shell_word(std::string_view text) {
    const std::string shown = sanitize(text);
#ifdef _WIN32
    return '"' + shown + '"';
#else
    std::string word;
    for (const char c : shown) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           static_cast<unsigned char>(c) >= 0x80 ||
                           std::string_view("/._-+:@%,=").find(c) != std::string_view::npos;
        if (!plain) {
            word.push_back('\\');
        }
        word.push_back(c);
    }
    return word;
#endif
}

}  // namespace

std::string shell_path(const std::filesystem::path& path) {
    return shell_word(path_text(path));
}

std::string move_command(const std::filesystem::path& from, const std::filesystem::path& to) {
#ifdef _WIN32
    return "Move-Item -Path " + shell_path(from) + " -Destination " + shell_path(to);
#else
    return "mv " + shell_path(from) + " " + shell_path(to);
#endif
}

std::string pip_command(std::string_view python, std::string_view package) {
    std::string command = "python";
    if (!python.empty()) {
        const bool is_windows_path = python.find('\\') != std::string_view::npos;
        command = is_windows_path ? '"' + sanitize(python) + '"' : shell_word(python);
    }
    return command + " -m pip install " + std::string(package);
}

}  // namespace banana
