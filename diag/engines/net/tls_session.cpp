#include "tls_session.hpp"

#include "certificate_facts.hpp"
#include "openssl_reason.hpp"
#include "platform.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <new>
#include <stdexcept>
#include <utility>

namespace banana {
namespace {

using StorePointer = std::shared_ptr<X509_STORE>;

struct ContextDeleter {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct SessionDeleter {
    void operator()(SSL* session) const { SSL_free(session); }
};
struct StoreContextDeleter {
    void operator()(X509_STORE_CTX* context) const { X509_STORE_CTX_free(context); }
};

bool is_address(const std::string& host) {
    ASN1_OCTET_STRING* const address = a2i_IPADDRESS(host.c_str());
    const bool parsed = address != nullptr;
    ASN1_OCTET_STRING_free(address);
    return parsed;
}

// Python's ssl module: no wildcard inside a label; an address only matches an address entry.
void require_host(X509_VERIFY_PARAM* parameters, const std::string& host) {
    X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (is_address(host)) {
        X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str());
    } else {
        X509_VERIFY_PARAM_set1_host(parameters, host.data(), host.size());
    }
}

NetworkFailure failure_of_verification(int code) {
    switch (code) {
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH: return NetworkFailure::tls_hostname;
        case X509_V_ERR_CERT_HAS_EXPIRED: return NetworkFailure::tls_expired;
        case X509_V_ERR_CERT_NOT_YET_VALID: return NetworkFailure::tls_not_yet_valid;
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN: return NetworkFailure::tls_self_signed;
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE: return NetworkFailure::tls_untrusted;
        default: return NetworkFailure::tls_unfit;
    }
}

bool is_version_mismatch(int reason) {
    return reason == SSL_R_UNSUPPORTED_PROTOCOL || reason == SSL_R_TLSV1_ALERT_PROTOCOL_VERSION ||
           reason == SSL_R_NO_PROTOCOLS_AVAILABLE || reason == SSL_R_VERSION_TOO_LOW;
}

// RFC 8446 section 5.1: a record starts with its content type, 20 to 24, and major version 3.
bool looks_like_tls(std::string_view octets) {
    return octets.empty() || (octets[0] >= 20 && octets[0] <= 24 && (octets.size() < 2 || octets[1] == 3));
}

}  // namespace

struct TlsSession::State {
    std::unique_ptr<SSL, SessionDeleter> session;
    BIO* incoming = nullptr;  // owned by `session`
    BIO* outgoing = nullptr;
    std::string host;
    StorePointer second;
    bool verify = true;
    int verify_code = X509_V_OK;
    bool ended = false;
    std::string first_octets;  // to tell plain text from TLS
    TlsFacts facts;
    std::optional<NetworkError> error;

    // OpenSSL's whole verification, with the chain kept whatever comes of it.
    int verify_chain(X509_STORE_CTX* presented) {
        facts.chain = certificate_facts(X509_STORE_CTX_get0_untrusted(presented));
        if (second) {
            ask_second(presented);
        }
        const bool trusted = X509_verify_cert(presented) == 1;
        verify_code = X509_STORE_CTX_get_error(presented);
        facts.verified = verify && trusted;
        if (!trusted) {
            facts.verify_message = X509_verify_cert_error_string(verify_code);
            note_rejected(presented);
        }
        return trusted || !verify ? 1 : 0;
    }

    void note_rejected(X509_STORE_CTX* presented) {
        const X509* const certificate = X509_STORE_CTX_get_current_cert(presented);
        if (certificate != nullptr) {
            facts.rejected = certificate_facts(certificate);
            facts.rejected_depth = X509_STORE_CTX_get_error_depth(presented);
        }
    }

    // Chain and dates only: the host was, or was not, right for both alike.
    void ask_second(X509_STORE_CTX* presented) {
        const std::unique_ptr<X509_STORE_CTX, StoreContextDeleter> other(X509_STORE_CTX_new());
        if (!other || X509_STORE_CTX_init(other.get(), second.get(), X509_STORE_CTX_get0_cert(presented),
                                          X509_STORE_CTX_get0_untrusted(presented)) != 1) {
            return;
        }
        X509_STORE_CTX_set_default(other.get(), "ssl_server");
        require_host(X509_STORE_CTX_get0_param(other.get()), host);
        const bool trusted = X509_verify_cert(other.get()) == 1;
        if (!trusted && !platform::has_descriptors(1)) {
            return;  // the certificate that is looked for may be in a file that could not be opened
        }
        facts.second_opinion = trusted;
    }

    static int on_verify(X509_STORE_CTX* presented, void*) {
        const void* const session = X509_STORE_CTX_get_ex_data(presented, SSL_get_ex_data_X509_STORE_CTX_idx());
        return static_cast<State*>(SSL_get_app_data(static_cast<const SSL*>(session)))->verify_chain(presented);
    }

    // What all sessions share; it holds nothing of any of them. Setting it up is an eighth of a healthy run's
    // instructions (OpenSSL looks at each of its algorithms once), so that it is done once, and ahead of the first
    // session where there is time.
    static SSL_CTX* shared_context() {
        static const std::unique_ptr<SSL_CTX, ContextDeleter> context = [] {
            OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_SSL_STRINGS, nullptr);  // openssl_reason() does
            std::unique_ptr<SSL_CTX, ContextDeleter> made(SSL_CTX_new(TLS_client_method()));
            if (!made) {
                throw std::runtime_error("SSL_CTX_new");
            }
            SSL_CTX_set_min_proto_version(made.get(), TLS1_2_VERSION);
            SSL_CTX_set_verify(made.get(), SSL_VERIFY_PEER, nullptr);
            SSL_CTX_set_cert_verify_callback(made.get(), &State::on_verify, nullptr);
            return made;
        }();
        return context.get();
    }

