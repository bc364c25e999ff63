// How the list of authorities that Python's certifi brings is put back.
#pragma once

#include "banana/finding.hpp"

#include <string>

namespace banana {

// Sets `command` and `python` of the finding. `file`: the list, within the packages of the Python that lacks it.
void add_certifi_repair(const std::string& file, Finding& finding);

}  // namespace banana
