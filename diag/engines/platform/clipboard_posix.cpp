#ifndef _WIN32

#include "base64.hpp"
#include "clipboard.hpp"
#include "platform.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

extern "C" char** environ;  // POSIX leaves its declaration to the program

namespace banana::platform {
namespace {

constexpr std::chrono::milliseconds kPatience{2000};
constexpr std::chrono::milliseconds kPause{5};
constexpr std::size_t kLongestForTerminal = 60'000;  // some terminals drop longer sequences

using Command = std::vector<std::string>;

bool is_set(const Environment& environment, std::string_view name) {
    return !environment.get(name).value_or("").empty();
}

std::vector<Command> programs(const Environment& environment) {
    std::vector<Command> all;
    if (kSystem == System::mac) {
        all.push_back({"pbcopy"});
    }
    if (is_set(environment, "WAYLAND_DISPLAY")) {
        all.push_back({"wl-copy", "--type", "text/plain;charset=utf-8"});
    }
    if (is_set(environment, "DISPLAY")) {
        all.push_back({"xclip", "-selection", "clipboard", "-in"});
        all.push_back({"xsel", "--clipboard", "--input"});
    }
    return all;
}

void write_to_program(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return;
        }
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

// Whether the program came to a good end in time. What outlives it to serve the clipboard is its own child.
bool ends_well(pid_t child) {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    int status = 0;
    while (std::chrono::steady_clock::now() < until) {
        const pid_t ended = ::waitpid(child, &status, WNOHANG);
        if (ended == child) {
            return WIFEXITED(status) && WEXITSTATUS(status) == 0;
        }
        if (ended < 0 && errno != EINTR) {
            return false;
        }
        std::this_thread::sleep_for(kPause);
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, &status, 0);
    return false;
}

bool feed(const Command& command, std::string_view text) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) {
        return false;
    }
    ::fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    ::fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
    // It may stay to serve the clipboard: our own output must not wait for its end.
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    std::vector<char*> arguments;
    for (const std::string& word : command) {
        arguments.push_back(const_cast<char*>(word.c_str()));
    }
    arguments.push_back(nullptr);
    pid_t child = 0;
    const int failure = ::posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends[0]);
    if (failure == 0) {
        write_to_program(ends[1], text);
    }
    ::close(ends[1]);
    return failure == 0 && ends_well(child);
}

bool is_able_terminal(const Environment& environment, Stream stream) {
    const std::string name = environment.get("TERM").value_or("");
    return is_terminal(stream) && !name.empty() && name != "dumb" && name != "linux";
}

}  // namespace

ClipboardOutcome copy_to_clipboard(std::string_view utf8, const Environment& environment, Stream stream) {
    for (const Command& program : programs(environment)) {
        if (feed(program, utf8)) {
            return ClipboardOutcome::copied;
        }
    }
    const std::string encoded = base64_encode(utf8);
    if (!is_able_terminal(environment, stream) || encoded.size() > kLongestForTerminal) {
        return ClipboardOutcome::unavailable;
    }
    write_to_program(stream == Stream::error ? STDERR_FILENO : STDOUT_FILENO, "\x1b]52;c;" + encoded + "\x07");
    return ClipboardOutcome::offered;
}

}  // namespace banana::platform

#endif
