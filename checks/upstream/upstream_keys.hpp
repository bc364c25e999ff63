// The keys that upstream.api tries: which, in which order, and what a finding about each weighs.
#pragma once

#include "banana/finding.hpp"
#include "run_context.hpp"

#include <string>
#include <vector>

namespace banana {

// A key worth sending, and what a finding about it weighs.
struct Candidate {
    Candidate(const Secret& key, std::string source, Severity severity, bool in_use)
        : key(&key), source(std::move(source)), severity(severity), in_use(in_use) {}
    const Secret* key;
    std::string source;
    Severity severity;
    bool in_use;  // the plugin would use it
};

// The given key, else the configured one; one key can come from both.
bool is_under_test(const RunContext& context, const Candidate& candidate);

// The plugin draws with such a key, and no line answers the balance query for it.
bool is_for_drawing_only(const RunContext& context, const Candidate& candidate);

// A sample proves nothing, and each refusal of it counts against the limit.
bool gave_a_sample(const RunContext& context);
// It has characters that no key has, and is not sent.
bool gave_an_unfit_key(const RunContext& context);

// In the order in which they are tried: the given key first.
std::vector<Candidate> candidates(const RunContext& context);

// The configured key's form is the matter of config.key; a given one is judged where it is refused.
void note_form_of_given_key(const Candidate& candidate, Finding& finding);

}  // namespace banana
