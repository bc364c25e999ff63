#include "engines/outbound_settings.hpp"

#include "engines/comfyui_process.hpp"
#include "engines/process_view.hpp"
#include "engines/text.hpp"
#include "engines/web_url.hpp"

#include <filesystem>
#include <vector>

namespace banana {
namespace {

// The environment of the process that serves ComfyUI, from local.server where it has run, else seen here.
std::optional<Environment> comfyui_environment(const RunContext& context) {
    if (context.found.server && context.found.server->process_environment) {
        return context.found.server->process_environment;
    }
    if (!context.surroundings.search_machine) {
        return std::nullopt;
    }
    std::vector<std::uint16_t> ports = context.surroundings.usual_ports;
    if (!context.options.comfyui_url.empty()) {
        const std::optional<WebUrl> url = parse_web_url(context.options.comfyui_url);
        if (!url || !is_loopback_host(url->host)) {
            return std::nullopt;
        }
        ports = {url->port};
    }
    const std::filesystem::path root = context.found.install ? context.found.install->comfyui_dir : "";
    const std::optional<int> process = comfyui_process(ports, root);
    return process ? process_environment(*process) : std::nullopt;
}

void choose_outbound_proxy(OutboundSettings& settings, const RunContext& context, std::string_view url,
                           const Environment& environment) {
    if (context.options.proxy) {
        const bool direct = equal_ignoring_case(*context.options.proxy, "none");
        settings.proxy.url = direct ? std::string() : *context.options.proxy;
        settings.proxy.variable = "--proxy";
        settings.proxy_source = direct ? "none" : "option";
        return;
    }
    settings.proxy = choose_proxy(url, environment);
    settings.proxy_source = settings.environment_source;
    if (context.surroundings.search_machine && !has_proxy_variables(environment)) {
        settings.proxy = choose_system_proxy(url);
        settings.proxy_source = "system";
    }
    if (settings.proxy.url.empty()) {
        settings.proxy_source = "none";
    }
}

}  // namespace

OutboundSettings outbound_settings(const RunContext& context, std::string_view url) {
    OutboundSettings settings;
    const Environment& shell = context.surroundings.environment;
    const std::optional<Environment> seen = comfyui_environment(context);
    const Environment& environment = seen ? *seen : shell;
    settings.environment_source = seen ? "comfyui-process" : "shell";
    choose_outbound_proxy(settings, context, url, environment);
    if (seen && settings.proxy.url.empty() && !context.options.proxy) {
        const ProxyChoice other = choose_proxy(url, shell);
        settings.other_proxy = other.url;
        settings.other_proxy_variable = other.url.empty() ? std::string() : other.variable;
    }
    if (context.options.ca_file) {
        settings.trust.trust = Trust{Trust::Store::bundle, *context.options.ca_file};
        settings.trust.source = "--ca-file";
    } else {
        settings.trust = plugin_trust(
            environment, context.found.install ? context.found.install->comfyui_dir : std::filesystem::path());
    }
    return settings;
}

}  // namespace banana
