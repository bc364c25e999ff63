#ifdef _WIN32

#include "platform_encoding.hpp"

#include <windows.h>
#include <climits>

namespace banana::platform {
namespace {

constexpr UINT kGb18030 = 54936;

}  // namespace

std::optional<std::string> gb18030_to_utf8(std::string_view bytes) {
    if (bytes.empty()) {
        return std::string();
    }
    if (bytes.size() > INT_MAX / 4) {
        return std::nullopt;
    }
    const int size = static_cast<int>(bytes.size());
    std::wstring wide(bytes.size(), L'\0');
    const int length = MultiByteToWideChar(kGb18030, MB_ERR_INVALID_CHARS, bytes.data(), size, wide.data(), size);
    if (length <= 0) {
        return std::nullopt;
    }
    std::string output(static_cast<std::size_t>(length) * 3, '\0');
    const int written = WideCharToMultiByte(CP_UTF8, 0, wide.data(), length, output.data(),
                                            static_cast<int>(output.size()), nullptr, nullptr);
    output.resize(written > 0 ? static_cast<std::size_t>(written) : 0);
    return output;
}

}  // namespace banana::platform

#endif
