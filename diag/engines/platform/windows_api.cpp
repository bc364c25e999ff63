#ifdef _WIN32

#include "windows_api.hpp"

namespace banana::platform {

std::string utf8_of(std::wstring_view wide) {
    if (wide.empty()) {
        return {};
    }
    const int length = static_cast<int>(wide.size());
    const int size = ::WideCharToMultiByte(CP_UTF8, 0, wide.data(), length, nullptr, 0, nullptr, nullptr);
    std::string out(static_cast<std::size_t>(size), '\0');
    ::WideCharToMultiByte(CP_UTF8, 0, wide.data(), length, out.data(), size, nullptr, nullptr);
    return out;
}

std::wstring wide_of(std::string_view utf8) {
    if (utf8.empty()) {
        return {};
    }
    const int length = static_cast<int>(utf8.size());
    const int size = ::MultiByteToWideChar(CP_UTF8, 0, utf8.data(), length, nullptr, 0);
    std::wstring out(static_cast<std::size_t>(size), L'\0');
    ::MultiByteToWideChar(CP_UTF8, 0, utf8.data(), length, out.data(), size);
    return out;
}

std::error_code windows_error(DWORD number) {
    return {static_cast<int>(number), std::system_category()};
}

std::error_code last_windows_error() {
    return windows_error(::GetLastError());
}

std::filesystem::path long_form(const std::filesystem::path& path) {
    constexpr std::size_t kLongest = 240;  // a folder leaves room for a short name in it
    const std::wstring& text = path.native();
    if (text.size() < kLongest || !path.is_absolute() || text.starts_with(L"\\\\?\\")) {
        return path;
    }
    const std::wstring plain = path.lexically_normal().make_preferred().native();
    return plain.starts_with(L"\\\\") ? L"\\\\?\\UNC" + plain.substr(1) : L"\\\\?\\" + plain;
}

}  // namespace banana::platform

#endif
