#include "diagnosis.hpp"

#include "banana/cause.hpp"
#include "banana/exit_code.hpp"
#include "narrative.hpp"
#include "rules.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace banana {
namespace {

// One finding a code, errors first, in the order of primary causes.
struct Considered {
    explicit Considered(Finding finding) : finding(std::move(finding)) {}
    Finding finding;
    std::optional<Message> refutation;  // what shows that this error breaks nothing
};

// Of two findings of one code the one that may be the cause: the error, then that of the key in use, then the one
// that was seen and not inferred.
bool is_better(const Finding& finding, const Finding& other, const Situation& run) {
    if (finding.severity != other.severity) {
        return finding.severity == Severity::error;
    }
    const bool in_use = run.is_key_in_use(finding);
    if (in_use != run.is_key_in_use(other)) {
        return in_use;
    }
    return other.inferred && !finding.inferred;
}

std::vector<Considered> consider(const Situation& run) {
    std::map<Cause, Considered> by_code;
    for (const CheckResult& check : run.checks) {
        for (const Finding& finding : check.findings) {
            if (finding.severity == Severity::none || info(finding.code).severity == Severity::none) {
                continue;
            }
            const auto [place, added] = by_code.try_emplace(finding.code, finding);
            if (!added && is_better(finding, place->second.finding, run)) {
                place->second.finding = finding;
            }
        }
    }
    std::vector<Considered> all;
    for (auto& [code, considered] : by_code) {
        considered.refutation = kept_refutation(considered.finding);
        if (considered.finding.severity == Severity::error) {
            considered.refutation = refutation_of(considered.finding, run);
        }
        if (considered.refutation) {
            considered.finding.severity = Severity::warning;
        }
        all.push_back(std::move(considered));
    }
    return all;
}

// The findings of a run as a graph: an edge leads from what explains to what is explained.
class Explanations {
public:
    Explanations(const std::vector<Considered>& findings, const Situation& run)
        : findings_(findings), edges_(findings.size(), std::vector<const Explanation*>(findings.size(), nullptr)) {
        for (std::size_t from = 0; from < findings.size(); ++from) {
            for (std::size_t to = 0; to < findings.size(); ++to) {
                // What was shown to break nothing is no cause of what is broken.
                const bool harmless = findings[from].refutation && findings[to].finding.severity == Severity::error;
                if (from != to && !harmless) {
                    edges_[from][to] = explanation_of(findings[from].finding, findings[to].finding, run);
                }
            }
        }
    }

    // All that a finding explains, directly or through others.
    [[nodiscard]] std::set<std::size_t> effects_of(std::size_t cause) const {
        std::set<std::size_t> reached;
        std::vector<std::size_t> open{cause};
        while (!open.empty()) {
            const std::size_t from = open.back();
            open.pop_back();
            for (std::size_t to = 0; to < findings_.size(); ++to) {
                if (edges_[from][to] != nullptr && reached.insert(to).second) {
                    open.push_back(to);
                }
            }
        }
        return reached;
    }

    // An error, or a warning that explains one.
    [[nodiscard]] bool is_active(std::size_t index) const {
        if (findings_[index].finding.severity == Severity::error) {
            return true;
        }
        const auto effects = effects_of(index);
        return std::any_of(effects.begin(), effects.end(),
                           [&](std::size_t effect) { return findings_[effect].finding.severity == Severity::error; });
    }

    [[nodiscard]] bool is_explained(std::size_t index) const {
        for (std::size_t from = 0; from < findings_.size(); ++from) {
            if (edges_[from][index] != nullptr && is_active(from)) {
                return true;
            }
        }
        return false;
    }

