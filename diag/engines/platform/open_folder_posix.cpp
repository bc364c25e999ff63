#ifndef _WIN32

#include "open_folder.hpp"
#include "platform.hpp"

#include <dirent.h>
#include <sys/stat.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>

namespace banana::platform {

struct OpenFolder::State {
    explicit State(const std::filesystem::path& path) : folder(::opendir(path.c_str())) {
        if (folder == nullptr) {
            throw_if_exhausted({errno, std::system_category()});
        }
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        if (folder != nullptr) {
            ::closedir(folder);
        }
    }

    DIR* folder;
    std::string asked;  // the last question's path, whose memory the next one uses
};

OpenFolder::OpenFolder(const std::filesystem::path& folder) : state_(std::make_unique<State>(folder)) {}
OpenFolder::~OpenFolder() = default;

std::vector<std::string> OpenFolder::names(std::size_t limit) {
    std::vector<std::string> names;
    while (const dirent* entry =
               state_->folder != nullptr && names.size() < limit ? ::readdir(state_->folder) : nullptr) {
        const std::string_view name(entry->d_name);
        if (name != "." && name != "..") {
            names.emplace_back(name);
        }
    }
    return names;
}

bool OpenFolder::holds(const std::string& name, const char* inside) const {
    struct stat status {};
    state_->asked.assign(name).append(inside);
    return state_->folder != nullptr && ::fstatat(::dirfd(state_->folder), state_->asked.c_str(), &status, 0) == 0;
}

}  // namespace banana::platform

#endif
