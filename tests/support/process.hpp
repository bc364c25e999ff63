// Child processes of tests: the program itself, and real servers.
#pragma once

#include "support/sanitized.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace banana::test {

struct ProcessResult {
    int exit_code = -1;  // 128 + signal when killed
    bool timed_out = false;
    std::string out;
    std::string err;
    double milliseconds = 0;
};

struct ProcessOptions {
    std::string input;                                  // given on standard input
    std::map<std::string, std::string> environment;     // on top of a clean one: PATH, HOME, TMPDIR, LC_ALL=C.UTF-8
    std::string working_directory;                      // empty: this process's own
    std::chrono::seconds limit{kSanitized ? 600 : 60};  // then it is killed
};

// Runs to its end. Throws std::runtime_error when the program cannot be started.
ProcessResult run_process(const std::vector<std::string>& command, const ProcessOptions& options = {});

// Runs the program under test.
ProcessResult run_banana(std::vector<std::string> arguments, const ProcessOptions& options = {});

// A server in the background; ended (SIGTERM, then SIGKILL) by the destructor.
class BackgroundProcess {
public:
    explicit BackgroundProcess(const std::vector<std::string>& command, const ProcessOptions& options = {});
    ~BackgroundProcess();
    BackgroundProcess(const BackgroundProcess&) = delete;
    BackgroundProcess& operator=(const BackgroundProcess&) = delete;

    // The next whole line of its standard output; none at its end or after `limit`.
    std::optional<std::string> read_line(std::chrono::seconds limit = std::chrono::seconds(120));
    [[nodiscard]] int pid() const noexcept { return pid_; }
    // Sends a signal.
    void signal(int number) const;
    // Waits for its end and returns the exit code as in ProcessResult.
    int wait();

private:
    int pid_ = -1;
    int output_ = -1;
    std::string pending_;
    std::optional<int> exit_code_;
};

// Whether something accepts connections on 127.0.0.1 within the limit.
bool wait_for_port(int port, std::chrono::seconds limit = std::chrono::seconds(120));
// A port of 127.0.0.1 that was free a moment ago, another at each call.
int free_port();

}  // namespace banana::test
