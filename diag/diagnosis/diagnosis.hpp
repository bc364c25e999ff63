// From findings to causes: which problem is behind what was seen, and which findings are only its effects.
#pragma once

#include "banana/report.hpp"

#include <span>
#include <vector>

namespace banana {

// A pure function of codes, arguments and facts, never of texts: a report read back from JSON is diagnosed by
// today's rules (rules.cpp), and told by them (narrative.hpp).
[[nodiscard]] Diagnosis diagnose(std::span<const CheckResult> checks, const Subject& subject);

// The severities that hang on how the run was asked for, of a check that has ended; its status is not set yet.
void relent(CheckResult& check, const RunCircumstances& circumstances);

// What only the whole run can tell: an error that it refutes is a warning to its check too, a server that loads from
// elsewhere is an error where it explains one, and what the plugin does with the sample key is what it was seen to do.
// What is settled stays so.
void resolve_severities(std::vector<CheckResult>& checks, const Subject& subject);

// 0 healthy or warnings only, 1 broken, 3 inconclusive.
[[nodiscard]] int exit_code_of(Verdict verdict) noexcept;

}  // namespace banana
