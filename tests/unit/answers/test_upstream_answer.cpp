#include "support/made_answers.hpp"
#include "upstream_answer.hpp"

#include "gateway_page.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

using namespace banana;
using namespace banana::test;
BOOST_TEST_DONT_PRINT_LOG_VALUE(UpstreamMeaning)

BOOST_AUTO_TEST_SUITE(test_upstream_answer)

namespace {

std::string usage(const std::string& available,
                  const std::string& rest = R"(,"unlimited_quota":false,"expires_at":0)") {
    return R"({"code":true,"message":"ok","data":{"name":"mine","object":"token_usage","total_granted":5000000,)"
           R"("total_used":415000,"total_available":)" +
           available + rest + "}}";
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

BOOST_AUTO_TEST_CASE(another_shape_names_its_members) {
    BOOST_TEST(answer(200, R"({"code":true,"data":{"quota":1,"used_quota":2}})").names == "data: quota, used_quota");
    // A failure with something empty for data is no balance of another shape.
    const UpstreamAnswer failure = answer(200, R"({"code":401,"msg":"令牌已过期","data":{}})");
    BOOST_TEST(failure.kind == UpstreamMeaning::key_expired);
    BOOST_TEST(failure.quoted == "令牌已过期");
    BOOST_TEST(answer(200, R"({"total_available":1})").names == "total_available");
    BOOST_TEST(answer(200, R"({"success":false})").reason == "silent");
}

BOOST_AUTO_TEST_CASE(json_of_another_shape) {
    BOOST_TEST(answer(200, "[1,2]").reason == "not-object");
    BOOST_TEST(answer(200, "null").reason == "not-object");
    BOOST_TEST(answer(200, R"({"code":true,"data":null})").reason == "no-data");
    BOOST_TEST(answer(200, R"({"code":true})").reason == "no-data");
    BOOST_TEST(answer(200, R"({"total_available":1,"total_granted":1,"total_used":0})").reason == "no-data");
}

BOOST_AUTO_TEST_CASE(what_is_no_json) {
    BOOST_TEST(answer(200, "\xEF\xBB\xBF{}").reason == "bom");
    BOOST_TEST(answer(200, "\xEF\xBB\xBF{}").kind == UpstreamMeaning::not_json);
    BOOST_TEST(answer(200, "  ").reason == "empty");
    BOOST_TEST(answer(200, R"({"code":true,"data":{)").reason == "cut");
    const UpstreamAnswer deep = answer(200, std::string(100'000, '['));
    BOOST_TEST(deep.kind == UpstreamMeaning::bad_shape);
    BOOST_TEST(deep.reason == "too-deep");
}

BOOST_AUTO_TEST_CASE(a_refusal_by_law_says_nothing_of_the_key) {
    HttpResponse response;
    response.status = 451;
    response.body = "<html><title>Unavailable For Legal Reasons</title></html>";
    const UpstreamAnswer read = read_upstream_answer(response);
    BOOST_TEST((read.kind == UpstreamMeaning::unexpected_status));
    BOOST_TEST(read.reason == "legal");
}

BOOST_AUTO_TEST_CASE(a_figure_that_is_no_number_is_said_as_such) {
    for (const char* value : {"NaN", "Infinity", "-Infinity"}) {
        HttpResponse response;
        response.status = 200;
        response.body = R"({"code": true, "data": {"total_available": )" + std::string(value) +
                        R"(, "total_granted": 1, "total_used": 1, "unlimited_quota": false}})";
        const UpstreamAnswer read = read_upstream_answer(response);
        BOOST_TEST((read.kind == UpstreamMeaning::bad_shape), value);
        BOOST_TEST(read.reason == "not-finite", value);
        BOOST_TEST(read.member == "total_available", value);
    }
}

BOOST_AUTO_TEST_SUITE_END()
