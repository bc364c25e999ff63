// Text in the console encoding of Chinese Windows, converted with what the system has.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace banana::platform {

// GB18030, which contains GBK and GB2312. None where the bytes are not valid in it, or the system has no
// converter (a static binary on a machine without converter modules).
std::optional<std::string> gb18030_to_utf8(std::string_view bytes);

}  // namespace banana::platform
