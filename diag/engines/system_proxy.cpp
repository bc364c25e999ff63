// The proxy of the operating system, as Python's urllib.request.getproxies_registry reads it on Windows.
#include "engines/proxy_settings.hpp"

#ifdef _WIN32

#include "engines/text.hpp"
#include "engines/web_url.hpp"

#include <windows.h>

#include <array>

namespace banana {
namespace {

constexpr const char* kSettings = "Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings";

std::string text_setting(const char* name) {
    std::array<char, 4096> value{};
    DWORD size = static_cast<DWORD>(value.size());
    const LSTATUS read = RegGetValueA(HKEY_CURRENT_USER, kSettings, name, RRF_RT_REG_SZ, nullptr, value.data(), &size);
    return read == ERROR_SUCCESS ? std::string(value.data()) : std::string();
}

bool proxy_enabled() {
    DWORD enabled = 0;
    DWORD size = sizeof enabled;
    return RegGetValueA(HKEY_CURRENT_USER, kSettings, "ProxyEnable", RRF_RT_REG_DWORD, nullptr, &enabled, &size) ==
               ERROR_SUCCESS &&
           enabled != 0;
}

// "host:port" for everything, or "http=…;https=…".
std::string server_for(const std::string& setting, const std::string& scheme) {
    if (setting.find('=') == std::string::npos && setting.find(';') == std::string::npos) {
        return setting;
    }
    std::string_view rest = setting;
    while (!rest.empty()) {
        const std::string_view part = rest.substr(0, rest.find(';'));
        rest.remove_prefix(std::min(part.size() + 1, rest.size()));
        if (part.starts_with(scheme + "=")) {
            return std::string(part.substr(scheme.size() + 1));
        }
    }
    return {};
}

bool matches(std::string_view pattern, std::string_view host) {
    if (pattern.empty()) {
        return host.empty();
    }
    if (pattern.front() == '*') {
        return matches(pattern.substr(1), host) || (!host.empty() && matches(pattern, host.substr(1)));
    }
    return !host.empty() && (pattern.front() == '?' || pattern.front() == host.front()) &&
           matches(pattern.substr(1), host.substr(1));
}

std::string excluding_entry(const std::string& overrides, const std::string& host) {
    std::string_view rest = overrides;
    while (!rest.empty()) {
        const std::string_view part = rest.substr(0, rest.find(';'));
        rest.remove_prefix(std::min(part.size() + 1, rest.size()));
        const bool local = part == "<local>" && host.find('.') == std::string::npos;
        if (local || (!part.empty() && matches(to_lower_ascii(part), host))) {
            return std::string(part);
        }
    }
    return {};
}

}  // namespace

ProxyChoice choose_system_proxy(std::string_view url) {
    ProxyChoice choice;
    const std::optional<WebUrl> parts = parse_web_url(url);
    if (!parts || !proxy_enabled()) {
        return choice;
    }
    const std::string server = server_for(text_setting("ProxyServer"), parts->scheme);
    if (server.empty()) {
        return choice;
    }
    choice.variable = "system";
    choice.bypass_entry = excluding_entry(text_setting("ProxyOverride"), parts->host);
    if (choice.bypass_entry.empty()) {
        choice.url = server;
    } else {
        choice.bypass_variable = "system";
    }
    return choice;
}

}  // namespace banana

#else

namespace banana {

ProxyChoice choose_system_proxy(std::string_view) {
    return {};
}

}  // namespace banana

#endif
