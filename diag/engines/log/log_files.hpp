// Which log file is the newest start's: ComfyUI-Manager's and the desktop app's.
#pragma once

#include "banana/context.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace banana {

struct LogPlaces {
    std::filesystem::path comfyui_dir;  // may be empty
    std::vector<std::string> argv;      // the server's own command line where it is known
    std::optional<std::uint16_t> port;  // Manager puts it into the name whenever --port was given
};

struct LogFile {
    std::filesystem::path path;
    std::filesystem::file_time_type changed;
};

// Log files of this install, the most likely first: one named after the port if it is about as new as the newest,
// then by time of last change. Rotated ones (.prev.log, .prev2.log) and logs of other programs are left out.
std::vector<LogFile> find_log_files(const LogPlaces& places, const Surroundings& surroundings);

}  // namespace banana
