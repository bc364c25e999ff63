#include "web_url.hpp"

#include "banana/ascii.hpp"
#include "banana/percent_encoding.hpp"
#include "text.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <boost/url/url_view.hpp>

namespace banana {
namespace {

namespace urls = boost::urls;

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

std::uint16_t default_port(std::string_view scheme) {
    return scheme == "https" ? kHttpsPort : kHttpPort;
}

// What requests' requote_uri leaves alone stays; the rest becomes %XX.
std::string requote(std::string_view text) {
    constexpr std::string_view kSafe = "!#$&'()*+,/:;=?@[]~-._";
    std::string out;
    for (std::size_t index = 0; index < text.size(); ++index) {
        const char c = text[index];
        const bool stays =
            is_alphanumeric(c) || kSafe.find(c) != std::string_view::npos || starts_percent_triplet(text.substr(index));
        out += stays ? std::string(1, c) : percent_triplet(c);
    }
    return out;
}

std::optional<WebUrl> from_view(const urls::url_view& view) {
    WebUrl url;
    url.scheme = to_lower_ascii(std::string_view(view.scheme().data(), view.scheme().size()));
    if (url.scheme != "http" && url.scheme != "https") {
        return std::nullopt;
    }
    if (!view.has_authority() || view.encoded_host().empty()) {
        return std::nullopt;
    }
    const auto host = view.encoded_host_address();
    url.host = to_lower_ascii(std::string_view(host.data(), host.size()));
    if (url.host.empty() || url.host.find('%') != std::string::npos) {
        return std::nullopt;
    }
    url.port = default_port(url.scheme);
    if (view.has_port() && !view.port().empty()) {
        url.port = view.port_number();
        if (url.port == 0) {
            return std::nullopt;
        }
    }
    const auto path = view.encoded_path();
    url.target.assign(path.data(), path.size());
    if (url.target.empty()) {
        url.target = "/";
    }
    // Boost.URL takes what cannot belong to the authority, a blank or a second colon, for the path.
    if (url.target.front() != '/') {
        return std::nullopt;
    }
    if (view.has_query()) {
        const auto query = view.encoded_query();
        url.target += '?';
        url.target.append(query.data(), query.size());
    }
    url.has_user_info = view.has_userinfo();
    return url;
}

}  // namespace

bool WebUrl::host_is_numeric() const {
    boost::system::error_code error;
    boost::asio::ip::make_address(host, error);
    return !error;
}

std::string WebUrl::authority() const {
    const std::string shown = host_is_ipv6() ? "[" + host + "]" : host;
    return port == default_port(scheme) ? shown : shown + ":" + std::to_string(port);
}

std::string WebUrl::host_and_port() const {
    return (host_is_ipv6() ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::optional<WebUrl> parse_web_url(std::string_view text) {
    const std::string quoted = requote(trim_ascii(text));
    const auto parsed = urls::parse_uri(quoted);
    if (!parsed) {
        return std::nullopt;
    }
    return from_view(*parsed);
}

std::optional<WebUrl> resolve_location(const WebUrl& base, std::string_view location) {
    const std::string base_text = base.text();
    const std::string quoted = requote(trim_ascii(location));
    const auto base_view = urls::parse_uri(base_text);
    const auto reference = urls::parse_uri_reference(quoted);
    if (!base_view || !reference) {
        return std::nullopt;
    }
    urls::url target;
    if (!urls::resolve(*base_view, *reference, target)) {
        return std::nullopt;
    }
    return from_view(target);
}

bool same_origin(const WebUrl& a, const WebUrl& b) {
    return a.scheme == b.scheme && a.host == b.host && a.port == b.port;
}

bool keeps_authorization(const WebUrl& from, const WebUrl& to) {
    const bool upgrade =
        from.scheme == "http" && from.port == kHttpPort && to.scheme == "https" && to.port == kHttpsPort;
    return same_origin(from, to) || (upgrade && from.host == to.host);
}

bool is_loopback_host(std::string_view host) {
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(std::string(host), error);
    return error ? equal_ignoring_case(host, "localhost") : address.is_loopback();
}

std::string without_trailing_slash(std::string url) {
    while (!url.empty() && url.back() == '/') {
        url.pop_back();
    }
    return url;
}

}  // namespace banana
