// The program's commands; each returns the exit code.
#pragma once

#include <string>
#include <vector>

namespace banana {

// Never throws for bad input; the caller turns what does come through into exit code 4.
int execute(const std::vector<std::string>& arguments);

}  // namespace banana
