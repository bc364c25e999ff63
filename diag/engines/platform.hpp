// The few questions that each operating system answers in its own way.
// One interface; platform_posix.cpp and platform_windows.cpp implement it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

namespace banana::platform {

enum class FileKind { unknown, regular, folder, other };

struct RawRead {
    std::string bytes;
    FileKind kind = FileKind::unknown;
    std::uintmax_t size = 0;
    std::error_code error;
};

// At most `limit` bytes of a regular file. A FIFO, socket or device is neither waited for nor read.
RawRead read_without_waiting(const std::filesystem::path& path, std::size_t limit);

// Where every account of this machine can read the file: its mode and that of each folder above let them.
// None where the question has no such answer (Windows, whose access lists are not modes) or the file is gone.
std::optional<bool> readable_by_everyone(const std::filesystem::path& path);

}  // namespace banana::platform
