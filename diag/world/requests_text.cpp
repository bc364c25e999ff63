#include "requests_text.hpp"

namespace banana::world {
namespace {

std::string pool_error(std::string_view host, int port, std::string_view target, const std::string& cause) {
    return "HTTPSConnectionPool(host='" + std::string(host) + "', port=" + std::to_string(port) +
           "): Max retries exceeded with url: " + std::string(target) + " (Caused by " + cause + ")";
}

std::string new_connection(std::string_view reason) {
    return "NewConnectionError('<urllib3.connection.HTTPSConnection object at 0x7f0000000000>: Failed to establish a "
           "new connection: " +
           std::string(reason) + "')";
}

std::string certificate_error(std::string_view reason) {
    return "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: " +
           std::string(reason) + " (_ssl.c:1007)'))";
}

std::string proxy_error(const std::string& reason) {
    return "ProxyError('Cannot connect to proxy.', " + reason + ")";
}

bool is_proxy_failure(NetworkFailure failure) {
    switch (failure) {
        case NetworkFailure::proxy_unreachable:
        case NetworkFailure::proxy_refused:
        case NetworkFailure::proxy_authentication:
        case NetworkFailure::proxy_unsupported:
        case NetworkFailure::proxy_malformed:
        case NetworkFailure::proxy_untrusted: return true;
        default: return false;
    }
}

}  // namespace

std::string requests_message(const NetworkError& error, std::string_view host, int port, std::string_view target) {
    const auto pooled = [&](const std::string& cause) { return pool_error(host, port, target, cause); };
    const std::string pool =
        "HTTPSConnectionPool(host='" + std::string(host) + "', port=" + std::to_string(port) + "): ";
    switch (error.failure) {
        case NetworkFailure::invalid_url: return "No connection adapters were found for '" + std::string(target) + "'";
        case NetworkFailure::name_not_found: return pooled(new_connection("[Errno -2] Name or service not known"));
        case NetworkFailure::name_temporary:
        case NetworkFailure::name_timeout:
            return pooled(new_connection("[Errno -3] Temporary failure in name resolution"));
        case NetworkFailure::refused: return pooled(new_connection("[Errno 111] Connection refused"));
        case NetworkFailure::unreachable: return pooled(new_connection("[Errno 101] Network is unreachable"));
        case NetworkFailure::connect_timeout:
            return pooled(
                "ConnectTimeoutError(<urllib3.connection.HTTPSConnection object at 0x7f0000000000>, "
                "'Connection to " +
                std::string(host) + " timed out. (connect timeout=15)')");
        case NetworkFailure::proxy_unreachable:
            return pooled(proxy_error(new_connection("[Errno 111] Connection refused")));
        case NetworkFailure::proxy_authentication:
            return pooled(proxy_error("OSError('Tunnel connection failed: 407 Proxy Authentication Required')"));
        case NetworkFailure::proxy_refused:
        case NetworkFailure::proxy_unsupported:
        case NetworkFailure::proxy_malformed:
        case NetworkFailure::proxy_untrusted:
            return pooled(proxy_error("OSError('Tunnel connection failed: 502 Bad Gateway')"));
        case NetworkFailure::tls_unfit:
        case NetworkFailure::tls_untrusted: return pooled(certificate_error("unable to get local issuer certificate"));
        case NetworkFailure::tls_self_signed: return pooled(certificate_error("self-signed certificate"));
        case NetworkFailure::tls_hostname:
            return pooled("SSLError(CertificateError(\"hostname '" + std::string(host) +
                          "' doesn't match 'another.example.net'\"))");
        case NetworkFailure::tls_expired: return pooled(certificate_error("certificate has expired"));
        case NetworkFailure::tls_not_yet_valid: return pooled(certificate_error("certificate is not yet valid"));
        case NetworkFailure::tls_plain_text:
            return pooled("SSLError(SSLError(1, '[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1007)'))");
        case NetworkFailure::tls_protocol_version:
            return pooled(
                "SSLError(SSLError(1, '[SSL: TLSV1_ALERT_PROTOCOL_VERSION] tlsv1 alert protocol version "
                "(_ssl.c:1007)'))");
        case NetworkFailure::tls_handshake:
            return pooled("SSLError(SSLEOFError(8, 'EOF occurred in violation of protocol (_ssl.c:1007)'))");
        case NetworkFailure::reset:
            return "('Connection aborted.', ConnectionResetError(104, 'Connection reset by peer'))";
        case NetworkFailure::timed_out: return pool + "Read timed out. (read timeout=15)";
        case NetworkFailure::redirect_loop: return "Exceeded 30 redirects.";
        case NetworkFailure::malformed_response: return "('Connection aborted.', BadStatusLine('?'))";
        case NetworkFailure::trust_unusable:
            return "Could not find a suitable TLS CA certificate bundle, invalid path: /missing.pem";
        default: break;
    }
    return "('Connection aborted.', RemoteDisconnected('Remote end closed connection without response'))";
}

std::string_view requests_exception(const NetworkError& error) {
    if (is_proxy_failure(error.failure)) {
        return "ProxyError";
    }
    if (error.failure == NetworkFailure::connect_timeout) {
        return "ConnectTimeout";
    }
    if (error.failure == NetworkFailure::timed_out) {
        return "ReadTimeout";
    }
    return error.phase == Phase::tls && error.failure != NetworkFailure::reset ? "SSLError" : "ConnectionError";
}

}  // namespace banana::world
