// Which address the plugin's source calls where config.ini names none.
#pragma once

#include "python_statements.hpp"

#include <string>
#include <vector>

namespace banana {

// What one statement sets as the default base URL, at most bounds::kSourceUrlBytes; empty where it sets none. A
// constant `…BASE_URL` counts whatever its text is: the plugin asks it, also where it is no address.
std::string base_url_set_by(const std::vector<PythonStatement>& statements, const PythonStatement& statement);

}  // namespace banana
