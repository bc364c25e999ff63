#include "proxy_settings.hpp"

#include "banana/percent_encoding.hpp"
#include "text.hpp"
#include "web_url.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <vector>

namespace banana {
namespace {

constexpr std::string_view kSuffix = "_proxy";

struct Variable {
    std::string name;
    std::string value;
};

std::vector<std::string> split(std::string_view list, char separator) {
    std::vector<std::string> parts;
    while (true) {
        const std::size_t end = list.find(separator);
        parts.emplace_back(list.substr(0, end));
        if (end == std::string_view::npos) {
            return parts;
        }
        list.remove_prefix(end + 1);
    }
}

// urllib.request.getproxies_environment: variables by what precedes "_proxy", in lower case.
std::map<std::string, Variable> proxy_variables(const Environment& environment) {
    std::map<std::string, Variable> proxies;
    const auto kind_of = [](const std::string& name) -> std::string {
        const std::string lower = to_lower_ascii(name);
        return lower.size() >= kSuffix.size() && lower.ends_with(kSuffix)
                   ? lower.substr(0, lower.size() - kSuffix.size())
                   : std::string();
    };
    for (const auto& [name, value] : environment.all()) {
        if (const std::string kind = kind_of(name); !kind.empty() && !value.empty()) {
            proxies[kind] = {name, value};
        }
    }
    if (environment.get("REQUEST_METHOD")) {
        proxies.erase("http");
    }
    for (const auto& [name, value] : environment.all()) {
        const std::string kind = kind_of(name);
        if (kind.empty() || !name.ends_with(kSuffix)) {
            continue;
        }
        if (value.empty()) {
            proxies.erase(kind);
        } else {
            proxies[kind] = {name, value};
        }
    }
    return proxies;
}

// inet_aton: one to four parts, each decimal, 0x… or 0…; the last fills what is left.
std::optional<std::uint32_t> inet_aton(std::string_view text) {
    const std::vector<std::string> parts = split(text, '.');
    if (parts.size() > 4) {
        return std::nullopt;
    }
    std::uint32_t address = 0;
    for (std::size_t index = 0; index < parts.size(); ++index) {
        std::string_view part = parts[index];
        int base = 10;
        if (part.size() > 2 && part[0] == '0' && (part[1] == 'x' || part[1] == 'X')) {
            base = 16;
            part.remove_prefix(2);
        } else if (part.size() > 1 && part[0] == '0') {
            base = 8;
        }
        std::uint64_t value = 0;
        const auto [rest, error] = std::from_chars(part.data(), part.data() + part.size(), value, base);
        if (part.empty() || error != std::errc{} || rest != part.data() + part.size()) {
            return std::nullopt;
        }
        const bool last = index + 1 == parts.size();
        const std::uint64_t limit = last ? (std::uint64_t{1} << (8U * (4 - index))) - 1 : 255;
        if (value > limit) {
            return std::nullopt;
        }
        address |= static_cast<std::uint32_t>(last ? value : value << (8U * (3 - index)));
    }
    return address;
}

// requests.utils.is_valid_cidr and address_in_network; none where the entry is no network.
std::optional<bool> in_network(std::uint32_t address, std::string_view entry) {
    const std::size_t slash = entry.find('/');
    if (slash == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view bits_text = entry.substr(slash + 1);
    int bits = 0;
    const auto [rest, error] = std::from_chars(bits_text.data(), bits_text.data() + bits_text.size(), bits);
    const std::optional<std::uint32_t> network = inet_aton(entry.substr(0, slash));
    if (error != std::errc{} || rest != bits_text.data() + bits_text.size() || bits < 1 || bits > 32 || !network) {
        return std::nullopt;
    }
    const std::uint32_t mask = bits == 32 ? 0xFFFFFFFFU : ~(0xFFFFFFFFU >> static_cast<unsigned>(bits));
    return (address & mask) == (*network & mask);
}

// The port only where the URL spells it out, as urlparse has it.
std::string host_with_spelled_port(std::string_view url, const WebUrl& parts) {
    const std::size_t start = url.find("://");
    std::string_view authority = start == std::string_view::npos ? url : url.substr(start + 3);
    authority = authority.substr(0, authority.find_first_of("/?#"));
    const std::size_t colon = authority.rfind(':');
    const bool spelled = colon != std::string_view::npos && colon + 1 < authority.size() &&
                         authority.find_first_not_of("0123456789", colon + 1) == std::string_view::npos;
    return spelled ? parts.host + ":" + std::to_string(parts.port) : parts.host;
}

// requests.utils.should_bypass_proxies, its own part: the entry that excludes the host.
std::optional<std::string> excluded_by_requests(std::string list, std::string_view url, const WebUrl& parts) {
    std::erase(list, ' ');
    const std::optional<std::uint32_t> address = inet_aton(parts.host);
    const std::string with_port = host_with_spelled_port(url, parts);
    for (const std::string& entry : split(list, ',')) {
        if (entry.empty()) {
            continue;
        }
        const bool excluded = address ? in_network(*address, entry).value_or(parts.host == entry)
                                      : parts.host.ends_with(entry) || with_port.ends_with(entry);
        if (excluded) {
            return entry;
        }
    }
    return std::nullopt;
}

// urllib.request.proxy_bypass_environment.
std::optional<std::string> excluded_by_urllib(const std::string& list, const std::string& host) {
    if (list == "*") {
        return list;
    }
    for (const std::string& part : split(list, ',')) {
        std::string name = to_lower_ascii(trim_ascii(part));
        name.erase(0, std::min(name.find_first_not_of('.'), name.size()));
        if (!name.empty() && (host == name || host.ends_with("." + name))) {
            return std::string(trim_ascii(part));
        }
    }
    return std::nullopt;
}

std::string_view name_of(ProxyScheme scheme) {
    switch (scheme) {
        case ProxyScheme::http: return "http";
        case ProxyScheme::https: return "https";
        case ProxyScheme::socks4: return "socks4";
        case ProxyScheme::socks4a: return "socks4a";
        case ProxyScheme::socks5: return "socks5";
        case ProxyScheme::socks5h: return "socks5h";
    }
    return "http";
}

std::optional<ProxyScheme> scheme_of(const std::string& name) {
    if (name == "http") {
        return ProxyScheme::http;
    }
    if (name == "https") {
        return ProxyScheme::https;
    }
    for (const ProxyScheme scheme :
         {ProxyScheme::socks4, ProxyScheme::socks4a, ProxyScheme::socks5, ProxyScheme::socks5h}) {
        if (name == name_of(scheme)) {
            return scheme;
        }
    }
    return std::nullopt;
}

// urllib3's port_by_scheme; PySocks' own for SOCKS.
std::uint16_t default_port(ProxyScheme scheme) {
    switch (scheme) {
        case ProxyScheme::http: return 80;
        case ProxyScheme::https: return 443;
        case ProxyScheme::socks4:
        case ProxyScheme::socks4a:
        case ProxyScheme::socks5:
        case ProxyScheme::socks5h: return 1080;
    }
    return 80;
}

bool is_sound_host(std::string_view host) {
    return !host.empty() &&
           std::all_of(host.begin(), host.end(), [](char c) { return c > ' ' && c < '\x7F' && c != '%' && c != '\\'; });
}

bool read_host_and_port(std::string_view text, ProxyServer& server) {
    std::string_view port;
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) {
            return false;
        }
        server.host = to_lower_ascii(text.substr(1, end - 1));
        port = text.substr(end + 1);
    } else {
        const std::size_t colon = std::min(text.find(':'), text.size());
        server.host = to_lower_ascii(text.substr(0, colon));
        port = text.substr(colon);
    }
    if (!is_sound_host(server.host)) {
        return false;
    }
    server.port = default_port(server.scheme);
    if (port.empty() || port == ":") {
        return true;
    }
    port.remove_prefix(1);
    const auto [rest, error] = std::from_chars(port.data(), port.data() + port.size(), server.port);
    return error == std::errc{} && rest == port.data() + port.size() && server.port != 0;
}

}  // namespace

