// deep.key-override: does the route use a key given in the request, as the node's input box needs?
#include "check.hpp"
#include "deep_experiment.hpp"
#include "known_families.hpp"
#include "loopback_listener.hpp"
#include "redaction.hpp"
#include "run_context.hpp"
#include "script_reader.hpp"

#include <boost/asio/this_coro.hpp>
#include "banana/cause.hpp"
#include "banana/facts.hpp"

namespace banana {
namespace {

enum class Effect { used, ignored, unclear };

// The name under which the page would send the node's key, else what the route is known to read.
std::string key_parameter(const RunContext& context) {
    if (context.found.frontend) {
        if (const auto sent = key_parameters_in(context.found.frontend->parameters); !sent.empty()) {
            return sent.front();
        }
    }
    const Install* install = context.found.install ? &*context.found.install : nullptr;
    const std::string_view read = key_parameter_of(install);
    return std::string(read.empty() ? "api_key" : read);
}

// The key that reaches our listener tells which one the route uses; costs no upstream query.
boost::asio::awaitable<Effect> watch_listener(RunContext& context, const Secret& invented) {
    const auto executor = co_await boost::asio::this_coro::executor;
    const LoopbackListener listener(executor);
    std::string base_url = listener.base_url();
    std::string parameter = key_parameter(context);
    const ExperimentAnswer experiment =
        co_await ask_route(context, std::move(base_url), std::move(parameter), invented.reveal());
    for (const Secret& bearer : listener.bearers()) {
        context.redactor.learn(bearer);
    }
    if (!listener.bearers().empty()) {
        co_return listener.bearers().front().same_as(invented) ? Effect::used : Effect::ignored;
    }
    // It did not even ask: with the invented key it would have.
    const bool no_key = experiment.answer && experiment.answer->failure == RouteFailure::no_key;
    co_return no_key ? Effect::ignored : Effect::unclear;
}

// An invented key must turn what the round trip had into a failure; costs one upstream query.
boost::asio::awaitable<Effect> compare_outcomes(RunContext& context, const Secret& invented) {
    std::string parameter = key_parameter(context);
    const ExperimentAnswer experiment =
        co_await ask_route(context, std::string(), std::move(parameter), invented.reveal());
    if (!experiment.answer) {
        co_return Effect::unclear;
    }
    const AnswerKind kind = experiment.answer->kind;
    const bool refused = kind == AnswerKind::failure || kind == AnswerKind::without_data;
    if (context.found.round_trip->balance_came) {
        co_return kind == AnswerKind::balance ? Effect::ignored : refused ? Effect::used : Effect::unclear;
    }
    // Without a key before: any other answer than "no key" shows that it now has one.
    if (experiment.answer->failure == RouteFailure::no_key) {
        co_return Effect::ignored;
    }
    co_return refused ? Effect::used : Effect::unclear;
}

bool has_comparable_outcome(const RunContext& context) {
    const auto& trip = context.found.round_trip;
    return trip && (trip->balance_came || trip->outcome == code_of(Cause::proxy_no_key));
}

Finding ignored(const RunContext& context, std::string_view way) {
    Finding finding(Cause::proxy_key_override_ignored);
    finding.args["parameter"] = key_parameter(context);
    finding.args["variant"] = way;
    return finding;
}

Message override_summary(std::string_view outcome) {
    return Message("summary.deep.key-override." + std::string(outcome));
}

boost::asio::awaitable<CheckResult> run_deep_key_override(RunContext& context) {
    CheckResult result;
    const bool by_listener = listener_use(context) == ListenerUse::possible;
    if (!by_listener && !has_comparable_outcome(context)) {
        result.skip_reason = skip_reason::not_applicable;
        result.summary = override_summary("no-baseline");
        co_return result;
    }
    const Secret invented = invented_key();
    context.redactor.learn(invented);
    Effect effect = Effect::unclear;
    if (by_listener) {
        effect = co_await watch_listener(context, invented);
    } else {
        effect = co_await compare_outcomes(context, invented);
    }
    const std::string_view way = by_listener ? "listener" : "outcome";
    facts::Override facts;
    facts.way = way;
    facts.upstream_queries = by_listener ? 0 : 1;
    facts.key_used = effect == Effect::used;
    result.facts = facts::to_json(facts);
    result.incomplete = effect == Effect::unclear;
    if (effect == Effect::ignored) {
        result.findings.push_back(ignored(context, way));
    }
    result.summary = override_summary(effect == Effect::used      ? "used"
                                      : effect == Effect::ignored ? "ignored"
                                                                  : "unclear");
    co_return result;
}

}  // namespace

namespace checks {

extern constinit const Check deep_key_override{
    .id = "deep.key-override",
    .needs = {"route.registration"},
    .wants = {"install.plugin", "config.key", "frontend.extension", "proxy.round-trip"},
    .limit = std::chrono::seconds(60),
    .deep = true,
    .run = run_deep_key_override,
};

}  // namespace checks
}  // namespace banana
