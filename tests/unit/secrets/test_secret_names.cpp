// Names behind which a secret stands, in the spellings that people and programs use.
#include "secret_names.hpp"

#include <boost/test/unit_test.hpp>
#include <string_view>

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_secret_names)

BOOST_AUTO_TEST_CASE(names_of_secrets) {
    for (const char* name : {"api_key",    "API-KEY",       "apiKey",
                             "api.key",    "my_api_key",    "X-Api-Key",
                             "auth-token", "refreshToken",  "Authorization",
                             "set-cookie", "client_secret", "password",
                             "PASSWD",     "credential",    "user_credentials",
                             "token",      "key",           "modelscope_api_key",
                             "密钥",       "秘钥",          "金鑰",
                             "令牌",       "密码",          "我的密钥"}) {
        BOOST_TEST(is_secret_name(name), name);
    }
}

BOOST_AUTO_TEST_CASE(other_names) {
    for (const char* name : {"", "base_url", "line", "max_workers", "user", "host", "余额", "节点", "version"}) {
        BOOST_TEST(!is_secret_name(name), name);
    }
}

BOOST_AUTO_TEST_CASE(the_name_at_the_start_and_its_length) {
    const auto length = [](std::string_view text) {
        const SecretName* name = secret_name_at(text);
        return name == nullptr ? 0U : length_of_name(*name, text);
    };
    BOOST_TEST(length("api_key = x") == 7U);
    BOOST_TEST(length("apikey=x") == 6U);
    BOOST_TEST(length("API-KEY: x") == 7U);
    BOOST_TEST(length("api_token=x") == 9U);
    BOOST_TEST(length("credentials") == 11U);
    BOOST_TEST(length("密钥：x") == std::string_view("密钥").size());
    BOOST_TEST(length("base_url") == 0U);
    BOOST_TEST(length("") == 0U);
    // A part tells a secret only within a longer name.
    BOOST_TEST(secret_name_at("auth") == nullptr);
    BOOST_CHECK(secret_name_at("Bearer x")->kind == SecretKind::scheme);
    BOOST_CHECK(secret_name_at("pwd=x")->kind == SecretKind::password);
    BOOST_CHECK(secret_name_at("token x")->kind == SecretKind::option);
}

BOOST_AUTO_TEST_SUITE_END()
