#include "assemble.hpp"

#include "banana/cause.hpp"
#include "banana/system_name.hpp"
#include "diagnosis.hpp"

namespace banana {
namespace {

// Steps name what the system at hand has: its editor, its settings, its commands.
void name_system(Report& report) {
    const SystemName system = system_of(report.subject);
    for (CheckResult& check : report.checks) {
        for (Finding& finding : check.findings) {
            const Area area = area_of(finding.code);
            if (area != Area::config && area != Area::system && area != Area::upstream) {
                continue;
            }
            finding.args["system"] = text_name(system);
            const bool about_encoding = finding.code == Cause::config_bom || finding.code == Cause::config_encoding;
            const bool is_document = text_argument(finding, "variant") == "document";
            if (about_encoding && !is_document && system != SystemName::unknown) {
                finding.args["fix_variant"] = text_name(system);
            }
        }
    }
}

}  // namespace

void assemble(Report& report) {
    name_system(report);
    resolve_severities(report.checks, report.subject);
    report.diagnosis = diagnose(report.checks, report.subject);
    report.exit_code = exit_code_of(report.diagnosis.verdict);
}

}  // namespace banana
