#include "route_answer.hpp"

#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>

using namespace banana;
BOOST_TEST_DONT_PRINT_LOG_VALUE(AnswerKind)
BOOST_TEST_DONT_PRINT_LOG_VALUE(RouteFailure)

BOOST_AUTO_TEST_SUITE(test_route_answer)

namespace {

RouteAnswer answer(int status, std::string body) {
    HttpResponse response;
    response.status = status;
    response.body = std::move(body);
    return read_route_answer(response);
}

RouteAnswer failure(const std::string& message) {
    return answer(400, R"({"success": false, "message": ")" + message + "\"}");
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_balance_with_its_summary) {
    const RouteAnswer read = answer(
        200, R"({"success": true, "cached": false, "stale": false, "cost_factor": 0.5,)"
             R"( "data": {"expires_at": 0, "name": "private", "total_available": 4585000, "total_granted": 5000000,)"
             R"( "total_used": 415000, "unlimited_quota": false}, "raw": {"code": true},)"
             "\"summary\": \"\\ud83d\\udd11 \\u67e5\\u8be2\\u65f6\\u95f4 16:49\\nline two\\n\\nline three\"}");
    BOOST_TEST(read.kind == AnswerKind::balance);
    BOOST_REQUIRE(read.balance);
    BOOST_TEST(*read.balance->total_available == 4585000);
    BOOST_TEST(*read.balance->expires_at == 0);
    BOOST_TEST(*read.balance->unlimited_quota == false);
    BOOST_TEST(!read.balance->raw.contains("name"));
    BOOST_TEST(read.balance->raw.size() == 5U);
    BOOST_REQUIRE(read.summary_lines.size() == 3U);
    BOOST_TEST(read.summary_lines[0] == "🔑 查询时间 16:49");
    BOOST_TEST(*read.cost_factor == 0.5);
    BOOST_TEST(*read.cached == false);
}

BOOST_AUTO_TEST_CASE(expiry_is_read_as_from_the_upstream) {
    const auto expires = [](const std::string& value) {
        return answer(200, R"({"success": true, "data": {"expires_at": )" + value +
                               R"(, "total_available": 1, "total_granted": 1, "total_used": 0}, "raw": {}})")
            .balance.value()
            .expires_at.value_or(-7);
    };
    BOOST_TEST(expires("1900000000000") == 1900000000);
    BOOST_TEST(expires("-1") == 0);
}

BOOST_AUTO_TEST_CASE(success_without_data_is_none) {
    RouteAnswer read = answer(
        200,
        R"({"success": true, "data": null, "raw": {"success": false, "message": "record not found"}, "summary": "-"})");
    BOOST_TEST(read.kind == AnswerKind::without_data);
    BOOST_TEST(read.failure == RouteFailure::api_error);
    BOOST_TEST(read.message == "record not found");
    read = answer(200, R"({"success": true, "data": {}, "raw": {"success": false, "message": "Invalid token"}})");
    BOOST_TEST(read.failure == RouteFailure::key_rejected);
    read = answer(200, R"({"success": true, "summary": "x"})");
    BOOST_TEST(read.kind == AnswerKind::without_data);
    BOOST_TEST(read.failure == RouteFailure::shape);
    read = answer(200, R"({"success": true, "data": {"other": 1}})");
    BOOST_TEST(read.kind == AnswerKind::bad_shape);
}

BOOST_AUTO_TEST_CASE(nothing_cached_yet) {
    const RouteAnswer read = answer(
        200,
        R"({"success": false, "cached": false, "stale": true, "message": "暂无余额缓存，请点击“查询余额”按钮刷新"})");
    BOOST_TEST(read.kind == AnswerKind::not_cached);
    BOOST_TEST(*read.stale);
}

