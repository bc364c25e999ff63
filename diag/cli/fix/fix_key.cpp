#include "fix_key.hpp"

#include "api_key.hpp"
#include "banana/cause.hpp"
#include "banana/facts.hpp"
#include "banana/key_source.hpp"
#include "banana/variant.hpp"
#include "console.hpp"
#include "key_cleaning.hpp"
#include "platform_host.hpp"
#include "python_text.hpp"
#include "repairs.hpp"
#include "runner.hpp"
#include "sample_key.hpp"
#include "text.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <iostream>

namespace banana {
namespace {

constexpr int kQuestions = 3;

const CheckResult* upstream_of(const std::vector<CheckResult>& checks) {
    const auto found = std::find_if(checks.begin(), checks.end(),
                                    [](const CheckResult& check) { return check.id == check_id::upstream_api; });
    return found == checks.end() ? nullptr : &*found;
}

bool is_accepted(const CheckResult& upstream) {
    const facts::Texts sources = facts::read<facts::Upstream>(upstream.facts).accepted_keys.value_or(facts::Texts());
    return std::any_of(sources.begin(), sources.end(), [](const std::string& source) { return is_given_key(source); });
}

// What the upstream has against the given key.
const Finding* refusal_in(const CheckResult& upstream) {
    static constexpr std::array kRefusals{Cause::upstream_key_rejected, Cause::upstream_key_expired,
                                          Cause::upstream_quota_exhausted, Cause::upstream_key_of_other_line};
    const auto found = std::find_if(upstream.findings.begin(), upstream.findings.end(), [](const Finding& finding) {
        return std::find(kRefusals.begin(), kRefusals.end(), finding.code) != kRefusals.end() &&
               is_given_key(finding.key_source) && variant_of(finding) != Variant::answers;
    });
    return found == upstream.findings.end() ? nullptr : &*found;
}

}  // namespace

bool ask_to_confirm(const Catalog& texts, std::ostream& out) {
    const std::optional<std::string> answer =
        platform::read_line(platform::Echo::shown, [&] { out << texts.text("fix.confirm") << ' ' << std::flush; });
    if (!answer) {
        out << '\n';
    }
    const std::string word = to_lower_ascii(trim_ascii(answer.value_or("")));
    return word == "y" || word == "yes" || word == "是" || word == "好";
}

std::optional<Secret> KeySource::usable(std::string_view text) {
    if (find_invalid_utf8(text)) {
        return std::nullopt;
    }
    const std::string_view stripped = python_strip(text);
    redactor_.learn(Secret(stripped));
    if (auto cleaned = clean_key(stripped)) {
        redactor_.learn(cleaned->key);
        return std::move(cleaned->key);
    }
    const auto problem = find_key_problem(stripped);
    // A length that this service does not issue is for the upstream to judge.
    const bool may_work = problem && (problem->defect == KeyDefect::cut_short || problem->defect == KeyDefect::suffix);
    return may_work && !find_sample_key(stripped) ? std::optional(Secret(stripped)) : std::nullopt;
}

std::optional<Secret> KeySource::given(const Secret& key, const Diagnosed& diagnosed) {
    std::optional<Secret> clean = usable(key.reveal());
    if (!clean) {
        out_ << input_.texts.text("fix.given-no-key") << '\n';
        return std::nullopt;
    }
    const CheckResult* upstream = upstream_of(diagnosed.report.checks);
    if (upstream != nullptr && refusal_in(*upstream) != nullptr) {
        out_ << input_.texts.text("fix.given-refused", Arguments{{"masked", clean->masked()}}) << '\n';
        return std::nullopt;
    }
    return clean;
}

KeySource::Trial KeySource::try_at_upstream(const Secret& key) {
    out_ << input_.texts.text("fix.trying", Arguments{{"masked", key.masked()}}) << '\n' << std::flush;
    RunOptions options = input_.options;
    options.only = {std::string(check_id::upstream_api)};
    options.skip.clear();
    options.deep = false;
    RunInput run = run_input_of(input_, options, redactor_);
    run.given_key.emplace(key.clone(), std::string(key_source::key_file));
    const RunOutcome outcome = run_checks(run, RunObserver());
    const CheckResult* upstream = upstream_of(outcome.checks);
    if (upstream == nullptr) {
        return Trial::untested;
    }
    if (is_accepted(*upstream)) {
        out_ << input_.texts.text("fix.accepted") << '\n';
        return Trial::accepted;
    }
    if (const Finding* refusal = refusal_in(*upstream)) {
        const std::string id = input_.texts.cause_text_id(code_of(refusal->code), "title", refusal->args);
        out_ << input_.texts.text("fix.refused", Arguments{{"title", input_.texts.text(id, refusal->args)}}) << '\n';
        return Trial::refused;
    }
    out_ << input_.texts.text("fix.untested") << '\n';
    return Trial::untested;
}

std::optional<Secret> KeySource::find_or_ask(const std::filesystem::path& config,
                                             const std::filesystem::path& misnamed) {
    if (std::optional<FoundKey> found = find_key_beside(config, misnamed)) {
        redactor_.learn(found->key);
        out_ << input_.texts.text("fix.found-key", Arguments{{"file", sanitize(path_text(found->file.filename()))},
                                                             {"masked", found->key.masked()}})
             << '\n';
        // Where it cannot be tried, somebody has to say that it is the right one.
        const Trial trial = try_at_upstream(found->key);
        if (trial == Trial::accepted || (trial == Trial::untested && may_ask_)) {
            return std::move(found->key);
        }
    }
    return may_ask_ ? ask() : std::nullopt;
}

std::optional<Secret> KeySource::ask() {
    for (int question = 0; question < kQuestions && platform::interrupt_received() == 0; ++question) {
        std::optional<std::string> typed = platform::read_line(
            platform::Echo::hidden, [this] { out_ << input_.texts.text("fix.ask-key") << ' ' << std::flush; });
        out_ << '\n';
        if (!typed || trim_ascii(*typed).empty()) {
            return std::nullopt;
        }
        std::optional<Secret> key = usable(*typed);
        OPENSSL_cleanse(typed->data(), typed->size());
        if (!key) {
            out_ << input_.texts.text("fix.typed-no-key") << '\n';
        } else if (try_at_upstream(*key) != Trial::refused) {
            return key;
        }
    }
    return std::nullopt;
}

}  // namespace banana
