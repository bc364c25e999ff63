// The end of a log file as text, whatever its size and encoding.
#pragma once

#include "banana/bounds.hpp"
#include "bounded_file.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace banana {

struct LogText {
    std::string text;       // UTF-8, without ANSI colours and carriage returns before line feeds
    bool complete = false;  // from the file's first byte: line numbers are the file's own
    std::optional<FileProblem> problem;
};

// The last `limit` bytes, from the first whole line in them on. Only regular files are opened.
LogText read_log_end(const std::filesystem::path& path, std::size_t limit = bounds::kLogTailBytes);

// UTF-8, UTF-16 with or without BOM, and GBK, which may alternate from line to line; what is none of them
// becomes U+FFFD. ANSI colours are removed.
std::string decode_log(std::string_view bytes);

}  // namespace banana