BOOST_AUTO_TEST_CASE(the_plugins_own_messages) {
    BOOST_TEST(failure("未配置有效的 API Key").failure == RouteFailure::no_key);
    BOOST_TEST(failure("\\u672a\\u914d\\u7f6e\\u6709\\u6548\\u7684 API Key").failure == RouteFailure::no_key);
    const RouteAnswer rejected = failure("余额查询失败: HTTP 401");
    BOOST_TEST(rejected.failure == RouteFailure::key_rejected);
    BOOST_TEST(*rejected.upstream_status == 401);
    BOOST_TEST(failure("余额查询失败: HTTP 407").failure == RouteFailure::proxy);
    BOOST_TEST(failure("余额查询失败: HTTP 503").failure == RouteFailure::http_status);
    BOOST_TEST(*failure("余额查询失败: HTTP 503").upstream_status == 503);
    BOOST_TEST(failure("余额查询失败: 响应非 JSON").failure == RouteFailure::not_json);
    BOOST_TEST(failure("'list' object has no attribute 'get'").failure == RouteFailure::shape);
    BOOST_TEST(failure("余额查询失败，请检查 API 服务与网络状态，或联系服务提供者").failure == RouteFailure::opaque);
    BOOST_TEST(failure("余额查询失败，请检查 API 服务与网络状态，或联系服务提供者（HTTP 404）").failure ==
               RouteFailure::http_status);
    BOOST_TEST(failure("Exceeded 30 redirects.").failure == RouteFailure::redirect);
    BOOST_TEST(
        failure("'latin-1' codec can't encode characters in position 10-12: ordinal not in range(256)").failure ==
        RouteFailure::key_unusable);
    BOOST_TEST(failure("something new").failure == RouteFailure::unknown);
}

BOOST_AUTO_TEST_CASE(a_status_in_the_words_of_requests) {
    const std::string url = " for url: https://api.aabao.top/api/usage/token/";
    const RouteAnswer refused = failure("401 Client Error: Unauthorized" + url);
    BOOST_TEST(refused.failure == RouteFailure::key_rejected);
    BOOST_TEST(refused.upstream_status.value() == 401);
    BOOST_TEST(refused.upstream_host == "api.aabao.top");
    BOOST_TEST(failure("407 Client Error: Proxy Authentication Required" + url).failure == RouteFailure::proxy);
    const RouteAnswer broken = failure("502 Server Error: Bad Gateway" + url);
    BOOST_TEST(broken.failure == RouteFailure::http_status);
    BOOST_TEST(broken.upstream_status.value() == 502);
    BOOST_TEST(failure("a Client Error: x" + url).failure == RouteFailure::unknown);
    BOOST_TEST(failure("502 Server Error: Bad Gateway").failure == RouteFailure::unknown);
    // A redirect's target is not whom the plugin asked.
    BOOST_TEST(host_in_message("404 Client Error: Not Found for url: https://console.example.net/login").empty());
}

