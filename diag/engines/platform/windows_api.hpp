// What the Windows parts of this room share: the system's texts are UTF-16, its handles are closed, its errors have
// numbers of their own. Included by files that are compiled for Windows only.
#pragma once

#ifdef _WIN32

#include <windows.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace banana::platform {

// Half a surrogate pair becomes U+FFFD.
std::string utf8_of(std::wstring_view wide);
std::wstring wide_of(std::string_view utf8);

// GetLastError(), or another of the system's numbers.
std::error_code windows_error(DWORD number);
std::error_code last_windows_error();

// Longer than 259 characters a path is taken only in the form that starts with `\\?\`, unless the machine was set up
// otherwise. Shorter and relative ones come back as they are.
std::filesystem::path long_form(const std::filesystem::path& path);

// Closes the handle; both of the values that stand for "none" are left alone.
class Handle {
public:
    explicit Handle(HANDLE handle) : handle_(handle) {}
    ~Handle() {
        if (usable()) {
            ::CloseHandle(handle_);
        }
    }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;

    [[nodiscard]] bool usable() const { return handle_ != nullptr && handle_ != INVALID_HANDLE_VALUE; }
    [[nodiscard]] HANDLE get() const { return handle_; }

private:
    HANDLE handle_;
};

}  // namespace banana::platform

#endif
