// The program as somebody sees it who double-clicks it: a window of its own that stays, keys instead of options, the
// report where a person finds it, and opened.
#pragma once

#include "banana/context.hpp"
#include "banana/report.hpp"
#include "catalog.hpp"

#include <functional>
#include <string>
#include <vector>

namespace banana {

// What a key of the window does after a diagnosis.
enum class AfterKey {
    ask_again,  // the keys are offered once more
    diagnose,   // another run
    leave,
};

// A key that is offered below the verdict.
struct WindowKey {
    char key;                              // lower case
    std::string text_id;                   // catalog: what it does, with the key in it
    std::function<AfterKey(Report&)> act;  // gets the last report, and leaves a newer one where it made one
    // Whether it is offered after this report.
    std::function<bool(const Report&)> suits = [](const Report&) { return true; };
};

// Diagnoses, shows the report, and asks for keys until the window is left. Returns the exit code of the last diagnosis.
// What other commands offer here (a repair, watching) comes in as `more` keys, before the one that leaves.
int run_in_window(const Surroundings& surroundings, const Catalog& texts, const std::vector<WindowKey>& more = {});

}  // namespace banana
