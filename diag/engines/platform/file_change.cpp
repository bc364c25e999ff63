#include "file_change.hpp"

#include "text.hpp"

#include <atomic>
#include <charconv>
#include <cstdint>
#include <vector>

#ifdef _WIN32
#include "windows_api.hpp"
#else
#include <unistd.h>

#include <cerrno>
#include <csignal>
#endif

namespace banana::platform {
namespace {

namespace fs = std::filesystem;

std::uint32_t own_process() {
#ifdef _WIN32
    return ::GetCurrentProcessId();
#else
    return static_cast<std::uint32_t>(::getpid());
#endif
}

bool runs(std::uint32_t process) {
#ifdef _WIN32
    const Handle opened(::OpenProcess(SYNCHRONIZE, FALSE, process));
    return opened.usable() ? ::WaitForSingleObject(opened.get(), 0) == WAIT_TIMEOUT
                           : ::GetLastError() == ERROR_ACCESS_DENIED;
#else
    const auto number = static_cast<pid_t>(process);
    return number > 0 && (::kill(number, 0) == 0 || errno == EPERM);
#endif
}

// A name that has this process's number, but was there before, is of one that had the same number.
bool is_left_over(std::string_view name) {
    if (!name.starts_with(kTemporaryPrefix)) {
        return false;
    }
    name.remove_prefix(kTemporaryPrefix.size());
    std::uint32_t process = 0;
    const auto read = std::from_chars(name.data(), name.data() + name.size(), process);
    return read.ec == std::errc() && (process == own_process() || !runs(process));
}

}  // namespace

std::string temporary_name() {
    static std::atomic<unsigned> counter{0};
    return std::string(kTemporaryPrefix) + std::to_string(own_process()) + "-" + std::to_string(++counter);
}

void remove_leftovers(const fs::path& folder) {
    std::error_code error;
    std::vector<fs::path> leftovers;
    for (fs::directory_iterator entries(folder, error); !error && entries != fs::directory_iterator();
         entries.increment(error)) {
        std::error_code ignored;
        if (is_left_over(path_text(entries->path().filename())) &&
            fs::is_regular_file(entries->symlink_status(ignored))) {
            leftovers.push_back(entries->path());
        }
    }
    for (const fs::path& leftover : leftovers) {
        fs::remove(leftover, error);
    }
}

}  // namespace banana::platform
