#ifndef _WIN32

#include "platform_certificates.hpp"

#include "banana/ascii.hpp"

#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace banana::platform {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHashLength = 8;

// "1a2b3c4d.0", as OpenSSL's rehash names a certificate by its subject.
bool is_hashed_name(std::string_view name) {
    return name.size() > kHashLength + 1 && name[kHashLength] == '.' &&
           std::all_of(name.begin(), name.begin() + kHashLength,
                       [](char c) { return hex_value(c) >= 0 && !is_upper(c); });
}

bool is_hashed_folder(const fs::path& folder) {
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        if (is_hashed_name(entry->path().filename().string())) {
            return true;
        }
    }
    return false;
}

// Empty where there is none.
std::string add_system_bundle(X509_STORE* store) {
    // Debian; Fedora and RHEL, old and new; SUSE; Alpine, FreeBSD and macOS; Homebrew's OpenSSL.
    static constexpr std::array kBundles{"/etc/ssl/certs/ca-certificates.crt",
                                         "/etc/pki/tls/certs/ca-bundle.crt",
                                         "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
                                         "/etc/ssl/ca-bundle.pem",
                                         "/etc/ssl/cert.pem",
                                         "/opt/homebrew/etc/openssl@3/cert.pem",
                                         "/usr/local/etc/openssl@3/cert.pem"};
    for (const char* bundle : kBundles) {
        std::error_code error;
        if (fs::is_regular_file(bundle, error) && X509_STORE_load_file(store, bundle) == 1) {
            return bundle;
        }
    }
    return {};
}

// An authority that the hashed folder lacks may stand in the bundle, which Debian's Python reads: it is read once,
// before a certificate is called untrusted.
int issuer_in_folder_or_bundle(X509** issuer, X509_STORE_CTX* context, X509* certificate) {
    const int found = X509_STORE_CTX_get1_issuer(issuer, context, certificate);
    X509_STORE* store = X509_STORE_CTX_get0_store(context);
    if (found != 0 || X509_STORE_get_get_issuer(store) != issuer_in_folder_or_bundle) {
        return found;
    }
    X509_STORE_set_get_issuer(store, X509_STORE_CTX_get1_issuer);
    return add_system_bundle(store).empty() ? found : X509_STORE_CTX_get1_issuer(issuer, context, certificate);
}

}  // namespace

std::string add_system_certificates(X509_STORE* store) {
    // Debian, Alpine and SUSE hash the first; Fedora's newer releases the second.
    static constexpr std::array kFolders{"/etc/ssl/certs", "/etc/pki/tls/certs"};
    for (const char* folder : kFolders) {
        if (is_hashed_folder(folder) && X509_STORE_load_path(store, folder) == 1) {
            X509_STORE_set_get_issuer(store, issuer_in_folder_or_bundle);
            return folder;
        }
    }
    return add_system_bundle(store);
}

}  // namespace banana::platform

#endif