    // What is a cause only by what it explains is as sure as the weakest of those rows.
    [[nodiscard]] bool rests_on_inference(std::size_t index) const {
        const Finding& finding = findings_[index].finding;
        const bool by_itself = finding.severity == Severity::error && !has_trait(finding.code, Trait::by_effect);
        return std::any_of(edges_[index].begin(), edges_[index].end(), [&](const Explanation* row) {
            return row != nullptr &&
                   (row->basis == Basis::inferred_alone || (row->basis == Basis::inferred && !by_itself));
        });
    }

private:
    const std::vector<Considered>& findings_;
    std::vector<std::vector<const Explanation*>> edges_;
};

Confidence confidence_of(const Finding& finding, bool rests_on_inference) {
    if (has_trait(finding.code, Trait::symptom)) {
        return Confidence::possible;
    }
    return finding.inferred || rests_on_inference ? Confidence::likely : Confidence::proved;
}

// The check that a skip goes back to, through other skipped ones; null where none is named.
const CheckResult* root_of_skip(const Situation& run, const CheckResult& skipped) {
    const CheckResult* check = &skipped;
    for (std::size_t step = 0; step < run.checks.size(); ++step) {
        if (!check->skip_reason.starts_with(skip_reason::need_prefix)) {
            return check;
        }
        check = find_check(run.checks, std::string_view(check->skip_reason).substr(skip_reason::need_prefix.size()));
        if (check == nullptr) {
            return nullptr;
        }
    }
    return nullptr;
}

std::vector<std::string> skipped_for(const Situation& run, const std::set<Cause>& codes) {
    std::vector<std::string> ids;
    for (const CheckResult& check : run.checks) {
        if (!check.skip_reason.starts_with(skip_reason::need_prefix)) {
            continue;
        }
        const CheckResult* root = root_of_skip(run, check);
        if (root != nullptr && std::any_of(root->findings.begin(), root->findings.end(),
                                           [&](const Finding& finding) { return codes.contains(finding.code); })) {
            ids.push_back(check.id);
        }
    }
    return ids;
}

bool is_harmless_skip(std::string_view reason) {
    return reason == skip_reason::not_selected || reason == skip_reason::not_applicable;
}

// A selected check that could not finish, whose answer the round trip does not give as well.
bool leaves_open(const Situation& run, const CheckResult& check, bool proved) {
    if (check.skip_reason.empty()) {
        return check.incomplete && !proved;
    }
    if (!check.skip_reason.starts_with(skip_reason::need_prefix)) {
        return !is_harmless_skip(check.skip_reason);
    }
    const CheckResult* root = root_of_skip(run, check);
    return !proved && (root == nullptr || !is_harmless_skip(root->skip_reason));
}

bool is_anything_open(const Situation& run) {
    const bool proved = run.is_chain_proved();
    const bool nothing_ran = std::none_of(run.checks.begin(), run.checks.end(),
                                          [](const CheckResult& check) { return check.skip_reason.empty(); });
    return nothing_ran || std::any_of(run.checks.begin(), run.checks.end(),
                                      [&](const CheckResult& check) { return leaves_open(run, check, proved); });
}

DiagnosedCause make_cause(const std::vector<Considered>& findings, const Explanations& explanations, std::size_t index,
                          const Situation& run) {
    DiagnosedCause cause(findings[index].finding);
    cause.confidence = confidence_of(cause.finding, explanations.rests_on_inference(index));
    std::set<Cause> codes{cause.finding.code};
    if (explanations.is_active(index)) {
        for (const std::size_t effect : explanations.effects_of(index)) {
            cause.effects.push_back(findings[effect].finding.code);
            codes.insert(findings[effect].finding.code);
        }
        cause.skipped = skipped_for(run, codes);
    }
    tell(cause, findings[index].refutation, run);
    return cause;
}

// Most runs have few findings: what is none's concern needs no look at the whole situation, which reads every check's
// facts.
template <typename Predicate>
bool has_finding(const std::vector<CheckResult>& checks, Predicate is_one) {
    return std::any_of(checks.begin(), checks.end(), [&](const CheckResult& check) {
        return std::any_of(check.findings.begin(), check.findings.end(), is_one);
    });
}

// What the plugin was seen to do with the sample key stands before what its source says.
void resolve_sample(std::vector<CheckResult>& checks, const Subject& subject) {
    if (!has_finding(checks, [](const Finding& finding) { return finding.code == Cause::config_key_placeholder; })) {
        return;
    }
    const std::optional<bool> sent = was_configured_key_sent(Situation(checks, subject));
    if (!sent) {
        return;
    }
    for (CheckResult& check : checks) {
        for (Finding& finding : check.findings) {
            if (finding.code == Cause::config_key_placeholder) {
                set_variant(finding, *sent ? Variant::sample_sent : Variant::sample_known);
            }
        }
    }
}

// The first query, which was this run's own, made the plugin write a sample file.
void resolve_written_config(std::vector<CheckResult>& checks, const Subject& subject) {
    const auto is_it = [](const Finding& finding) { return finding.code == Cause::config_file_missing; };
    if (!has_finding(checks, is_it) || !Situation(checks, subject).query.config_written.value_or(false)) {
        return;
    }
    for (CheckResult& check : checks) {
        for (Finding& finding : check.findings) {
            const Variant variant = variant_of(finding);
            if (finding.code == Cause::config_file_missing &&
                (variant == Variant::none || variant == Variant::example)) {
                set_variant(finding, Variant::just_written);
            }
        }
    }
}

// The plugin's own words name the host that was only guessed: what was met there is what it met.
void resolve_confirmed_address(std::vector<CheckResult>& checks) {
    const Finding* failed = find_finding(checks, Cause::proxy_upstream_failed);
    for (CheckResult& check : checks) {
        for (Finding& finding : check.findings) {
            const bool is_confirmed = failed != nullptr && is_met_at_a_guess(finding.args) &&
                                      text_argument(finding, "host") == text_argument(*failed, "host");
            if (is_confirmed) {
                finding.args.erase(kGuessedHostArgument);
                finding.severity = Severity::error;
            }
        }
    }
}

// Kept with the finding, which is a warning from then on: a report that is read back knows it no other way.
void keep_refutation(Finding& finding, const Message& refutation) {
    finding.severity = Severity::warning;
    finding.args[kRefutationArgument] = {{"id", refutation.id}, {"args", refutation.args}};
}

// The status that follows from changed severities; a check without an answer keeps its own.
void restate(CheckResult& check) {
    const bool failed = std::any_of(check.findings.begin(), check.findings.end(),
                                    [](const Finding& finding) { return finding.severity == Severity::error; });
    if (failed && check.status != Status::skip) {
        check.status = Status::fail;
    } else if (!failed && check.status == Status::fail) {
        check.status = Status::warn;
    }
}

// An error that the rest of the run refutes is a warning to its check too. All are judged before any is changed.
void resolve_refuted(std::vector<CheckResult>& checks, const Subject& subject) {
    if (!has_finding(checks, [](const Finding& finding) { return finding.severity == Severity::error; })) {
        std::for_each(checks.begin(), checks.end(), restate);
        return;
    }
    const std::vector<CheckResult> seen = checks;
    const Situation run(seen, subject);
    for (CheckResult& check : checks) {
        for (Finding& finding : check.findings) {
            const bool error = finding.severity == Severity::error;
            if (const std::optional<Message> refutation = error ? refutation_of(finding, run) : std::nullopt) {
                keep_refutation(finding, *refutation);
            }
        }
        restate(check);
    }
}

std::vector<Severity> relented(const CheckResult& check, const Situation& run) {
    std::vector<Severity> severities;
    for (const Finding& finding : check.findings) {
        const Relenting* row = relenting_of(finding, run);
        severities.push_back(row != nullptr ? row->severity : finding.severity);
    }
    return severities;
}

void set_severities(CheckResult& check, const std::vector<Severity>& severities) {
    for (std::size_t index = 0; index < severities.size(); ++index) {
        check.findings[index].severity = severities[index];
    }
}

// All are judged before any is changed.
void resolve_relented(std::vector<CheckResult>& checks, const Subject& subject) {
    const Situation run(checks, subject);
    std::vector<std::vector<Severity>> severities;
    for (const CheckResult& check : checks) {
        severities.push_back(relented(check, run));
    }
    for (std::size_t index = 0; index < checks.size(); ++index) {
        set_severities(checks[index], severities[index]);
        restate(checks[index]);
    }
}

}  // namespace

