#include "upstream_answer.hpp"

#include "gateway_page.hpp"
#include "python_json.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

using namespace banana;
BOOST_TEST_DONT_PRINT_LOG_VALUE(UpstreamMeaning)

BOOST_AUTO_TEST_SUITE(test_upstream_answer)

namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

UpstreamAnswer answer(int status, std::string body, Headers headers = {}) {
    HttpResponse response;
    response.status = status;
    response.body = std::move(body);
    response.headers = std::move(headers);
    return read_upstream_answer(response);
}

std::string usage(const std::string& available,
                  const std::string& rest = R"(,"unlimited_quota":false,"expires_at":0)") {
    return R"({"code":true,"message":"ok","data":{"name":"mine","object":"token_usage","total_granted":5000000,)"
           R"("total_used":415000,"total_available":)" +
           available + rest + "}}";
}

UpstreamAnswer refusal(const std::string& message) {
    return answer(401, R"({"error":{"message":")" + message + R"(","type":"new_api_error"}})");
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_balance_has_the_documented_members_as_they_came) {
    const UpstreamAnswer read = answer(200, usage("4585000"));
    BOOST_TEST(read.kind == UpstreamMeaning::balance);
    BOOST_REQUIRE(read.balance);
    BOOST_TEST(*read.balance->total_available == 4585000);
    BOOST_TEST(*read.balance->total_granted == 5000000);
    BOOST_TEST(*read.balance->expires_at == 0);
    BOOST_TEST(!read.balance->raw.contains("name"));
    BOOST_TEST(read.balance->raw.size() == 5U);
    BOOST_TEST(read.is_from_api());
}

BOOST_AUTO_TEST_CASE(unusual_amounts) {
    const UpstreamAnswer unlimited = answer(200, usage("-500", R"(,"unlimited_quota":true)"));
    BOOST_TEST(unlimited.kind == UpstreamMeaning::balance);
    BOOST_TEST(!is_exhausted(*unlimited.balance).value());
    const UpstreamAnswer spent = answer(200, usage("-1"));
    BOOST_TEST(is_exhausted(*spent.balance).value());
    BOOST_TEST(is_exhausted(*answer(200, usage("0")).balance).value());
    BOOST_TEST(answer(200, usage("9007199254740993")).kind == UpstreamMeaning::balance);
    for (const char* wrong : {"\"4585000\"", "null", "NaN", "Infinity", "[]", "true"}) {
        const UpstreamAnswer read = answer(200, usage(wrong));
        BOOST_TEST(read.kind == UpstreamMeaning::bad_shape, wrong);
        BOOST_TEST(read.member == "total_available");
        BOOST_TEST(!read.balance);
    }
    const UpstreamAnswer missing =
        answer(200, R"({"code":true,"data":{"total_granted":1,"total_used":1,"unlimited_quota":false}})");
    BOOST_TEST(missing.kind == UpstreamMeaning::bad_shape);
    BOOST_TEST(!missing.shown.contains("total_available"));
    BOOST_TEST(answer(200, usage("1", R"(,"unlimited_quota":"no")")).member == "unlimited_quota");
}

