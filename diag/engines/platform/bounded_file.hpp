// Reading a small file that somebody else wrote: never blocks, never reads more than a bound.
#pragma once

#include "banana/bounds.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace banana {

enum class FileProblem {
    missing,        // nothing of that name
    dangling_link,  // a symbolic link whose target is missing
    link_loop,      // symbolic links that lead in a circle
    folder,
    not_regular,  // a FIFO, socket or device: opened without waiting and not read
    permission,
    in_use,     // another program holds it open and lets nobody read (Windows)
    too_large,  // more than the limit; nothing of it is returned
    io,         // any other failure of the operating system
};

// As written into args ("permission", "link-loop" …).
std::string_view file_problem_name(FileProblem problem);

struct BoundedFile {
    std::string bytes;  // empty when there is a problem
    std::optional<FileProblem> problem;
    std::error_code error;    // what the operating system said; may be unset
    std::uintmax_t size = 0;  // as the file system states it, where known
};

// Follows symbolic links. Never throws for what the file system does.
BoundedFile read_bounded(const std::filesystem::path& path, std::size_t limit = bounds::kSmallFileBytes);

// What a stream holds, at most `limit` bytes of it.
std::string read_bounded(std::istream& stream, std::size_t limit);

}  // namespace banana