bool is_socks(ProxyScheme scheme) {
    return scheme != ProxyScheme::http && scheme != ProxyScheme::https;
}

bool resolves_names(ProxyScheme scheme) {
    return scheme != ProxyScheme::socks4 && scheme != ProxyScheme::socks5;
}

std::string ProxyServer::shown() const {
    std::string text(name_of(scheme));
    text += "://";
    if (has_credentials) {
        // A user without a password is a token.
        text += password.empty() ? "***@" : user + ":***@";
    }
    text += host.find(':') != std::string::npos ? "[" + host + "]" : host;
    return text + ":" + std::to_string(port);
}

std::optional<ProxyServer> parse_proxy(std::string_view url) {
    // Nothing is trimmed, since Python does not: a blank at either end breaks the address.
    ProxyServer server;
    if (const std::size_t mark = url.find("://"); mark != std::string_view::npos) {
        const std::optional<ProxyScheme> scheme = scheme_of(to_lower_ascii(url.substr(0, mark)));
        if (!scheme) {
            return std::nullopt;
        }
        server.scheme = *scheme;
        url.remove_prefix(mark + 3);
    } else if (const std::size_t colon = url.find(':'); url.substr(std::min(colon, url.size())).starts_with(":/")) {
        return std::nullopt;  // a scheme with one slash
    }
    url = url.substr(0, url.find_first_of("/?#"));
    if (const std::size_t at = url.rfind('@'); at != std::string_view::npos) {
        const std::string_view login = url.substr(0, at);
        const std::size_t colon = std::min(login.find(':'), login.size());
        server.has_credentials = true;
        server.user = percent_decode(login.substr(0, colon));
        server.password = Secret(colon < login.size() ? percent_decode(login.substr(colon + 1)) : std::string());
        url.remove_prefix(at + 1);
    }
    return read_host_and_port(url, server) ? std::optional(std::move(server)) : std::nullopt;
}

