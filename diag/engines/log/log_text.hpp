// The last start in a log file, and its end, as text, whatever its size and encoding.
#pragma once

#include "bounded_file.hpp"

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

// The whole of a file up to 2 MiB. Of a longer one: the first megabyte of the last start, which is searched for
// backwards by `start_marks` in the last 16 MiB, and the last half of one. Without a start there: the end alone. Only
// regular files are opened.
LogText read_last_start(const std::filesystem::path& path, std::span<const std::string_view> start_marks);

// UTF-8, UTF-16 with or without BOM, and GBK, which may alternate from line to line; what is none of them
// becomes U+FFFD. ANSI colours are removed.
std::string decode_log(std::string_view bytes);

}  // namespace banana
