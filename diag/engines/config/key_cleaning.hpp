// A key taken out of what people and editors put around it.
#pragma once

#include "banana/secret.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace banana {

// The key without what people and editors put around it; none where what was meant cannot be told.
struct CleanedKey {
    Secret key;
    std::string comment;  // that stood behind it, its mark included; empty: none
};
std::optional<CleanedKey> clean_key(std::string_view value);

// How often something may be taken off: quotes in a comment behind `Bearer ` …
inline constexpr int kKeyRounds = 6;

}  // namespace banana
