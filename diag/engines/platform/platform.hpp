// The few questions that each operating system answers in its own way.
// One interface; platform_posix.cpp and platform_windows.cpp implement it.
#pragma once

#include "shell_command.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

namespace banana::platform {

enum class System { windows, mac, gnu_linux };

// The system that this program was built for.
#if defined(_WIN32)
inline constexpr System kSystem = System::windows;
#elif defined(__APPLE__)
inline constexpr System kSystem = System::mac;
#else
inline constexpr System kSystem = System::gnu_linux;
#endif
// The shell that its users type commands into.
inline constexpr Shell kShell = kSystem == System::windows ? Shell::windows : Shell::posix;

// This process or machine lacks descriptors or memory. What was asked has no answer then, and that says nothing about
// what was examined.
class Exhausted : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

bool is_exhaustion(const std::error_code& error);
// Throws Exhausted for such an error.
void throw_if_exhausted(const std::error_code& error);
// Whether this process may open that many more files.
bool has_descriptors(std::size_t count);
// For libraries that fail without saying why: throws Exhausted where hardly a descriptor is left.
void throw_if_short_of_descriptors();

enum class FileKind { unknown, regular, folder, other };

struct RawRead {
    std::string bytes;
    FileKind kind = FileKind::unknown;
    std::uintmax_t size = 0;
    std::error_code error;
};

// Whether both paths lead to one file or folder, by what the system itself tells files apart by (device and inode; on
// Windows volume and file id): a bind mount, a junction or a link is what it leads to. False where one is not there.
bool is_same_file(const std::filesystem::path& a, const std::filesystem::path& b);

// At most `limit` bytes of a regular file. A FIFO, socket or device is neither waited for nor read. Throws Exhausted.
RawRead read_without_waiting(const std::filesystem::path& path, std::size_t limit);

// The folders in a folder, at most `limit`, in the file system's order; links to folders too, hidden ones of the system
// (Windows) not. Empty where it cannot be read; throws Exhausted.
std::vector<std::filesystem::path> subfolders_of(const std::filesystem::path& folder, std::size_t limit);

// Whether the error says that another program holds the file, so that waiting or closing that program helps (Windows).
bool is_in_use(const std::error_code& error);

// Where every account of this machine can read the file: its mode and that of each folder above let them, or its access
// list does (Windows, which lets everyone pass through folders). None where the file is gone.
std::optional<bool> readable_by_everyone(const std::filesystem::path& path);

// Who but the owner may read a file of ours.
enum class Readers { owner, everyone };
std::error_code set_readers(const std::filesystem::path& path, Readers readers);

// Whether anybody but this user has ever signed in here (Windows, where a file that everyone may read is the rule);
// elsewhere true: services have accounts too.
bool other_people_have_accounts();

}  // namespace banana::platform
