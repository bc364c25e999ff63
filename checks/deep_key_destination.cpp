// deep.key-destination: can a request choose the host that the plugin sends its key to; which key does it hold?
#include "check.hpp"
#include "deep_experiment.hpp"
#include "known_families.hpp"
#include "loopback_listener.hpp"
#include "redaction.hpp"
#include "run_context.hpp"

#include <boost/asio/this_coro.hpp>
#include "banana/cause.hpp"
#include "banana/facts.hpp"

namespace banana {
namespace {

// Which of the keys known to this run the plugin sent.
std::string_view holder_of(const RunContext& context, const Secret& key) {
    if (plugin_knows_sample(Family::v3, true, key.reveal())) {
        return "sample";
    }
    const std::optional<ConfigReading>& config = context.found.config;
    if (config && config->key && config->key->same_as(key)) {
        return "configured";
    }
    if (context.given_key && context.given_key->key.same_as(key)) {
        return "given";
    }
    return config && config->key ? "other" : "unknown";
}

Finding sent_anywhere(const RunContext& context, const Secret& key, std::string_view held) {
    Finding finding(Cause::security_key_sent_anywhere);
    finding.args["held"] = held;
    finding.args["parameter"] = "base_url";
    if (held == "other" || held == "sample") {
        finding.args["variant"] = held;
    }
    if (held != "sample") {
        context.redactor.learn(key);
        finding.evidence.emplace_back("received-key", key.masked());
        if (const std::string fingerprint = key.fingerprint(); !fingerprint.empty()) {
            finding.evidence.emplace_back("received-key-sha256", fingerprint);
        }
    }
    if (context.found.config && context.found.config->key) {
        const std::string fingerprint = context.found.config->key->fingerprint();
        if (!fingerprint.empty()) {
            finding.evidence.emplace_back("configured-key-sha256", fingerprint);
        }
    }
    return finding;
}

Message destination_summary(std::string_view outcome) {
    return Message("summary.deep.key-destination." + std::string(outcome));
}

boost::asio::awaitable<CheckResult> run_deep_key_destination(RunContext& context) {
    CheckResult result;
    const ListenerUse use = listener_use(context);
    facts::Destination facts;
    facts.listener = listener_use_name(use);
    result.facts = facts::to_json(facts);
    if (use != ListenerUse::possible) {
        result.skip_reason = skip_reason::not_applicable;
        result.summary = destination_summary("not-applicable");
        result.summary.args["reason"] = listener_use_name(use);
        co_return result;
    }
    const auto executor = co_await boost::asio::this_coro::executor;
    const LoopbackListener listener(executor);
    std::string base_url = listener.base_url();
    const ExperimentAnswer experiment =
        co_await ask_route(context, std::move(base_url), std::string(), std::string_view());
    facts.requests = listener.requests();
    result.facts = facts::to_json(facts);
    if (!listener.bearers().empty()) {
        const Secret& key = listener.bearers().front();
        const std::string_view held = holder_of(context, key);
        facts.held = held;
        result.facts = facts::to_json(facts);
        result.findings.push_back(sent_anywhere(context, key, held));
        result.summary = destination_summary("sent");
        result.summary.args["held"] = held;
        co_return result;
    }
    const bool no_key = experiment.answer && experiment.answer->failure == RouteFailure::no_key;
    // Only a request that came without a key, or the answer that another host was asked, shows that none is sent.
    const bool asked_elsewhere = experiment.answer && experiment.answer->kind == AnswerKind::balance;
    result.incomplete = !no_key && !asked_elsewhere && listener.requests() == 0;
    result.summary = destination_summary(no_key ? "no-key" : result.incomplete ? "unclear" : "not-sent");
    co_return result;
}

}  // namespace

namespace checks {

extern constinit const Check deep_key_destination{
    .id = "deep.key-destination",
    .needs = {"route.registration"},
    .wants = {"install.plugin", "config.key", "frontend.extension"},
    .after = {"deep.key-override"},
    .limit = std::chrono::seconds(60),
    .deep = true,
    .run = run_deep_key_destination,
};

}  // namespace checks
}  // namespace banana