BOOST_AUTO_TEST_CASE(expiry_in_seconds_milliseconds_or_never) {
    BOOST_TEST(*expiry_seconds(0) == 0);
    BOOST_TEST(*expiry_seconds(-1) == 0);
    BOOST_TEST(*expiry_seconds(1'700'000'000) == 1'700'000'000);
    BOOST_TEST(*expiry_seconds(1'700'000'000'000LL) == 1'700'000'000);
    BOOST_TEST(!expiry_seconds("2030-01-01"));
    BOOST_TEST(!expiry_seconds(1e300));
}

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

BOOST_AUTO_TEST_CASE(statuses_whose_body_says_more) {
    const UpstreamAnswer spent = answer(402, R"({"error":{"message":"Insufficient Balance"}})");
    BOOST_TEST(spent.kind == UpstreamMeaning::unexpected_status);
    BOOST_TEST(spent.reason == "spent");
    BOOST_TEST(answer(402, R"({"success":false,"message":"余额不足"})").reason == "spent");
    BOOST_TEST(answer(402, "pay").reason.empty());
    BOOST_TEST(answer(511, "<html><title>Log in</title></html>").reason == "portal");
    const UpstreamAnswer limited = answer(429, R"({"success":false,"message":"请求过于频繁"})");
    BOOST_TEST(limited.reason == "quoted");
    BOOST_TEST(limited.quoted == "请求过于频繁");
    BOOST_TEST(answer(429, "").reason.empty());
    BOOST_TEST(answer(429, "error code: 1015", {{"Server", "cloudflare"}}).reason == "gateway");
    BOOST_TEST(edge_status_name(522) == "Connection timed out");
    BOOST_TEST(edge_status_name(503).empty());
    const UpstreamAnswer coded = answer(200, R"({"code":"401","msg":"未授权"})");
    BOOST_TEST(coded.kind == UpstreamMeaning::api_error);
    BOOST_TEST(coded.quoted == "未授权");
}

BOOST_AUTO_TEST_CASE(failures_that_are_not_about_the_key) {
    UpstreamAnswer read = answer(200, R"({"success":false,"message":"获取令牌信息失败，请稍后重试"})");
    BOOST_TEST(read.kind == UpstreamMeaning::api_error);
    BOOST_TEST(read.quoted == "获取令牌信息失败，请稍后重试");
    BOOST_TEST(answer(200, R"({"code":false,"message":"record not found"})").kind == UpstreamMeaning::api_error);
    BOOST_TEST(answer(200, R"({"code":500,"msg":"internal"})").kind == UpstreamMeaning::api_error);
    BOOST_TEST(answer(500, R"({"error":{"message":"数据库错误，请稍后重试"}})").kind == UpstreamMeaning::server_error);
    BOOST_TEST(answer(429, "").kind == UpstreamMeaning::rate_limited);
    BOOST_TEST(answer(404, R"json({"error":{"message":"Invalid URL (GET /api/usage/token)"}})json").kind ==
               UpstreamMeaning::not_found);
    BOOST_TEST(answer(418, "teapot").kind == UpstreamMeaning::unexpected_status);
    BOOST_TEST(answer(304, "").kind == UpstreamMeaning::unexpected_status);
}

BOOST_AUTO_TEST_CASE(what_stands_in_front_of_the_api) {
    const UpstreamAnswer challenge =
        answer(403, "<!doctype html><title>Just a moment...</title><script src=cf-chl></script>");
    BOOST_TEST(challenge.kind == UpstreamMeaning::blocked);
    BOOST_TEST(challenge.reason == "challenge");
    BOOST_TEST(challenge.gateway == "Cloudflare");
    BOOST_TEST(challenge.quoted == "Just a moment...");
    BOOST_TEST(answer(401, "<html>login</html>").reason == "page");
    BOOST_TEST(answer(401, R"({"detail":"Unauthorized"})").kind == UpstreamMeaning::blocked);
    BOOST_TEST(answer(403, R"({"message":"Forbidden"})").reason == "json");
    BOOST_TEST(answer(200, "<html><script>var arg1=1;document.cookie='acw_sc__v2='</script></html>").kind ==
               UpstreamMeaning::blocked);
    BOOST_TEST(answer(503, "<html>x</html>", {{"CF-Mitigated", "challenge"}}).kind == UpstreamMeaning::blocked);
    // The status decides before the body.
    BOOST_TEST(answer(503, "<html><title>Just a moment...</title></html>").kind == UpstreamMeaning::server_error);
    const UpstreamAnswer portal = answer(200, "<html><head><title>Log \x1b[31min</title></head></html>");
    BOOST_TEST(portal.kind == UpstreamMeaning::not_json);
    BOOST_TEST(portal.reason == "html");
    BOOST_TEST(portal.quoted == "Log in");
}

BOOST_AUTO_TEST_CASE(words_and_product_names_need_an_error_status) {
    for (const char* body : {"<html><title>恭喜，站点创建成功！</title>宝塔面板</html>",
                             "<html><script src=geetest.js></script>log in</html>",
                             "<html><title>EdgeOne Pages</title></html>", "<html>安全验证</html>",
                             "<html><script src=https://challenges.cloudflare.com/turnstile/v0/api.js></script></html>",
                             "<html><script src=/cdn-cgi/challenge-platform/scripts/jsd/main.js></script></html>"}) {
        BOOST_TEST(answer(200, body).kind == UpstreamMeaning::not_json, body);
    }
    BOOST_TEST(answer(403, "<html>安全验证</html>").reason == "challenge");
}

BOOST_AUTO_TEST_CASE(a_refusal_does_not_ask_for_a_browser) {
    for (const int status : {403, 405}) {
        const UpstreamAnswer refused = answer(status, "<html><title>宝塔防火墙</title>您的请求带有不合法参数</html>");
        BOOST_TEST(refused.kind == UpstreamMeaning::blocked);
        BOOST_TEST(refused.reason == "page");
        BOOST_TEST(refused.gateway == "BT WAF");
        BOOST_TEST(answer(status, "<html>访问被拦截</html>").reason == "page");
    }
}

// 403 and 401 of gateways are quoted, whatever their form; only what their words say is concluded.
BOOST_AUTO_TEST_CASE(words_of_gateways) {
    struct Known {
        int status;
        const char* body;
        const char* reason;
        const char* quoted;
    };
    const std::vector<Known> all{
        {401, R"({"message":"No API key found in request"})", "unauthorized", "No API key found in request"},
        {401, R"({"code":401,"msg":"未授权"})", "unauthorized", "未授权"},
        {401, R"({"success":false})", "unauthorized", R"({"success":false})"},
        {403, R"({"error_msg":"forbidden"})", "json", "forbidden"},
        {403, R"({"error":"Access denied"})", "json", "Access denied"},
        {403, R"({"code":403,"msg":"key disabled"})", "unauthorized", "key disabled"},
        {403, "error code: 1020", "page", "error code: 1020"},
        {403, "error code: 1009", "region", "error code: 1009"},
        {403, R"({"error":{"message":"Country, region, or territory not supported"}})", "region",
         "Country, region, or territory not supported"},
        {403, "您所在的地区不允许访问", "region", "您所在的地区不允许访问"},
        {403, R"({"success":false,"message":"暂不支持您所在的国家"})", "region", "暂不支持您所在的国家"},
        // A place that nobody is refused for.
        {403, R"({"success":false,"message":"当前地区访问量过大，请求受限"})", "refused",
         "当前地区访问量过大，请求受限"},
        {403, "<html><iframe src=https://dnspod.qcloud.com/static/webblock.html?d=x></iframe></html>", "filing", ""},
        {403, "\x01\x02binary", "page", ""},
    };
    for (const Known& known : all) {
        BOOST_TEST_CONTEXT(known.body) {
            const UpstreamAnswer read = answer(known.status, known.body);
            BOOST_TEST(read.kind == UpstreamMeaning::blocked);
            BOOST_TEST(read.reason == known.reason);
            BOOST_TEST(read.quoted == known.quoted);
        }
    }
    BOOST_TEST(answer(401, "", {{"WWW-Authenticate", "Basic realm=\"x\""}}).reason == "login");
    for (const char* scheme : {"Bearer", "Key realm=\"kong\""}) {
        BOOST_TEST(answer(401, "", {{"WWW-Authenticate", scheme}}).reason == "page");
    }
    BOOST_TEST(answer(429, "error code: 1015").reason == "quoted");
}

BOOST_AUTO_TEST_CASE(pages_of_hosters_and_sellers_of_names) {
    const UpstreamAnswer filing = answer(200, "<html><title>网站暂时无法访问</title>该网站未办理备案</html>");
    BOOST_TEST(filing.kind == UpstreamMeaning::not_json);
    BOOST_TEST(filing.reason == "filing");
    BOOST_TEST(answer(200, "<html><title>x</title>This domain may be for sale</html>").reason == "for-sale");
    BOOST_TEST(answer(200, "<html><title>x</title>请选择所在地区</html>").reason == "html");
    BOOST_TEST(answer(200, "<b>no</b> such").quoted == "no such");
    // The footer that every licensed site carries.
    BOOST_TEST(answer(200, "<html><title>x</title>ICP备案号 京ICP备1号</html>").reason == "html");
}

BOOST_AUTO_TEST_CASE(faults_behind_a_content_network) {
    for (const int status : {521, 522, 525, 530}) {
        BOOST_TEST(answer(status, "error code: 1033").reason == "origin");
        BOOST_TEST(answer(status, "error code: 1033").kind == UpstreamMeaning::server_error);
    }
    BOOST_TEST(answer(567, "<html><title>x</title>EdgeOne</html>").reason == "firewall");
    BOOST_TEST(answer(503, "<html><title>Just a moment...</title></html>").reason == "firewall");
    BOOST_TEST(answer(522, "<html><div id=cf-error-details></div></html>").reason == "origin");
    for (const char* body : {"<html><title>502 Bad Gateway</title></html>", "<html><div id=cf-error-details></html>",
                             "<html><title>EdgeOne</title></html>"}) {
        BOOST_TEST(answer(502, body).reason.empty());
    }
}

BOOST_AUTO_TEST_CASE(another_shape_names_its_members) {
    BOOST_TEST(answer(200, R"({"code":true,"data":{"quota":1,"used_quota":2}})").names == "data: quota, used_quota");
    // A failure with something empty for data is no balance of another shape.
    const UpstreamAnswer failure = answer(200, R"({"code":401,"msg":"令牌已过期","data":{}})");
    BOOST_TEST(failure.kind == UpstreamMeaning::key_expired);
    BOOST_TEST(failure.quoted == "令牌已过期");
    BOOST_TEST(answer(200, R"({"total_available":1})").names == "total_available");
    BOOST_TEST(answer(200, R"({"success":false})").reason == "silent");
}

BOOST_AUTO_TEST_CASE(tags_do_not_part_the_words_of_a_title) {
    BOOST_TEST(answer(200, "<html><title>a<b>b</b>c<i>d < e</title></html>").quoted == "abcd < e");
}

BOOST_AUTO_TEST_CASE(json_as_python_reads_it) {
    BOOST_TEST(read_python_json(R"({"a":NaN,"b":-Infinity,"c":"NaN Infinity"})").value.has_value());
    BOOST_TEST(std::string_view(read_python_json(R"({"c":"NaN"})").value->at("c").as_string()) == "NaN");
    BOOST_TEST(read_python_json("{\"a\":\"\xff\"}").value.has_value());
    BOOST_TEST(read_python_json(R"({"a":"\ud83d"})").value.has_value());
    BOOST_TEST(read_python_json(R"({"a":"\ud83d\udd11"})").value.has_value());
    BOOST_TEST(read_python_json(" \r\n\t{} ").value.has_value());
    BOOST_TEST(read_python_json("4585000").value.has_value());
    for (const char* broken : {"", "{", "{'a':1}", "{\"a\":01}", "{\"a\":1,}", "nul", "{\"a\":\"\n\"}", "{}{}"}) {
        BOOST_TEST(!read_python_json(broken).value.has_value(), broken);
    }
    BOOST_TEST(answer(200, "\xEF\xBB\xBF{}").reason == "bom");
    BOOST_TEST(answer(200, "\xEF\xBB\xBF{}").kind == UpstreamMeaning::not_json);
    BOOST_TEST(answer(200, "  ").reason == "empty");
    BOOST_TEST(answer(200, R"({"code":true,"data":{)").reason == "cut");
    const UpstreamAnswer deep = answer(200, std::string(100'000, '['));
    BOOST_TEST(deep.kind == UpstreamMeaning::bad_shape);
    BOOST_TEST(deep.reason == "too-deep");
}

BOOST_AUTO_TEST_CASE(json_of_another_shape) {
    BOOST_TEST(answer(200, "[1,2]").reason == "not-object");
    BOOST_TEST(answer(200, "null").reason == "not-object");
    BOOST_TEST(answer(200, R"({"code":true,"data":null})").reason == "no-data");
    BOOST_TEST(answer(200, R"({"code":true})").reason == "no-data");
    BOOST_TEST(answer(200, R"({"total_available":1,"total_granted":1,"total_used":0})").reason == "no-data");
}

BOOST_AUTO_TEST_SUITE_END()
