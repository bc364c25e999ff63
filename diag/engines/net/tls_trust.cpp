#include "tls_trust.hpp"

#include "openssl_reason.hpp"
#include "platform.hpp"
#include "platform_certificates.hpp"
#include "text.hpp"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <algorithm>
#include <array>
#include <system_error>
#include <vector>

namespace banana {
namespace {

namespace fs = std::filesystem;

std::shared_ptr<X509_STORE> new_store() {
    return {X509_STORE_new(), X509_STORE_free};
}

LoadedTrust load_bundle(const fs::path& bundle) {
    LoadedTrust loaded;
    loaded.place = path_text(bundle);
    std::error_code error;
    const fs::file_status status = fs::status(bundle, error);
    if (!fs::exists(status)) {
        loaded.error = error ? error.message() : std::make_error_code(std::errc::no_such_file_or_directory).message();
        return loaded;
    }
    std::shared_ptr<X509_STORE> store = new_store();
    const int read = fs::is_directory(status) ? X509_STORE_load_path(store.get(), loaded.place.c_str())
                                              : X509_STORE_load_file(store.get(), loaded.place.c_str());
    if (read != 1) {
        platform::throw_if_short_of_descriptors();
        loaded.error = openssl_reason(ERR_peek_last_error());
        if (loaded.error.empty()) {
            loaded.error = "unreadable";
        }
        ERR_clear_error();
        return loaded;
    }
    loaded.store = std::move(store);
    return loaded;
}

LoadedTrust load_system() {
    LoadedTrust loaded;
    std::shared_ptr<X509_STORE> store = new_store();
    loaded.place = platform::add_system_certificates(store.get());
    if (loaded.place.empty()) {
        platform::throw_if_short_of_descriptors();
        loaded.error = "no certificates";
    } else {
        loaded.store = std::move(store);
    }
    ERR_clear_error();
    return loaded;
}

// Site-packages folders of a Python that is installed in `root`, the layouts of Windows and of the others.
std::vector<fs::path> site_packages(const fs::path& root) {
    std::vector<fs::path> found{root / "Lib" / "site-packages"};
    std::error_code error;
    for (fs::directory_iterator entry(root / "lib", error), end; !error && entry != end; entry.increment(error)) {
        if (entry->path().filename().string().starts_with("python3")) {
            found.push_back(entry->path() / "site-packages");
        }
    }
    platform::throw_if_exhausted(error);
    return found;
}

// The package is there; its list may have been taken away, by a cleaner or a virus scanner.
fs::path certifi_of(const fs::path& root) {
    for (const fs::path& packages : site_packages(root)) {
        fs::path bundle = packages / "certifi" / "cacert.pem";
        std::error_code error;
        if (fs::exists(bundle, error) || fs::is_regular_file(packages / "certifi" / "core.py", error)) {
            return bundle;
        }
    }
    return {};
}

}  // namespace

LoadedTrust load_trust(const Trust& trust) {
    switch (trust.store) {
        case Trust::Store::bundle: return load_bundle(trust.bundle);
        case Trust::Store::system: return load_system();
        case Trust::Store::unverified: break;
    }
    LoadedTrust none;
    none.store = new_store();
    return none;
}

fs::path find_certifi(const Environment& environment, const fs::path& comfyui_dir) {
    static constexpr std::array kFolders{"python_embeded", "python_embedded", "venv", ".venv", "env", "python"};
    std::vector<fs::path> roots;
    for (const char* variable : {"VIRTUAL_ENV", "CONDA_PREFIX"}) {
        if (const auto value = environment.get(variable); value && !value->empty()) {
            roots.push_back(path_from_utf8(*value));
        }
    }
    if (!comfyui_dir.empty()) {
        for (const fs::path& base : {comfyui_dir, comfyui_dir.parent_path()}) {
            std::transform(kFolders.begin(), kFolders.end(), std::back_inserter(roots),
                           [&](const char* folder) { return base / folder; });
        }
    }
    for (const fs::path& root : roots) {
        if (fs::path bundle = certifi_of(root); !bundle.empty()) {
            return bundle;
        }
    }
    return {};
}

TrustChoice plugin_trust(const Environment& environment, const fs::path& comfyui_dir) {
    TrustChoice choice;
    for (const char* variable : {"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}) {
        if (const auto value = environment.get(variable); value && !value->empty()) {
            choice.trust = Trust{Trust::Store::bundle, path_from_utf8(*value)};
            choice.source = variable;
            return choice;
        }
    }
    if (fs::path bundle = find_certifi(environment, comfyui_dir); !bundle.empty()) {
        choice.trust = Trust{Trust::Store::bundle, std::move(bundle)};
        choice.source = "certifi";
        return choice;
    }
    choice.source = "system";
    return choice;
}

}  // namespace banana
