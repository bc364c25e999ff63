#include "refusal_words.hpp"
#include "support/made_answers.hpp"
#include "upstream_answer.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

using namespace banana;
using namespace banana::test;

BOOST_AUTO_TEST_SUITE(test_refusal_words)

BOOST_AUTO_TEST_CASE(refusals_of_both_generations_and_languages) {
    const auto is = [](const UpstreamAnswer& read, UpstreamMeaning kind, std::string_view reason) {
        return read.kind == kind && read.reason == reason;
    };
    BOOST_TEST(is(refusal("无效的令牌 (request id: 20251112164900123)"), UpstreamMeaning::key_rejected, "unknown"));
    BOOST_TEST(refusal("无效的令牌 (request id: 20251112164900123)").quoted == "无效的令牌");
    BOOST_TEST(refusal("无效的令牌 (request id: 20251112164900123)").request_id == "20251112164900123");
    BOOST_TEST(is(refusal("Invalid token"), UpstreamMeaning::key_rejected, "unknown"));
    BOOST_TEST(is(refusal("無效的令牌"), UpstreamMeaning::key_rejected, "unknown"));
    BOOST_TEST(is(refusal("该令牌状态不可用"), UpstreamMeaning::key_rejected, "disabled"));
    BOOST_TEST(is(refusal("This token status is unavailable"), UpstreamMeaning::key_rejected, "disabled"));
    BOOST_TEST(is(refusal("该令牌已过期"), UpstreamMeaning::key_expired, ""));
    BOOST_TEST(is(refusal("This token has expired"), UpstreamMeaning::key_expired, ""));
    BOOST_TEST(is(refusal("[sk-abc***xyz] 该令牌额度已用尽 !token.UnlimitedQuota && token.RemainQuota = 0"),
                  UpstreamMeaning::quota_exhausted, ""));
    BOOST_TEST(is(refusal("未提供令牌"), UpstreamMeaning::key_not_received, ""));
    BOOST_TEST(is(refusal("Something new"), UpstreamMeaning::key_rejected, "other"));
    BOOST_TEST(
        is(answer(401, R"({"success":false,"message":"Invalid token"})"), UpstreamMeaning::key_rejected, "unknown"));
    BOOST_TEST(
        is(answer(403, R"({"success":false,"message":"用户已被封禁"})"), UpstreamMeaning::key_rejected, "banned"));
    BOOST_TEST(is(answer(403, R"({"error":{"message":"您的 IP 不在令牌允许访问的列表中"}})"),
                  UpstreamMeaning::key_rejected, "address"));
    BOOST_TEST(is(answer(200, R"({"success":false,"message":"该令牌已过期"})"), UpstreamMeaning::key_expired, ""));
}

BOOST_AUTO_TEST_CASE(every_documented_refusal_is_a_verdict_on_the_key) {
    struct Known {
        int status;
        const char* message;
        UpstreamMeaning kind;
        const char* reason;
    };
    using enum UpstreamMeaning;
    const std::vector<Known> all{
        {401, "该令牌已过期", key_expired, ""},
        {401, "This token has expired", key_expired, ""},
        {401, "Your API key is expired", key_expired, ""},
        {401, "该令牌状态不可用", key_rejected, "disabled"},
        {401, "該令牌狀態不可用", key_rejected, "disabled"},
        {401, "令牌已禁用", key_rejected, "disabled"},
        {401, "The account associated with this API key has been deactivated", key_rejected, "disabled"},
        {401, "令牌 mine（#3）额度已用尽", quota_exhausted, ""},
        {401, "Token quota exhausted", quota_exhausted, ""},
        {401, "Invalid Bearer token", key_not_received, ""},
        {401, "Token not provided", key_not_received, ""},
        {401, "未登录且未提供 access token", key_not_received, ""},
        {401, "Unauthorized, not logged in and no access token provided", key_not_received, ""},
        {401, "Missing bearer or basic authentication in header", key_not_received, ""},
        {401, "You didn't provide an API key.", key_not_received, ""},
        {200, "无权进行此操作，access token 无效", key_rejected, "console"},
        {401, "无权进行此操作，未提供 New-Api-User", key_rejected, "console"},
        {403, "用户已被封禁", key_rejected, "banned"},
        {403, "使用者已被封禁", key_rejected, "banned"},
        {403, "User has been banned", key_rejected, "banned"},
        {403, "您的 IP 不在令牌允许访问的列表中", key_rejected, "address"},
        {403, "无权访问 vip 分组", key_rejected, "group"},
        {403, "分组 vip 已被弃用", key_rejected, "group"},
        {403, "令牌分组 vip 已被禁用", key_rejected, "group"},
    };
    for (const Known& known : all) {
        BOOST_TEST_CONTEXT(known.message) {
            const UpstreamAnswer read =
                answer(known.status, R"({"success":false,"message":")" + std::string(known.message) + R"("})");
            BOOST_TEST(read.kind == known.kind);
            BOOST_TEST(read.reason == known.reason);
        }
    }
    BOOST_TEST(answer(401, R"({"success":false,"error":"Invalid token"})").reason == "unknown");
}

BOOST_AUTO_TEST_CASE(words_of_the_failed_advance_charge_tell_of_the_quota) {
    for (const char* message :
         {"预扣费额度失败, 用户剩余额度: ＄0.1, 需要预扣费额度: ＄0.2", "insufficient_user_quota"}) {
        const UpstreamAnswer read = answer(403, R"({"error":{"message":")" + std::string(message) + R"("}})");
        BOOST_TEST(read.kind == UpstreamMeaning::quota_exhausted, message);
    }
}

BOOST_AUTO_TEST_CASE(state_words_about_something_else_are_no_verdict_on_the_key) {
    for (const char* message :
         {"管理员已禁用令牌用量查询功能", "系统授权已过期，请联系管理员续费", "Redis: consumer group not found",
          "用户注册功能已禁用", "Turnstile token 已过期", "无效的令牌，数据库查询出错", "Storage is used up"}) {
        const UpstreamAnswer read = answer(200, R"({"success":false,"message":")" + std::string(message) + R"("})");
        BOOST_TEST(read.kind == UpstreamMeaning::api_error, message);
        BOOST_TEST(read.quoted == message);
    }
    for (const char* message :
         {"Request blocked by security group policy", "Turnstile token 为空", "Your IP is not allowed"}) {
        const UpstreamAnswer read = answer(403, R"({"error":{"message":")" + std::string(message) + R"("}})");
        BOOST_TEST(read.kind == UpstreamMeaning::blocked, message);
        BOOST_TEST(read.reason == "refused");
    }
}

BOOST_AUTO_TEST_SUITE_END()
