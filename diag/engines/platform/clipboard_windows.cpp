#ifdef _WIN32

#include "clipboard.hpp"

#include <windows.h>

#include <cstring>
#include <string>

namespace banana::platform {
namespace {

std::wstring wide(std::string_view utf8) {
    const int length = static_cast<int>(utf8.size());
    const int size = ::MultiByteToWideChar(CP_UTF8, 0, utf8.data(), length, nullptr, 0);
    std::wstring text(static_cast<std::size_t>(size), L'\0');
    ::MultiByteToWideChar(CP_UTF8, 0, utf8.data(), length, text.data(), size);
    return text;
}

// The block belongs to the clipboard once it took it.
bool set_text(const std::wstring& text) {
    const std::size_t bytes = (text.size() + 1) * sizeof(wchar_t);
    const HGLOBAL block = ::GlobalAlloc(GMEM_MOVEABLE, bytes);
    if (block == nullptr) {
        return false;
    }
    void* place = ::GlobalLock(block);
    if (place != nullptr) {
        std::memcpy(place, text.c_str(), bytes);
        ::GlobalUnlock(block);
    }
    if (place == nullptr || ::SetClipboardData(CF_UNICODETEXT, block) == nullptr) {
        ::GlobalFree(block);
        return false;
    }
    return true;
}

}  // namespace

ClipboardOutcome copy_to_clipboard(std::string_view utf8, const Environment&, Stream) {
    constexpr int kTries = 10;  // another program may hold it open for a moment
    constexpr DWORD kPauseMilliseconds = 50;
    for (int attempt = 0; attempt < kTries; ++attempt) {
        if (::OpenClipboard(nullptr) != 0) {
            const bool copied = ::EmptyClipboard() != 0 && set_text(wide(utf8));
            ::CloseClipboard();
            return copied ? ClipboardOutcome::copied : ClipboardOutcome::unavailable;
        }
        ::Sleep(kPauseMilliseconds);
    }
    return ClipboardOutcome::unavailable;
}

}  // namespace banana::platform

#endif
