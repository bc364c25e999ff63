#include "language.hpp"

#include "text.hpp"

namespace banana {

std::string choose_language(std::string_view option, std::string_view locale) {
    if (option != "auto") {
        return std::string(option);
    }
    const std::string name = to_lower_ascii(locale.substr(0, locale.find_first_of(":.@")));
    if (name.empty() || name == "c" || name == "posix") {
        return "zh-CN";
    }
    const bool chinese =
        name == "zh" || name.starts_with("zh_") || name.starts_with("zh-") || name.starts_with("chinese");
    return chinese ? "zh-CN" : "en";
}

}  // namespace banana
