// What a client says to a proxy before the connection through it is its own.
#pragma once

#include "banana/http.hpp"
#include "byte_layer.hpp"
#include "proxy_settings.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace banana {

// CONNECT (RFC 9110 section 9.3.6), with the proxy's credentials if it has any. None: the tunnel stands.
boost::asio::awaitable<std::optional<NetworkError>> open_http_tunnel(ByteLayer& layer, const ProxyServer& proxy,
                                                                     std::string host_and_port);

// The address of the target that is told to a SOCKS proxy: the first; for SOCKS4, which knows no other, the first
// of IPv4. None where there is none.
std::optional<boost::asio::ip::address> address_for_socks(ProxyScheme scheme,
                                                          const std::vector<boost::asio::ip::address>& addresses);

// SOCKS5 (RFC 1928, RFC 1929), or SOCKS4 and 4a (no RFC; as PySocks speaks it). With `address` the proxy gets that,
// else the host's name to resolve itself.
boost::asio::awaitable<std::optional<NetworkError>> open_socks_tunnel(ByteLayer& layer, const ProxyServer& proxy,
                                                                      std::string host,
                                                                      std::optional<boost::asio::ip::address> address,
                                                                      std::uint16_t port);

// The value of a Proxy-Authorization header (RFC 7617).
std::string proxy_authorization(const ProxyServer& proxy);

// The failure that a layer reported, or that it simply ended, as the given phase's error.
NetworkError error_of(const ByteLayer& layer, Phase phase);

}  // namespace banana
