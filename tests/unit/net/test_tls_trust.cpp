#include "tls_trust.hpp"

#include "support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>
#include <map>
#include <string>

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

BOOST_AUTO_TEST_SUITE_END()
