#include "base64.hpp"
#include "header_secrets.hpp"
#include "redaction.hpp"
#include "support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

using namespace banana;
using namespace banana::test;

BOOST_AUTO_TEST_SUITE(test_header_secrets)

BOOST_AUTO_TEST_CASE(a_basic_login_is_masked_but_for_a_plain_name) {
    Redactor redactor;
    learn_header(redactor, SecretHeader("Authorization", Secret("Basic " + base64_encode("comfyui:on-the-roof"))));
    BOOST_TEST(redactor.scrub("/opt/comfyui/custom_nodes") == "/opt/comfyui/custom_nodes");
    const std::string user = "7kEstrel9Q2";
    const std::string password = "on-the-wing";
    learn_header(redactor, SecretHeader("Authorization", Secret("Basic " + base64_encode(user + ":" + password))));
    for (const std::string& text : {"login failed for " + user, "user=" + user + ";", "given: " + password}) {
        const std::string shown = redactor.scrub(text);
        BOOST_TEST(shown.find(user) == std::string::npos, shown);
        BOOST_TEST(shown.find(password) == std::string::npos, shown);
    }
}

BOOST_AUTO_TEST_SUITE_END()