void relent(CheckResult& check, const RunCircumstances& circumstances) {
    if (check.findings.empty()) {
        return;
    }
    Subject subject;
    subject.circumstances = circumstances;
    set_severities(check, relented(check, Situation(Checks(&check, 1), subject)));
}

void resolve_severities(std::vector<CheckResult>& checks, const Subject& subject) {
    resolve_confirmed_address(checks);
    resolve_sample(checks, subject);
    resolve_written_config(checks, subject);
    resolve_refuted(checks, subject);
    resolve_relented(checks, subject);
}

int exit_code_of(Verdict verdict) noexcept {
    switch (verdict) {
        case Verdict::healthy:
        case Verdict::attention: return exit_code::done;
        case Verdict::broken: return exit_code::problem_found;
        case Verdict::inconclusive: return exit_code::inconclusive;
    }
    return exit_code::inconclusive;
}

Diagnosis diagnose(std::span<const CheckResult> checks, const Subject& subject) {
    const Situation run(checks, subject);
    const std::vector<Considered> findings = consider(run);
    const Explanations explanations(findings, run);
    std::vector<std::size_t> causes;
    std::vector<std::size_t> warnings;
    for (std::size_t index = 0; index < findings.size(); ++index) {
        if (!explanations.is_active(index)) {
            warnings.push_back(index);
        } else if (!explanations.is_explained(index)) {
            causes.push_back(index);
        }
    }
    // Without an install the address of the service is a guess, and a given one need not be the plugin's: what was met
    // there comes after what was seen here.
    const bool address_is_a_guess = run.find(Cause::install_comfyui_not_found) != nullptr;
    std::stable_partition(causes.begin(), causes.end(), [&](std::size_t index) {
        const Finding& finding = findings[index].finding;
        const bool is_guess = address_is_a_guess && finding.inferred && area_of(finding.code) == Area::upstream;
        return !is_guess && !finding.args.contains(kGivenHostArgument);
    });
    Diagnosis diagnosis;
    const bool broken = !causes.empty();
    for (const std::size_t index : broken ? causes : warnings) {
        DiagnosedCause cause = make_cause(findings, explanations, index, run);
        if (broken && !diagnosis.primary) {
            diagnosis.primary = std::move(cause);
        } else {
            diagnosis.others.push_back(std::move(cause));
        }
    }
    if (broken) {
        diagnosis.verdict = Verdict::broken;
    } else if (is_anything_open(run)) {
        diagnosis.verdict = Verdict::inconclusive;
    } else {
        diagnosis.verdict = warnings.empty() ? Verdict::healthy : Verdict::attention;
    }
    tell(diagnosis, run);
    return diagnosis;
}

}  // namespace banana
