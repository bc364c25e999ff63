// The entries of each language, in files of their own under messages/.
#pragma once

#include "reports/catalog.hpp"

#include <span>

namespace banana {

std::span<const CatalogEntry> messages_en();
std::span<const CatalogEntry> messages_zh_CN();

}  // namespace banana
