// From what a run found, or what an earlier report holds, to a diagnosed report.
#pragma once

#include "banana/report.hpp"

namespace banana {

// Settles the severities that only the whole run can tell, diagnoses by today's rules and sets the exit code of that
// verdict. The one way to a diagnosed report: of a run, of a scenario, of a report read back. What is settled already
// stays as it is.
void assemble(Report& report);

}  // namespace banana
