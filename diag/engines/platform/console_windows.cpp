#ifdef _WIN32

#include "console.hpp"
#include "platform_host.hpp"
#include "windows_api.hpp"

#include "banana/ascii.hpp"

#include <fcntl.h>
#include <io.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <streambuf>
#include <string>

namespace banana::platform {
namespace {

constexpr int kUsualWidth = 80;
constexpr int kHangUp = 1;              // the number of SIGHUP, which Windows' C library does not name
constexpr DWORD kTimeToEnd = 4'800;     // milliseconds: 5 s after a closed window the system ends the process
constexpr DWORD kLongestWrite = 8'192;  // characters; older consoles refuse more than 64 KiB at once

HANDLE handle_of(Stream stream) {
    switch (stream) {
        case Stream::input: return ::GetStdHandle(STD_INPUT_HANDLE);
        case Stream::output: return ::GetStdHandle(STD_OUTPUT_HANDLE);
        case Stream::error: break;
    }
    return ::GetStdHandle(STD_ERROR_HANDLE);
}

// How many octets at the end of the text begin a character whose rest is still to come.
std::size_t unfinished_octets(std::string_view text) {
    for (std::size_t count = 1; count <= 3 && count <= text.size(); ++count) {
        const auto octet = static_cast<unsigned char>(text[text.size() - count]);
        if ((octet & 0xC0U) == 0x80U) {
            continue;
        }
        const std::size_t length = octet >= 0xF0U ? 4 : octet >= 0xE0U ? 3 : octet >= 0xC0U ? 2 : 1;
        return length > count ? count : 0;
    }
    return 0;
}

// UTF-8 to the console as characters: its code page does not matter then, and stays as it is.
class ConsoleOutput : public std::streambuf {
public:
    explicit ConsoleOutput(HANDLE console) : console_(console) {}

protected:
    int_type overflow(int_type c) override {
        if (!traits_type::eq_int_type(c, traits_type::eof())) {
            pending_.push_back(traits_type::to_char_type(c));
        }
        return traits_type::not_eof(c);
    }

    std::streamsize xsputn(const char* text, std::streamsize size) override {
        pending_.append(text, static_cast<std::size_t>(size));
        if (pending_.size() > std::size_t{64} * 1024) {
            sync();
        }
        return size;
    }

