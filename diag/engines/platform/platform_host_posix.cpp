#ifndef _WIN32

#include "platform_host.hpp"

#include "file_change.hpp"

#include <fcntl.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#ifdef BANANA_PORTABLE
#include <nss.h>
#endif
#include <poll.h>
#include <pwd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>

#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

extern char** environ;

namespace banana::platform {
namespace {

constexpr int kUsualWidth = 80;
constexpr rlim_t kDescriptorsWanted = 4096;
constexpr int kReaderPatience = 10'000;  // milliseconds for which the reader of a pipe may take nothing

int descriptor(Stream stream) {
    switch (stream) {
        case Stream::input: return STDIN_FILENO;
        case Stream::output: return STDOUT_FILENO;
        case Stream::error: break;
    }
    return STDERR_FILENO;
}

std::error_code last_error() {
    return {errno, std::generic_category()};
}

// A pipe opened without waiting says so when it is full.
bool becomes_writable(int file) {
    pollfd wanted{file, POLLOUT, 0};
    return ::poll(&wanted, 1, kReaderPatience) > 0;
}

std::error_code write_all(int file, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(file, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0 && errno == EAGAIN) {
            if (!becomes_writable(file)) {
                return std::make_error_code(std::errc::timed_out);
            }
            continue;
        }
        if (written < 0) {
            return last_error();
        }
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

// What a power cut must not undo: the data first, then the name.
void sync_folder(const std::filesystem::path& folder) {
    const int file = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file >= 0) {
        ::fsync(file);
        ::close(file);
    }
}

std::error_code put_in_place(const std::filesystem::path& temporary, const std::filesystem::path& path, bool replace) {
    if (replace) {
        return ::rename(temporary.c_str(), path.c_str()) == 0 ? std::error_code{} : last_error();
    }
    // link() fails where the name is taken, also by a file that came a moment ago.
    if (::link(temporary.c_str(), path.c_str()) == 0) {
        ::unlink(temporary.c_str());
        return {};
    }
    if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOTSUP && errno != ENOSYS) {
        return last_error();
    }
    // A file system without hard links (FAT): a look, then the rename.
    struct stat information {};
    if (::lstat(path.c_str(), &information) == 0) {
        return std::make_error_code(std::errc::file_exists);
    }
    return ::rename(temporary.c_str(), path.c_str()) == 0 ? std::error_code{} : last_error();
}

// "/dev/stdout" and the like: what was opened for this process, be it a file. Opened by that name again it would be
// written from its beginning.
std::optional<int> open_stream(const std::filesystem::path& path) {
    const std::string& text = path.native();
    if (text == "/dev/stdout") {
        return STDOUT_FILENO;
    }
    if (text == "/dev/stderr") {
        return STDERR_FILENO;
    }
    for (const std::string_view folder : {std::string_view("/dev/fd/"), std::string_view("/proc/self/fd/")}) {
        if (!text.starts_with(folder)) {
            continue;
        }
        int number = -1;
        const char* const end = text.data() + text.size();
        const auto parsed = std::from_chars(text.data() + folder.size(), end, number);
        if (parsed.ec == std::errc() && parsed.ptr == end && number >= 0) {
            return number;
        }
    }
    return std::nullopt;
}

std::error_code write_to_device(const std::filesystem::path& path, std::string_view bytes) {
    // No waiting for a reader.
    const int file = ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (file < 0) {
        return last_error();
    }
    const std::error_code error = write_all(file, bytes);
    ::close(file);
    return error;
}

mode_t mode_of_new_file() {
    const mode_t mask = ::umask(0);
    ::umask(mask);
    return 0666 & ~mask;
}

std::atomic<int> interrupt{0};
static_assert(std::atomic<int>::is_always_lock_free);

void note_interrupt(int number) {
    int none = 0;
    interrupt.compare_exchange_strong(none, number);
}

}  // namespace

