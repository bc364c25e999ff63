// The sample texts that stand where a key belongs.
#pragma once

#include <optional>
#include <string_view>

namespace banana {

// The entry of our table of sample texts that this value is a spelling of, in whatever case, with `-`, `_`, spaces,
// full-width letters, quotes, brackets, `sk-`, `Bearer ` or a comment around it; none where it is no sample.
// Never a part of the value itself, so it may be shown.
std::optional<std::string_view> find_sample_key(std::string_view value);

}  // namespace banana