    int sync() override {
        const std::size_t rest = unfinished_octets(pending_);
        const std::wstring wide = wide_of(std::string_view(pending_).substr(0, pending_.size() - rest));
        pending_.erase(0, pending_.size() - rest);
        for (std::size_t at = 0; at < wide.size();) {
            DWORD written = 0;
            const auto wanted = static_cast<DWORD>(wide.size() - at < kLongestWrite ? wide.size() - at : kLongestWrite);
            if (::WriteConsoleW(console_, wide.data() + at, wanted, &written, nullptr) == 0 || written == 0) {
                return -1;
            }
            at += written;
        }
        return 0;
    }

private:
    HANDLE console_;
    std::string pending_;
};

// What is typed, a line at a time, as UTF-8. Ctrl-Z at the start of a line ends it.
class ConsoleInput : public std::streambuf {
public:
    explicit ConsoleInput(HANDLE console) : console_(console) {}

protected:
    int_type underflow() override {
        constexpr wchar_t kControlZ = 0x1A;
        std::array<wchar_t, 1024> typed{};
        DWORD count = 0;
        if (::ReadConsoleW(console_, typed.data(), static_cast<DWORD>(typed.size()), &count, nullptr) == 0 ||
            count == 0 || typed.front() == kControlZ) {
            return traits_type::eof();
        }
        std::wstring text(typed.data(), count);
        std::erase(text, L'\r');
        line_ = utf8_of(text);
        ::SecureZeroMemory(typed.data(), sizeof(typed));
        setg(line_.data(), line_.data(), line_.data() + line_.size());
        return line_.empty() ? underflow() : traits_type::to_int_type(line_.front());
    }

private:
    HANDLE console_;
    std::string line_;
};

std::atomic<int> interrupt{0};

void note(int number) {
    int none = 0;
    interrupt.compare_exchange_strong(none, number);
}

BOOL WINAPI on_control(DWORD event) {
    switch (event) {
        case CTRL_C_EVENT:
        case CTRL_BREAK_EVENT: note(SIGINT); return TRUE;
        case CTRL_CLOSE_EVENT: note(kHangUp); break;
        case CTRL_LOGOFF_EVENT:
        case CTRL_SHUTDOWN_EVENT: note(SIGTERM); break;
        default: return FALSE;
    }
    // The process is ended as soon as this returns: the report is written meanwhile.
    ::Sleep(kTimeToEnd);
    return TRUE;
}

// The console's modes as they were found.
struct KeptMode {
    HANDLE console = nullptr;
    DWORD mode = 0;
};
std::array<KeptMode, 3> kept_modes;

void keep_mode(HANDLE console, DWORD mode) {
    for (KeptMode& kept : kept_modes) {
        if (kept.console == nullptr || kept.console == console) {
            if (kept.console == nullptr) {
                kept = {console, mode};
            }
            return;
        }
    }
}

// Whether the console's font has the signs that mark lines. Fonts for Chinese of the old console lack some.
bool font_has_signs(HANDLE console) {
    CONSOLE_FONT_INFOEX font{};
    font.cbSize = sizeof(font);
    if (::GetCurrentConsoleFontEx(console, FALSE, &font) == 0 || font.FaceName[0] == L'\0') {
        return true;  // no window of the system's own: a terminal program shows what comes
    }
    constexpr std::wstring_view kSigns = L"✔✘…→•";
    const HDC screen = ::CreateCompatibleDC(nullptr);
    LOGFONTW wanted{};
    wanted.lfHeight = font.dwFontSize.Y;
    wanted.lfCharSet = DEFAULT_CHARSET;
    std::copy(std::begin(font.FaceName), std::end(font.FaceName), std::begin(wanted.lfFaceName));
    const HFONT face = ::CreateFontIndirectW(&wanted);
    const HGDIOBJ before = ::SelectObject(screen, face);
    std::array<WORD, kSigns.size()> glyphs{};
    const DWORD count = ::GetGlyphIndicesW(screen, kSigns.data(), static_cast<int>(kSigns.size()), glyphs.data(),
                                           GGI_MARK_NONEXISTING_GLYPHS);
    ::SelectObject(screen, before);
    ::DeleteObject(face);
    ::DeleteDC(screen);
    constexpr WORD kNone = 0xFFFF;
    return count != GDI_ERROR && std::find(glyphs.begin(), glyphs.end(), kNone) == glyphs.end();
}

// Gives the stream a buffer of its own where it is a console. The buffer lives as long as the process: streams are
// flushed at its very end.
template <typename Buffer>
void attach(std::ios& stream, Stream which) {
    if (is_terminal(which)) {
        stream.rdbuf(new Buffer(handle_of(which)));
    }
}

}  // namespace

bool is_terminal(Stream stream) {
    DWORD mode = 0;
    return ::GetConsoleMode(handle_of(stream), &mode) != 0;
}

int terminal_width(Stream stream) {
    CONSOLE_SCREEN_BUFFER_INFO information{};
    if (::GetConsoleScreenBufferInfo(handle_of(stream), &information) == 0) {
        return kUsualWidth;
    }
    return information.srWindow.Right - information.srWindow.Left + 1;
}

bool terminal_takes_escapes(Stream stream) {
    const HANDLE console = handle_of(stream);
    DWORD mode = 0;
    if (::GetConsoleMode(console, &mode) == 0) {
        return false;
    }
    keep_mode(console, mode);
    return (mode & ENABLE_VIRTUAL_TERMINAL_PROCESSING) != 0 ||
           ::SetConsoleMode(console, mode | ENABLE_PROCESSED_OUTPUT | ENABLE_VIRTUAL_TERMINAL_PROCESSING) != 0;
}

bool prepare_utf8_terminal(const Environment& environment) {
    // Windows Terminal, ConEmu and editors bring fonts for what one font lacks.
    for (const char* name : {"WT_SESSION", "ConEmuPID", "TERM_PROGRAM"}) {
        if (const auto value = environment.get(name); value && !value->empty()) {
            return true;
        }
    }
    for (const Stream stream : {Stream::output, Stream::error}) {
        if (is_terminal(stream)) {
            return font_has_signs(handle_of(stream));
        }
    }
    return true;
}

void prepare_standard_streams() {
    for (FILE* file : {stdin, stdout, stderr}) {
        const int number = ::_fileno(file);
        if (number >= 0) {
            ::_setmode(number, _O_BINARY);
        }
    }
    attach<ConsoleOutput>(std::cout, Stream::output);
    attach<ConsoleOutput>(std::cerr, Stream::error);
    attach<ConsoleInput>(std::cin, Stream::input);
}

void restore_terminal() noexcept {
    for (const KeptMode& kept : kept_modes) {
        if (kept.console != nullptr) {
            ::SetConsoleMode(kept.console, kept.mode);
        }
    }
}

void hold_interrupts() {
    ::SetConsoleCtrlHandler(on_control, TRUE);
    std::signal(SIGTERM, note);
}

int interrupt_received() noexcept {
    return interrupt.load();
}

bool started_by_double_click() {
    std::array<DWORD, 2> processes{};
    return is_terminal(Stream::input) && is_terminal(Stream::output) &&
           ::GetConsoleProcessList(processes.data(), static_cast<DWORD>(processes.size())) == 1;
}

KeyPress read_key(std::chrono::milliseconds patience) {
    using Clock = std::chrono::steady_clock;
    constexpr std::chrono::milliseconds kSlice{200};  // an interrupt does not wake the console
    const HANDLE console = handle_of(Stream::input);
    const Clock::time_point end = Clock::now() + patience;
    while (interrupt_received() == 0) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
        if (left.count() <= 0) {
            return {KeyPress::Kind::none, 0};
        }
        const DWORD waited = ::WaitForSingleObject(console, static_cast<DWORD>(std::min(left, kSlice).count()));
        if (waited == WAIT_TIMEOUT) {
            continue;
        }
        INPUT_RECORD record{};
        DWORD count = 0;
        if (waited != WAIT_OBJECT_0 || ::ReadConsoleInputW(console, &record, 1, &count) == 0) {
            break;
        }
        if (count == 1 && record.EventType == KEY_EVENT && record.Event.KeyEvent.bKeyDown != 0) {
            const wchar_t character = record.Event.KeyEvent.uChar.UnicodeChar;
            constexpr wchar_t kEscape = 0x1B;
            if (character == kEscape) {
                break;
            }
            if ((character >= L' ' && character < 0x7F) || character == L'\r') {
                return {KeyPress::Kind::character, to_lower(static_cast<char>(character))};
            }
        }
    }
    return {KeyPress::Kind::end, 0};
}

