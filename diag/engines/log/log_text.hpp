// The end of a log file as text, whatever its size and encoding.
#pragma once

#include "banana/bounds.hpp"
#include "bounded_file.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace banana {

struct LogText {
    std::string text;       // UTF-8, without ANSI colours and carriage returns before line feeds
    bool complete = false;  // from the file's first byte: line numbers are the file's own
    bool has_gap = false;   // between the start's piece and the end's something was not read
    std::optional<FileProblem> problem;
};

// The last `limit` bytes, from the first whole line in them on. Only regular files are opened.
LogText read_log_end(const std::filesystem::path& path, std::size_t limit = bounds::kLogTailBytes);

// What is read of a log in search of the last start.
namespace log_bounds {
inline constexpr std::size_t kWholeBytes = 2 * 1024 * 1024;      // of a log that is read whole
inline constexpr std::size_t kTailBytes = 512 * 1024;            // of a longer one's end
inline constexpr std::size_t kSearchedBytes = 16 * 1024 * 1024;  // searched backwards for the start's marks
inline constexpr std::size_t kBlockBytes = 128 * 1024;           // of that at once
inline constexpr std::size_t kLeadBytes = 128 * 1024;            // from a start's first line to its last mark
inline constexpr std::size_t kStartBytes = 1024 * 1024;          // of the start, lead included
}  // namespace log_bounds

// The whole of a file up to 2 MiB. Of a longer one: the first megabyte of the last start, which is searched for
// backwards by `start_marks` in the last 16 MiB, and the last half of one. Without a start there: the end alone.
LogText read_last_start(const std::filesystem::path& path, std::span<const std::string_view> start_marks);

// UTF-8, UTF-16 with or without BOM, and GBK, which may alternate from line to line; what is none of them
// becomes U+FFFD. ANSI colours are removed.
std::string decode_log(std::string_view bytes);

}  // namespace banana
