// One HTTP exchange as it was seen on the wire: phases, attempts, TLS facts, and typed errors.
#pragma once

#include "banana/secret.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace banana {

using Milliseconds = std::chrono::duration<double, std::milli>;

// The step of an exchange, in wire order.
enum class Phase { url, name, tcp, proxy, tls, request, response };

enum class NetworkFailure {
    invalid_url,           // url: cannot be parsed, or neither http nor https
    name_not_found,        // name: getaddrinfo says there is no such name
    name_temporary,        // name: getaddrinfo reports a temporary or server failure
    name_timeout,          // name: no answer in time
    refused,               // tcp: RST on connect
    unreachable,           // tcp: no route to host or network
    connect_timeout,       // tcp
    reset,                 // any later phase: connection reset by peer
    closed,                // any later phase: end of stream before the whole message
    timed_out,             // proxy, tls, request, response: over the limit
    proxy_unreachable,     // proxy: cannot be resolved or connected to
    proxy_refused,         // proxy: answered CONNECT or the SOCKS request with a refusal
    proxy_authentication,  // proxy: 407, or SOCKS authentication failed
    proxy_unsupported,     // proxy: scheme that neither requests nor we can use
    proxy_malformed,       // proxy: the answer is no HTTP or SOCKS answer
    proxy_untrusted,       // proxy: reached by https, and its own certificate does not pass
    tls_untrusted,         // tls: issuer unknown
    tls_unfit,             // tls: a certificate that may not serve here: weak, for another use, not by an authority
    tls_self_signed,       // tls: a self-signed certificate, or one in the chain, that is not trusted
    tls_hostname,          // tls: certificate for another name
    tls_expired,
    tls_not_yet_valid,
    tls_protocol_version,   // tls: no common version
    tls_plain_text,         // tls: the peer answered in plain text
    tls_handshake,          // tls: any other alert or cut
    malformed_response,     // response: not HTTP
    header_limit,           // response: headers over the bound
    body_limit,             // response: body over the bound
    redirect_other_origin,  // response: the key would have to go to another origin
    redirect_loop,
    unexpected_encoding,  // response: compressed though nothing but identity was asked for
    trust_unusable,       // tls: the CA file or folder to trust cannot be read
    local_resources,      // any: this process lacks descriptors or memory; the client throws platform::Exhausted
    cancelled,
};

struct NetworkError {
    NetworkError(Phase phase, NetworkFailure failure, std::string detail = {})
        : phase(phase), failure(failure), detail(std::move(detail)) {}
    Phase phase;
    NetworkFailure failure;
    std::string detail;  // library's own words or the peer's refusal; untrusted, bounded
};

struct AddressAttempt {
    std::string address;  // numeric, without port
    std::uint16_t port = 0;
    bool ipv6 = false;
    std::optional<NetworkFailure> failure;  // none: connected, or overtaken (see `abandoned`)
    bool abandoned = false;                 // another address answered first
    Milliseconds duration{0};
};

// Milliseconds spent in each phase; none where the phase was not reached or not needed.
struct PhaseTimes {
    std::optional<Milliseconds> name, tcp, proxy, tls, first_byte, total;
};

struct CertificateFacts {
    std::string subject;  // RFC 2253 one-liners, bounded, control characters stripped
    std::string issuer;
    std::vector<std::string> names;  // subjectAltName DNS and IP entries
    std::chrono::system_clock::time_point not_before;
    std::chrono::system_clock::time_point not_after;
};

struct TlsFacts {
    std::string version;  // "TLSv1.3"
    std::string cipher;
    std::vector<CertificateFacts> chain;  // as presented, leaf first; read even where verification fails
    bool verified = false;
    std::string verify_message;  // OpenSSL's words where not verified
    // The certificate that did not pass and its place in the chain, 0 for the server's own.
    std::optional<CertificateFacts> rejected;
    int rejected_depth = 0;
    // What another store says of the same chain; none where it was not asked.
    std::optional<bool> second_opinion;
};

// Header names as received; look-up is case-blind.
struct HttpResponse {
    int status = 0;
    std::string reason;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    bool body_complete = true;
    // First value of the header, or empty.
    [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
};

struct Redirect {
    std::string from;
    std::string to;
    int status = 0;
    bool same_origin = false;
};

// A header whose value is a secret, such as a token or a cookie.
struct SecretHeader {
    SecretHeader(std::string name, Secret value) : name(std::move(name)), value(std::move(value)) {}
    std::string name;
    Secret value;
};

struct HttpRequest {
    std::string method = "GET";
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    // Sent as `Authorization: Bearer …` only over verified https, or to a loopback address.
    std::optional<Secret> bearer;
    // Sent to the origin of `url` alone, never behind a redirect, and as the bearer only over verified https or to a
    // loopback address. Null: none. Must outlive the exchange.
    const std::vector<SecretHeader>* secret_headers = nullptr;
};

// Either `response` or `error` is set; both where a response came and could not be completed or followed.
struct Exchange {
    std::string url;  // of the last hop
    std::vector<Redirect> redirects;
    std::optional<HttpResponse> response;
    std::optional<NetworkError> error;
    PhaseTimes times;
    std::vector<AddressAttempt> attempts;
    std::optional<TlsFacts> tls;
    bool name_overridden = false;  // the address was handed in with the client, not looked up
    std::string via_proxy;         // "http://host:port", password masked; empty when direct
    std::string peer_address;      // numeric address that answered
    bool key_sent = false;
    int requests_sent = 0;  // requests that reached the origin's HTTP layer, redirects included
    int connect_retries = 0;
    [[nodiscard]] bool ok() const noexcept { return response.has_value() && !error.has_value(); }
};

}  // namespace banana
