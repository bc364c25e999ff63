// From findings to causes: which problem is behind what was seen, and which findings are only its effects.
#pragma once

#include "banana/report.hpp"

#include <span>
#include <vector>

namespace banana {

// A pure function of codes, arguments and facts, never of texts: a report read back from JSON is diagnosed by
// today's rules. The rules are those of the project's interface, "From findings to causes".
[[nodiscard]] Diagnosis diagnose(std::span<const CheckResult> checks, const Subject& subject);

// The severities that only the whole run can tell: a server that loads from elsewhere is a warning to its check, and
// an error where it explains one; a refusal shows that an unknown version sends the sample. What is settled stays so.
void settle_severities(std::vector<CheckResult>& checks, const Subject& subject);

// 0 healthy or warnings only, 1 broken, 3 inconclusive.
[[nodiscard]] int exit_code_of(Verdict verdict) noexcept;

}  // namespace banana
