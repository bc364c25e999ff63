#include "folder_watch.hpp"

#include "banana/bounds.hpp"
#include "file_change.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <thread>
#include <utility>

namespace banana::platform {
namespace {

namespace fs = std::filesystem;

bool matters(const std::string& name) {
    static constexpr std::array<std::string_view, 6> kEnds{".pyc", ".log", ".tmp", ".swp", ".bak", "~"};
    return name != "__pycache__" && name.find(kTemporaryPrefix.substr(1)) == std::string::npos &&
           std::none_of(kEnds.begin(), kEnds.end(), [&](std::string_view end) { return name.ends_with(end); });
}

using Contents = std::map<std::string, std::pair<std::uintmax_t, fs::file_time_type>>;

Contents contents_of(const fs::path& folder) {
    Contents contents;
    std::error_code error;
    fs::directory_iterator entries(folder, error);
    for (std::size_t count = 0; !error && entries != fs::directory_iterator() && count < bounds::kPluginFolderEntries;
         ++count, entries.increment(error)) {
        std::error_code ignored;
        const bool file = entries->is_regular_file(ignored);
        contents[path_text(entries->path().filename())] = {
            file ? entries->file_size(ignored) : 0, file ? entries->last_write_time(ignored) : fs::file_time_type()};
    }
    return contents;
}

class ComparingTeller : public ChangeTeller {
public:
    explicit ComparingTeller(std::vector<fs::path> folders) : folders_(std::move(folders)) {
        for (const fs::path& folder : folders_) {
            seen_.push_back(contents_of(folder));
        }
    }

    std::vector<std::string> changes(std::chrono::milliseconds patience) override {
        std::vector<std::string> names = compare();
        if (names.empty()) {
            std::this_thread::sleep_for(patience);
            names = compare();
        }
        return names;
    }

private:
    std::vector<std::string> compare() {
        std::vector<std::string> names;
        for (std::size_t index = 0; index < folders_.size(); ++index) {
            Contents now = contents_of(folders_[index]);
            for (const auto& [name, state] : now) {
                const auto before = seen_[index].find(name);
                if (before == seen_[index].end() || before->second != state) {
                    names.push_back(name);
                }
            }
            for (const auto& [name, state] : seen_[index]) {
                if (!now.contains(name)) {
                    names.push_back(name);
                }
            }
            seen_[index] = std::move(now);
        }
        return names;
    }

    std::vector<fs::path> folders_;
    std::vector<Contents> seen_;
};

}  // namespace

std::unique_ptr<ChangeTeller> comparing_teller(std::vector<fs::path> folders) {
    return std::make_unique<ComparingTeller>(std::move(folders));
}

FolderWatch::FolderWatch(const std::vector<fs::path>& folders) : teller_(system_teller(folders)) {
    if (teller_ == nullptr) {
        teller_ = comparing_teller(folders);
    }
}

FolderWatch::~FolderWatch() = default;

bool FolderWatch::changed(std::chrono::milliseconds patience) {
    const std::vector<std::string> names = teller_->changes(patience);
    return std::any_of(names.begin(), names.end(), matters);
}

}  // namespace banana::platform
