#include "assemble.hpp"

#include "banana/cause.hpp"
#include "banana/system_name.hpp"
#include "diagnosis.hpp"

namespace banana {
namespace {

// Windows' user starts this program by a double click: its window has a key for "once more", and no place for a
// command.
std::string_view fix_by_double_click(const Finding& finding) {
    if (finding.code != Cause::local_server_down) {
        return {};
    }
    const std::string_view variant = text_argument(finding, "variant");
    return variant == "usual" || variant == "given" ? "windows" : variant == "starting" ? "windows-starting" : "";
}

// Steps name what the system at hand has: its editor, its settings, its commands.
void name_system(Report& report) {
    const SystemName system = system_of(report.subject);
    for (CheckResult& check : report.checks) {
        for (Finding& finding : check.findings) {
            const std::string_view by_double_click = fix_by_double_click(finding);
            if (system == SystemName::windows && !by_double_click.empty()) {
                finding.args["fix_variant"] = by_double_click;
            }
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
