#include "next_steps.hpp"

#include "banana/lookup.hpp"
#include "names.hpp"

#include <algorithm>
#include <boost/json/value.hpp>

namespace banana {
namespace {

bool has(const CheckResult& check, Cause code) {
    return std::any_of(check.findings.begin(), check.findings.end(),
                       [&](const Finding& finding) { return finding.code == code; });
}

bool has_variant(const CheckResult& check, std::string_view variant) {
    return std::any_of(check.findings.begin(), check.findings.end(),
                       [&](const Finding& finding) { return text_argument(finding, "variant") == variant; });
}

// The upstream answered, but there was no key to ask it with.
bool is_without_key(const CheckResult& check) {
    const boost::json::value* tried = check.facts.if_contains("key_tried");
    const boost::json::value* status = check.facts.if_contains("http_status");
    return tried != nullptr && *tried == false && status != nullptr && status->is_number();
}

std::string_view step_for(const CheckResult& check) {
    if (check.skip_reason == skip_reason::deadline) {
        return "report.try.deadline";
    }
    if (check.skip_reason == skip_reason::interrupted) {
        return "report.try.again";
    }
    if (has_variant(check, "exhausted")) {
        return "report.try.limits";
    }
    if (has_variant(check, "closed")) {
        return "report.try.account";
    }
    if (check.skip_reason == code_of(Cause::internal_check_failed)) {
        return "report.try.report-fault";
    }
    if (has(check, Cause::upstream_insecure_url)) {
        return "report.try.https";
    }
    if (is_without_key(check)) {
        return "report.try.give-key";
    }
    const boost::json::value* listener = check.facts.if_contains("listener");
    if (listener != nullptr && *listener == "host-unknown") {
        return "report.try.all-checks";
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

Message what_next(const Report& report, const Catalog& texts) {
    const std::string id = "verdict." + std::string(verdict_name(report.diagnosis.verdict)) + ".next";
    std::string open;
    for (const CheckResult& check : report.checks) {
        if (is_open(check)) {
            open += (open.empty() ? "" : texts.text("report.list-comma")) + check_name(check.id, texts);
        }
    }
    if (report.diagnosis.verdict == Verdict::inconclusive && open.empty()) {
        return Message(id + ".nothing-ran");
    }
    return Message(id, Arguments{{"checks", std::move(open)}});
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