std::optional<std::string> read_line(Echo echo, const std::function<void()>& ask) {
    constexpr std::size_t kLongestLine = 4096;
    const HANDLE console = handle_of(Stream::input);
    DWORD before = 0;
    const bool is_console = ::GetConsoleMode(console, &before) != 0;
    if (!is_console) {
        return std::nullopt;
    }
    ::SetConsoleMode(console,
                     ENABLE_PROCESSED_INPUT | ENABLE_LINE_INPUT | (echo == Echo::shown ? ENABLE_ECHO_INPUT : 0U));
    forget_typed_keys();
    ask();
    std::wstring line;
    std::optional<std::string> result;
    while (interrupt_received() == 0 && !result) {
        std::array<wchar_t, 256> piece{};
        DWORD count = 0;
        if (::ReadConsoleW(console, piece.data(), static_cast<DWORD>(piece.size()), &count, nullptr) == 0 ||
            count == 0) {
            break;
        }
        for (const wchar_t character : std::wstring_view(piece.data(), count)) {
            if (character == L'\n') {
                result = utf8_of(line);
            } else if (character != L'\r' && line.size() < kLongestLine) {
                line.push_back(character);
            }
        }
    }
    ::SetConsoleMode(console, before);
    return result;
}

void forget_typed_keys() {
    ::FlushConsoleInputBuffer(handle_of(Stream::input));
}

}  // namespace banana::platform

#endif
