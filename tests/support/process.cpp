#include "support/process.hpp"
#include "banana/cause.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <random>
#include <stdexcept>
#include <thread>

namespace banana::test {
namespace {

using Clock = std::chrono::steady_clock;

struct Pipe {
    Pipe() {
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
            throw std::runtime_error("pipe");
        }
    }
    ~Pipe() {
        close_read();
        close_write();
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    void close_read() { close_end(0); }
    void close_write() { close_end(1); }
    void close_end(std::size_t end) {
        if (ends[end] >= 0) {
            ::close(ends[end]);
            ends[end] = -1;
        }
    }
    int take_read() {
        const int end = ends[0];
        ends[0] = -1;
        return end;
    }
    std::array<int, 2> ends{-1, -1};
};

std::vector<std::string> environment_of(const ProcessOptions& options) {
    std::map<std::string, std::string> values{{"LC_ALL", "C.UTF-8"}, {"LANGUAGE", "zh_CN"}};
    for (const char* name :
         {"PATH", "HOME", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"}) {
        if (const char* value = std::getenv(name)) {
            values[name] = value;
        }
    }
    for (const auto& [name, value] : options.environment) {
        values[name] = value;
    }
    std::vector<std::string> list;
    for (const auto& [name, value] : values) {
        list.push_back(name + "=" + value);
    }
    return list;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> list;
    for (std::string& text : texts) {
        list.push_back(text.data());
    }
    list.push_back(nullptr);
    return list;
}

int start(std::vector<std::string> command, const ProcessOptions& options, int in, int out, int err) {
    std::vector<std::string> environment = environment_of(options);
    const std::vector<char*> arguments = pointers(command);
    const std::vector<char*> variables = pointers(environment);
    const int pid = ::fork();
    if (pid < 0) {
        throw std::runtime_error("fork");
    }
    if (pid > 0) {
        return pid;
    }
    ::dup2(in, STDIN_FILENO);
    ::dup2(out, STDOUT_FILENO);
    if (err >= 0) {
        ::dup2(err, STDERR_FILENO);
    }
    if (!options.working_directory.empty() && ::chdir(options.working_directory.c_str()) != 0) {
        ::_exit(126);
    }
    ::execvpe(arguments[0], arguments.data(), variables.data());
    ::_exit(127);
}

int code_of(int status) {
    constexpr int kSignalBase = 128;
    return WIFEXITED(status) ? WEXITSTATUS(status) : kSignalBase + WTERMSIG(status);
}

// Reads what is there; false at the end of the stream.
bool drain(int file, std::string& into) {
    std::array<char, 65536> buffer{};
    const ssize_t size = ::read(file, buffer.data(), buffer.size());
    if (size > 0) {
        into.append(buffer.data(), static_cast<std::size_t>(size));
    }
    return size > 0 || (size < 0 && (errno == EINTR || errno == EAGAIN));
}

sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

void feed(Pipe& pipe, std::string& input) {
    const ssize_t size = ::write(pipe.ends[1], input.data(), input.size());
    if (size > 0) {
        input.erase(0, static_cast<std::size_t>(size));
    }
    const bool failed = size < 0 && errno != EAGAIN && errno != EINTR;
    if (input.empty() || failed) {
        pipe.close_write();
    }
}

}  // namespace

ProcessResult run_process(const std::vector<std::string>& command, const ProcessOptions& options) {
    std::signal(SIGPIPE, SIG_IGN);
    Pipe in;
    Pipe out;
    Pipe err;
    const auto begin = Clock::now();
    const int pid = start(command, options, in.ends[0], out.ends[1], err.ends[1]);
    in.close_read();
    out.close_write();
    err.close_write();
    ::fcntl(in.ends[1], F_SETFL, O_NONBLOCK);

    ProcessResult result;
    std::string input = options.input;
    if (input.empty()) {
        in.close_write();
    }
    bool out_open = true;
    bool err_open = true;
    while (out_open || err_open) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(begin + options.limit - Clock::now());
        if (left.count() <= 0) {
            ::kill(pid, SIGKILL);
            result.timed_out = true;
            break;
        }
        std::array<pollfd, 3> files{{{out_open ? out.ends[0] : -1, POLLIN, 0},
                                     {err_open ? err.ends[0] : -1, POLLIN, 0},
                                     {in.ends[1], POLLOUT, 0}}};
        ::poll(files.data(), files.size(), static_cast<int>(left.count()));
        if (files[0].revents != 0) {
            out_open = drain(out.ends[0], result.out);
        }
        if (files[1].revents != 0) {
            err_open = drain(err.ends[0], result.err);
        }
        if (files[2].revents != 0) {
            feed(in, input);
        }
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    result.exit_code = code_of(status);
    result.milliseconds = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
    return result;
}

ProcessResult run_banana(std::vector<std::string> arguments, const ProcessOptions& options) {
    arguments.insert(arguments.begin(), BANANA_BINARY);
    return run_process(arguments, options);
}

BackgroundProcess::BackgroundProcess(const std::vector<std::string>& command, const ProcessOptions& options) {
    Pipe in;
    Pipe out;
    pid_ = start(command, options, in.ends[0], out.ends[1], -1);
    // A few lines fit into the pipe's buffer: nothing to wait for.
    std::string input = options.input;
    feed(in, input);
    output_ = out.take_read();
}

BackgroundProcess::~BackgroundProcess() {
    if (!exit_code_) {
        ::kill(pid_, SIGTERM);
        const auto end = Clock::now() + std::chrono::seconds(5);
        int status = 0;
        while (::waitpid(pid_, &status, WNOHANG) == 0) {
            if (Clock::now() > end) {
                ::kill(pid_, SIGKILL);
                ::waitpid(pid_, &status, 0);
                break;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
    }
    ::close(output_);
}

std::optional<std::string> BackgroundProcess::read_line(std::chrono::seconds limit) {
    const auto end = Clock::now() + limit;
    while (true) {
        const std::size_t line = pending_.find('\n');
        if (line != std::string::npos) {
            std::string text = pending_.substr(0, line);
            pending_.erase(0, line + 1);
            return text;
        }
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
        pollfd file{output_, POLLIN, 0};
        if (left.count() <= 0 || ::poll(&file, 1, static_cast<int>(left.count())) <= 0 || !drain(output_, pending_)) {
            return std::nullopt;
        }
    }
}

void BackgroundProcess::signal(int number) const {
    ::kill(pid_, number);
}

int BackgroundProcess::wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    exit_code_ = code_of(status);
    return *exit_code_;
}

bool wait_for_port(int port, std::chrono::seconds limit) {
    const auto end = Clock::now() + limit;
    while (Clock::now() < end) {
        const int file = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const sockaddr_in address = loopback(port);
        const bool connected = ::connect(file, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
        ::close(file);
        if (connected) {
            return true;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
}

namespace {

// Tests that run at the same time take no port of each other's before it is listened at: a name of the system's own
// that this process holds until it ends, and nobody else can take. False where it is taken.
bool claim(int port) {
    const std::string name = "banana-test-port-" + std::to_string(port);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    // The leading NUL makes it an abstract name, without a file (unix(7)).
    std::copy(name.begin(), name.end(), std::begin(address.sun_path) + 1);
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    const int file = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::bind(file, reinterpret_cast<const sockaddr*>(&address), size) == 0) {
        return true;
    }
    ::close(file);
    return false;
}

}  // namespace

int free_port() {
    // Below the range that outgoing connections take theirs from.
    static std::minstd_rand random{std::random_device{}()};
    std::uniform_int_distribution<int> choice(10'240, 32'000);
    constexpr int kAttempts = 1'000;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        const int port = choice(random);
        const int file = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const sockaddr_in address = loopback(port);
        const bool bound = ::bind(file, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
        ::close(file);
        if (bound && claim(port)) {
            return port;
        }
    }
    throw std::runtime_error("no free port");
}

}  // namespace banana::test
