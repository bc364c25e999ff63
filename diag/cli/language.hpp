// Which language people read: the option's, else the locale's, else Chinese.
#pragma once

#include <string>
#include <string_view>

namespace banana {

// `option`: auto, zh-CN or en. `locale`: "zh_CN.UTF-8", "en-US", "de:en", "C", or empty.
// A locale of a third language gets English; one that names no language (empty, C, POSIX) Chinese.
std::string choose_language(std::string_view option, std::string_view locale);

}  // namespace banana
