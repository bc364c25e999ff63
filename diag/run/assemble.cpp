#include "assemble.hpp"

#include "banana/cause.hpp"
#include "banana/system_name.hpp"
#include "banana/variant.hpp"
#include "diagnosis.hpp"

#include <optional>
#include <string_view>

namespace banana {
namespace {

// Windows' user starts this program by a double click: its window has a key for "once more", and no place for a
// command. None where the advice is about an address that was given.
std::optional<std::string_view> fix_by_double_click(const Finding& finding) {
    if (finding.code != Cause::local_server_down) {
        return std::nullopt;
    }
    switch (variant_of(finding)) {
        case Variant::other_address:
        case Variant::no_address: return std::nullopt;
        case Variant::starting: return "windows-starting";
        default: return "windows";
    }
}

// Steps name what the system at hand has: its editor, its settings, its commands.
void name_system(Report& report) {
    const SystemName system = system_of(report.subject);
    for (CheckResult& check : report.checks) {
        for (Finding& finding : check.findings) {
            const auto by_double_click = fix_by_double_click(finding);
            if (system == SystemName::windows && by_double_click) {
                finding.args["fix_variant"] = *by_double_click;
            }
            const Area area = area_of(finding.code);
            if (area != Area::config && area != Area::system && area != Area::upstream) {
                continue;
            }
            finding.args["system"] = text_name(system);
            // The variable that holds hosts to be asked without a proxy, where one is set.
            if (finding.args.contains("proxy") && !finding.args.contains("exceptions")) {
                finding.args["exceptions"] = "unset";
            }
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
