#include "assemble.hpp"

#include "banana/system_name.hpp"
#include "diagnosis.hpp"

#include <algorithm>

namespace banana {
namespace {

// The only way round these is another line of service, which only V3 has; a plugin that was not seen may have some.
bool is_without_way_round(const Finding& finding, const Subject& subject) {
    static constexpr auto kCauses = {Cause::upstream_dns_failure,     Cause::upstream_connection_refused,
                                     Cause::upstream_connect_timeout, Cause::upstream_connection_reset,
                                     Cause::upstream_tls_expired,     Cause::upstream_response_timeout,
                                     Cause::upstream_blocked};
    const bool has_none = subject.plugin_family == "V1" || subject.plugin_family == "V2";
    return has_none && std::find(kCauses.begin(), kCauses.end(), finding.code) != kCauses.end();
}

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
            if (is_without_way_round(finding, report.subject)) {
                finding.args["other_lines"] = false;
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
