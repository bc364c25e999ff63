// What was examined: paths, addresses, versions and surroundings, gathered from what the checks found.
#pragma once

#include "banana/report.hpp"
#include "run_context.hpp"

#include <vector>

namespace banana {

// How the run was asked for; `selected` of those checks that there are results of.
RunCircumstances circumstances_of(const RunContext& context, const std::vector<CheckResult>& checks);

// Scrubbed with the context's redactor.
Subject make_subject(const RunContext& context, const std::vector<CheckResult>& checks);

}  // namespace banana
