#include "system_proxy.hpp"

#include "text.hpp"
#include "web_url.hpp"

#include <algorithm>
#include <map>
#include <string>

namespace banana {
namespace {

// The next part of a list that `;` separates; the list keeps what follows it.
std::string_view take_part(std::string_view& list) {
    const std::size_t end = std::min(list.find(';'), list.size());
    const std::string_view part = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    return part;
}

// re.match('(?:[^/:]+)://', address)
bool has_scheme(std::string_view address) {
    const std::size_t mark = address.find_first_of("/:");
    return mark != 0 && mark != std::string_view::npos && address.substr(mark).starts_with("://");
}

// The proxies by protocol. Where a part has no `=`, Python gives up and keeps what it has read so far.
std::map<std::string, std::string> proxies_of(std::string_view server) {
    if (server.find_first_of("=;") == std::string_view::npos) {
        const std::string address = (has_scheme(server) ? "" : "http://") + std::string(server);
        return {{"http", address}, {"https", address}};
    }
    std::map<std::string, std::string> proxies;
    bool more = true;
    while (more) {
        more = server.find(';') != std::string_view::npos;
        const std::string_view part = take_part(server);
        const std::size_t equals = part.find('=');
        if (equals == std::string_view::npos) {
            return proxies;
        }
        const std::string protocol(part.substr(0, equals));
        const std::string address(part.substr(equals + 1));
        const bool web = protocol == "http" || protocol == "https";
        const std::string_view scheme = web ? "http://" : protocol == "socks" ? "socks4://" : "";
        proxies[protocol] = (has_scheme(address) ? "" : std::string(scheme)) + address;
    }
    if (const auto socks = proxies.find("socks"); socks != proxies.end()) {
        std::string address = socks->second;
        if (address.starts_with("socks://")) {
            address.insert(5, "4");  // the kind of SOCKS that Windows means where none is named
        }
        for (const char* protocol : {"http", "https"}) {
            proxies.try_emplace(protocol, address);
        }
    }
    return proxies;
}

// Whether the pattern, `*` and `?` in it, is what the host begins with: the end need not match (re.match).
bool begins_with(std::string_view host, std::string_view pattern) {
    std::size_t in_host = 0;
    std::size_t in_pattern = 0;
    std::size_t star = std::string_view::npos;
    std::size_t taken_by_star = 0;
    while (in_pattern < pattern.size()) {
        const char wanted = pattern[in_pattern];
        if (wanted == '*') {
            star = in_pattern++;
            taken_by_star = in_host;
        } else if (in_host < host.size() && (wanted == '?' || wanted == host[in_host])) {
            ++in_host;
            ++in_pattern;
        } else if (star != std::string_view::npos && taken_by_star < host.size()) {
            in_host = ++taken_by_star;
            in_pattern = star + 1;
        } else {
            return false;
        }
    }
    return true;
}

std::string exception_for(std::string_view exceptions, std::string_view host) {
    while (!exceptions.empty()) {
        const std::string_view part = take_part(exceptions);
        const bool local = part == "<local>" && host.find('.') == std::string_view::npos;
        if (local || (!part.empty() && begins_with(host, to_lower_ascii(part)))) {
            return std::string(part);
        }
    }
    return {};
}

}  // namespace

ProxyChoice choose_system_proxy(std::string_view url, const SystemProxySettings& settings) {
    ProxyChoice choice;
    const std::optional<WebUrl> parts = parse_web_url(url);
    if (!parts) {
        return choice;
    }
    const std::map<std::string, std::string> proxies = proxies_of(settings.server);
    auto chosen = proxies.find(parts->scheme);
    if (chosen == proxies.end()) {
        chosen = proxies.find("all");
    }
    if (chosen == proxies.end()) {
        return choice;
    }
    choice.variable = "system";
    choice.bypass_entry = exception_for(settings.exceptions, parts->host);
    if (choice.bypass_entry.empty()) {
        choice.url = chosen->second;
    } else {
        choice.bypass_variable = "system";
    }
    return choice;
}

}  // namespace banana
