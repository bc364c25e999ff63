// Whether something changes in a few folders. Part of the platform layer: one interface, an implementation for Linux
// (inotify), one for Windows (ReadDirectoryChangesW), and looking again and again where the system tells nothing.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace banana::platform {

// What the system tells of changes: one implementation a system.
class ChangeTeller {
public:
    virtual ~ChangeTeller() = default;
    // Names of what changed, of its folder only; waits at most this long for the first.
    virtual std::vector<std::string> changes(std::chrono::milliseconds patience) = 0;
};

// Null where the system tells nothing of these folders.
std::unique_ptr<ChangeTeller> system_teller(const std::vector<std::filesystem::path>& folders);
// Compares names, sizes and times at each call: everywhere, also on network drives.
std::unique_ptr<ChangeTeller> comparing_teller(std::vector<std::filesystem::path> folders);

class FolderWatch {
public:
    explicit FolderWatch(const std::vector<std::filesystem::path>& folders);
    ~FolderWatch();
    FolderWatch(const FolderWatch&) = delete;
    FolderWatch& operator=(const FolderWatch&) = delete;

    // Whether anything that matters changed since the last call; waits at most this long. What programs leave behind
    // while they run (caches, logs, our own new files) does not count.
    bool changed(std::chrono::milliseconds patience);

private:
    std::unique_ptr<ChangeTeller> teller_;
};

}  // namespace banana::platform
