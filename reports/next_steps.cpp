#include "reports/next_steps.hpp"

#include <algorithm>

namespace banana {
namespace {

std::string_view step_for(const CheckResult& check) {
    if (check.skip_reason == skip_reason::deadline) {
        return "report.try.deadline";
    }
    if (check.skip_reason == skip_reason::interrupted) {
        return "report.try.again";
    }
    if (check.summary.id == "summary.skip.exhausted") {
        return "report.try.limits";
    }
    if (check.summary.id == "summary.install.plugin.closed") {
        return "report.try.account";
    }
    if (check.summary.id == "summary.skip.crashed") {
        return "report.try.report-fault";
    }
    if (check.summary.id == "summary.upstream.api.no-key") {
        return "report.try.give-key";
    }
    if (check.summary.id == "summary.upstream.api.insecure") {
        return "report.try.https";
    }
    if (check.id == check_id::startup_log) {
        return "report.try.restart";
    }
    return check.id == check_id::upstream_api ? "report.try.network" : "report.try.comfyui";
}

}  // namespace

bool is_open(const CheckResult& check) {
    const bool unwanted = check.skip_reason.empty() || check.skip_reason == skip_reason::not_selected ||
                          check.skip_reason == skip_reason::not_applicable;
    return check.incomplete || !unwanted;
}

std::string open_checks(const Report& report) {
    std::string ids;
    for (const CheckResult& check : report.checks) {
        if (is_open(check)) {
            ids += (ids.empty() ? "" : ", ") + check.id;
        }
    }
    return ids;
}

std::vector<Message> next_steps(const Report& report) {
    std::vector<Message> steps;
    for (const CheckResult& check : report.checks) {
        if (!is_open(check) || check.skip_reason.starts_with(skip_reason::need_prefix)) {
            continue;  // a check that waited for another is answered with that other
        }
        const std::string_view id = step_for(check);
        const bool known = std::any_of(steps.begin(), steps.end(), [&](const Message& step) { return step.id == id; });
        if (!known) {
            steps.emplace_back(std::string(id));
        }
    }
    return steps;
}

}  // namespace banana
