// Whether a Python can load a file as an extension module: what the file's name and its first bytes tell of that.
#pragma once

#include "platform.hpp"

#include <filesystem>
#include <string>

namespace banana {

struct TargetPython {
    // The system whose Python loads the plugin; not always the one this program runs on (a Windows folder seen
    // from WSL).
    platform::System system = platform::kSystem;
    int minor = 0;  // of 3.x; 0: not known
};

enum class BinaryFault {
    none,
    damaged,          // empty, cut short, or no binary at all (a Git LFS pointer, a web page)
    other_system,     // built for another operating system
    other_processor,  // built for another kind of processor
    other_python,     // the name says that it was built for another Python 3.x
};

struct BinaryJudgement {
    BinaryFault fault = BinaryFault::none;
    std::string detail;  // what shows it: "0 bytes", "ELF, aarch64"; the same in every language
};

// Never throws for what is found there, but platform::Exhausted. A file that may not be read is judged by its name.
BinaryJudgement judge_binary(const std::filesystem::path& path, const TargetPython& target);

// The same for a Python source, of which only damage is looked for: empty, a Git LFS pointer, a web page in its place.
BinaryJudgement judge_source(const std::filesystem::path& path);

}  // namespace banana
