#include "fix.hpp"

#include "banana/cause.hpp"
#include "banana/exit_code.hpp"
#include "banana/key_source.hpp"
#include "display_width.hpp"
#include "fix_session.hpp"
#include "runner.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace banana {
namespace {

bool is_repaired(const Report& report) {
    const Verdict verdict = report.diagnosis.verdict;
    return (verdict == Verdict::healthy || verdict == Verdict::attention) && report.diagnosis.narrative.balance_came;
}

}  // namespace

int FixSession::run(SessionResult* finished) {
    if (!(line_.undo ? undo() : repair())) {
        return exit_code::wrong_usage;
    }
    if (changed_ && !was_interrupted()) {
        say("fix.checking-again");
        out_ << '\n';
        diagnose(std::nullopt);
        checked_again_ = !was_interrupted();
    }
    const int code = conclude();
    if (finished != nullptr) {
        *finished = result_of(std::move(diagnosed_));
    }
    return code;
}

void FixSession::say(std::string_view id, const Arguments& args) {
    for (const std::string& text : wrap(texts_.text(id, args), style_.width)) {
        out_ << text << '\n';
    }
    out_ << std::flush;
}

void FixSession::diagnose(std::optional<KeyUnderTest> key) {
    diagnosed_ = run_and_show(input_, input_.options, std::move(key), redactor_, out_);
}

void FixSession::show_cause() {
    const Report& report = diagnosed_.report;
    out_ << '\n';
    say(report.diagnosis.narrative.headline.id, report.diagnosis.narrative.headline.args);
    if (report.diagnosis.primary) {
        const Finding& finding = report.diagnosis.primary->finding;
        const std::string id = texts_.cause_text_id(code_of(finding.code), "title", finding.args);
        say("fix.cause", {{"title", texts_.text(id, finding.args)}});
    }
    out_ << '\n';
}

int FixSession::conclude() {
    Report& report = diagnosed_.report;
    report.repairs = made_;
    redactor_.scrub(report);
    int code = report.exit_code;
    if (line_.dry_run) {
        out_ << verdict_text(report, {}, texts_, style_);
    } else {
        code = show_and_write(input_, diagnosed_, out_);
    }
    if (changed_ && !line_.undo) {
        out_ << '\n';
        say(checked_again_ && is_repaired(report) ? "fix.repaired" : "fix.not-repaired");
        say(line_.in_window ? "fix.way-back.window" : "fix.way-back");
    }
    out_ << std::flush;
    return code;
}

bool FixSession::repair() {
    std::optional<KeyUnderTest> key;
    if (input_.given_key) {
        key.emplace(input_.given_key->key.clone(), input_.given_key->source);
    }
    diagnose(std::move(key));
    if (was_interrupted()) {
        return true;
    }
    const RepairPlan plan =
        plan_repairs(diagnosed_.report.checks, diagnosed_.found, input_.options, input_.surroundings, replaces_key());
    if (plan.repairs.empty()) {
        out_ << '\n';
        const bool broken = diagnosed_.report.diagnosis.verdict == Verdict::broken;
        say(broken ? "fix.by-hand" : "fix.nothing-to-do");
        return true;
    }
    show_cause();
    if (plan.doubt) {
        say("fix.doubt." + std::string(doubt_name(*plan.doubt)));
        say("fix.nothing-changed");
        return true;
    }
    for (const RunRepair& repair : plan.repairs) {
        if (!was_interrupted()) {
            std::visit([this](const auto& each) { make(each); }, repair);
        }
    }
    if (!changed_) {
        say(line_.dry_run ? "fix.dry-run" : "fix.nothing-changed");
    }
    return true;
}

bool FixSession::replaces_key() const {
    const auto& checks = diagnosed_.report.checks;
    return input_.given_key && std::any_of(checks.begin(), checks.end(), [](const CheckResult& check) {
               return std::any_of(check.findings.begin(), check.findings.end(), [](const Finding& finding) {
                   return finding.code == Cause::upstream_key_rejected && is_configured_key(finding.key_source);
               });
           });
}

int run_fix(SessionInput input, SessionResult* finished) {
    return FixSession(std::move(input)).run(finished);
}

}  // namespace banana