BOOST_AUTO_TEST_CASE(the_texts_of_requests) {
    const std::string pool =
        "HTTPSConnectionPool(host='h', port=443): Max retries exceeded with url: /api/usage/token ";
    const auto of = [&](const std::string& cause) { return failure(pool + "(Caused by " + cause + ")").failure; };
    const std::string fresh = "NewConnectionError('<x>: Failed to establish a new connection: ";
    BOOST_TEST(of(fresh + "[Errno -2] Name or service not known')") == RouteFailure::dns);
    BOOST_TEST(of(fresh + "[Errno -3] Temporary failure in name resolution')") == RouteFailure::dns);
    BOOST_TEST(of(fresh + "[Errno 11001] getaddrinfo failed')") == RouteFailure::dns);
    BOOST_TEST(of("NameResolutionError(\\\"<x>: Failed to resolve 'h'\\\")") == RouteFailure::dns);
    BOOST_TEST(of(fresh + "[Errno 111] Connection refused')") == RouteFailure::refused);
    BOOST_TEST(of(fresh + "[WinError 10061] x')") == RouteFailure::refused);
    BOOST_TEST(of(fresh + "[Errno 101] Network is unreachable')") == RouteFailure::unreachable);
    BOOST_TEST(of("ConnectTimeoutError(<x>, 'Connection to h timed out. (connect timeout=15)')") ==
               RouteFailure::timeout);
    BOOST_TEST(of("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: "
                  "certificate has expired (_ssl.c:1000)'))") == RouteFailure::tls);
    BOOST_TEST(of("SSLError(CertificateError(\\\"hostname 'a' doesn't match 'b'\\\"))") == RouteFailure::tls);
    BOOST_TEST(of("ProxyError('Cannot connect to proxy.', TimeoutError('_ssl.c:980: The handshake operation timed "
                  "out'))") == RouteFailure::proxy);
    BOOST_TEST(failure("HTTPSConnectionPool(host='h', port=443): Read timed out. (read timeout=15)").failure ==
               RouteFailure::timeout);
    BOOST_TEST(failure("('Connection aborted.', ConnectionResetError(104, 'Connection reset by peer'))").failure ==
               RouteFailure::reset);
    BOOST_TEST(failure("No connection adapters were found for 'host:1/api'").failure == RouteFailure::bad_url);
    BOOST_TEST(failure("Failed to parse: https://h:443 /api/usage/token").failure == RouteFailure::bad_url);
    BOOST_TEST(failure("Failed to parse: http://127.0.0.1:7890 ").failure == RouteFailure::proxy);
    BOOST_TEST(failure("Failed to parse: 'h', label empty or too long").failure == RouteFailure::bad_url);
}

