// Pages of what stands in front of the API.
#include "gateway_page.hpp"
#include "support/made_answers.hpp"
#include "upstream_answer.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

using namespace banana;
using namespace banana::test;

BOOST_AUTO_TEST_SUITE(test_gateway_page)

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

// What a log-in in front of a server answers whatever it is asked for.
BOOST_AUTO_TEST_CASE(log_in_pages) {
    const auto page = [](int status, const char* body) {
        HttpResponse response;
        response.status = status;
        response.body = body;
        return is_login_page(response);
    };
    for (const char* body :
         {"<html><form><input type=\"password\"></form></html>", "<!DOCTYPE html><INPUT TYPE=Password>",
          "<html><input type = 'password'></html>", "<html><title>用户登录</title></html>",
          "<html><title>Sign in · Portal</title><div id=app></div></html>",
          "<html><meta http-equiv=\"refresh\" content=\"0; url=/login?next=/\"></html>",
          "<html><script>window.location.href = '/login'</script></html>"}) {
        BOOST_TEST(page(200, body), body);
        BOOST_TEST(!page(500, body), body);
    }
    for (const char* body :
         {"It works!", "{\"type\": \"password\"}", "<html><title>ComfyUI</title><a href=/login>Log in</a></html>",
          "<html><meta http-equiv=\"refresh\" content=\"0; url=/home\"></html>", "<html><input type=text></html>"}) {
        BOOST_TEST(!page(200, body), body);
    }
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

BOOST_AUTO_TEST_CASE(tags_do_not_part_the_words_of_a_title) {
    BOOST_TEST(answer(200, "<html><title>a<b>b</b>c<i>d < e</title></html>").quoted == "abcd < e");
}

BOOST_AUTO_TEST_SUITE_END()
