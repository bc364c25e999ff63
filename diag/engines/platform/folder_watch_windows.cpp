#ifdef _WIN32

#include "folder_watch.hpp"

#include "windows_api.hpp"

#include <array>
#include <cstddef>
#include <cstring>
#include <optional>
#include <utility>

namespace banana::platform {
namespace {

// One folder: a question to the system that stays open until something changes.
class OpenQuestion {
public:
    explicit OpenQuestion(std::filesystem::path folder)
        : path_(long_form(folder)), event_(::CreateEventW(nullptr, TRUE, FALSE, nullptr)) {
        open();
    }
    ~OpenQuestion() { withdraw(); }
    OpenQuestion(const OpenQuestion&) = delete;
    OpenQuestion& operator=(const OpenQuestion&) = delete;

    [[nodiscard]] bool asked() const { return asked_; }
    [[nodiscard]] HANDLE event() const { return event_.get(); }

    // The names where there is an answer, and the next question. A folder that went away is a change, and so is one
    // that is there again.
    void take(std::vector<std::string>& names) {
        if (!asked_) {
            if (open()) {
                names.emplace_back();
            }
            return;
        }
        DWORD size = 0;
        if (::GetOverlappedResult(folder_->get(), &waiting_, &size, FALSE) == 0) {
            if (::GetLastError() != ERROR_IO_INCOMPLETE) {
                give_up();
                names.emplace_back();
            }
            return;
        }
        if (size == 0) {
            names.emplace_back();  // more changes than fit
        }
        take_names(size, names);
        if (!ask()) {
            give_up();
            names.emplace_back();
        }
    }

private:
    bool open() {
        folder_.emplace(::CreateFileW(path_.c_str(), FILE_LIST_DIRECTORY,
                                      FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr, OPEN_EXISTING,
                                      FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OVERLAPPED, nullptr));
        if (!folder_->usable() || !event_.usable() || !ask()) {
            give_up();
        }
        return asked_;
    }

    bool ask() {
        ::ResetEvent(event_.get());
        waiting_ = {};
        waiting_.hEvent = event_.get();
        constexpr DWORD kChanges = FILE_NOTIFY_CHANGE_FILE_NAME | FILE_NOTIFY_CHANGE_DIR_NAME |
                                   FILE_NOTIFY_CHANGE_SIZE | FILE_NOTIFY_CHANGE_LAST_WRITE |
                                   FILE_NOTIFY_CHANGE_SECURITY;
        asked_ = ::ReadDirectoryChangesW(folder_->get(), buffer_.data(), static_cast<DWORD>(buffer_.size()), FALSE,
                                         kChanges, nullptr, &waiting_, nullptr) != 0;
        return asked_;
    }

    // A folder that is being deleted is gone only when the last handle on it is closed. The event would stay set, and
    // every wait end at once.
    void give_up() {
        asked_ = false;
        folder_.reset();
        ::ResetEvent(event_.get());
    }

    void withdraw() {
        if (asked_) {
            DWORD ignored = 0;
            ::CancelIoEx(folder_->get(), &waiting_);
            ::GetOverlappedResult(folder_->get(), &waiting_, &ignored, TRUE);
        }
    }

    void take_names(DWORD size, std::vector<std::string>& names) const {
        for (std::size_t at = 0; at + offsetof(FILE_NOTIFY_INFORMATION, FileName) <= size;) {
            FILE_NOTIFY_INFORMATION entry{};
            std::memcpy(&entry, buffer_.data() + at, offsetof(FILE_NOTIFY_INFORMATION, FileName));
            std::wstring name(entry.FileNameLength / sizeof(wchar_t), L'\0');
            std::memcpy(name.data(), buffer_.data() + at + offsetof(FILE_NOTIFY_INFORMATION, FileName),
                        entry.FileNameLength);
            names.push_back(utf8_of(name));
            if (entry.NextEntryOffset == 0) {
                break;
            }
            at += entry.NextEntryOffset;
        }
    }

    std::filesystem::path path_;
    std::optional<Handle> folder_;
    Handle event_;
    OVERLAPPED waiting_{};
    alignas(DWORD) std::array<char, 16 * 1024> buffer_{};
    bool asked_ = false;
};

class DirectoryTeller : public ChangeTeller {
public:
    bool add(const std::filesystem::path& folder) {
        questions_.push_back(std::make_unique<OpenQuestion>(folder));
        return questions_.back()->asked();
    }

    std::vector<std::string> changes(std::chrono::milliseconds patience) override {
        std::vector<HANDLE> events;
        for (const auto& question : questions_) {
            events.push_back(question->event());
        }
        // Whatever came of the wait: a folder that was lost has no event any more.
        ::WaitForMultipleObjects(static_cast<DWORD>(events.size()), events.data(), FALSE,
                                 static_cast<DWORD>(patience.count()));
        std::vector<std::string> names;
        for (const auto& question : questions_) {
            question->take(names);
        }
        return names;
    }

private:
    std::vector<std::unique_ptr<OpenQuestion>> questions_;
};

}  // namespace

std::unique_ptr<ChangeTeller> system_teller(const std::vector<std::filesystem::path>& folders) {
    auto teller = std::make_unique<DirectoryTeller>();
    bool all = !folders.empty();
    for (const std::filesystem::path& folder : folders) {
        all = teller->add(folder) && all;
    }
    return all ? std::move(teller) : nullptr;
}

}  // namespace banana::platform

#endif