BOOST_AUTO_TEST_CASE(what_is_not_the_plugins_answer) {
    BOOST_TEST(answer(404, "404: Not Found").kind == AnswerKind::absent);
    BOOST_TEST(answer(403, "").kind == AnswerKind::denied);
    BOOST_TEST(answer(302, "").kind == AnswerKind::denied);
    BOOST_TEST(answer(500, "500 Internal Server Error").kind == AnswerKind::server_error);
    BOOST_TEST(answer(502, R"({"success": false, "message": "gateway"})").kind == AnswerKind::server_error);
    BOOST_TEST(answer(200, "<!doctype html>").kind == AnswerKind::not_json);
    BOOST_TEST(answer(200, R"([1, 2])").kind == AnswerKind::bad_shape);
    BOOST_TEST(answer(200, R"({"success": "yes"})").kind == AnswerKind::bad_shape);
    BOOST_TEST(answer(200, "").kind == AnswerKind::not_json);
    BOOST_TEST(answer(200, std::string(100'000, '[')).kind == AnswerKind::not_json);
    // The page cannot read it either.
    BOOST_TEST(answer(200, R"({"success": true, "data": {"total_available": NaN}})").kind == AnswerKind::not_json);
}

BOOST_AUTO_TEST_CASE(what_the_page_can_read) {
    const std::string deep = std::string(100, '[') + std::string(100, ']');
    for (const std::string& other : {std::string(R"("\ud83d")"), std::string("1e309"), deep}) {
        const RouteAnswer read =
            answer(200, R"({"success": true, "data": {"total_available": 1, "name": )" + other + "}}");
        BOOST_TEST(read.kind == AnswerKind::balance);
    }
}

BOOST_AUTO_TEST_CASE(the_logs_summary_line) {
    const std::string log =
        "[10:00:00][Main]   ❌ 余额查询失败，错误摘要: 网络错误 (SSLError)\nother\n"
        "❌ 余额查询失败，错误摘要: 网络错误 (ConnectTimeout)\nlast line";
    const std::string summary = last_failure_summary(log);
    BOOST_TEST(summary == "网络错误 (ConnectTimeout)");
    BOOST_TEST(failure_of_log_summary(summary) == RouteFailure::timeout);
    BOOST_TEST(failure_of_log_summary("网络错误 (SSLError)") == RouteFailure::tls);
    BOOST_TEST(failure_of_log_summary("网络错误 (ProxyError)") == RouteFailure::proxy);
    BOOST_TEST(failure_of_log_summary("网络错误 (ConnectionError)") == RouteFailure::connection);
    BOOST_TEST(failure_of_log_summary("HTTP None 错误") == RouteFailure::unknown);
    BOOST_TEST(failure_of_log_summary("404 未找到余额查询端点") == RouteFailure::http_status);
    BOOST_TEST(failure_of_log_summary("数据格式错误: x") == RouteFailure::unknown);
    BOOST_TEST(last_failure_summary("nothing").empty());
}

// Python's ValueErrors, which V2 and V3 all put behind the same words.
BOOST_AUTO_TEST_CASE(value_errors_behind_the_data_format_words) {
    const auto of = [](const std::string& text) { return failure_of_log_summary("数据格式错误: " + text); };
    BOOST_TEST(of("Expecting value: line 1 column 1 (char 0)") == RouteFailure::not_json);
    BOOST_TEST(of("Extra data: line 2 column 1 (char 9)") == RouteFailure::not_json);
    BOOST_TEST(of("响应非 JSON") == RouteFailure::not_json);
    BOOST_TEST(of("Missing dependencies for SOCKS support.") == RouteFailure::proxy);
    BOOST_TEST(of("Please check proxy URL. It is malformed and could be missing the host.") == RouteFailure::proxy);
    BOOST_TEST(of("Failed to parse: http://127.0.0.1:port") == RouteFailure::proxy);
    BOOST_TEST(of("Failed to parse: https://api.example.net:x/api/usage/token") == RouteFailure::bad_url);
    BOOST_TEST(of("Invalid URL 'api.example.net/api/usage/token': No scheme supplied.") == RouteFailure::bad_url);
    BOOST_TEST(of("'latin-1' codec can't encode character '\u4f60' in position 7") == RouteFailure::key_unusable);
    BOOST_TEST(of("Invalid leading whitespace, reserved character(s), or return") == RouteFailure::key_unusable);
}

// A binary without a key hands None to a function that wants text.
BOOST_AUTO_TEST_CASE(a_binary_without_a_key) {
    BOOST_TEST(failure_of_message("Argument 'api_key' has incorrect type (expected str, got NoneType)") ==
               RouteFailure::no_key);
}

BOOST_AUTO_TEST_CASE(a_message_names_the_host_that_was_asked_and_no_proxy) {
    BOOST_TEST(failure("HTTPSConnectionPool(host='API.example.net', port=443): Max retries exceeded").upstream_host ==
               "api.example.net");
    BOOST_TEST(host_in_message("HTTPConnectionPool(host='api.example.net', port=80): Max retries exceeded with url: "
                               "/api/usage/token (Caused by …)") == "api.example.net");
    // In the clear, the pool is that of the proxy.
    BOOST_TEST(host_in_message("HTTPConnectionPool(host='127.0.0.1', port=7890): Max retries exceeded with url: "
                               "http://api.example.net/api/usage/token")
                   .empty());
    BOOST_TEST(host_in_message("HTTPConnectionPool(host='127.0.0.1', port=7890): Read timed out.").empty());
    BOOST_TEST(host_in_message("HTTPSConnectionPool(host='cut").empty());
    BOOST_TEST(failure("余额查询失败: HTTP 502").upstream_host.empty());
}

BOOST_AUTO_TEST_CASE(what_python_writes_and_no_page_reads) {
    for (const char* value : {"NaN", "Infinity", "-Infinity"}) {
        const RouteAnswer read =
            answer(200, R"({"success": true, "data": {"total_available": )" + std::string(value) + "}}");
        BOOST_TEST((read.kind == AnswerKind::not_json), value);
        BOOST_TEST(read.only_python_reads, value);
    }
    BOOST_TEST(!answer(200, "<html>NaN</html>").only_python_reads);
    BOOST_TEST(!answer(200, R"({"success": true, "data": {"total_available": 1, "x": "NaN"}})").only_python_reads);
}

BOOST_AUTO_TEST_SUITE_END()
