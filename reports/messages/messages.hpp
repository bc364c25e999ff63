// The entries of each language; they stand in a file of their own beside this one.
#pragma once

#include "catalog.hpp"
#include "message_arguments.hpp"

#include <span>
#include <string_view>

namespace banana {

struct LanguageMessages {
    std::string_view language;
    std::span<const CatalogEntry> entries;
    std::span<const CatalogPlace> places;
};

// The first is the default language.
std::span<const LanguageMessages> all_messages();

// What the texts may name: arguments.inc.
std::span<const DeclaredArguments> declared_arguments();

}  // namespace banana
