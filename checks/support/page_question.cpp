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

// The line that the round trip names, as the page's box would; also where the page's script could not be read, since
// without a name the plugin asks a line of its own choice.
std::string line_to_ask(const RunContext& context) {
    const bool compiled = context.found.install && context.found.install->family == Family::v3;
    const bool script_read = context.found.frontend && !context.found.frontend->parameters.empty();
    if (!sends(context, "route") && (script_read || !compiled)) {
        return {};
    }
    const bool shown = context.found.node && !context.found.node->default_service_line.empty();
    const std::string fixed = context.found.frontend ? context.found.frontend->page.line : std::string();
    return !context.options.service_line.empty() ? context.options.service_line
           : !fixed.empty()                      ? fixed
           : shown                               ? context.found.node->default_service_line
                                                 : plugin_target(context).service_line;
}

bool is_safe_for_a_key(const WebUrl& url) {
    return url.secure() || is_loopback_host(url.host);
}

// Only V1's page names the host; empty where the plugin asks its own.
std::string base_url_to_ask(const RunContext& context) {
    if (!sends(context, "base_url")) {
        return {};
    }
    const std::string& own = context.found.frontend->page.address;
    const UpstreamTarget target = upstream_target(context);
    return !own.empty() ? own : target.is_certain ? target.base_url : std::string();
}

// What the page would ask is not known, or asks for a key in the clear; a question without it leads elsewhere.
Withheld reason_to_withhold(const RunContext& context, const PageQuestion& question, std::string_view base) {
    const std::optional<WebUrl> url = parse_web_url(base);
    if (url && !is_safe_for_a_key(*url)) {
        return Withheld::insecure_address;
    }
    const UpstreamTarget target = plugin_target(context);
    const bool by_line = context.found.install && context.found.install->family == Family::v3;
    const bool named =
        !question.service_line.empty() && (target.is_certain || target.service_line_from == Provenance::observed);
    const bool script_read = context.found.frontend && !context.found.frontend->parameters.empty();
    const bool page_names_none = script_read && !sends(context, "route");
    return by_line && !named && !page_names_none ? Withheld::line_unknown : Withheld::no;
}

// The key goes to ComfyUI within its URL, as the page sends it: over loopback only. The plugin hands it on to the
// upstream: never unencrypted.
bool may_carry_key(const RunContext& context) {
    const std::optional<WebUrl> server = parse_web_url(context.found.server->base_url);
    const std::optional<WebUrl> upstream = parse_web_url(plugin_target(context).base_url);
    return server && is_loopback_host(server->host) && (!upstream || is_safe_for_a_key(*upstream));
}

}  // namespace

boost::asio::awaitable<PageQuestion> page_question(RunContext& context) {
    PageQuestion question;
    const bool with_prefix = context.found.route->with_api_prefix;
    question.url =
        context.found.server->base_url + std::string(with_prefix ? kPageRoute : kBalanceRoute) + "?refresh=1";
    const std::string base = base_url_to_ask(context);
    if (!base.empty()) {
        question.url += "&base_url=" + percent_encode(base);
    }
    question.service_line = line_to_ask(context);
    question.withheld = reason_to_withhold(context, question, base);
    if (!question.service_line.empty()) {
        question.url += "&route=" + percent_encode(question.service_line);
    }
    question.masked_url = question.url;
    const std::vector<std::string> names =
        context.found.frontend ? key_parameters_in(context.found.frontend->parameters) : std::vector<std::string>();
    if (!context.options.as_node || !context.given_key) {
        co_return question;
    }
    // Where the page's script could not be read, nobody knows whether it sends the node's key.
    const bool script_known = context.found.frontend && context.found.frontend->sends_node_key.has_value();
    question.key_withheld = names.empty() ? !script_known : !may_carry_key(context);
    for (const std::string& name : question.key_withheld ? std::vector<std::string>() : names) {
        question.key_sent = true;
        question.url += "&" + name + "=" + percent_encode(context.given_key->key.reveal());
        question.masked_url += "&" + name + "=" + context.given_key->key.masked();
    }
    co_return question;
}

std::string host_asked(const RunContext& context) {
    const UpstreamTarget target = plugin_target(context);
    const std::optional<WebUrl> url = target.is_certain ? parse_web_url(target.base_url) : std::nullopt;
    return url ? url->host : std::string();
}

}  // namespace banana
