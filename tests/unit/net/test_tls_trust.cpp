#include "tls_trust.hpp"

#include "certificate_authority.hpp"

#include "support/temporary_folder.hpp"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <fstream>
#include <map>
#include <memory>
#include <string>

#ifdef __linux__
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

using namespace banana;
using namespace banana::test;
BOOST_TEST_DONT_PRINT_LOG_VALUE(Trust::Store)

BOOST_AUTO_TEST_SUITE(test_tls_trust)

namespace {

using Variables = std::map<std::string, std::string>;

TrustChoice choose(Variables variables, const std::filesystem::path& comfyui = {}) {
    return plugin_trust(Environment(std::move(variables)), comfyui);
}

}  // namespace

BOOST_AUTO_TEST_CASE(variables_in_the_order_of_requests) {
    const TrustChoice both = choose({{"REQUESTS_CA_BUNDLE", "/a.pem"}, {"CURL_CA_BUNDLE", "/b.pem"}});
    BOOST_TEST(both.source == "REQUESTS_CA_BUNDLE");
    BOOST_TEST(both.trust.bundle == "/a.pem");
    BOOST_TEST(both.trust.store == Trust::Store::bundle);
    BOOST_TEST(choose({{"REQUESTS_CA_BUNDLE", ""}, {"CURL_CA_BUNDLE", "/b.pem"}}).source == "CURL_CA_BUNDLE");
    BOOST_TEST(choose({{"SSL_CERT_FILE", "/c.pem"}}).source == "system");
}

BOOST_AUTO_TEST_CASE(certifi_of_comfyuis_own_python) {
    const TemporaryFolder portable;
    const auto bundle = portable.write("python_embeded/Lib/site-packages/certifi/cacert.pem", "x");
    BOOST_TEST(choose({}, portable.path() / "ComfyUI").trust.bundle == bundle);
    const TemporaryFolder linux_tree;
    const auto venv = linux_tree.write("ComfyUI/venv/lib/python3.11/site-packages/certifi/cacert.pem", "x");
    BOOST_TEST(choose({}, linux_tree.path() / "ComfyUI").trust.bundle == venv);
    BOOST_TEST(choose({}, linux_tree.path() / "ComfyUI").source == "certifi");
    BOOST_TEST(choose({{"VIRTUAL_ENV", (linux_tree.path() / "ComfyUI/venv").string()}}).trust.bundle == venv);
    BOOST_TEST(choose({}, linux_tree.path() / "other").source == "system");
}

BOOST_AUTO_TEST_CASE(stores_that_cannot_be_read_say_why) {
    const TemporaryFolder folder;
    const LoadedTrust missing = load_trust({Trust::Store::bundle, folder.path() / "none.pem"});
    BOOST_TEST(!missing.store);
    BOOST_TEST(!missing.error.empty());
    const LoadedTrust garbage = load_trust({Trust::Store::bundle, folder.write("bad.pem", "no certificate")});
    BOOST_TEST(!garbage.store);
    BOOST_TEST(!garbage.error.empty());
    BOOST_TEST(load_trust({Trust::Store::bundle, folder.path()}).store != nullptr);  // a hashed folder, empty
    BOOST_TEST(load_trust({Trust::Store::unverified, {}}).store != nullptr);
}

#ifdef __linux__

namespace {

std::unique_ptr<X509, void (*)(X509*)> certificate_of(const std::string& pem) {
    const std::unique_ptr<BIO, int (*)(BIO*)> text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
    return {PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr), X509_free};
}

bool is_trusted(X509_STORE* store, const std::string& leaf_pem) {
    const auto leaf = certificate_of(leaf_pem);
    const std::unique_ptr<X509_STORE_CTX, void (*)(X509_STORE_CTX*)> context(X509_STORE_CTX_new(), X509_STORE_CTX_free);
    X509_STORE_CTX_init(context.get(), store, leaf.get(), nullptr);
    return X509_verify_cert(context.get()) == 1;
}

// Both, in a mount namespace in which the system's hashed folder lacks the authority that its bundle holds.
int trust_by_a_bundle_beside_hashes(const std::string& authority, const std::string& leaf,
                                    const std::string& stranger) {
    constexpr int kMayNotMount = 77;
    if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", "/etc/ssl/certs", "tmpfs", 0, nullptr) != 0) {
        return kMayNotMount;
    }
    std::ofstream("/etc/ssl/certs/0a1b2c3d.0") << stranger;
    std::ofstream("/etc/ssl/certs/ca-certificates.crt") << authority;
    const LoadedTrust loaded = load_trust({Trust::Store::system, {}});
    const bool is_right = loaded.store && loaded.place == "/etc/ssl/certs" && is_trusted(loaded.store.get(), leaf) &&
                          !is_trusted(loaded.store.get(), stranger);
    return is_right ? 0 : 1;
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_authority_that_only_the_bundle_holds_is_trusted) {
    const auto now = std::chrono::system_clock::now();
    const world::CertificateAuthority authority("Company Root");
    const world::CertificateAuthority stranger("Nobody's Root");
    world::LeafRequest request;
    request.names = {"api.example.net"};
    request.not_before = now - std::chrono::hours(1);
    request.not_after = now + std::chrono::hours(1);
    request.shape = world::ChainShape::direct;
    const std::string leaf = authority.issue(request).chain_pem;
    const std::string other = stranger.issue(request).chain_pem;
    const pid_t child = ::fork();
    BOOST_REQUIRE(child >= 0);
    if (child == 0) {
        ::_exit(trust_by_a_bundle_beside_hashes(authority.certificate_pem(), leaf, other));
    }
    int status = 0;
    BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
    BOOST_TEST((WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 77), "exit " << WEXITSTATUS(status));
}

#endif

BOOST_AUTO_TEST_SUITE_END()
