#include "page_question.hpp"

#include "banana/bounds.hpp"
#include "banana/percent_encoding.hpp"
#include "base_url.hpp"
#include "comfyui_api.hpp"
#include "known_families.hpp"
#include "plugin_source.hpp"
#include "script_reader.hpp"
#include "text.hpp"
#include "web_url.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace banana {
namespace {

bool sends(const RunContext& context, std::string_view name) {
    const std::optional<FrontendScript>& script = context.found.frontend;
    return script && std::find(script->parameters.begin(), script->parameters.end(), name) != script->parameters.end();
}

// What the page's line box shows first: the first list of choices that names a known line.
std::string default_line(const boost::json::object& node) {
    const boost::json::value* input = node.if_contains("input");
    if (input == nullptr || !input->is_object()) {
        return {};
    }
    for (const std::string_view group : {std::string_view("required"), std::string_view("optional")}) {
        const boost::json::value* fields = input->get_object().if_contains(group);
        if (fields == nullptr || !fields->is_object()) {
            continue;
        }
        for (const auto& field : fields->get_object()) {
            const boost::json::array* description = field.value().if_array();
            const boost::json::array* choices =
                description != nullptr && !description->empty() ? description->front().if_array() : nullptr;
            if (choices == nullptr || choices->empty() || !choices->front().is_string() ||
                find_service_line(std::string_view(choices->front().get_string())) == nullptr) {
                continue;
            }
            const boost::json::object* settings = description->size() > 1 ? (*description)[1].if_object() : nullptr;
            const boost::json::value* chosen = settings != nullptr ? settings->if_contains("default") : nullptr;
            const boost::json::value& line = chosen != nullptr && chosen->is_string() ? *chosen : choices->front();
            return sanitize(std::string_view(line.get_string()), Lines::single, bounds::kLineNameTextBytes);
        }
    }
    return {};
}

boost::asio::awaitable<std::string> line_to_ask(RunContext& context) {
    if (!sends(context, "route") || !context.options.line.empty()) {
        co_return sends(context, "route") ? context.options.line : std::string();
    }
    const auto node = co_await node_class(context, context.found.server->base_url, std::string(kNodeClass));
    co_return node ? default_line(*node) : std::string();
}

bool is_safe_for_a_key(const WebUrl& url) {
    return url.secure() || is_loopback_host(url.host);
}

std::string base_asked(const RunContext& context, const PageQuestion& question) {
    const ServiceLine* line = find_service_line(question.line);
    return line != nullptr ? std::string(line->base_url) : effective_base_url(context);
}

// Only V1's page names the host; the examined one is named, never an insecure one.
std::string base_url_to_ask(const RunContext& context) {
    const bool known = !context.options.base_url.empty() || context.found.install;
    if (!known || !sends(context, "base_url")) {
        return {};
    }
    std::string base = effective_base_url(context);
    const std::optional<WebUrl> url = parse_web_url(base);
    return url && is_safe_for_a_key(*url) ? base : std::string();
}

// The key goes to ComfyUI within its URL, as the page sends it: over loopback only. The plugin hands it on to the
// upstream: never unencrypted.
bool may_carry_key(const RunContext& context, const PageQuestion& question) {
    const std::optional<WebUrl> server = parse_web_url(context.found.server->base_url);
    const std::optional<WebUrl> upstream = parse_web_url(base_asked(context, question));
    return server && is_loopback_host(server->host) && (!upstream || is_safe_for_a_key(*upstream));
}

}  // namespace

boost::asio::awaitable<PageQuestion> page_question(RunContext& context) {
    PageQuestion question;
    const bool with_prefix = context.found.route->with_api_prefix;
    question.url =
        context.found.server->base_url + std::string(with_prefix ? kPageRoute : kBalanceRoute) + "?refresh=1";
    if (const std::string base = base_url_to_ask(context); !base.empty()) {
        question.url += "&base_url=" + percent_encode(base);
    }
    question.line = co_await line_to_ask(context);
    if (!question.line.empty()) {
        question.url += "&route=" + percent_encode(question.line);
    }
    question.shown_url = question.url;
    const std::optional<std::string> parameter =
        context.found.frontend ? key_parameter_in(context.found.frontend->parameters) : std::nullopt;
    if (!context.options.as_node || !context.given_key) {
        co_return question;
    }
    // Where the page's script could not be read, nobody knows whether it sends the node's key.
    const bool script_known = context.found.frontend && context.found.frontend->sends_node_key.has_value();
    question.key_withheld = parameter ? !may_carry_key(context, question) : !script_known;
    if (parameter && !question.key_withheld) {
        question.key_sent = true;
        question.url += "&" + *parameter + "=" + percent_encode(context.given_key->key.reveal());
        question.shown_url += "&" + *parameter + "=" + context.given_key->key.masked();
    }
    co_return question;
}

std::string host_asked(const RunContext& context, const PageQuestion& question) {
    const std::optional<WebUrl> url = parse_web_url(base_asked(context, question));
    return url ? url->host : std::string();
}

}  // namespace banana
