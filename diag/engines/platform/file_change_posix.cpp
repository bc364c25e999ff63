#ifndef _WIN32

#include "file_change.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/xattr.h>
#endif

#include <openssl/crypto.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <vector>

namespace banana::platform {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kPermissionBits = 07777;

ChangeOutcome change_failed(ChangeFault fault = ChangeFault::failed) {
    return {fault, std::error_code(errno, std::generic_category())};
}

class OpenedFile {
public:
    explicit OpenedFile(int number) : number_(number) {}
    OpenedFile(const OpenedFile&) = delete;
    OpenedFile& operator=(const OpenedFile&) = delete;
    ~OpenedFile() { close(); }
    [[nodiscard]] int get() const noexcept { return number_; }
    bool close() {
        const bool closed = number_ < 0 || ::close(number_) == 0;
        number_ = -1;
        return closed;
    }

private:
    int number_;
};

int open_folder_of(const fs::path& file) {
    const fs::path folder = file.parent_path();
    return ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

std::int64_t nanoseconds(const timespec& time) {
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

FileStamp stamp_of(const struct stat& status) {
    FileStamp stamp;
    stamp.device = static_cast<std::uint64_t>(status.st_dev);
    stamp.number = static_cast<std::uint64_t>(status.st_ino);
    stamp.size = static_cast<std::uint64_t>(status.st_size);
#ifdef __APPLE__
    stamp.written = nanoseconds(status.st_mtimespec);
    stamp.changed = nanoseconds(status.st_ctimespec);
#else
    stamp.written = nanoseconds(status.st_mtim);
    stamp.changed = nanoseconds(status.st_ctim);
#endif
    stamp.mode = static_cast<unsigned>(status.st_mode) & kPermissionBits;
    stamp.owner = status.st_uid;
    stamp.group = status.st_gid;
    stamp.links = static_cast<std::uint64_t>(status.st_nlink);
    return stamp;
}

#ifdef __linux__
constexpr const char* kAccessList = "system.posix_acl_access";
#endif

// The list that grants further accounts their rights; empty where there is none. Mode bits stand for the rest.
std::string access_list_of(int file) {
#ifdef __linux__
    std::string list(64U * 1024, '\0');
    const ssize_t size = ::fgetxattr(file, kAccessList, list.data(), list.size());
    list.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return list;
#else
    static_cast<void>(file);
    return {};
#endif
}

// Gives the file this list and no other: a new one may have got its folder's. Before the mode, which bounds it.
bool set_access_list(int file, const std::string& list) {
#ifdef __linux__
    if (list.empty()) {
        ::fremovexattr(file, kAccessList);  // fails where there is none, or no such thing
        return true;
    }
    return ::fsetxattr(file, kAccessList, list.data(), list.size(), 0) == 0;
#else
    static_cast<void>(file);
    static_cast<void>(list);
    return true;
#endif
}

ChangeOutcome see_in_folder(int folder, const fs::path& name, std::size_t limit, SeenFile& seen) {
    const OpenedFile file(::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
    if (file.get() < 0) {
        return change_failed(errno == ELOOP || errno == EMLINK ? ChangeFault::not_regular : ChangeFault::failed);
    }
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) {
        return change_failed();
    }
    if (!S_ISREG(status.st_mode) || static_cast<std::uint64_t>(status.st_size) > limit) {
        return {ChangeFault::not_regular, {}};
    }
    seen.bytes.clear();
    std::array<char, 16 * 1024> buffer;
    for (;;) {
        const ssize_t count = ::read(file.get(), buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return change_failed();
        }
        if (count == 0) {
            break;
        }
        seen.bytes.append(buffer.data(), static_cast<std::size_t>(count));
        if (seen.bytes.size() > limit) {
            return {ChangeFault::not_regular, {}};
        }
    }
    OPENSSL_cleanse(buffer.data(), buffer.size());  // there may be a key in it
    if (::fstat(file.get(), &status) != 0) {
        return change_failed();
    }
    seen.stamp = stamp_of(status);
    seen.stamp.access_list = access_list_of(file.get());
    return {};
}

// The file as it was seen, content included; a time stamp may be too coarse to tell.
ChangeOutcome require_unchanged(int folder, const fs::path& name, const SeenFile& seen) {
    SeenFile now;
    const ChangeOutcome outcome = see_in_folder(folder, name, seen.bytes.size() + 1, now);
    if (!outcome.done()) {
        const bool gone =
            outcome.fault == ChangeFault::not_regular || outcome.error == std::errc::no_such_file_or_directory;
        return gone ? ChangeOutcome{ChangeFault::changed, outcome.error} : outcome;
    }
    return now.stamp == seen.stamp && now.bytes == seen.bytes ? ChangeOutcome{}
                                                              : ChangeOutcome{ChangeFault::changed, {}};
}

// A new file with these bytes, on the disk, under a name of its own. Gone with this object unless it was put in place.
class NewFile {
public:
    explicit NewFile(int folder) : folder_(folder) {}
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;
    ~NewFile() {
        if (there_) {
            ::unlinkat(folder_, name_.c_str(), 0);
        }
    }

    ChangeOutcome write(std::string_view bytes, const FileStamp& like, unsigned mode) {
        constexpr int kTries = 100;  // a name that a killed process left behind
        int opened = -1;
        for (int tried = 0; tried < kTries && opened < 0 && (tried == 0 || errno == EEXIST); ++tried) {
            name_ = temporary_name();
            opened = ::openat(folder_, name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        }
        OpenedFile file(opened);
        if (file.get() < 0) {
            return change_failed();
        }
        there_ = true;
        struct stat status {};
        if (::fstat(file.get(), &status) != 0) {
            return change_failed();
        }
        // The owner before the mode: a change of owner takes bits away.
        const bool other = status.st_uid != like.owner || status.st_gid != like.group;
        if (other && ::fchown(file.get(), like.owner, like.group) != 0) {
            return change_failed(ChangeFault::owner);
        }
        if (!set_access_list(file.get(), like.access_list) || ::fchmod(file.get(), static_cast<mode_t>(mode)) != 0) {
            return change_failed();
        }
        while (!bytes.empty()) {
            const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
            if (written < 0 && errno == EINTR) {
                continue;
            }
            if (written < 0) {
                return change_failed();
            }
            bytes.remove_prefix(static_cast<std::size_t>(written));
        }
        // EINVAL: a file system that has nothing to flush.
        if ((::fsync(file.get()) != 0 && errno != EINVAL) || !file.close()) {
            return change_failed();
        }
        return {};
    }

    ChangeOutcome put_over(const fs::path& name) {
        if (::renameat(folder_, name_.c_str(), folder_, name.c_str()) != 0) {
            return change_failed();
        }
        there_ = false;
        ::fsync(folder_);
        return {};
    }

    ChangeOutcome put_at_free(const fs::path& name) {
#ifdef __linux__
        // In one step: whoever is killed between a link and the end of the other name leaves a file with two names.
        if (::renameat2(folder_, name_.c_str(), folder_, name.c_str(), RENAME_NOREPLACE) == 0) {
            there_ = false;
            ::fsync(folder_);
            return {};
        }
        if (errno != EINVAL && errno != ENOSYS) {
            return change_failed(errno == EEXIST ? ChangeFault::taken : ChangeFault::failed);
        }
#endif
        if (::linkat(folder_, name_.c_str(), folder_, name.c_str(), 0) == 0) {
            ::fsync(folder_);
            return {};
        }
        if (errno == EEXIST) {
            return change_failed(ChangeFault::taken);
        }
        // A file system without hard links (FAT): a look, then the rename.
        struct stat status {};
        if (::fstatat(folder_, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
            return {ChangeFault::taken, {}};
        }
        return put_over(name);
    }

private:
    int folder_;
    std::string name_;
    bool there_ = false;
};

}  // namespace

std::optional<fs::path> real_path(const fs::path& path) {
    std::error_code error;
    fs::path real = fs::canonical(path, error);
    return error ? std::nullopt : std::optional(std::move(real));
}

ChangeOutcome see_file(const fs::path& file, std::size_t limit, SeenFile& seen) {
    const OpenedFile folder(open_folder_of(file));
    return folder.get() < 0 ? change_failed() : see_in_folder(folder.get(), file.filename(), limit, seen);
}

ChangeOutcome stamp_of_folder(const fs::path& folder, FileStamp& stamp) {
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0) {
        return change_failed();
    }
    stamp = stamp_of(status);
    return {};
}

ChangeOutcome replace_file(const fs::path& file, const SeenFile& seen, std::string_view bytes) {
    constexpr unsigned kOwnerWrites = 0200;
    if (seen.stamp.links > 1) {
        return {ChangeFault::linked, {}};
    }
    if ((seen.stamp.mode & kOwnerWrites) == 0) {
        return {ChangeFault::read_only, {}};
    }
    const OpenedFile folder(open_folder_of(file));
    if (folder.get() < 0) {
        return change_failed();
    }
    const fs::path name = file.filename();
    if (ChangeOutcome outcome = require_unchanged(folder.get(), name, seen); !outcome.done()) {
        return outcome;
    }
    NewFile fresh(folder.get());
    if (ChangeOutcome outcome = fresh.write(bytes, seen.stamp, seen.stamp.mode); !outcome.done()) {
        return outcome;
    }
    if (ChangeOutcome outcome = require_unchanged(folder.get(), name, seen); !outcome.done()) {
        return outcome;
    }
    return fresh.put_over(name);
}

ChangeOutcome write_new_file(const fs::path& file, std::string_view bytes, const FileStamp& like, unsigned mode) {
    const OpenedFile folder(open_folder_of(file));
    if (folder.get() < 0) {
        return change_failed();
    }
    NewFile fresh(folder.get());
    if (ChangeOutcome outcome = fresh.write(bytes, like, mode); !outcome.done()) {
        return outcome;
    }
    return fresh.put_at_free(file.filename());
}

ChangeOutcome set_mode(const fs::path& file, const SeenFile& seen, unsigned mode) {
    const OpenedFile opened(::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status {};
    if (opened.get() < 0 || ::fstat(opened.get(), &status) != 0) {
        return change_failed();
    }
    FileStamp now = stamp_of(status);
    now.access_list = access_list_of(opened.get());
    if (now != seen.stamp) {
        return {ChangeFault::changed, {}};
    }
    return ::fchmod(opened.get(), static_cast<mode_t>(mode)) == 0 ? ChangeOutcome{} : change_failed();
}

ChangeOutcome move_to_free_name(const fs::path& from, const fs::path& to) {
#ifdef __linux__
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) {
        return {};
    }
    if (errno != EINVAL && errno != ENOSYS) {
        return change_failed(errno == EEXIST ? ChangeFault::taken : ChangeFault::failed);
    }
#endif
    struct stat status {};
    if (::lstat(to.c_str(), &status) == 0) {
        return {ChangeFault::taken, {}};
    }
    return ::rename(from.c_str(), to.c_str()) == 0 ? ChangeOutcome{} : change_failed();
}

}  // namespace banana::platform

#endif
