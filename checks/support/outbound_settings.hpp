// How the plugin's requests leaves this machine: the environment that counts, its proxy, its trust.
#pragma once

#include "proxy_settings.hpp"
#include "run_context.hpp"
#include "tls_trust.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace banana {

struct OutboundSettings {
    // Whose environment was read: "comfyui-process", or "shell" where that process was not seen or may not be read.
    std::string environment_source = "shell";
    ProxyChoice proxy;
    // "comfyui-process", "shell", "system", "option" (--proxy), or "none" when there is no proxy.
    std::string exceptions_variable;  // that names hosts to be asked directly; empty: none is set
    std::string proxy_source = "none";
    TrustChoice trust;  // source "--ca-file" where that was given
    // The bundle's path is relative, and from which folder ComfyUI reads it was not seen.
    bool trust_is_a_guess = false;
    // Where the proxy is a SOCKS one: the folder of ComfyUI's Python that lacks the package requests needs for it.
    // Empty where the package is there, or where that Python was not found.
    std::filesystem::path lacks_socks_package;
    // What else could be tried: the proxy of the shell where ComfyUI's process has none. Empty: nothing.
    std::string other_proxy;
    std::string other_proxy_variable;
    std::filesystem::path other_proxy_script;  // empty: the shell's
};

OutboundSettings outbound_settings(const RunContext& context, std::string_view url);

// Where nothing else could be tried and ComfyUI's process was not seen: the first proxy that a file names which starts
// ComfyUI. Reads those files.
void look_into_start_scripts(OutboundSettings& settings, const RunContext& context);

}  // namespace banana
