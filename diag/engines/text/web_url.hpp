// The http and https URLs that this program asks, in the parts a client needs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace banana {

struct WebUrl {
    std::string scheme;  // "http" or "https"
    std::string host;    // lower case; IPv6 without brackets
    std::uint16_t port = 0;
    std::string target;          // path and query, at least "/"; never a fragment
    bool has_user_info = false;  // `user:pw@`: requests turns it into Basic authentication; dropped here

    [[nodiscard]] bool secure() const { return scheme == "https"; }
    [[nodiscard]] bool host_is_ipv6() const { return host.find(':') != std::string::npos; }
    [[nodiscard]] bool host_is_numeric() const;  // an IPv4 or IPv6 literal
    // As in a Host header: brackets round IPv6, the port only where it is not the scheme's own.
    [[nodiscard]] std::string authority() const;
    // As in CONNECT: always with the port.
    [[nodiscard]] std::string host_and_port() const;
    [[nodiscard]] std::string origin() const { return scheme + "://" + authority(); }
    [[nodiscard]] std::string text() const { return origin() + target; }
};

// None where the text is no absolute http or https URL. Blanks around it are ignored, and characters that
// a URL may not contain are percent-encoded as Python's requests does.
std::optional<WebUrl> parse_web_url(std::string_view text);

// The target of a `Location` header, relative forms included (RFC 3986 section 5).
std::optional<WebUrl> resolve_location(const WebUrl& base, std::string_view location);

bool same_origin(const WebUrl& a, const WebUrl& b);

// requests keeps the Authorization header within one origin, and from http:80 to https:443 of one host.
bool keeps_authorization(const WebUrl& from, const WebUrl& to);

bool is_loopback_host(std::string_view host);

// Every slash at the end taken away, but for a text of one character.
std::string without_trailing_slash(std::string url);

}  // namespace banana
