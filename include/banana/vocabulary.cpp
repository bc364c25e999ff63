// Members of the vocabulary types that are too long for their headers.
#include "banana/ascii.hpp"
#include "banana/context.hpp"
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

Environment Environment::with(const VariableChanges& changes) const {
    Environment changed = *this;
    for (const auto& [name, value] : changes) {
        if (names_ == Names::case_blind) {
            std::erase_if(changed.values_, [&](const auto& entry) { return equal_ignoring_case(entry.first, name); });
        } else {
            changed.values_.erase(name);
        }
        if (value) {
            changed.values_.emplace(name, *value);
        }
    }
    return changed;
}

}  // namespace banana
