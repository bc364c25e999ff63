#include "redaction.hpp"
#include "secret_shapes.hpp"
#include "support/leak_forms.hpp"
#include "support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

using namespace banana;
using namespace banana::test;

BOOST_AUTO_TEST_SUITE(test_secret_shapes)

namespace {}  // namespace

BOOST_AUTO_TEST_CASE(unknown_secrets_are_masked_in_many_surroundings) {
    const std::string key = "sk-proj-" + broken(made_up_key(20).substr(3, 36), 12, "-");
    const std::string word = made_up_key(21).substr(3, 28);
    const Redactor redactor;
    for (const std::string before : {"x\\n", "x\\t", "x%20", "x%3D", "x\\u003d", "INFO\x1b[31m", "x\\x20"}) {
        BOOST_TEST_CONTEXT(before) {
            BOOST_TEST(!leaks(redactor.scrub(before + key + "\x1b[0m"), key));
        }
    }
    for (const std::string& text : {"Cookie: sid=\"" + word + "\"; b=" + word,
                                    "authToken=" + word,
                                    "accessToken: " + word,
                                    "clientSecret=" + word,
                                    "pwd=" + word,
                                    "passphrase=" + word,
                                    "session_id=" + word,
                                    "signature=" + word,
                                    "密钥：" + word,
                                    "令牌: " + word,
                                    "密码: " + word,
                                    "口令=" + word,
                                    "Bearer: " + word,
                                    "Bearer \"" + word + "\"",
                                    "Basic " + base64("u:" + word),
                                    "**api_key**: " + word,
                                    "| api_key | " + word + " |",
                                    "api_key=>" + word,
                                    "password=Ab!" + word,
                                    "github_pat_" + word,
                                    "xoxb-" + word,
                                    "r8_" + word + "abcdefgh",
                                    "nvapi-" + word,
                                    "pplx-" + word,
                                    "tvly-" + word,
                                    "ya29." + word,
                                    "hf_" + word.substr(0, 23),
                                    "https://" + word + "@127.0.0.1:1",
                                    "Failed to parse: http://user:Zq7#" + word + "@127.0.0.1:1",
                                    "proxy bob:" + word + "@10.0.0.1:8080",
                                    "apikey%3D" + word,
                                    "{\"headers\": \"{\\\"Authorization\\\": \\\"" + word + "\\\"}\"}"}) {
        BOOST_TEST_CONTEXT(text) {
            const std::string scrubbed = redactor.scrub(text);
            BOOST_TEST(!leaks(scrubbed, word));
            BOOST_TEST(!leaks(scrubbed, base64("u:" + word).substr(6, 20)));
        }
    }
    BOOST_TEST(redactor.scrub("password=horsepasswd") == "password=…");
}

BOOST_AUTO_TEST_CASE(unknown_secrets_are_masked_by_their_look) {
    const std::string key = made_up_key(8);
    const Redactor redactor;
    for (const std::string& text :
         {"API Key: `" + key + "`", "api_key = " + key, "\"api_key\": \"" + key + "\"", "Authorization: Bearer " + key,
          "GET /x?api_key=" + key + "&b=1", "Cookie: session=" + key, "fix" + key, "Set-Cookie: a=" + key.substr(3)}) {
        BOOST_TEST_CONTEXT(text) {
            BOOST_TEST(!leaks(redactor.scrub(text), key));
        }
    }
    BOOST_TEST(redactor.scrub("http://user:hunter22@proxy:8080/") == "http://user:…@proxy:8080/");
    BOOST_TEST(redactor.scrub("mail someone@example.com now") == "mail …@example.com now");
}

BOOST_AUTO_TEST_CASE(ordinary_text_stays_byte_for_byte) {
    const Redactor redactor;
    for (const std::string text : {"api_key = YOUR_API_KEY_HERE",
                                   "api_key = your-api-key-here",
                                   "the task-management-of-a-longer-name",
                                   "\"total_tokens\": 415000",
                                   "Bearer authentication",
                                   "route '/banana/token_usage' registered",
                                   "\xC4\xE3\xBA\xC3 GBK",
                                   "https://hk-api.aabao.top/api/usage/token",
                                   "key = value",
                                   "password:",
                                   "a@b",
                                   "key: comfyui-banana-gemini",
                                   "Key: route.not-registered",
                                   "token: /usr/share/ComfyUI/custom_nodes/x.py",
                                   "state_dict key: model.diffusion_model.input_blocks.0.0.weight",
                                   "cache key = models/checkpoints/sd_xl_base_1.0.safetensors",
                                   "authorization: none",
                                   "The cookie: what is it?",
                                   "git@github.com:owner/repo.git",
                                   "task-123456789012345"
                                   "6789012345678901234567890",
                                   "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
                                   "uuid 550e8400-e29b-41d4-a716-446655440000",
                                   "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB",
                                   "password: required",
                                   "http://u:***@proxy:1"}) {
        BOOST_TEST(redactor.scrub(text) == text);
    }
}

BOOST_AUTO_TEST_CASE(prose_behind_a_key_in_one_value_does_not_blank_other_texts) {
    const std::string key = made_up_key(9);
    Redactor redactor;
    redactor.learn(Secret(key + " # my own note"));
    BOOST_TEST(redactor.scrub("see my own note") == "see my own note");
    BOOST_TEST(!leaks(redactor.scrub("v=" + key), key));
}

BOOST_AUTO_TEST_SUITE_END()
