#include "outbound_settings.hpp"

#include "comfyui_process.hpp"
#include "start_scripts.hpp"
#include "system_proxy.hpp"
#include "text.hpp"

#include <filesystem>

namespace banana {
namespace {

// A relative path is read from where the program was started.
void resolve_bundle(OutboundSettings& settings, const std::filesystem::path& folder) {
    std::filesystem::path& bundle = settings.trust.trust.bundle;
    if (bundle.empty() || bundle.is_absolute()) {
        return;
    }
    settings.trust_is_a_guess = folder.empty();
    bundle = folder.empty() ? bundle : folder / bundle;
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
    if (context.surroundings.system_proxy && !has_proxy_variables(environment)) {
        settings.proxy = choose_system_proxy(url, *context.surroundings.system_proxy);
        settings.proxy_source = "system";
    }
    if (settings.proxy.url.empty()) {
        settings.proxy_source = "none";
    }
}

// PySocks is one module, installed beside certifi, which requests cannot do without.
void look_for_socks_package(OutboundSettings& settings, const RunContext& context, const Environment& environment) {
    const std::optional<ProxyServer> proxy = parse_proxy(settings.proxy.url);
    if (!proxy || !is_socks(proxy->scheme) || !context.found.install) {
        return;
    }
    const std::filesystem::path certifi = find_certifi(environment, context.found.install->comfyui_dir);
    if (certifi.empty()) {
        return;
    }
    const std::filesystem::path packages = certifi.parent_path().parent_path();
    std::error_code error;
    if (!std::filesystem::exists(packages / "socks.py", error) && !error) {
        settings.lacks_socks_package = packages;
    }
}

}  // namespace

OutboundSettings outbound_settings(const RunContext& context, std::string_view url) {
    OutboundSettings settings;
    const Environment& shell = context.surroundings.environment;
    const std::optional<SeenProcess> seen = comfyui_process_seen(context);
    const Environment& environment = seen ? seen->environment : shell;
    settings.environment_source = seen ? "comfyui-process" : "shell";
    choose_outbound_proxy(settings, context, url, environment);
    settings.exceptions_variable = exceptions_variable(environment);
    if (seen && settings.proxy.url.empty() && !context.options.proxy) {
        const ProxyChoice other = choose_proxy(url, shell);
        settings.other_proxy = other.url;
        settings.other_proxy_variable = other.url.empty() ? std::string() : other.variable;
    }
    look_for_socks_package(settings, context, environment);
    if (context.options.ca_file) {
        settings.trust.trust = Trust{Trust::Store::bundle, *context.options.ca_file};
        settings.trust.source = "--ca-file";
    } else {
        settings.trust = plugin_trust(
            environment, context.found.install ? context.found.install->comfyui_dir : std::filesystem::path());
        resolve_bundle(settings, seen ? seen->working_directory : std::filesystem::path());
    }
    return settings;
}

void look_into_start_scripts(OutboundSettings& settings, const RunContext& context) {
    const bool may_help = settings.environment_source == "shell" && settings.proxy.url.empty() &&
                          settings.other_proxy.empty() && !context.options.proxy && context.found.install;
    if (std::optional<ScriptProxy> proxy =
            may_help ? proxy_of_start_scripts(context.found.install->comfyui_dir) : std::nullopt) {
        settings.other_proxy = std::move(proxy->url);
        settings.other_proxy_variable = std::move(proxy->variable);
        settings.other_proxy_script = std::move(proxy->script);
    }
}

}  // namespace banana