Environment process_environment() {
    std::map<std::string, std::string> values;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const std::size_t equals = text.find('=');
        if (equals != std::string_view::npos && equals > 0) {
            values.emplace(text.substr(0, equals), text.substr(equals + 1));
        }
    }
    return Environment(std::move(values));
}

std::optional<SystemProxySettings> system_proxy() {
    return std::nullopt;  // Python asks macOS too, by an interface that is not read here
}

bool has_proxy_script() {
    return false;
}

std::filesystem::path home_folder(const Environment& environment) {
    if (const auto home = environment.get("HOME"); home && !home->empty()) {
        return *home;
    }
    const passwd* entry = ::getpwuid(::getuid());
    return entry != nullptr && entry->pw_dir != nullptr ? std::filesystem::path(entry->pw_dir)
                                                        : std::filesystem::path();
}

std::vector<std::filesystem::path> personal_folders(const Environment& environment) {
    const std::filesystem::path home = home_folder(environment);
    std::vector<std::filesystem::path> folders;
    for (const char* name : {"Desktop", "桌面", "Documents", "文档"}) {
        std::error_code error;
        if (std::filesystem::is_directory(home / name, error)) {
            folders.push_back(home / name);
        }
    }
    folders.push_back(home);
    return folders;
}

bool show_to_user(const std::filesystem::path&) {
    return false;  // nothing that every desktop has
}

std::vector<std::filesystem::path> local_drives() {
    return {};
}

std::filesystem::path executable_path() {
#ifdef __APPLE__
    std::array<char, 4096> buffer{};
    std::uint32_t size = buffer.size();
    return _NSGetExecutablePath(buffer.data(), &size) == 0 ? std::filesystem::path(buffer.data())
                                                           : std::filesystem::path();
#else
    std::error_code error;
    std::filesystem::path path = std::filesystem::read_symlink("/proc/self/exe", error);
    return error ? std::filesystem::path() : path;
#endif
}

std::string operating_system() {
    utsname names{};
    if (::uname(&names) != 0) {
        return "POSIX";
    }
    return std::string(names.sysname) + " " + names.release;
}

std::string user_locale(const Environment& environment) {
    // POSIX order for messages; LANGUAGE is GNU's and comes first where set.
    for (const char* name : {"LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"}) {
        if (const auto value = environment.get(name); value && !value->empty()) {
            return *value;
        }
    }
    return {};
}

bool is_terminal(Stream stream) {
    return ::isatty(descriptor(stream)) == 1;
}

int terminal_width(Stream stream) {
    winsize size{};
    if (::ioctl(descriptor(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        return size.ws_col;
    }
    return kUsualWidth;
}

bool terminal_takes_escapes(Stream stream) {
    return is_terminal(stream);
}

void restore_terminal() noexcept {}

bool prepare_utf8_terminal(const Environment& environment) {
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        const auto value = environment.get(name);
        if (!value || value->empty()) {
            continue;
        }
        for (const char* encoding : {"UTF-8", "utf-8", "UTF8", "utf8"}) {
            if (value->find(encoding) != std::string::npos) {
                return true;
            }
        }
        return false;
    }
    // No locale at all: a container or a service. Terminals of today take UTF-8.
    return true;
}

void prepare_standard_streams() {
    std::signal(SIGPIPE, SIG_IGN);
    for (const int file : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(file, F_GETFD) >= 0) {
            continue;
        }
        // A write to /dev/full fails, as it would have on the closed stream.
        if (file == STDIN_FILENO || ::open("/dev/full", O_WRONLY) < 0) {
            ::open("/dev/null", O_RDWR);
        }
    }
}

void prepare_process() {
#ifdef BANANA_PORTABLE
    // Other name services are modules of this machine's C library; see gb18030_to_utf8().
    ::__nss_configure_lookup("hosts", "files dns");
    ::__nss_configure_lookup("passwd", "files");
#endif
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < kDescriptorsWanted) {
        files.rlim_cur = std::min(files.rlim_max, kDescriptorsWanted);
        ::setrlimit(RLIMIT_NOFILE, &files);
    }
}

