// Short questions to a diagnosis, and findings of which tests need many.
#pragma once

#include "banana/cause.hpp"
#include "diagnosis.hpp"
#include "support/sample_report.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace banana::samples {

inline Diagnosis diagnosis_of(const std::vector<CheckResult>& checks) {
    return diagnose(checks, Subject{});
}

inline std::string primary_of(const Diagnosis& diagnosis) {
    return diagnosis.primary ? std::string(code_of(diagnosis.primary->finding.code)) : "none";
}

inline std::vector<std::string> codes_of(const std::vector<DiagnosedCause>& causes) {
    std::vector<std::string> codes;
    for (const DiagnosedCause& cause : causes) {
        codes.emplace_back(code_of(cause.finding.code));
    }
    return codes;
}

inline bool has_effect(const Diagnosis& diagnosis, Cause code) {
    const auto& effects = diagnosis.primary->effects;
    return std::find(effects.begin(), effects.end(), code) != effects.end();
}

inline Finding upstream_failure(std::string kind) {
    Finding finding(Cause::proxy_upstream_failed);
    finding.args = {{"kind", std::move(kind)}};
    return finding;
}

inline Finding about_given_key(Cause code, Severity severity) {
    Finding finding(code, severity);
    finding.key_source = "api-key-file";
    return finding;
}

using Codes = std::vector<std::string>;

}  // namespace banana::samples
