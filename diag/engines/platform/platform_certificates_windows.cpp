#ifdef _WIN32

#include "platform_certificates.hpp"

#include <openssl/crypto.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#define CERT_CHAIN_PARA_HAS_EXTRA_FIELDS  // the time limit of CERT_CHAIN_PARA
#include <windows.h>

#include <wincrypt.h>

#include <memory>

namespace banana::platform {
namespace {

constexpr DWORD kTimeToFetch = 3'000;  // milliseconds for Windows to bring a root that it has not brought yet

struct ContextDeleter {
    void operator()(const CERT_CONTEXT* context) const { ::CertFreeCertificateContext(context); }
};
struct ChainDeleter {
    void operator()(const CERT_CHAIN_CONTEXT* chain) const { ::CertFreeCertificateChain(chain); }
};

X509* certificate_of(const CERT_CONTEXT& context) {
    const unsigned char* bytes = context.pbCertEncoded;
    return d2i_X509(nullptr, &bytes, static_cast<long>(context.cbCertEncoded));
}

std::unique_ptr<const CERT_CONTEXT, ContextDeleter> windows_certificate(X509* certificate) {
    unsigned char* bytes = nullptr;
    const int size = i2d_X509(certificate, &bytes);
    const CERT_CONTEXT* const context =
        size > 0 ? ::CertCreateCertificateContext(X509_ASN_ENCODING, bytes, static_cast<DWORD>(size)) : nullptr;
    OPENSSL_free(bytes);
    return std::unique_ptr<const CERT_CONTEXT, ContextDeleter>(context);
}

// Windows trusts more roots than its store lists: it brings one when a chain first needs it. So for a certificate
// without an issuer in the list Windows builds the chain, without asking addresses that the certificate itself names.
X509* issuer_by_windows(X509* certificate) {
    const auto context = windows_certificate(certificate);
    CERT_CHAIN_PARA wanted{};
    wanted.cbSize = sizeof(wanted);
    wanted.dwUrlRetrievalTimeout = kTimeToFetch;
    const CERT_CHAIN_CONTEXT* built = nullptr;
    if (context == nullptr || ::CertGetCertificateChain(nullptr, context.get(), nullptr, nullptr, &wanted,
                                                        CERT_CHAIN_DISABLE_AIA, nullptr, &built) == 0) {
        return nullptr;
    }
    const std::unique_ptr<const CERT_CHAIN_CONTEXT, ChainDeleter> chain(built);
    constexpr DWORD kNoAnchor =
        CERT_TRUST_IS_UNTRUSTED_ROOT | CERT_TRUST_IS_PARTIAL_CHAIN | CERT_TRUST_IS_EXPLICIT_DISTRUST;
    if ((chain->TrustStatus.dwErrorStatus & kNoAnchor) != 0 || chain->cChain == 0 || chain->rgpChain[0]->cElement < 2) {
        return nullptr;
    }
    return certificate_of(*chain->rgpChain[0]->rgpElement[1]->pCertContext);
}

int find_issuer(X509** issuer, X509_STORE_CTX* context, X509* certificate) {
    const int found = X509_STORE_CTX_get1_issuer(issuer, context, certificate);
    if (found != 0) {
        return found;
    }
    *issuer = issuer_by_windows(certificate);
    return *issuer != nullptr ? 1 : 0;
}

}  // namespace

std::string add_system_certificates(X509_STORE* store) {
    std::string place;
    // "CA" holds intermediates, which fill gaps and are no anchors: one that issued itself is left out.
    for (const wchar_t* name : {L"ROOT", L"CA"}) {
        const HCERTSTORE system = ::CertOpenSystemStoreW(0, name);
        if (system == nullptr) {
            continue;
        }
        PCCERT_CONTEXT entry = nullptr;
        while ((entry = ::CertEnumCertificatesInStore(system, entry)) != nullptr) {
            X509* const certificate = certificate_of(*entry);
            const bool is_anchor = name[0] == L'R';
            if (certificate != nullptr && (is_anchor || X509_self_signed(certificate, 0) == 0) &&
                X509_STORE_add_cert(store, certificate) == 1) {
                place = "system";
            }
            X509_free(certificate);
        }
        ::CertCloseStore(system, 0);
    }
    X509_STORE_set_get_issuer(store, find_issuer);
    return place;
}

}  // namespace banana::platform

#endif
