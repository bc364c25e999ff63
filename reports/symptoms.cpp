#include "symptoms.hpp"

#include "banana/ascii.hpp"
#include "banana/cause.hpp"

#include <algorithm>
#include <string>

namespace banana {
namespace {

// The texts are those of the plugin, of Python's requests and configparser, of ComfyUI and of new-api (contract 1.3 to
// 1.5, 3 and 4).
const std::vector<Symptom>& table() {
    static const std::vector<Symptom> kTable{
        {"no-cache", {"暂无余额缓存"}, {}},
        {"no-key",
         {"未配置有效的", "argument 'api_key' has incorrect type", "no valid key"},
         {Cause::config_key_placeholder, Cause::config_file_missing, Cause::config_key_empty, Cause::config_key_missing,
          Cause::config_section_missing, Cause::config_bom, Cause::config_syntax, Cause::config_encoding}},
        {"config-header", {"missingsectionheadererror"}, {Cause::config_bom, Cause::config_syntax}},
        {"config-encoding", {"unicodedecodeerror", "codec can't decode"}, {Cause::config_encoding}},
        {"config-parse",
         {"读取配置文件失败", "parsingerror", "duplicateoptionerror", "duplicatesectionerror"},
         {Cause::config_syntax, Cause::config_bom, Cause::config_encoding}},
        {"config-percent",
         {"interpolationsyntaxerror", "interpolationmissingoptionerror"},
         {Cause::config_interpolation}},
        {"key-characters",
         {"codec can't encode", "invalid leading whitespace", "reserved character(s)"},
         {Cause::config_key_malformed}},
        {"proxy",
         {"proxyerror", "cannot connect to proxy", "tunnel connection failed", "missing dependencies for socks",
          "http 407"},
         {Cause::upstream_proxy_failure}},
        {"origin", {"non matching host and origin"}, {Cause::local_origin_refused}},
        {"old-script",
         {"old script", "old button", "旧脚本", "旧按钮", "旧的按钮"},
         {Cause::frontend_script_stale, Cause::frontend_key_not_sent}},
        {"certificate-list",
         {"suitable tls ca certificate bundle", "no_certificate_or_crl_found"},
         {Cause::upstream_tls_untrusted, Cause::proxy_upstream_failed}},
        {"certificate-time",
         {"certificate has expired", "certificate is not yet valid"},
         {Cause::upstream_tls_expired, Cause::system_clock_skew}},
        {"certificate-name",
         {"hostname mismatch", "doesn't match", "certificateerror"},
         {Cause::upstream_tls_hostname, Cause::upstream_intercepted}},
        {"certificate",
         {"certificate_verify_failed", "certificate verify failed", "self-signed certificate", "sslerror"},
         {Cause::upstream_intercepted, Cause::upstream_tls_untrusted, Cause::upstream_tls_expired}},
        {"tls",
         {"wrong_version_number", "sslv3_alert", "tlsv1_alert", "unexpected_eof"},
         {Cause::upstream_tls_handshake, Cause::upstream_proxy_failure}},
        {"name",
         {"name or service not known", "getaddrinfo failed", "nameresolutionerror", "failed to resolve",
          "temporary failure in name resolution", "nodename nor servname"},
         {Cause::upstream_dns_failure}},
        {"refused",
         {"connection refused", "actively refused", "10061", "err_connection_refused"},
         {Cause::local_server_down, Cause::upstream_connection_refused, Cause::upstream_proxy_failure}},
        {"timeout",
         {"timed out", "timeout", "超时"},
         {Cause::upstream_response_timeout, Cause::upstream_connect_timeout, Cause::proxy_response_timeout}},
        {"reset",
         {"connection reset", "connection aborted", "remotedisconnected", "10054"},
         {Cause::upstream_connection_reset, Cause::upstream_proxy_failure}},
        {"unreachable", {"network is unreachable", "no route to host"}, {Cause::upstream_network_unreachable}},
        {"redirects", {"exceeded 30 redirects"}, {Cause::upstream_redirected}},
        {"not-json", {"响应非 json", "expecting value", "jsondecodeerror"}, {Cause::upstream_not_json}},
        {"shape", {"has no attribute 'get'", "object has no attribute"}, {Cause::upstream_bad_shape}},
        {"key-not-received",
         {"未提供令牌", "token not provided", "invalid bearer token", "未登录且未提供"},
         {Cause::upstream_key_not_received, Cause::upstream_proxy_failure, Cause::proxy_netrc_override}},
        {"key-expired", {"令牌已过期", "token expired", "expired token"}, {Cause::upstream_key_expired}},
        {"quota", {"额度已用尽", "quota"}, {Cause::upstream_quota_exhausted}},
        {"key-refused",
         {"无效的令牌", "invalid token", "令牌状态不可用", "token status is unavailable", "用户已被封禁"},
         {Cause::upstream_key_rejected, Cause::upstream_key_of_other_line}},
        {"two-copies",
         {"added route will never be executed", "已有 /banana/token_usage"},
         {Cause::install_plugin_duplicate, Cause::route_duplicate, Cause::local_crashed_at_start}},
        {"binaries", {"missing binary files", "wrong repository for your os"}, {Cause::install_files_missing}},
        {"not-loaded",
         {"加载节点文件失败", "import failed", "cannot import", "未找到任何有效的节点", "no module named",
          "cannot import name"},
         {Cause::route_load_failed, Cause::install_files_missing}},
        {"any-failure",
         {"请检查 api 服务与网络状态"},
         {Cause::upstream_key_rejected, Cause::upstream_key_of_other_line, Cause::upstream_rate_limited,
          Cause::upstream_proxy_failure, Cause::upstream_tls_untrusted, Cause::upstream_dns_failure,
          Cause::upstream_connect_timeout}},
        {"network-error",
         {"connectionerror", "网络错误"},
         {Cause::upstream_dns_failure, Cause::upstream_proxy_failure, Cause::upstream_connection_refused,
          Cause::upstream_connect_timeout}},
        {"status-400", {"http 400"}, {Cause::proxy_no_key, Cause::upstream_key_rejected, Cause::proxy_upstream_failed}},
        {"status-401",
         {"http 401", "unauthorized"},
         {Cause::upstream_key_rejected, Cause::config_key_placeholder, Cause::upstream_key_of_other_line,
          Cause::config_key_malformed, Cause::upstream_key_expired, Cause::upstream_quota_exhausted,
          Cause::proxy_netrc_override, Cause::local_access_denied}},
        {"status-403",
         {"http 403", "forbidden"},
         {Cause::upstream_blocked, Cause::upstream_key_rejected, Cause::local_access_denied,
          Cause::local_origin_refused}},
        {"status-404",
         {"http 404", "404: not found", "not found"},
         {Cause::route_load_failed, Cause::install_plugin_not_found, Cause::route_registered_late,
          Cause::route_not_registered, Cause::install_plugin_disabled, Cause::route_api_prefix_missing,
          Cause::upstream_not_found}},
        {"status-405", {"http 405", "method not allowed"}, {Cause::upstream_unexpected_status}},
        {"status-429", {"http 429", "too many requests"}, {Cause::upstream_rate_limited}},
        {"status-3xx", {"http 301", "http 302", "http 307", "http 308"}, {Cause::upstream_redirected}},
        {"status-5xx",
         {"http 500", "http 502", "http 503", "http 504", "http 520", "http 521", "http 522", "http 523", "http 524",
          "http 525", "http 526", "http 530", "bad gateway", "service unavailable", "数据库错误"},
         {Cause::upstream_server_error, Cause::proxy_bad_response, Cause::upstream_proxy_failure}},
    };
    return kTable;
}

std::string lower_ascii(std::string_view text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(), to_lower);
    return lower;
}

// "401", "HTTP 401", "HTTP Error 401", "http401" all as "http 401".
std::string with_plain_status(std::string text) {
    for (std::size_t at = 0; at + 3 <= text.size(); ++at) {
        const bool digits = is_digit(text[at]) && is_digit(text[at + 1]) && is_digit(text[at + 2]);
        const bool alone = (at == 0 || !is_digit(text[at - 1])) && (at + 3 == text.size() || !is_digit(text[at + 3]));
        const bool named = text.size() == 3 || text.substr(0, at).find("http") != std::string::npos ||
                           text.substr(0, at).find("status") != std::string::npos;
        if (digits && alone && named) {
            return text + " http " + text.substr(at, 3);
        }
    }
    return text;
}

}  // namespace

std::span<const Symptom> symptoms() {
    return table();
}

std::vector<const Symptom*> symptoms_in(std::string_view text) {
    const std::string lower = with_plain_status(lower_ascii(text));
    std::vector<const Symptom*> found;
    for (const Symptom& symptom : table()) {
        const bool shown = std::any_of(symptom.words.begin(), symptom.words.end(),
                                       [&](std::string_view word) { return lower.find(word) != std::string::npos; });
        if (shown) {
            found.push_back(&symptom);
        }
    }
    return found;
}

}  // namespace banana