    void fail(NetworkFailure failure, std::string detail) {
        error = NetworkError(Phase::tls, failure, std::move(detail));
    }

    // Why the last call failed, in the order in which the causes exclude each other.
    void classify_failure() {
        const unsigned long code = ERR_peek_last_error();
        const int reason = ERR_GET_REASON(code);
        const std::string detail = openssl_reason(code);
        ERR_clear_error();
        if (reason == ERR_R_MALLOC_FAILURE) {
            throw std::bad_alloc();
        }
        if (verify && verify_code != X509_V_OK) {
            platform::throw_if_short_of_descriptors();  // as when the issuer's file could not be opened
            return fail(failure_of_verification(verify_code), facts.verify_message);
        }
        if (!looks_like_tls(first_octets)) {
            return fail(NetworkFailure::tls_plain_text, detail);
        }
        if (is_version_mismatch(reason)) {
            return fail(NetworkFailure::tls_protocol_version, detail);
        }
        fail(NetworkFailure::tls_handshake, detail);
    }

    void note_session() {
        facts.version = SSL_get_version(session.get());
        const char* const cipher = SSL_get_cipher_name(session.get());
        facts.cipher = cipher != nullptr ? cipher : "";
    }
};

TlsSession::TlsSession(const std::string& host, const LoadedTrust& trusted, bool verify, const LoadedTrust* second)
    : state_(std::make_unique<State>()) {
    State& state = *state_;
    state.host = host;
    state.verify = verify;
    if (second != nullptr) {
        state.second = second->store;
    }
    state.session.reset(SSL_new(State::shared_context()));
    if (!state.session) {
        throw std::runtime_error("SSL_new");
    }
    SSL* const session = state.session.get();
    SSL_set_app_data(session, &state);
    if (trusted.store) {
        SSL_set1_verify_cert_store(session, trusted.store.get());
    }
    require_host(SSL_get0_param(session), host);
    if (!is_address(host)) {
        SSL_set_tlsext_host_name(session, host.c_str());
    }
    static constexpr unsigned char kHttp11[] = "\x08http/1.1";
    SSL_set_alpn_protos(session, kHttp11, sizeof kHttp11 - 1);
    SSL_set_connect_state(session);
    state.incoming = BIO_new(BIO_s_mem());
    state.outgoing = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(state.incoming, -1);
    SSL_set_bio(session, state.incoming, state.outgoing);
}

void TlsSession::prepare() noexcept {
    try {
        State::shared_context();
    } catch (const std::exception&) {
        // The session that is in want of it says so.
    }
}

TlsSession::~TlsSession() = default;
TlsSession::TlsSession(TlsSession&&) noexcept = default;

TlsSession::Step TlsSession::handshake() {
    State& state = *state_;
    ERR_clear_error();
    const int result = SSL_do_handshake(state.session.get());
    if (result == 1) {
        state.note_session();
        return Step::done;
    }
    if (SSL_get_error(state.session.get(), result) == SSL_ERROR_WANT_READ && !state.ended) {
        return Step::need_input;
    }
    if (state.ended && state.first_octets.empty()) {
        state.fail(NetworkFailure::tls_handshake, "closed during the handshake");
        return Step::failed;
    }
    state.classify_failure();
    return Step::failed;
}

TlsSession::Step TlsSession::read(char* buffer, std::size_t size, std::size_t& count) {
    State& state = *state_;
    ERR_clear_error();
    const int result = SSL_read_ex(state.session.get(), buffer, size, &count);
    if (result == 1) {
        return Step::done;
    }
    switch (SSL_get_error(state.session.get(), result)) {
        case SSL_ERROR_ZERO_RETURN: return Step::closed;
        // As Python's suppress_ragged_eofs: an end without a close_notify is an end.
        case SSL_ERROR_WANT_READ: return state.ended ? Step::closed : Step::need_input;
        default: break;
    }
    state.classify_failure();
    return Step::failed;
}

bool TlsSession::write(std::string_view plain) {
    ERR_clear_error();
    std::size_t written = 0;
    if (SSL_write_ex(state_->session.get(), plain.data(), plain.size(), &written) == 1 && written == plain.size()) {
        return true;
    }
    state_->classify_failure();
    return false;
}

void TlsSession::feed(std::string_view octets) {
    constexpr std::size_t kEnoughToTell = 5;
    if (state_->first_octets.size() < kEnoughToTell) {
        state_->first_octets += octets.substr(0, kEnoughToTell - state_->first_octets.size());
    }
    BIO_write(state_->incoming, octets.data(), static_cast<int>(octets.size()));
}

void TlsSession::feed_end() {
    state_->ended = true;
}

std::string TlsSession::take_output() {
    std::string out(BIO_ctrl_pending(state_->outgoing), '\0');
    if (!out.empty()) {
        BIO_read(state_->outgoing, out.data(), static_cast<int>(out.size()));
    }
    return out;
}

const std::optional<NetworkError>& TlsSession::error() const {
    return state_->error;
}
const TlsFacts& TlsSession::facts() const {
    return state_->facts;
}

}  // namespace banana
