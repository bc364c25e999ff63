// The entries of each language; they stand in a file of their own under messages/.
#pragma once

#include "catalog.hpp"

#include <span>
#include <string_view>

namespace banana {

struct LanguageMessages {
    std::string_view language;
    std::span<const CatalogEntry> entries;
};

// The first is the default language.
std::span<const LanguageMessages> all_messages();

}  // namespace banana
