#include "deep_experiment.hpp"

#include "banana/percent_encoding.hpp"
#include "comfyui_api.hpp"
#include "key_text.hpp"
#include "known_families.hpp"
#include "plugin_source.hpp"
#include "proxy_settings.hpp"
#include "web_url.hpp"

#include <algorithm>
#include <random>
#include <vector>

namespace banana {
namespace {

// The plugin waits 15 s for an upstream.
constexpr std::chrono::milliseconds kExtraTime{8000};
constexpr std::string_view kHostParameter = "base_url";

bool holds(const std::vector<std::string>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

// By the examined route where that is the one that runs, else by what the served script sends; none where neither was
// looked at.
std::optional<bool> route_takes_host(const RunContext& context) {
    const bool other = context.found.server->is_examined_install == false;
    if (context.found.install && !other) {
        return holds(route_parameters_of(&*context.found.install), kHostParameter);
    }
    if (!context.found.frontend) {
        return std::nullopt;
    }
    return holds(context.found.frontend->parameters, kHostParameter);
}

}  // namespace

ListenerUse listener_use(const RunContext& context) {
    const std::optional<bool> takes_host = route_takes_host(context);
    if (!takes_host) {
        return ListenerUse::host_unknown;
    }
    if (!*takes_host) {
        return ListenerUse::host_is_fixed;
    }
    const std::optional<WebUrl> url = parse_web_url(context.found.server->base_url);
    if (!url || !is_loopback_host(url->host)) {
        return ListenerUse::other_machine;
    }
    const std::optional<Environment>& environment = context.found.server->process_environment;
    if (!environment) {
        return ListenerUse::environment_unknown;
    }
    const ProxyChoice proxy = choose_proxy("http://127.0.0.1:80/", *environment);
    return proxy.url.empty() ? ListenerUse::possible : ListenerUse::through_proxy;
}

std::string_view listener_use_name(ListenerUse use) {
    switch (use) {
        case ListenerUse::possible: return "possible";
        case ListenerUse::host_is_fixed: return "host-is-fixed";
        case ListenerUse::host_unknown: return "host-unknown";
        case ListenerUse::other_machine: return "other-machine";
        case ListenerUse::environment_unknown: return "environment-unknown";
        case ListenerUse::through_proxy: return "through-proxy";
    }
    return "possible";
}

Secret invented_key() {
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    std::random_device random;
    std::string key(key_text::kKeyPrefix);
    for (std::size_t index = 0; index < key_text::kKeyTail; ++index) {
        key += kAlphabet[random() % kAlphabet.size()];
    }
    return Secret(key);
}

boost::asio::awaitable<ExperimentAnswer> ask_route(RunContext& context, std::string base_url, std::string key_parameter,
                                                   std::string_view key) {
    const std::string_view path = context.found.route->with_api_prefix ? kPageRoute : kBalanceRoute;
    std::string url = context.found.server->base_url + std::string(path) + "?refresh=1";
    if (!base_url.empty()) {
        url += "&base_url=" + percent_encode(base_url);
    }
    if (!key_parameter.empty()) {
        url += "&" + key_parameter + "=" + percent_encode(key);
    }
    if (!context.options.service_line.empty()) {
        url += "&route=" + percent_encode(context.options.service_line);
    }
    const Exchange exchange =
        co_await local_get(context, std::move(url), context.options.timeout + kExtraTime, Asked::once);
    ExperimentAnswer result;
    if (exchange.ok()) {
        result.answer = read_route_answer(*exchange.response);
    }
    co_return result;
}

}  // namespace banana
