// Keys that no name and no prefix tells: tokens that are random, where nothing says that they are harmless.
#pragma once

#include "replacement.hpp"

#include <string_view>
#include <vector>

namespace banana {

// Untouched: hashes that are named so, UUIDs without a secret behind them, file names, certificates, pictures and other
// data in base64, identifiers, mangled symbols, ids of requests. In order of `begin`.
std::vector<Replacement> find_random_tokens(std::string_view text);

}  // namespace banana
