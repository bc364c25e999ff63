// A folder that is asked about thousands of its subfolders: one system call a question, no path built for it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace banana::platform {

class OpenFolder {
public:
    // One that cannot be opened has no entries; throws Exhausted.
    explicit OpenFolder(const std::filesystem::path& folder);
    ~OpenFolder();
    OpenFolder(const OpenFolder&) = delete;
    OpenFolder& operator=(const OpenFolder&) = delete;

    // In the system's order, at most `limit`; as std::filesystem spells them.
    [[nodiscard]] std::vector<std::filesystem::path::string_type> names(std::size_t limit);

    // Whether there is anything at `inside` in the entry `name`, links followed. `inside` begins with a separator.
    [[nodiscard]] bool holds(const std::filesystem::path::string_type& name, const char* inside) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace banana::platform
