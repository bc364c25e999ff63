#include "assemble.hpp"

#include "diagnosis.hpp"

namespace banana {

void assemble(Report& report) {
    resolve_severities(report.checks, report.subject);
    report.diagnosis = diagnose(report.checks, report.subject);
    report.exit_code = exit_code_of(report.diagnosis.verdict);
}

}  // namespace banana
