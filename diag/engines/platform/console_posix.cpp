#ifndef _WIN32

#include "console.hpp"

#include "banana/ascii.hpp"
#include "platform_host.hpp"

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace banana::platform {
namespace {

// The terminal gives each key at once and shows none, as long as this lives.
class KeyMode {
public:
    KeyMode() : changed_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
        if (changed_) {
            termios mode = before_;
            mode.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
            ::tcsetattr(STDIN_FILENO, TCSANOW, &mode);
        }
    }
    ~KeyMode() {
        if (changed_) {
            ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
        }
    }
    KeyMode(const KeyMode&) = delete;
    KeyMode& operator=(const KeyMode&) = delete;

private:
    termios before_{};
    bool changed_;
};

constexpr std::size_t kLongestLine = 4096;

// The terminal gives a line at a time, and shows what is typed or not, as long as this lives.
class LineMode {
public:
    explicit LineMode(Echo echo) : changed_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
        if (changed_) {
            termios mode = before_;
            mode.c_lflag |= static_cast<tcflag_t>(ICANON);
            mode.c_lflag = echo == Echo::shown ? mode.c_lflag | static_cast<tcflag_t>(ECHO)
                                               : mode.c_lflag & ~static_cast<tcflag_t>(ECHO);
            ::tcsetattr(STDIN_FILENO, TCSANOW, &mode);
        }
    }
    ~LineMode() {
        if (changed_) {
            ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
        }
    }
    LineMode(const LineMode&) = delete;
    LineMode& operator=(const LineMode&) = delete;

private:
    termios before_{};
    bool changed_;
};

}  // namespace

bool started_by_double_click() {
    return false;
}

KeyPress read_key(std::chrono::milliseconds patience) {
    using Clock = std::chrono::steady_clock;
    constexpr std::chrono::milliseconds kSlice{200};  // an interrupt that came before the wait does not wake it
    constexpr char kEscape = 0x1B;
    const KeyMode mode;
    const Clock::time_point end = Clock::now() + patience;
    while (interrupt_received() == 0) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
        if (left.count() <= 0) {
            return {KeyPress::Kind::none, 0};
        }
        pollfd input{STDIN_FILENO, POLLIN, 0};
        const int ready = ::poll(&input, 1, static_cast<int>(std::min(left, kSlice).count()));
        if (ready == 0 || (ready < 0 && errno == EINTR)) {
            continue;
        }
        char key = 0;
        if (ready < 0 || ::read(STDIN_FILENO, &key, 1) != 1 || key == kEscape) {
            break;
        }
        if ((key >= ' ' && key < 0x7F) || key == '\n' || key == '\r') {
            return {KeyPress::Kind::character, to_lower(key)};
        }
    }
    return {KeyPress::Kind::end, 0};
}

std::optional<std::string> read_line(Echo echo, const std::function<void()>& ask) {
    constexpr int kSlice = 200;  // milliseconds: an interrupt that came before the wait does not wake it
    const LineMode mode(echo);
    forget_typed_keys();
    ask();
    std::string line;
    while (interrupt_received() == 0) {
        pollfd input{STDIN_FILENO, POLLIN, 0};
        const int ready = ::poll(&input, 1, kSlice);
        if (ready == 0 || (ready < 0 && errno == EINTR)) {
            continue;
        }
        char character = 0;
        if (ready < 0 || ::read(STDIN_FILENO, &character, 1) != 1) {
            break;
        }
        if (character == '\n' || character == '\r') {
            return line;
        }
        if (line.size() < kLongestLine) {
            line.push_back(character);
        }
    }
    return std::nullopt;
}

void forget_typed_keys() {
    ::tcflush(STDIN_FILENO, TCIFLUSH);
}

}  // namespace banana::platform

#endif
