#ifndef _WIN32

#include "platform_encoding.hpp"

#include <iconv.h>

namespace banana::platform {
namespace {
#ifndef BANANA_PORTABLE

// The converter is kept: opening one costs more than a line's conversion.
class Converter {
public:
    Converter() : handle_(iconv_open("UTF-8", "GB18030")) {}
    ~Converter() {
        if (usable()) {
            iconv_close(handle_);
        }
    }
    Converter(const Converter&) = delete;
    Converter& operator=(const Converter&) = delete;

    [[nodiscard]] bool usable() const { return handle_ != reinterpret_cast<iconv_t>(-1); }
    [[nodiscard]] iconv_t handle() const { return handle_; }

private:
    iconv_t handle_;
};

#endif
}  // namespace

#ifdef BANANA_PORTABLE
// The converters are modules of this machine's C library, and loading one ends a program that brought another version
// of that library.
std::optional<std::string> gb18030_to_utf8(std::string_view) {
    return std::nullopt;
}
#else
std::optional<std::string> gb18030_to_utf8(std::string_view bytes) {
    thread_local const Converter converter;
    if (!converter.usable()) {
        return std::nullopt;
    }
    iconv(converter.handle(), nullptr, nullptr, nullptr, nullptr);
    std::string input(bytes);
    std::string output(bytes.size() * 3 + 8, '\0');
    char* in = input.data();
    char* out = output.data();
    std::size_t in_left = input.size();
    std::size_t out_left = output.size();
    if (iconv(converter.handle(), &in, &in_left, &out, &out_left) == static_cast<std::size_t>(-1) || in_left != 0) {
        return std::nullopt;
    }
    output.resize(output.size() - out_left);
    return output;
}
#endif

}  // namespace banana::platform

#endif
