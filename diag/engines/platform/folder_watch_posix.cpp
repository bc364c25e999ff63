#ifndef _WIN32

#include "folder_watch.hpp"

#ifdef __linux__
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <map>
#include <utility>
#endif

namespace banana::platform {

#ifdef __linux__
namespace {

constexpr std::uint32_t kEvents = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB |
                                  IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

class InotifyTeller : public ChangeTeller {
public:
    explicit InotifyTeller(int queue) : queue_(queue) {}
    ~InotifyTeller() override { ::close(queue_); }
    InotifyTeller(const InotifyTeller&) = delete;
    InotifyTeller& operator=(const InotifyTeller&) = delete;

    bool add(const std::filesystem::path& folder) {
        const int number = ::inotify_add_watch(queue_, folder.c_str(), kEvents);
        if (number >= 0) {
            folders_[number] = folder;
        }
        return number >= 0;
    }

    std::vector<std::string> changes(std::chrono::milliseconds patience) override {
        std::vector<std::string> names;
        // A folder that is there again is a change.
        if (std::erase_if(lost_, [this](const std::filesystem::path& folder) { return add(folder); }) > 0) {
            names.emplace_back();
        }
        pollfd wanted{queue_, POLLIN, 0};
        if (::poll(&wanted, 1, names.empty() ? static_cast<int>(patience.count()) : 0) <= 0) {
            return names;
        }
        std::array<char, 16 * 1024> buffer;
        for (ssize_t size = 0; (size = ::read(queue_, buffer.data(), buffer.size())) > 0;) {
            for (std::size_t at = 0; at + sizeof(inotify_event) <= static_cast<std::size_t>(size);) {
                inotify_event event{};
                std::memcpy(&event, buffer.data() + at, sizeof(event));
                const char* const name = buffer.data() + at + sizeof(event);
                names.emplace_back(event.len > 0 ? std::string(name, ::strnlen(name, event.len)) : std::string());
                note_loss(event);
                at += sizeof(event) + event.len;
            }
        }
        return names;
    }

private:
    // The folder was moved or is gone: what has its name from now on is another one.
    void note_loss(const inotify_event& event) {
        const auto folder = folders_.find(event.wd);
        if (folder == folders_.end() || (event.mask & (IN_MOVE_SELF | IN_IGNORED)) == 0) {
            return;
        }
        if ((event.mask & IN_MOVE_SELF) != 0) {
            ::inotify_rm_watch(queue_, event.wd);
        }
        lost_.push_back(std::move(folder->second));
        folders_.erase(folder);
    }

    int queue_;
    std::map<int, std::filesystem::path> folders_;
    std::vector<std::filesystem::path> lost_;
};

}  // namespace

std::unique_ptr<ChangeTeller> system_teller(const std::vector<std::filesystem::path>& folders) {
    const int queue = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (queue < 0) {
        return nullptr;
    }
    auto teller = std::make_unique<InotifyTeller>(queue);
    for (const std::filesystem::path& folder : folders) {
        if (!teller->add(folder)) {
            return nullptr;
        }
    }
    return teller;
}
#else
std::unique_ptr<ChangeTeller> system_teller(const std::vector<std::filesystem::path>&) {
    return nullptr;
}
#endif

}  // namespace banana::platform

#endif
