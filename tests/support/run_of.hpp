// A check's run function, by the check's id.
#pragma once

#include "check.hpp"

#include <stdexcept>
#include <string>
#include <string_view>

namespace banana::test {

inline CheckRun run_of(std::string_view id) {
    for (const Check* check : all_checks()) {
        if (check->id == id) {
            return check->run;
        }
    }
    throw std::invalid_argument("no such check: " + std::string(id));
}

}  // namespace banana::test
