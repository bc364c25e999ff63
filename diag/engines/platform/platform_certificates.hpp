// The certificate authorities that this system trusts. Part of the platform layer.
#pragma once

#include <string>

struct x509_store_st;  // OpenSSL's X509_STORE

namespace banana::platform {

// Adds them to the store and says where they came from: a file, a folder, or "system" where the operating system
// hands them out itself. Empty when none were found. SSL_CERT_FILE and SSL_CERT_DIR do not count: the plugin's
// requests ignores them too.
std::string add_system_certificates(x509_store_st* store);

}  // namespace banana::platform
