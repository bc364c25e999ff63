// What a cause rests on, and what follows from it up to the user's button: for narrative.cpp, which tells the run.
#pragma once

#include "situation.hpp"

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace banana {

// "<id>.at-line" where the landmark is known, else "<id>".
Message with_landmark(const std::string& id, Arguments args, const Situation& run, std::string_view landmark);

// Whether one of the codes is among what the cause has brought about.
bool has_effect(const DiagnosedCause& cause, std::initializer_list<Cause> codes);

// A fault of the key that the node would use, or of its way into the query.
bool is_about_nodes_key(const Finding& finding);

// What speaks for the cause: the first of its evidence, what the route answered, what was seen to work.
std::vector<Message> reasons(const DiagnosedCause& cause, const Situation& run);

// From the cause to what the button shows, step by step.
std::vector<Message> chain_of(const DiagnosedCause& cause, const Situation& run);

}  // namespace banana
