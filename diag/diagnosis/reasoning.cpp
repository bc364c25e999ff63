#include "reasoning.hpp"

#include "banana/cause.hpp"
#include "banana/key_source.hpp"

#include <algorithm>
#include <utility>

namespace banana {

Message with_landmark(const std::string& id, Arguments args, const Situation& run, std::string_view landmark) {
    const bool known = run.add_landmark(args, landmark);
    return Message(known ? id + ".at-line" : id, std::move(args));
}

bool has_effect(const DiagnosedCause& cause, std::initializer_list<Cause> codes) {
    for (const Cause effect : cause.effects) {
        for (const Cause code : codes) {
            if (effect == code) {
                return true;
            }
        }
    }
    return false;
}

bool is_about_nodes_key(const Finding& finding) {
    return is_given_key(finding.key_source) || finding.code == Cause::frontend_key_not_sent ||
           finding.code == Cause::proxy_key_override_ignored;
}

namespace {

constexpr std::size_t kEvidenceShown = 2;

Message evidence_message(const Evidence& evidence) {
    Arguments args{{"label", evidence.id}, {"value", evidence.value}};
    if (evidence.file.empty()) {
        return Message("because.evidence", std::move(args));
    }
    args["file"] = evidence.file;
    if (!evidence.line) {
        return Message("because.evidence.in-file", std::move(args));
    }
    args["line"] = *evidence.line;
    return Message("because.evidence.at-line", std::move(args));
}

// What a step needs to name the cause: its code, and the arguments of its title.
Arguments naming_arguments(const Finding& finding) {
    Arguments args = finding.args;
    args["code"] = code_of(finding.code);
    return args;
}

// V1 passes an upstream's failure on as a success without data: the node shows no message, but `-` for the numbers.
bool is_passed_on_without_data(const Situation& run) {
    return run.query.http_status == 200 && run.query.summary_lines && !run.query.summary_lines->empty();
}

// What the user's button got, as the round trip saw it.
std::optional<Message> round_trip_outcome(const Situation& run) {
    const facts::Query& query = run.query;
    if (!run.is_query_answered || !run.has_query_failed) {
        return std::nullopt;
    }
    if (query.message) {
        return Message(
            is_passed_on_without_data(run) ? "because.round-trip-without-data" : "because.round-trip-message",
            Arguments{{"message", *query.message}});
    }
    return query.http_status
               ? std::optional(Message("because.round-trip-status", Arguments{{"status", *query.http_status}}))
               : std::nullopt;
}

// What the route answered is of this cause: it is what was seen there, or brings that about.
bool is_behind_the_answer(const DiagnosedCause& cause) {
    return area_of(cause.finding.code) == Area::proxy ||
           std::any_of(cause.effects.begin(), cause.effects.end(),
                       [](Cause effect) { return area_of(effect) == Area::proxy; });
}

// Nothing is wrong with the key or the way to it; what only became a warning for another reason still is wrong.
bool is_key_well_formed(const Situation& run) {
    const CheckResult* config = find_check(run.checks, check_id::config_key);
    return run.is_working(check_id::config_key) &&
           std::none_of(config->findings.begin(), config->findings.end(),
                        [](const Finding& finding) { return has_trait(finding.code, Trait::edits_config); });
}

// The links that were seen to work, so that the cause cannot lie there.
void add_seen_to_work(std::vector<Message>& because, Cause cause, const Situation& run) {
    const Area area = area_of(cause);
    const Subject& subject = *run.subject;
    if (area != Area::upstream && run.is_working(check_id::upstream_api) && run.balance_left() != nullptr) {
        // With two keys tried, which one the balance is of.
        const std::string source = subject.key_under_test ? subject.key_under_test->source : std::string();
        because.emplace_back(
            run.service.by_key ? "because.upstream-works.for-key" : "because.upstream-works",
            Arguments{{"url", subject.base_url}, {"available", *run.balance_left()}, {"key_source", source}});
    }
    if (area != Area::config && is_key_well_formed(run)) {
        because.emplace_back("because.config-good", Arguments{{"file", subject.config_file}});
    }
    if (area != Area::route && area != Area::install && run.route.with_api_prefix) {
        because.emplace_back("because.route-present");
    }
    if (area != Area::frontend && run.is_working(check_id::frontend_extension) && run.script.path) {
        because.emplace_back("because.script-served", Arguments{{"path", *run.script.path}});
    }
}

// The end of every chain through the route: its error answer, and the node that shows it. Only what was observed,
// and comes of this cause, is told as a fact.
void add_answer(std::vector<Message>& chain, const DiagnosedCause& cause, const Situation& run) {
    const std::optional<std::string>& seen = run.query.message;
    const bool is_behind = run.is_query_answered && is_behind_the_answer(cause);
    const bool own_answer_missing = is_behind_the_answer(cause) && !seen;
    if (own_answer_missing && run.find(Cause::proxy_response_timeout) != nullptr) {
        chain.emplace_back("chain.no-answer");
        return;
    }
    if (is_behind && run.has_query_failed && is_passed_on_without_data(run)) {
        chain.emplace_back("chain.answer-without-data");
        return;
    }
    if (is_behind && run.has_query_failed && !seen && run.query.http_status == 200) {
        chain.emplace_back("chain.answer-unknown-form");
        return;
    }
    if (own_answer_missing && run.find(Cause::proxy_bad_response) != nullptr) {
        chain.emplace_back("chain.unusable-answer");
        return;
    }
    if (!is_behind || !seen) {
        chain.push_back(with_landmark("chain.error-expected", {}, run, "error-response"));
        return;
    }
    chain.push_back(with_landmark("chain.error-response", Arguments{{"message", *seen}}, run, "error-response"));
    chain.push_back(with_landmark("chain.node-shows", Arguments{{"message", *seen}}, run, "script-error"));
}

std::vector<Message> config_chain(const DiagnosedCause& cause, const Situation& run) {
    std::vector<Message> chain;
    Arguments read = naming_arguments(cause.finding);
    read["config"] = run.subject->config_file.empty() ? "config.ini" : run.subject->config_file;
    chain.push_back(with_landmark("chain.reads-config", std::move(read), run, "load-config"));
    const bool refused = has_effect(cause, {Cause::proxy_key_rejected});
    const Finding* rejected = run.find(Cause::proxy_key_rejected);
    if (refused && rejected != nullptr && variant_of(*rejected) == Variant::unusable) {
        chain.emplace_back("chain.cannot-send-key");
    } else if (refused || has_effect(cause, {Cause::proxy_upstream_failed})) {
        const bool of_file =
            cause.finding.code == Cause::config_key_placeholder || cause.finding.code == Cause::config_key_malformed;
        const std::string id = of_file ? "chain.sends-bad-key" : "chain.sends-own-sample";
        chain.push_back(with_landmark(refused ? id : id + ".unsaid", {}, run, "fetch-usage"));
    } else if (has_effect(cause, {Cause::proxy_no_key})) {
        chain.emplace_back("chain.stops-without-key");
    }
    add_answer(chain, cause, run);
    return chain;
}

std::vector<Message> upstream_chain(const DiagnosedCause& cause, const Situation& run) {
    std::vector<Message> chain;
    if (run.service.plugin_asks && cause.finding.args.contains(kGivenHostArgument)) {
        chain.emplace_back("chain.given-address-fails",
                           Arguments{{"url", run.subject->base_url}, {"asked", *run.service.plugin_asks}});
        return chain;
    }
    chain.push_back(
        with_landmark("chain.calls-upstream", Arguments{{"url", run.subject->base_url}}, run, "fetch-usage"));
    chain.emplace_back("chain.upstream-fails", naming_arguments(cause.finding));
    add_answer(chain, cause, run);
    return chain;
}

std::vector<Message> route_chain(const DiagnosedCause& cause, const Situation& run) {
    std::vector<Message> chain;
    chain.push_back(with_landmark("chain.route-missing", naming_arguments(cause.finding), run, "ensure-route-call"));
    // Without the script nobody asks.
    if (run.find(Cause::frontend_extension_missing) != nullptr) {
        chain.emplace_back("chain.no-button");
        return chain;
    }
    const bool seen = run.find(Cause::route_not_registered) != nullptr ||
                      run.find(Cause::route_registered_late) != nullptr ||
                      run.find(Cause::route_api_prefix_missing) != nullptr;
    chain.push_back(with_landmark(seen ? "chain.page-gets-404" : "chain.page-gets-no-answer", {}, run, "script-fetch"));
    return chain;
}

std::vector<Message> local_chain(const DiagnosedCause& cause) {
    std::vector<Message> chain;
    chain.emplace_back("chain.server-unusable", naming_arguments(cause.finding));
    chain.emplace_back("chain.page-gets-no-answer");
    return chain;
}

// What is asked for the node comes to nothing, and what the button does works.
std::vector<Message> stored_key_chain(const DiagnosedCause& cause) {
    std::vector<Message> chain;
    if (cause.finding.code != Cause::frontend_key_not_sent) {
        chain.emplace_back("chain.node-key-asked-directly", naming_arguments(cause.finding));
    }
    chain.emplace_back("chain.node-key-not-asked");
    return chain;
}

}  // namespace

std::vector<Message> reasons(const DiagnosedCause& cause, const Situation& run) {
    std::vector<Message> because;
    for (const Evidence& evidence : cause.finding.evidence) {
        if (because.size() < kEvidenceShown && !evidence.is_block() && !evidence.value.empty()) {
            because.push_back(evidence_message(evidence));
        }
    }
    if (auto outcome = round_trip_outcome(run); outcome && is_behind_the_answer(cause)) {
        because.push_back(std::move(*outcome));
    }
    // Of two copies the one whose config.ini was examined is not the one that answered.
    const bool is_of_two = cause.finding.code == Cause::install_plugin_duplicate && run.install.copies.size() == 1;
    if (is_of_two && has_effect(cause, {Cause::proxy_no_key, Cause::proxy_key_rejected})) {
        because.emplace_back("because.other-copy-answers",
                             Arguments{{"folder", run.install.plugin_dir}, {"other", run.install.copies.front()}});
    }
    // The file is repaired, and the key in it may still be a bad one.
    const bool holds_key =
        has_trait(cause.finding.code, Trait::edits_config) && !has_trait(cause.finding.code, Trait::wants_key);
    if (holds_key && run.service.key_tried == false) {
        because.emplace_back("because.key-untested");
    }
    // A warning that breaks nothing needs nothing ruled out.
    if (cause.finding.severity == Severity::error || !cause.effects.empty()) {
        add_seen_to_work(because, cause.finding.code, run);
    }
    return because;
}

std::vector<Message> chain_of(const DiagnosedCause& cause, const Situation& run) {
    const Cause code = cause.finding.code;
    if (run.is_only_stored_key_asked() && is_about_nodes_key(cause.finding)) {
        return stored_key_chain(cause);
    }
    const Area area = area_of(code);
    if (has_effect(cause, {Cause::local_server_down, Cause::local_crashed_at_start}) || area == Area::local) {
        return local_chain(cause);
    }
    if (area == Area::config) {
        return config_chain(cause, run);
    }
    if (area == Area::upstream || area == Area::system) {
        return upstream_chain(cause, run);
    }
    if (area == Area::route || (area == Area::install && code != Cause::install_server_mismatch)) {
        return route_chain(cause, run);
    }
    std::vector<Message> chain;
    chain.emplace_back("chain.breaks-here", naming_arguments(cause.finding));
    add_answer(chain, cause, run);
    return chain;
}

}  // namespace banana
