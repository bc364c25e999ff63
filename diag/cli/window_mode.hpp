// The program as somebody sees it who double-clicks it: a window of its own that stays, keys instead of options, the
// report where a person finds it, and opened.
#pragma once

#include "banana/context.hpp"
#include "catalog.hpp"
#include "session.hpp"

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
    char key;             // lower case
    std::string text_id;  // catalog: what it does, with the key in it
    // Gets what the last diagnosis came to, and leaves a newer one where it made one.
    std::function<AfterKey(SessionResult&)> act;
    // Whether it is offered after this one.
    std::function<bool(const SessionResult&)> suits = [](const SessionResult&) { return true; };
};

// Where reports of the window go: Markdown and HTML on the desktop or what comes next, and no name twice.
std::vector<std::string> window_outputs(const Surroundings& surroundings);

// Diagnoses, shows the report, and asks for keys until the window is left. Returns the exit code of the last diagnosis.
// What other commands offer here (a repair, watching) comes in as `more` keys, before the one that leaves.
int run_in_window(const Surroundings& surroundings, const Catalog& texts, const std::vector<WindowKey>& more = {});

}  // namespace banana
