// A run as the rules see it: what its checks found, and how it was asked for.
#pragma once

#include "banana/lookup.hpp"

namespace banana {

// Refers to the checks that it was made of.
struct Situation : Checks {
    Situation(Checks checks, const RunCircumstances& circumstances) : Checks(checks), as_node(circumstances.as_node) {}

    // The given key stands for the node's own; none where a report does not say it.
    std::optional<bool> as_node;
};

}  // namespace banana