void expect_diagnosis() noexcept {
#if defined(__GLIBC__) && defined(MADV_POPULATE_WRITE)
    // A healthy run touches some 550 KiB of the heap: 100 page faults less. Older kernels refuse.
    constexpr std::size_t kHeap = 512 * 1024;
    ::mallopt(M_MMAP_THRESHOLD, 2 * kHeap);  // the block below is to lie on the heap
    ::mallopt(M_TRIM_THRESHOLD, 4 * kHeap);  // and to stay there
    void* const block = std::malloc(kHeap);
    if (block != nullptr) {
        const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
        const std::uintptr_t begin = (reinterpret_cast<std::uintptr_t>(block) + page - 1) / page * page;
        const std::uintptr_t end = (reinterpret_cast<std::uintptr_t>(block) + kHeap) / page * page;
        ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_POPULATE_WRITE);
        std::free(block);
    }
#endif
}

void hold_interrupts() {
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        struct sigaction action {};
        if (::sigaction(number, nullptr, &action) != 0 || action.sa_handler == SIG_IGN) {
            continue;
        }
        action = {};
        action.sa_handler = note_interrupt;
        action.sa_flags = SA_RESTART;
        ::sigemptyset(&action.sa_mask);
        ::sigaction(number, &action, nullptr);
    }
}

int interrupt_received() noexcept {
    return interrupt.load();
}

std::vector<std::string> utf8_arguments(int argc, char** argv) {
    return argc > 0 ? std::vector<std::string>(argv + 1, argv + argc) : std::vector<std::string>();
}

std::tm local_parts(std::time_t time) {
    std::tm parts{};
    return ::localtime_r(&time, &parts) != nullptr ? parts : std::tm{};
}

std::string local_time(std::chrono::system_clock::time_point time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    if (::localtime_r(&seconds, &parts) == nullptr) {
        return {};
    }
    std::array<char, 40> buffer{};
    const std::size_t size = std::strftime(buffer.data(), buffer.size(), "%Y-%m-%dT%H:%M:%S%z", &parts);
    std::string text(buffer.data(), size);
    // strftime gives "+0800", RFC 3339 wants "+08:00".
    if (text.size() > 2) {
        text.insert(text.size() - 2, ":");
    }
    return text;
}

std::error_code write_whole_file(const std::filesystem::path& path, std::string_view bytes, bool replace,
                                 Durability durability) {
    if (const std::optional<int> stream = open_stream(path)) {
        std::fflush(nullptr);
        return write_all(*stream, bytes);
    }
    struct stat information {};
    const bool there = ::stat(path.c_str(), &information) == 0;
    if (there && S_ISDIR(information.st_mode)) {
        return std::make_error_code(std::errc::is_a_directory);
    }
    if (there && !S_ISREG(information.st_mode)) {
        return write_to_device(path, bytes);
    }
    if (there && !replace) {
        return std::make_error_code(std::errc::file_exists);
    }
    std::string temporary = (path.parent_path() / (temporary_name() + "-XXXXXX")).string();
    const int file = ::mkstemp(temporary.data());
    if (file < 0) {
        return last_error();
    }
    // mkstemp's 0600 is for secrets; a report holds none and has the rights of any new file.
    ::fchmod(file, there ? information.st_mode & 0777 : mode_of_new_file());
    std::error_code error = write_all(file, bytes);
    const bool flush = durability == Durability::flushed;
    if (!error && flush && ::fsync(file) != 0 && errno != EINVAL) {
        error = last_error();
    }
    if (::close(file) != 0 && !error) {
        error = last_error();
    }
    if (!error) {
        error = put_in_place(temporary, path, replace);
    }
    if (error) {
        ::unlink(temporary.c_str());
        return error;
    }
    if (flush) {
        sync_folder(path.parent_path());
    }
    return {};
}

void exit_now(int code) {
    std::fflush(nullptr);
    ::_exit(code);
}

}  // namespace banana::platform

#endif
