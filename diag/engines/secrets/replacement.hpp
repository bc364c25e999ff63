// A part of a text that is to be masked.
#pragma once

#include <cstddef>
#include <string>

namespace banana {

struct Replacement {
    std::size_t begin;  // byte offsets
    std::size_t end;
    std::string with;
    bool key = false;      // a key or a part of one: its other part may stand behind a break
    bool guessed = false;  // by its randomness alone
};

}  // namespace banana
