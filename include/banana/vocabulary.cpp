// Members of the vocabulary types that are too long for their headers.
#include "banana/ascii.hpp"
#include "banana/cause.hpp"
#include "banana/context.hpp"
#include "banana/finding.hpp"
#include "banana/http.hpp"

namespace banana {

std::string_view HttpResponse::header(std::string_view name) const noexcept {
    for (const auto& [key, value] : headers) {
        if (equal_ignoring_case(key, name)) {
            return value;
        }
    }
    return {};
}

Finding::Finding(Cause code) : code(code), severity(info(code).severity) {}

std::optional<std::string> Environment::get(std::string_view name) const {
    if (names_ == Names::case_blind) {
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
