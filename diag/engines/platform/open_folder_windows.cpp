#ifdef _WIN32

#include "open_folder.hpp"
#include "platform.hpp"

#include <system_error>

namespace banana::platform {

struct OpenFolder::State {
    std::filesystem::path folder;
};

OpenFolder::OpenFolder(const std::filesystem::path& folder) : state_(std::make_unique<State>(State{folder})) {}
OpenFolder::~OpenFolder() = default;

std::vector<std::wstring> OpenFolder::names(std::size_t limit) {
    std::vector<std::wstring> names;
    std::error_code error;
    std::filesystem::directory_iterator at(state_->folder, std::filesystem::directory_options::skip_permission_denied,
                                           error);
    for (; !error && at != std::filesystem::directory_iterator() && names.size() < limit; at.increment(error)) {
        names.push_back(at->path().filename().native());
    }
    throw_if_exhausted(error);
    return names;
}

bool OpenFolder::holds(const std::wstring& name, const char* inside) const {
    std::error_code error;
    return std::filesystem::exists(state_->folder / (std::filesystem::path(name) += inside), error);
}

}  // namespace banana::platform

#endif
