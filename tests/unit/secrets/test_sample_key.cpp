#include "sample_key.hpp"
#include "support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_sample_key)

namespace {

const std::string kKey = test::made_up_key(7);

}  // namespace

BOOST_AUTO_TEST_CASE(samples_are_recognised_in_any_spelling) {
    for (const char* text :
         {"YOUR_API_KEY_HERE", "your_api_key_here", "Your Api Key Here", "\"YOUR_API_KEY_HERE\"", "<YOUR_API_KEY_HERE>",
          "sk-YOUR_API_KEY_HERE", "ＹＯＵＲ＿ＡＰＩ＿ＫＥＹ＿ＨＥＲＥ", "Bearer YOUR_API_KEY_HERE",
          "YOUR_API_KEY_HERE # 换成你的", "【your api key here】", "\xE2\x80\x8BYOUR_API_KEY_HERE", "yourapikeyhere"}) {
        BOOST_TEST_CONTEXT(text) {
            const auto sample = find_sample_key(text);
            BOOST_REQUIRE(sample);
            BOOST_TEST(*sample == "YOUR_API_KEY_HERE");
        }
    }
    BOOST_TEST(find_sample_key("your-api-key-here").value() == "your-api-key-here");
    BOOST_TEST(find_sample_key("<YOUR-KEY>").value() == "YOUR_KEY");
    for (const char* text : {"你的密钥", "在此填写你的API密钥", "请输入您的 API Key", "sk-在此填写", "sk-xxxxxxxxxxxx",
                             "xxxx", "sk-...", "sk-********", "you api_key", "insert your gemini api key here",
                             "API_KEY", "changeme", "None", "替换为你的令牌", "「你的金鑰」"}) {
        BOOST_TEST_CONTEXT(text) {
            BOOST_TEST(find_sample_key(text).has_value());
        }
    }
}

BOOST_AUTO_TEST_CASE(real_and_damaged_keys_are_no_samples) {
    for (const std::string& text :
         {kKey, "\"" + kKey + "\"", "Bearer " + kKey, kKey + " # 你的密钥", "你的密钥" + kKey, kKey.substr(3),
          "sk-" + std::string(48, 'a'), std::string("hello"), std::string("")}) {
        BOOST_TEST_CONTEXT(text) {
            BOOST_TEST(!find_sample_key(text).has_value());
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
