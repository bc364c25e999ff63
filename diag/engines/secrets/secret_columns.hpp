// Tables with a column of secrets.
#pragma once

#include "replacement.hpp"

#include <string_view>
#include <vector>

namespace banana {

// The cells under a heading such as `api_key`: of Markdown, CSV, TSV and tables that are aligned by blanks.
std::vector<Replacement> find_secret_columns(std::string_view text);

}  // namespace banana
