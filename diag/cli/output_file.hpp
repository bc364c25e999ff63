// Puts a report where the user wants it, without ever destroying a file of theirs.
#pragma once

#include "banana/context.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace banana {

struct WrittenFile {
    std::filesystem::path path;  // may differ from the wanted one: a name that was taken is not reused
    std::error_code error;
};

// A file of that name is replaced only if an earlier run of this program wrote it; else "name-2.md" and so on is taken.
WrittenFile write_report_file(const std::filesystem::path& wanted, std::string_view content);

// "banana-diag-report-<UTC time>.md" in the current folder, or in the home or temporary folder where the current one
// belongs to ComfyUI, which is never written to. `comfyui_dir`: its root; empty: look for it from the current folder.
std::filesystem::path default_report_path(const Surroundings& surroundings, std::filesystem::path comfyui_dir);

// "markdown", "json", "html" or "metrics" by the file name's extension; `fallback` for any other.
std::string format_of(const std::filesystem::path& path, std::string_view fallback);

}  // namespace banana
