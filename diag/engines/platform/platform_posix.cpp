#ifndef _WIN32

#include "platform.hpp"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>

namespace banana::platform {
namespace {

namespace fs = std::filesystem;

std::error_code error_of_call() {
    return {errno, std::system_category()};
}

class Descriptor {
public:
    explicit Descriptor(int value) : value_(value) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (value_ >= 0) {
            ::close(value_);
        }
    }
    [[nodiscard]] int get() const noexcept { return value_; }

private:
    int value_;
};

// What getaddrinfo or a TLS library may hold open at once.
constexpr std::size_t kLibraryNeed = 4;

FileKind kind_of(mode_t mode) {
    if (S_ISREG(mode)) {
        return FileKind::regular;
    }
    return S_ISDIR(mode) ? FileKind::folder : FileKind::other;
}

}  // namespace

bool has_descriptors(std::size_t count) {
    std::deque<Descriptor> opened;
    while (opened.size() < count) {
        if (opened.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC)).get() < 0) {
            return !is_exhaustion(error_of_call());
        }
    }
    return true;
}

void throw_if_short_of_descriptors() {
    if (!has_descriptors(kLibraryNeed)) {
        throw_if_exhausted(std::make_error_code(std::errc::too_many_files_open));
    }
}

bool is_same_file(const fs::path& a, const fs::path& b) {
    struct stat first {};
    struct stat second {};
    return ::stat(a.c_str(), &first) == 0 && ::stat(b.c_str(), &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

RawRead read_without_waiting(const fs::path& path, std::size_t limit) {
    RawRead result;
    // O_NONBLOCK: opening a FIFO without a writer would wait for ever.
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
    if (file.get() < 0) {
        result.error = error_of_call();
        throw_if_exhausted(result.error);
        return result;
    }
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) {
        result.error = error_of_call();
        return result;
    }
    result.kind = kind_of(status.st_mode);
    if (result.kind != FileKind::regular) {
        return result;
    }
    result.size = static_cast<std::uintmax_t>(status.st_size);
    std::array<char, 16 * 1024> buffer;  // a page of the stack each is what a buffer costs that small files do not fill
    std::size_t used = 0;
    while (result.bytes.size() < limit) {
        const std::size_t wanted = std::min(buffer.size(), limit - result.bytes.size());
        const ssize_t count = ::read(file.get(), buffer.data(), wanted);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            result.error = error_of_call();
            throw_if_exhausted(result.error);
            return result;
        }
        if (count == 0) {
            break;
        }
        result.bytes.append(buffer.data(), static_cast<std::size_t>(count));
        used = std::max(used, static_cast<std::size_t>(count));
    }
    // It may have been a file with a key.
    OPENSSL_cleanse(buffer.data(), used);
    return result;
}

std::vector<fs::path> subfolders_of(const fs::path& folder, std::size_t limit) {
    std::vector<fs::path> folders;
    std::error_code error;
    fs::directory_iterator entry(folder, fs::directory_options::skip_permission_denied, error);
    for (; !error && entry != fs::directory_iterator() && folders.size() < limit; entry.increment(error)) {
        std::error_code ignored;
        if (entry->is_directory(ignored)) {
            folders.push_back(entry->path());
        }
    }
    throw_if_exhausted(error);
    return folders;
}

bool is_in_use(const std::error_code&) {
    return false;
}

std::optional<bool> readable_by_everyone(const fs::path& path) {
    std::error_code error;
    const fs::path real = fs::canonical(path, error);
    if (error) {
        return std::nullopt;
    }
    struct stat status {};
    if (::stat(real.c_str(), &status) != 0) {
        return std::nullopt;
    }
    if ((status.st_mode & S_IROTH) == 0) {
        return false;
    }
    for (fs::path folder = real.parent_path();; folder = folder.parent_path()) {
        if (::stat(folder.c_str(), &status) != 0) {
            return std::nullopt;
        }
        if ((status.st_mode & S_IXOTH) == 0) {
            return false;
        }
        if (folder == folder.parent_path()) {
            return true;
        }
    }
}

std::error_code set_readers(const fs::path& path, Readers readers) {
    const mode_t mode = readers == Readers::everyone ? 0644 : 0600;
    return ::chmod(path.c_str(), mode) == 0 ? std::error_code() : error_of_call();
}

bool other_people_have_accounts() {
    return true;
}

}  // namespace banana::platform

#endif
