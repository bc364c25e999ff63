#include "banana/cause.hpp"
#include "symptoms.hpp"

#include "explain.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace banana;

namespace {

std::string likeliest(std::string_view text) {
    const auto found = symptoms_in(text);
    return found.empty() || found.front()->causes.empty() ? "" : std::string(code_of(found.front()->causes.front()));
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_the_button_or_a_log_shows_is_recognised) {
    BOOST_TEST(likeliest("❌ 未配置有效的 API Key") == "config.key-placeholder");
    BOOST_TEST(likeliest("401") == "upstream.key-rejected");
    BOOST_TEST(likeliest("余额查询失败: HTTP 401") == "upstream.key-rejected");
    BOOST_TEST(likeliest("HTTP Error 429") == "upstream.rate-limited");
    BOOST_TEST(likeliest("❌ HTTP 404") == "route.load-failed");
    BOOST_TEST(likeliest("Invalid Bearer token") == "upstream.key-not-received");
    BOOST_TEST(likeliest("request with non matching host and origin a != b, returning 403") == "local.origin-refused");
    BOOST_TEST(likeliest("页面还是旧按钮") == "frontend.script-stale");
    BOOST_TEST(likeliest("Could not find a suitable TLS CA certificate bundle, invalid path: x") ==
               "upstream.tls-untrusted");
    BOOST_TEST(likeliest("[Errno -2] Name or service not known") == "upstream.dns-failure");
    BOOST_TEST(likeliest("ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 407'))") ==
               "upstream.proxy-failure");
    BOOST_TEST(likeliest("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired") ==
               "upstream.tls-expired");
    BOOST_TEST(likeliest("该令牌额度已用尽 !token.UnlimitedQuota") == "upstream.quota-exhausted");
    BOOST_TEST(likeliest("a sentence about nothing").empty());
    BOOST_TEST(symptoms_in("port 4012 at 192.168.1.401").empty());
    BOOST_TEST(symptoms_in("暂无余额缓存，请点击“查询余额”按钮刷新").front()->causes.empty());
}

BOOST_AUTO_TEST_CASE(every_symptom_has_its_question_in_every_language) {
    for (const Catalog& texts : catalogs()) {
        for (const Symptom& symptom : symptoms()) {
            BOOST_TEST(texts.has("explain.ask." + std::string(symptom.name)), texts.language() << symptom.name);
            const auto text = explain_symptom(symptom.words.front(), texts);
            BOOST_REQUIRE(text.has_value());
            for (const Cause cause : symptom.causes) {
                const bool shown = text->find(code_of(cause)) != std::string::npos;
                BOOST_TEST(shown, symptom.name << ": " << code_of(cause));
            }
        }
    }
}
