#include "route_answer.hpp"

#include "banana/ascii.hpp"
#include "banana/bounds.hpp"
#include "banana/cause.hpp"
#include "banana/json_member.hpp"
#include "gateway_page.hpp"
#include "line_range.hpp"
#include "python_json.hpp"
#include "text.hpp"
#include "upstream_answer.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cmath>

namespace banana {
namespace {

namespace json = boost::json;

struct MessagePattern {
    std::string_view part;
    RouteFailure failure;
};

// The first that occurs in the message decides: outer causes (proxy) stand before inner ones (timeout).
constexpr auto kPatterns = std::to_array<MessagePattern>({
    {"未配置有效的 API Key", RouteFailure::no_key},
    // Cython's words where a binary hands None on as the key.
    {"Argument 'api_key' has incorrect type", RouteFailure::no_key},
    {"响应非 JSON", RouteFailure::not_json},
    {"Expecting value", RouteFailure::not_json},
    {"Expecting property name", RouteFailure::not_json},
    {"Expecting ',' delimiter", RouteFailure::not_json},
    {"Expecting ':' delimiter", RouteFailure::not_json},
    {"Extra data", RouteFailure::not_json},
    {"Unterminated string", RouteFailure::not_json},
    {"Invalid control character", RouteFailure::not_json},
    {"Unexpected UTF-8 BOM", RouteFailure::not_json},
    {"Illegal trailing comma", RouteFailure::not_json},
    {"object has no attribute", RouteFailure::shape},
    {"object is not subscriptable", RouteFailure::shape},
    {"codec can't encode", RouteFailure::key_unusable},
    {"Invalid leading whitespace, reserved character", RouteFailure::key_unusable},
    {"Invalid header value", RouteFailure::key_unusable},
    {"ProxyError", RouteFailure::proxy},
    {"Cannot connect to proxy", RouteFailure::proxy},
    {"Unable to connect to proxy", RouteFailure::proxy},
    {"Please check proxy URL", RouteFailure::proxy},
    {"Missing dependencies for SOCKS", RouteFailure::proxy},
    {"SOCKSHTTP", RouteFailure::proxy},
    {"Could not find a suitable TLS CA certificate bundle", RouteFailure::tls},
    {"SSLError", RouteFailure::tls},
    {"SSLCertVerificationError", RouteFailure::tls},
    {"CERTIFICATE_VERIFY_FAILED", RouteFailure::tls},
    {"CertificateError", RouteFailure::tls},
    {"NO_CERTIFICATE_OR_CRL_FOUND", RouteFailure::tls},
    {"[SSL", RouteFailure::tls},
    {"TooManyRedirects", RouteFailure::redirect},
    {"Exceeded 30 redirects", RouteFailure::redirect},
    {"Name or service not known", RouteFailure::dns},
    {"Temporary failure in name resolution", RouteFailure::dns},
    {"No address associated with hostname", RouteFailure::dns},
    {"nodename nor servname provided", RouteFailure::dns},
    {"getaddrinfo failed", RouteFailure::dns},
    {"NameResolutionError", RouteFailure::dns},
    {"Failed to resolve", RouteFailure::dns},
    {"[Errno -2]", RouteFailure::dns},
    {"[Errno -3]", RouteFailure::dns},
    {"[Errno 11001]", RouteFailure::dns},
    {"[Errno 11002]", RouteFailure::dns},
    {"[Errno 111]", RouteFailure::refused},
    {"[Errno 61]", RouteFailure::refused},
    {"[WinError 10061]", RouteFailure::refused},
    {"Connection refused", RouteFailure::refused},
    {"[Errno 101]", RouteFailure::unreachable},
    {"[Errno 113]", RouteFailure::unreachable},
    {"[Errno 51]", RouteFailure::unreachable},
    {"[Errno 65]", RouteFailure::unreachable},
    {"[WinError 10051]", RouteFailure::unreachable},
    {"[WinError 10065]", RouteFailure::unreachable},
    {"Network is unreachable", RouteFailure::unreachable},
    {"No route to host", RouteFailure::unreachable},
    {"ConnectTimeout", RouteFailure::timeout},
    {"ReadTimeout", RouteFailure::timeout},
    {"timed out", RouteFailure::timeout},
    {"[WinError 10060]", RouteFailure::timeout},
    {"Connection aborted", RouteFailure::reset},
    {"RemoteDisconnected", RouteFailure::reset},
    {"ConnectionResetError", RouteFailure::reset},
    {"Connection reset by peer", RouteFailure::reset},
    {"[WinError 10054]", RouteFailure::reset},
    {"BadStatusLine", RouteFailure::reset},
    {"IncompleteRead", RouteFailure::reset},
    {"Connection broken", RouteFailure::reset},
    {"No connection adapters were found", RouteFailure::bad_url},
    {"Invalid URL", RouteFailure::bad_url},
    {"Failed to parse", RouteFailure::bad_url},
    {"No scheme supplied", RouteFailure::bad_url},
});

constexpr std::string_view kSummaryMark = "错误摘要";

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

// "Failed to parse: <address>" of urllib3, whose address is the query's own, with its path, or else the proxy's. Of a
// host alone, in quotes, nobody can tell whose it is.
bool is_about_proxy_address(std::string_view message) {
    constexpr std::string_view kMark = "Failed to parse: ";
    const std::size_t at = message.find(kMark);
    if (at == std::string_view::npos) {
        return false;
    }
    const std::string_view address = message.substr(at + kMark.size());
    return !address.starts_with('\'') && !contains(address, "/api/usage/token");
}

// The documented members only: the rest of the upstream's answer is personal.
Balance balance_of(const json::object& data) {
    Balance balance = read_balance(data);
    for (const std::string_view name : kBalanceMembers) {
        const json::value* value = find_member(data, name);
        if (if_flag(value) || if_number(value)) {
            balance.raw[name] = *value;
        }
    }
    return balance;
}

std::vector<std::string> lines_of(std::string_view summary) {
    std::vector<std::string> lines;
    for (const std::string_view each : LineRange(summary)) {
        std::string line = sanitize(each, Lines::single, bounds::kRouteSummaryLineTextBytes);
        if (!trim_ascii(line).empty()) {
            lines.push_back(std::move(line));
        }
        if (lines.size() == bounds::kRouteSummaryLines) {
            break;
        }
    }
    return lines;
}

// The upstream's words for a key that it does not accept, in the languages that it answers in.
bool says_key_rejected(std::string_view message) {
    static constexpr std::array<std::string_view, 13> kWords{"无效的令牌",          "Invalid Bearer token",
                                                             "未提供 access token", "access token 无效",
                                                             "令牌已过期",          "令牌状态不可用",
                                                             "令牌额度已用尽",      "未提供令牌",
                                                             "Invalid token",       "token status is unavailable",
                                                             "Token not provided",  "token has expired",
                                                             "invalid api key"};
    return std::any_of(kWords.begin(), kWords.end(),
                       [&](std::string_view word) { return contains_ignoring_case(message, word); });
}

// `success` true without data: the upstream's own words stand in `raw`.
void read_missing_data(const json::object& answer, RouteAnswer& result) {
    result.kind = AnswerKind::without_data;
    result.failure = RouteFailure::shape;
    const json::object* body = object_member(answer, "raw");
    if (body == nullptr) {
        return;
    }
    std::string_view message = text_member(*body, "message");
    if (message.empty()) {
        const json::object* error = object_member(*body, "error");
        message = error != nullptr ? text_member(*error, "message") : text_member(*body, "error");
    }
    result.message = sanitize(message, Lines::single, bounds::kRouteMessageTextBytes);
    const bool refused = flag_member(*body, "success") == false || flag_member(*body, "code") == false ||
                         body->contains("error") || !message.empty();
    if (refused) {
        result.failure = says_key_rejected(message) ? RouteFailure::key_rejected : RouteFailure::api_error;
    }
}

void read_success(const json::object& answer, RouteAnswer& result) {
    result.summary_lines = lines_of(text_member(answer, "summary"));
    result.cost_factor = number_member(answer, "cost_factor");
    const json::object* data = object_member(answer, "data");
    if (data == nullptr || data->empty()) {
        read_missing_data(answer, result);
        return;
    }
    Balance balance = balance_of(*data);
    const bool documented = balance.total_available || balance.total_granted || balance.unlimited_quota == true;
    result.kind = documented ? AnswerKind::balance : AnswerKind::bad_shape;
    result.balance = std::move(balance);
}

void read_failure(const json::object& answer, RouteAnswer& result) {
    const std::string_view message = text_member(answer, "message");
    result.message = sanitize(message, Lines::single, bounds::kRouteMessageTextBytes);
    if (contains(message, "暂无余额缓存") || (result.status == 200 && result.cached == false)) {
        result.kind = AnswerKind::not_cached;
        return;
    }
    result.kind = AnswerKind::failure;
    result.failure = failure_of_message(message);
    result.upstream_status = status_in_message(message);
    result.upstream_host = host_in_message(result.message);
}

// What the page's JSON.parse reads: halves of surrogate pairs, which Boost.JSON refuses, but neither NaN nor Infinity,
// which Python would write.
std::optional<json::value> parse_body(std::string_view body) {
    json::error_code error;
    json::parse_options options;
    options.max_depth = bounds::kRouteJsonDepth;
    json::value value = json::parse(json::string_view(body.data(), body.size()), error, {}, options);
    if (!error) {
        return value;
    }
    const bool python_only = contains(body, "NaN") || contains(body, "Infinity");
    return python_only ? std::nullopt : read_python_json(body).value;
}

AnswerKind kind_without_json(int status) {
    if (status == 404) {
        return AnswerKind::absent;
    }
    if (status == 401 || status == 403 || (status >= 300 && status < 400)) {
        return AnswerKind::denied;
    }
    return status >= 500 ? AnswerKind::server_error : AnswerKind::not_json;
}

}  // namespace

RouteAnswer read_route_answer(const HttpResponse& response) {
    RouteAnswer result;
    result.status = response.status;
    const std::optional<json::value> body = parse_body(response.body);
    const json::object* answer = if_object(body);
    const bool own = answer != nullptr && flag_member(*answer, "success").has_value();
    if (!own || response.status == 404 || response.status >= 500) {
        const bool other_json = body.has_value() && response.status < 300;
        result.kind = other_json                ? AnswerKind::bad_shape
                      : is_login_page(response) ? AnswerKind::denied
                                                : kind_without_json(response.status);
        result.only_python_reads =
            result.kind == AnswerKind::not_json && !body && if_object(read_python_json(response.body).value) != nullptr;
        if (own) {
            result.success = flag_member(*answer, "success");
            result.message = sanitize(text_member(*answer, "message"), Lines::single, bounds::kRouteMessageTextBytes);
        }
        return result;
    }
    result.success = flag_member(*answer, "success");
    result.cached = flag_member(*answer, "cached");
    result.stale = flag_member(*answer, "stale");
    if (*result.success) {
        read_success(*answer, result);
    } else {
        read_failure(*answer, result);
    }
    return result;
}

namespace {

// Of requests' "… for url: https://host/api/usage/token".
std::string host_in_url(std::string_view message) {
    constexpr std::string_view kMark = " for url: https://";
    const std::size_t at = message.find(kMark);
    if (at == std::string_view::npos) {
        return {};
    }
    const std::string_view rest = message.substr(at + kMark.size());
    const std::size_t end = rest.find('/');
    const bool is_query = end != std::string_view::npos && contains(rest.substr(end), "/api/usage/token");
    const bool is_plain = is_query && rest.substr(0, end).find_first_of("@:") == std::string_view::npos;
    return is_plain ? to_lower_ascii(rest.substr(0, end)) : std::string();
}

}  // namespace

std::string host_in_message(std::string_view message) {
    if (std::string host = host_in_url(message); !host.empty()) {
        return host;
    }
    constexpr std::string_view kPool = "ConnectionPool(host='";
    const std::size_t pool = message.find(kPool);
    if (pool == std::string_view::npos) {
        return {};
    }
    // A query in the clear goes to its proxy, which the pool is then of; only a path behind the host tells it is not.
    const bool is_secure = message.substr(0, pool).ends_with("HTTPS");
    if (!is_secure && !contains(message, "url: /")) {
        return {};
    }
    const std::string_view host = message.substr(pool + kPool.size());
    const std::size_t end = host.find('\'');
    return end == std::string_view::npos ? std::string() : to_lower_ascii(host.substr(0, end));
}

namespace {

// "401 Client Error: Unauthorized for url: …", as requests' raise_for_status() writes it.
std::optional<int> status_of_requests(std::string_view message) {
    for (const std::string_view mark : {" Client Error: ", " Server Error: "}) {
        const std::size_t at = message.find(mark);
        if (at == std::string_view::npos || at < 3 || !contains(message, " for url: ")) {
            continue;
        }
        const std::string_view digits = message.substr(at - 3, 3);
        if (std::all_of(digits.begin(), digits.end(), is_digit) && (digits[0] == '4' || digits[0] == '5')) {
            return (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<int> status_in_message(std::string_view message) {
    if (const std::optional<int> status = status_of_requests(message)) {
        return status;
    }
    constexpr std::string_view kMark = "HTTP ";
    for (std::size_t at = message.find(kMark); at != std::string_view::npos; at = message.find(kMark, at + 1)) {
        const std::string_view digits = message.substr(at + kMark.size(), 3);
        const bool numeric = digits.size() == 3 && std::all_of(digits.begin(), digits.end(), is_digit);
        if (numeric && digits.front() != '0') {
            return (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
        }
    }
    return std::nullopt;
}

RouteFailure failure_of_message(std::string_view message) {
    // "HTTP 401" of V1 and "（HTTP 404）" of V3 come first: a status decides before words do.
    if (contains(message, "余额查询失败") || status_of_requests(message)) {
        if (const auto status = status_in_message(message)) {
            if (*status == 401 || *status == 403) {
                return RouteFailure::key_rejected;
            }
            if (*status == 407) {
                return RouteFailure::proxy;
            }
            return *status >= 300 && *status < 400 ? RouteFailure::redirect : RouteFailure::http_status;
        }
    }
    if (is_about_proxy_address(message)) {
        return RouteFailure::proxy;
    }
    for (const MessagePattern& pattern : kPatterns) {
        if (contains(message, pattern.part)) {
            return pattern.failure;
        }
    }
    if (contains(message, "余额查询失败，请检查 API 服务与网络状态")) {
        return RouteFailure::opaque;
    }
    return RouteFailure::unknown;
}

RouteFailure failure_of_log_summary(std::string_view line) {
    if (contains(line, "404")) {
        return RouteFailure::http_status;
    }
    // Every ValueError stands behind these words; what it is about, its own text says.
    if (contains(line, "数据格式错误")) {
        return failure_of_message(line);
    }
    if (contains(line, "HTTP")) {
        return RouteFailure::unknown;
    }
    if (contains(line, "(ConnectionError)")) {
        return RouteFailure::connection;
    }
    const RouteFailure failure = failure_of_message(line);
    return failure == RouteFailure::opaque ? RouteFailure::unknown : failure;
}

std::string last_failure_summary(std::string_view log) {
    const std::size_t mark = log.rfind(kSummaryMark);
    if (mark == std::string_view::npos) {
        return {};
    }
    std::string_view line = log.substr(mark + kSummaryMark.size());
    line = line.substr(0, line.find('\n'));
    for (const std::string_view separator : {std::string_view(":"), std::string_view("："), std::string_view(" ")}) {
        if (line.starts_with(separator)) {
            line.remove_prefix(separator.size());
        }
    }
    return sanitize(trim_ascii(line), Lines::single, bounds::kRouteMessageTextBytes);
}

RouteFailure failure_of_upstream(Cause cause) {
    switch (cause) {
        case Cause::upstream_url_invalid: return RouteFailure::bad_url;
        case Cause::upstream_dns_failure: return RouteFailure::dns;
        case Cause::upstream_network_unreachable: return RouteFailure::unreachable;
        case Cause::upstream_connection_refused: return RouteFailure::refused;
        case Cause::upstream_connect_timeout:
        case Cause::upstream_response_timeout: return RouteFailure::timeout;
        case Cause::upstream_connection_reset: return RouteFailure::reset;
        case Cause::upstream_proxy_failure: return RouteFailure::proxy;
        case Cause::upstream_tls_untrusted:
        case Cause::upstream_tls_hostname:
        case Cause::upstream_tls_expired:
        case Cause::upstream_tls_handshake:
        case Cause::upstream_intercepted: return RouteFailure::tls;
        case Cause::upstream_server_error:
        case Cause::upstream_rate_limited:
        case Cause::upstream_blocked:
        case Cause::upstream_unexpected_status:
        case Cause::upstream_not_found: return RouteFailure::http_status;
        case Cause::upstream_redirected: return RouteFailure::redirect;
        case Cause::upstream_not_json: return RouteFailure::not_json;
        case Cause::upstream_bad_shape: return RouteFailure::shape;
        case Cause::upstream_api_error: return RouteFailure::api_error;
        case Cause::upstream_key_rejected:
        case Cause::upstream_key_not_received:
        case Cause::upstream_key_of_other_line:
        case Cause::upstream_key_expired:
        case Cause::upstream_quota_exhausted: return RouteFailure::key_rejected;
        default: return RouteFailure::unknown;
    }
}

}  // namespace banana
