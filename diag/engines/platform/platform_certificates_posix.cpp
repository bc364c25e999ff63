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

}  // namespace

std::string add_system_certificates(X509_STORE* store) {
    // Debian, Alpine and SUSE hash the first; Fedora's newer releases the second.
    static constexpr std::array kFolders{"/etc/ssl/certs", "/etc/pki/tls/certs"};
    // Debian; Fedora and RHEL, old and new; SUSE; Alpine, FreeBSD and macOS; Homebrew's OpenSSL.
    static constexpr std::array kBundles{"/etc/ssl/certs/ca-certificates.crt",
                                         "/etc/pki/tls/certs/ca-bundle.crt",
                                         "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
                                         "/etc/ssl/ca-bundle.pem",
                                         "/etc/ssl/cert.pem",
                                         "/opt/homebrew/etc/openssl@3/cert.pem",
                                         "/usr/local/etc/openssl@3/cert.pem"};
    for (const char* folder : kFolders) {
        if (is_hashed_folder(folder) && X509_STORE_load_path(store, folder) == 1) {
            return folder;
        }
    }
    for (const char* bundle : kBundles) {
        std::error_code error;
        if (fs::is_regular_file(bundle, error) && X509_STORE_load_file(store, bundle) == 1) {
            return bundle;
        }
    }
    return {};
}

}  // namespace banana::platform

#endif
