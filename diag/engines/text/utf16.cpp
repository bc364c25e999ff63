#include "utf16.hpp"

#include "text.hpp"

namespace banana::utf16 {

std::string to_utf8(std::string_view octets, Order order) {
    std::string text;
    text.reserve(octets.size());
    for (std::size_t at = 0; at + 1 < octets.size();) {
        append_utf8(text, next(octets, at, order));
    }
    return text;
}

}  // namespace banana::utf16
