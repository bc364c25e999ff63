// Runs the selected checks in their declared order, what is independent at the same time, and never
// longer than the deadline.
#pragma once

#include "banana/report.hpp"
#include "check.hpp"
#include "http_client.hpp"
#include "redaction.hpp"
#include "run_context.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace banana {

// What a run is given beside the options. `redactor` outlives the run: outputs are scrubbed with it.
struct RunInput {
    RunInput(const RunOptions& options, const Surroundings& surroundings, Redactor& redactor)
        : options(options), surroundings(surroundings), redactor(redactor) {}
    const RunOptions& options;
    const Surroundings& surroundings;
    Redactor& redactor;
    NameOverrides name_overrides;
    std::optional<KeyUnderTest> given_key;
    std::vector<SecretHeader> comfyui_headers;
    // Ends the run early with a partial report when an interrupt came (platform::hold_interrupts).
    bool handle_signals = false;
    std::span<const Check* const> checks = all_checks();
};

// Called from the thread that runs; results are already scrubbed and come in report order.
struct RunObserver {
    std::function<void(std::string_view id)> started = [](std::string_view) {};
    std::function<void(const CheckResult&)> finished = [](const CheckResult&) {};
    std::function<void(const Message&)> progress = [](const Message&) {};
    // Called ten times a second with the run's age in milliseconds; not set: never.
    std::function<void(double)> tick;
};

struct RunOutcome {
    std::vector<CheckResult> checks;    // every check, in report order; scrubbed
    Subject subject;                    // scrubbed
    Discoveries found;                  // not scrubbed: what a repair starts from
    std::filesystem::path comfyui_dir;  // where nothing may be written; empty when not known
    int interrupted_by = 0;             // signal number, 0 when none
};

// Throws nothing for what checks do: a check that throws becomes `internal.check-failed`.
RunOutcome run_checks(const RunInput& input, const RunObserver& observer);

// Whether `id` is selected by a list of ids and prefixes ("upstream" selects "upstream.api").
bool matches_any(std::string_view id, const std::vector<std::string>& ids_or_prefixes);

}  // namespace banana
