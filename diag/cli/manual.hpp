// What a package brings beside the program, made of the table of commands and options and of the catalogs' words.
#pragma once

#include "catalog.hpp"

#include <string>

namespace banana {

// banana-diag(1), for man. `version` and `date` ("2026-11-28") stand in its foot.
std::string manual_page(const Catalog& texts, const std::string& version, const std::string& date);
std::string bash_completion();
std::string zsh_completion(const Catalog& texts);

}  // namespace banana
