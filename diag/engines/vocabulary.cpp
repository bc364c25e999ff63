// Members of the vocabulary types that are too long for their headers.
#include "banana/context.hpp"
#include "banana/http.hpp"
#include "engines/platform.hpp"
#include "engines/text.hpp"

namespace banana {

std::string_view HttpResponse::header(std::string_view name) const noexcept {
    for (const auto& [key, value] : headers) {
        if (equal_ignoring_case(key, name)) {
            return value;
        }
    }
    return {};
}

std::optional<std::string> Environment::get(std::string_view name) const {
    if constexpr (platform::kSystem == platform::System::windows) {
        for (const auto& [key, value] : values_) {
            if (equal_ignoring_case(key, name)) {
                return value;
            }
        }
        return std::nullopt;
    }
    const auto found = values_.find(std::string(name));
    return found == values_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace banana
