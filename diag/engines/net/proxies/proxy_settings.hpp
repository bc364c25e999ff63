// Which proxy Python's requests would use for a URL, and what a proxy URL says.
#pragma once

#include "banana/context.hpp"
#include "banana/secret.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace banana {

// With socks4 and socks5 Python resolves the target's name itself; with socks4a and socks5h the proxy does.
enum class ProxyScheme { http, https, socks4, socks4a, socks5, socks5h };

bool is_socks(ProxyScheme scheme);
bool resolves_names(ProxyScheme scheme);

// A proxy URL in its parts.
struct ProxyServer {
    ProxyScheme scheme = ProxyScheme::http;
    std::string host;
    std::uint16_t port = 0;
    bool has_credentials = false;
    std::string user;
    Secret password{""};

    // "http://host:port"; with credentials "http://user:***@host:port", without a password "http://***@host:port".
    [[nodiscard]] std::string shown() const;
};

// None without a host, with a bad port, or with a scheme that is not spoken here. Without a scheme it is http.
// User and password are percent-decoded as requests does.
std::optional<ProxyServer> parse_proxy(std::string_view url);

// A proxy URL with its password, or a user without one, as "***"; for showing what a variable holds, parsable or not.
std::string mask_proxy_password(std::string_view url);

struct ProxyChoice {
    std::string url;       // as it was set; empty: direct. May hold a password: not for showing.
    std::string variable;  // "https_proxy", "ALL_PROXY" … or "system"; empty when none decided
    // Where `variable` excluded this host: "NO_PROXY" or "no_proxy" with the entry that matched.
    std::string bypass_variable;
    std::string bypass_entry;
};

// The rules of requests 2.28 (get_environ_proxies): `<scheme>_proxy`, then `all_proxy`; lower case beats upper, an
// empty lower-case one cancels the upper; HTTP_PROXY does not count where REQUEST_METHOD is set; NO_PROXY by suffix,
// `host:port`, `*` and, for IPv4 literals, CIDR. `url` must be absolute http or https; direct otherwise.
ProxyChoice choose_proxy(std::string_view url, const Environment& environment);

// The variable whose list of exceptions requests reads in this environment: "no_proxy" before "NO_PROXY"; empty where
// neither holds one.
std::string exceptions_variable(const Environment& environment);

// Whether any `…_proxy` variable (no_proxy too) keeps Python from asking the operating system.
bool has_proxy_variables(const Environment& environment);

}  // namespace banana
