#include "upstream_keys.hpp"

#include "api_key.hpp"
#include "banana/key_source.hpp"
#include "known_families.hpp"
#include "sample_key.hpp"

#include <algorithm>
#include <string_view>

namespace banana {
namespace {

bool fits_into_a_header(const Secret& key) {
    const std::string_view text = key.reveal();
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7F'; });
}

}  // namespace

bool is_under_test(const RunContext& context, const Candidate& candidate) {
    return !context.given_key || candidate.source == context.given_key->source ||
           context.given_key->key.same_as(*candidate.key);
}

bool is_for_drawing_only(const RunContext& context, const Candidate& candidate) {
    return context.found.install && is_key_for_drawing_only(context.found.install->family, candidate.key->reveal());
}

bool gave_a_sample(const RunContext& context) {
    return context.given_key && find_sample_key(context.given_key->key.reveal());
}

bool gave_an_unfit_key(const RunContext& context) {
    return context.given_key && !gave_a_sample(context) && !fits_into_a_header(context.given_key->key);
}

std::vector<Candidate> candidates(const RunContext& context) {
    std::vector<Candidate> keys;
    const auto& config = context.found.config;
    const bool configured = config && config->key && config->state == KeyState::usable;
    const bool as_node = context.options.as_node && context.given_key;
    if (context.given_key && fits_into_a_header(context.given_key->key) && !gave_a_sample(context)) {
        const bool decides = as_node || !configured;
        keys.emplace_back(context.given_key->key, context.given_key->source,
                          decides ? Severity::error : Severity::warning, decides);
    }
    const bool same = configured && context.given_key && config->key->same_as(context.given_key->key);
    if (configured && !same && fits_into_a_header(*config->key)) {
        keys.emplace_back(*config->key, config->source, as_node ? Severity::warning : Severity::error, !as_node);
    }
    if (same && !keys.empty()) {
        keys.front().severity = Severity::error;
        keys.front().in_use = true;
    }
    return keys;
}

void note_form_of_given_key(const Candidate& candidate, Finding& finding) {
    if (!is_given_key(candidate.source)) {
        return;
    }
    if (const auto sample = find_sample_key(candidate.key->reveal())) {
        finding.evidence.emplace(finding.evidence.begin(), "given-key-sample", std::string(*sample));
    } else if (find_key_problem(candidate.key->reveal())) {
        finding.evidence.emplace(finding.evidence.begin(), "given-key-form", candidate.key->masked());
    }
}

}  // namespace banana
