#ifdef _WIN32

#include "platform_certificates.hpp"

#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <windows.h>

#include <wincrypt.h>

namespace banana::platform {

std::string add_system_certificates(X509_STORE* store) {
    std::string place;
    for (const wchar_t* name : {L"ROOT", L"CA"}) {
        const HCERTSTORE system = CertOpenSystemStoreW(0, name);
        if (system == nullptr) {
            continue;
        }
        PCCERT_CONTEXT entry = nullptr;
        while ((entry = CertEnumCertificatesInStore(system, entry)) != nullptr) {
            const unsigned char* bytes = entry->pbCertEncoded;
            X509* const certificate = d2i_X509(nullptr, &bytes, static_cast<long>(entry->cbCertEncoded));
            if (certificate != nullptr && X509_STORE_add_cert(store, certificate) == 1) {
                place = "system";
            }
            X509_free(certificate);
        }
        CertCloseStore(system, 0);
    }
    return place;
}

}  // namespace banana::platform

#endif
