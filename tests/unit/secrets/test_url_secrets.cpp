#include "redaction.hpp"
#include "support/leak_forms.hpp"
#include "support/temporary_folder.hpp"
#include "url_secrets.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

using namespace banana;
using namespace banana::test;

BOOST_AUTO_TEST_SUITE(test_url_secrets)

BOOST_AUTO_TEST_CASE(what_is_secret_in_a_url_is_learned) {
    const std::string word = made_up_key(19).substr(3, 20);
    for (const std::string& url :
         {"https://u:" + word + "@127.0.0.1:9", "https://" + word + "@h", "http://" + word + ":@h:1",
          "https://h/x?api_key=" + word, "http://u:a#" + word + "@h:1", "http://u:a/" + word + "@h",
          "http\uFF1A//u:" + word + "@h", "u:" + word + "@h:1", "https://u:" + percent_encoded(word) + "@h"}) {
        Redactor redactor;
        learn_url_secrets(redactor, url);
        BOOST_TEST_CONTEXT(url) {
            BOOST_TEST(!leaks(redactor.scrub("says " + word + " and " + percent_encoded(word)), word));
            BOOST_TEST(!leaks(redactor.scrub("says u " + word), word));
        }
    }
    Redactor redactor;
    learn_url_secrets(redactor, "http://comfyui-host:8188/some-folder@other");
    BOOST_TEST(redactor.scrub("comfyui-host some-folder") == "comfyui-host some-folder");
    learn_url_secrets(redactor, "http://bob:hunt3r7@proxy:1");
    BOOST_TEST(redactor.scrub(base64("bob:hunt3r7")) == "…");
}

BOOST_AUTO_TEST_SUITE_END()
