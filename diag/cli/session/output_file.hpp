// Puts a report where the user wants it, without ever destroying a file of theirs.
#pragma once

#include "banana/context.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace banana {

struct WrittenFile {
    std::filesystem::path path;  // may differ from the wanted one: a name that was taken is not reused
    std::error_code error;
};

// A file that an earlier run wrote: replaced where the user named it, kept where the name is ours.
enum class Earlier { replaced, kept };

// What this program did not write is never replaced: "name-2.md" and so on is taken then.
WrittenFile write_report_file(const std::filesystem::path& wanted, std::string_view content,
                              Earlier earlier = Earlier::replaced);

// "banana-diag-report-20251112-164900" with the extension, local time, in each folder that may be tried, in this order:
// the current one unless it belongs to ComfyUI, which is never written to; the user's desktop, documents and home
// folder; the temporary folder where there is no other. `comfyui_dir`: its root; empty: look for it from the current
// folder.
std::vector<std::filesystem::path> default_report_paths(const Surroundings& surroundings,
                                                        std::filesystem::path comfyui_dir,
                                                        std::string_view extension = ".md");

// "20251112-164900", here: a time in a file's name.
std::string local_stamp(std::chrono::system_clock::time_point time);

// "markdown", "json", "html" or "metrics" by the file name's extension; `fallback` for any other.
std::string format_of(const std::filesystem::path& path, std::string_view fallback);

}  // namespace banana
