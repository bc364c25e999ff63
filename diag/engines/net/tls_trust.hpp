// Whom a certificate has to satisfy: the system's store, the plugin's own, or a file named on the command line.
#pragma once

#include "banana/context.hpp"

#include <filesystem>
#include <memory>
#include <string>

struct x509_store_st;  // OpenSSL's X509_STORE

namespace banana {

// What certificates are checked against.
struct Trust {
    enum class Store { system, bundle, unverified };
    Store store = Store::system;
    std::filesystem::path bundle;  // PEM file or hashed folder, for Store::bundle
    // Store::unverified reads the chain and never lets a key out.
};

// A store ready for use. `store` is empty where nothing could be loaded; `error` then says why.
struct LoadedTrust {
    std::shared_ptr<x509_store_st> store;
    std::string place;  // the file or folder that it was read from; "system" on Windows and macOS
    std::string error;
};

// Loads no more than needed: a hashed folder is only searched at verification (under 1 ms instead of the 20 ms
// that the whole bundle takes). Never null `store` for Store::unverified.
LoadedTrust load_trust(const Trust& trust);

// Where the plugin's trust comes from.
struct TrustChoice {
    Trust trust;
    // "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "certifi" (of ComfyUI's own Python) or "system" (it was not found).
    std::string source;
};

// As Python's requests chooses: the two variables, else its certifi bundle. SSL_CERT_FILE and SSL_CERT_DIR do not
// count there. `comfyui_dir` may be empty.
TrustChoice plugin_trust(const Environment& environment, const std::filesystem::path& comfyui_dir);

// certifi's cacert.pem in the Python beside or inside ComfyUI's folder, or in the virtual environment that the
// process runs in; the path of it where the package is there without it; empty when there is none.
std::filesystem::path find_certifi(const Environment& environment, const std::filesystem::path& comfyui_dir);

}  // namespace banana