std::string mask_proxy_password(std::string_view url) {
    const std::size_t mark = url.find("://");
    const std::size_t start = mark == std::string_view::npos ? 0 : mark + 3;
    const std::size_t at = url.rfind('@');
    const std::size_t colon = url.find(':', start);
    if (at == std::string_view::npos || at < start) {
        return sanitize(url);
    }
    if (colon == std::string_view::npos || colon + 1 >= at) {
        return sanitize(std::string(url.substr(0, start)) + "***" + std::string(url.substr(at)));
    }
    return sanitize(std::string(url.substr(0, colon)) + ":***" + std::string(url.substr(at)));
}

bool has_proxy_variables(const Environment& environment) {
    return !proxy_variables(environment).empty();
}

std::string exceptions_variable(const Environment& environment) {
    // An empty lower-case one does not cancel the upper here.
    for (const char* name : {"no_proxy", "NO_PROXY"}) {
        if (!environment.get(name).value_or(std::string()).empty()) {
            return name;
        }
    }
    return {};
}

ProxyChoice choose_proxy(std::string_view url, const Environment& environment) {
    ProxyChoice choice;
    const std::optional<WebUrl> parts = parse_web_url(url);
    if (!parts) {
        return choice;
    }
    const std::map<std::string, Variable> variables = proxy_variables(environment);
    if (const std::string name = exceptions_variable(environment); !name.empty()) {
        if (const auto entry = excluded_by_requests(environment.get(name).value_or(std::string()), url, *parts)) {
            choice.bypass_variable = name;
            choice.bypass_entry = *entry;
        }
    }
    const auto exclusions = variables.find("no");
    if (choice.bypass_variable.empty() && exclusions != variables.end()) {
        if (const auto entry = excluded_by_urllib(exclusions->second.value, parts->host)) {
            choice.bypass_variable = exclusions->second.name;
            choice.bypass_entry = *entry;
        }
    }
    auto chosen = variables.find(parts->scheme);
    if (chosen == variables.end()) {
        chosen = variables.find("all");
    }
    if (chosen != variables.end()) {
        choice.variable = chosen->second.name;
        if (choice.bypass_variable.empty()) {
            choice.url = chosen->second.value;
        }
    }
    return choice;
}

}  // namespace banana
