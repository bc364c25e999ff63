#include "plugin_route.hpp"

#include "banana/json_member.hpp"
#include "bounded_file.hpp"
#include "ini_reader.hpp"
#include "known_families.hpp"
#include "line_range.hpp"
#include "netrc.hpp"
#include "proxy_settings.hpp"
#include "python_text.hpp"
#include "requests_text.hpp"
#include "system_proxy.hpp"
#include "text.hpp"
#include "time_text.hpp"
#include "utf16.hpp"
#include "utf8.hpp"
#include "web_url.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <fstream>

namespace banana::world {
namespace {

namespace json = boost::json;

constexpr std::string_view kSampleKey = "your-api-key-here";
constexpr std::string_view kForkSampleKey = "you api_key";
constexpr std::string_view kNoKey = "未配置有效的 API Key";
constexpr std::string_view kNoneHandedOn = "Argument 'api_key' has incorrect type (expected str, got NoneType)";
constexpr std::string_view kOpaque = "余额查询失败，请检查 API 服务与网络状态，或联系服务提供者";
constexpr std::string_view kNothingCached = "暂无余额缓存，请点击“查询余额”按钮刷新";
constexpr std::string_view kUsageTarget = "/api/usage/token";

ServerReply plugin_reply(int status, const json::object& body) {
    ServerReply reply = make_reply(status, "application/json; charset=utf-8", ascii_json(body));
    reply.headers.emplace_back("Server", "Python/3.11 aiohttp/3.9.5");
    return reply;
}

ServerReply failure_reply(std::string_view message) {
    return plugin_reply(400, {{"success", false}, {"message", message}});
}

// What configparser's exception says; the offending line stands in it, a key included.
std::string exception_text(const IniError& error, std::string_view bytes, const std::string& file) {
    if (error.kind != IniErrorKind::parsing || !error.line) {
        return std::string(error.python_class) + ": '" + file + "'";
    }
    std::string_view line;
    int number = 0;
    for (const std::string_view each : LineRange(bytes)) {
        line = number++ < *error.line ? each : line;
    }
    return "Source contains parsing errors: '" + file + "' [line " + std::to_string(*error.line) + "]: '" +
           std::string(line) + "\\n'";
}

double number_or_zero(const json::object& data, std::string_view name) {
    return number_member(data, name).value_or(0.0);
}

std::string with_four_decimals(double value) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.4f", value);
    return text.data();
}

std::string with_commas(double value) {
    std::string digits = std::to_string(static_cast<long long>(value));
    for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > (digits.front() == '-' ? 1 : 0); at -= 3) {
        digits.insert(static_cast<std::size_t>(at), ",");
    }
    return digits;
}

// Base64 without line breaks is all that Basic authentication needs here; the credentials are worthless.
std::string basic_credentials() {
    return "Basic bmV0cmM6bmV0cmM=";
}

}  // namespace

std::string ascii_json(const json::value& value) {
    const std::string utf8 = json::serialize(value);
    std::string out;
    std::size_t offset = 0;
    const auto escape = [&](char32_t unit) {
        std::array<char, 16> text{};
        std::snprintf(text.data(), text.size(), "\\u%04x", static_cast<unsigned>(unit));
        out += text.data();
    };
    while (offset < utf8.size()) {
        const char32_t c = utf8::next(utf8, offset);
        if (c < 0x80) {
            out += static_cast<char>(c);
        } else if (c < 0x10000) {
            escape(c);
        } else {
            escape(utf16::high_of(c));
            escape(utf16::low_of(c));
        }
    }
    return out;
}

struct PluginRoute::Query {
    std::string base_url;
    std::string key;  // after strip; empty where there is none that the plugin would send
    double cost_factor = 1.0;
    bool refresh = false;
};

bool PluginRoute::is_v1() const {
    return settings_.kind == PluginKind::v1_report || settings_.kind == PluginKind::v1_late;
}

bool PluginRoute::hands_none_on() const {
    return settings_.kind == PluginKind::v3 || settings_.kind == PluginKind::white_label;
}

void PluginRoute::write_sample_config() const {
    std::ofstream file(settings_.folder / "config.ini", std::ios::binary);
    file << "[gemini]\napi_key = " << kSampleKey << "\nbalance_cost_factor = 1.0\n";
}

PluginRoute::Query PluginRoute::read_query(const ServerRequest& request) {
    const std::filesystem::path file = settings_.folder / "config.ini";
    const bool of_fork = settings_.kind == PluginKind::fork_with_route;
    BoundedFile content = read_bounded(file);
    if (content.problem == FileProblem::missing && !of_fork) {
        write_sample_config();
        content = read_bounded(file);
    }
    const bool late = settings_.kind != PluginKind::v1_report;
    const Family family = of_fork                            ? Family::fork
                          : settings_.kind == PluginKind::v2 ? Family::v2
                          : is_v3(settings_.kind)            ? Family::v3
                                                             : Family::v1;
    const auto parameter = [&](const char* name) {
        const auto found = request.query.find(name);
        return found != request.query.end() ? found->second : std::string();
    };
    const auto usable = [&](std::string_view value) {
        return !value.empty() && (of_fork || !plugin_knows_sample(family, late, value));
    };

    Query query;
    query.cost_factor = late ? 0.6 : 1.0;
    query.base_url = is_v1()   ? "https://xinbaoapi.feng1994.xin"
                     : of_fork ? "https://mirror.example.net"
                               : "https://api.aabao.top";
    std::string key(of_fork ? kForkSampleKey : kSampleKey);
    const IniFile ini = IniFile::parse(content.bytes);
    const IniValue configured = ini.error() ? IniValue() : ini.get("gemini", "api_key");
    if (ini.error() || configured.error) {
        const IniError& error = ini.error() ? *ini.error() : *configured.error;
        settings_.log("[Main]   读取配置文件失败: " + exception_text(error, content.bytes, path_text(file)));
    } else {
        key = configured.value ? std::string(python_strip(*configured.value)) : key;
        const IniValue factor = ini.get("gemini", "balance_cost_factor");
        if (factor.value && python_float(*factor.value)) {
            query.cost_factor = std::clamp(*python_float(*factor.value), 0.0001, 100.0);
        }
        const IniValue encoded = ini.get("gemini", "api_base_url_enc");
        if (settings_.kind == PluginKind::v2 && encoded.value) {
            std::string url = python_base64(*encoded.value).value_or("");
            std::for_each(url.begin(), url.end(), [](char& byte) { byte = static_cast<char>(byte ^ 7); });
            query.base_url = url.empty() ? query.base_url : url;
        }
        const IniValue plain = ini.get("gemini", "api_base_url");
        query.base_url = of_fork && plain.value ? std::string(python_strip(*plain.value)) : query.base_url;
    }
    if (is_v3(settings_.kind)) {
        const LineRules rules = hands_none_on() ? LineRules::old_lines : LineRules::new_line;
        query.base_url = base_url_of_line(parameter("route"), rules).value_or("");
    } else if (is_v1() && !parameter("base_url").empty()) {
        query.base_url = parameter("base_url");
    }
    if (late) {
        const bool newest = is_v3(settings_.kind) && !parameter("banana_api_key").empty();
        const std::string given(python_strip(newest ? parameter("banana_api_key") : parameter("api_key")));
        key = usable(given) ? given : key;
    }
    query.key = usable(key) ? key : "";
    const std::string refresh = to_lower_ascii(parameter("refresh"));
    query.refresh = refresh == "1" || refresh == "true" || refresh == "yes" || refresh == "on";
    return query;
}

boost::asio::awaitable<Exchange> PluginRoute::ask_upstream(Query query) {
    HttpRequest request;
    request.url = query.base_url;
    while (request.url.ends_with('/')) {
        request.url.pop_back();
    }
    request.url += kUsageTarget;
    const std::optional<WebUrl> url = parse_web_url(request.url);
    const bool replaced = url && find_netrc_entry(url->host, settings_.environment, settings_.home).has_value();
    if (replaced) {
        request.headers.emplace_back("Authorization", basic_credentials());
    } else {
        request.bearer.emplace(query.key);
    }
    if (!is_v1()) {
        request.headers.emplace_back("X-Banana-Client", "comfyui");
    }
    ExchangeOptions options;
    options.timeout = settings_.patience;
    const bool ask_system = settings_.system_proxy && !has_proxy_variables(settings_.environment);
    options.proxy = (ask_system ? choose_system_proxy(request.url, *settings_.system_proxy)
                                : choose_proxy(request.url, settings_.environment))
                        .url;
    options.trust.store = Trust::Store::bundle;
    options.trust.bundle = settings_.trusted;
    Exchange exchange = co_await http_.exchange(request, std::move(options));
    co_return exchange;
}

void PluginRoute::log_failure(const std::string& summary) {
    if (is_v1()) {
        return;
    }
    settings_.log("[Main]   余额查询失败，错误摘要: " + summary);
    if (is_v3(settings_.kind)) {
        settings_.log("[Main]   /banana/token_usage 刷新失败: " + std::string(kOpaque));
    }
}

// The `message` of a failed query; empty where the upstream's body can be used.
std::string PluginRoute::failure_of(const Exchange& exchange, const Query& query) {
    // requests follows to another origin without the key, and finds no API there.
    const bool elsewhere = exchange.error && exchange.error->failure == NetworkFailure::redirect_other_origin;
    if (exchange.error && !elsewhere) {
        const std::optional<WebUrl> url = parse_web_url(query.base_url);
        log_failure("网络错误 (" + std::string(requests_exception(*exchange.error)) + ")");
        if (!is_v1() && exchange.error->failure != NetworkFailure::redirect_loop) {
            return std::string(kOpaque);
        }
        return requests_message(*exchange.error, url ? url->host : query.base_url, url ? url->port : 443,
                                url ? kUsageTarget : query.base_url + std::string(kUsageTarget));
    }
    if (!elsewhere && exchange.response->status >= 400) {
        const int status = exchange.response->status;
        if (is_v1()) {
            return "余额查询失败: HTTP " + std::to_string(status);
        }
        log_failure(status == 404 ? "404 未找到余额查询端点" : is_v3(settings_.kind) ? "HTTP 错误" : "HTTP None 错误");
        const bool says_so = is_v3(settings_.kind) && status == 404;
        return std::string(kOpaque) + (says_so ? "（HTTP 404）" : "");
    }
    boost::system::error_code unreadable;
    const json::value body = elsewhere ? json::value() : json::parse(exchange.response->body, unreadable);
    if (elsewhere || unreadable) {
        log_failure("数据格式错误: Expecting value: line 1 column 1 (char 0)");
        return is_v1() ? "余额查询失败: 响应非 JSON" : std::string(kOpaque);
    }
    if (!body.is_object()) {
        log_failure("数据格式错误: list");
        return is_v1() ? "'list' object has no attribute 'get'" : std::string(kOpaque);
    }
    const json::value* data = find_member(body.get_object(), "data");
    return data != nullptr && data->is_null() ? "'NoneType' object has no attribute 'get'" : "";
}

std::string PluginRoute::summary_of(const json::object& data, const Query& query) const {
    std::string text = "🔑 查询时间 " + local_time_text("%H:%M", std::time(nullptr)) + "\n";
    const double available = number_or_zero(data, "total_available");
    const double used = number_or_zero(data, "total_used");
    if (is_v3(settings_.kind) || settings_.kind == PluginKind::fork_with_route) {
        // 0.2.10 and later count a point of the new line as 0.6.
        const bool new_line = !hands_none_on() && query.base_url.ends_with("xinbao-ai.com");
        const double quota = is_v3(settings_.kind) ? (new_line ? 5000 / 0.6 : 5000) : 5;
        text += "剩余可用积分: " + with_commas(std::abs(available / quota)) +
                "\n已使用积分: " + with_commas(std::abs(used / quota)) + "\n";
    } else {
        const double scale =
            0.20 / 100000 * (settings_.kind == PluginKind::v1_report ? query.cost_factor : 1 / query.cost_factor);
        text += "估算费用: 可用 ¥" + with_four_decimals(available * scale) + " / 已用 ¥" +
                with_four_decimals(used * scale) + " (仅参考)\n";
    }
    const auto expires = static_cast<std::time_t>(number_or_zero(data, "expires_at"));
    return text + "到期: " + (expires == 0 ? "不过期" : local_time_text("%Y-%m-%d %H:%M", expires));
}

ServerReply PluginRoute::success(const json::value& body, const Query& query, bool cached) const {
    const json::object& whole = body.get_object();
    const json::value* data = find_member(whole, "data");
    json::object answer{{"success", true}, {"data", data != nullptr ? *data : json::value()}, {"raw", body}};
    const bool has_data = data != nullptr && data->is_object();
    answer["summary"] = has_data ? summary_of(data->get_object(), query) : "🔑 查询时间 -\n估算费用: - / -";
    if (!is_v3(settings_.kind)) {
        answer["cost_factor"] = query.cost_factor;
    }
    answer["cached"] = cached;
    answer["stale"] = false;
    return plugin_reply(200, answer);
}

namespace {

// What Python's requests raises for a key that no header can carry, before anything is sent; empty for any other key.
std::string header_refusal(std::string_view key) {
    if (key.find_first_of("\r\n") != std::string_view::npos) {
        return "Invalid leading whitespace, reserved character(s), or return character(s) in header value: 'Bearer " +
               std::string(key) + "'";
    }
    for (std::size_t offset = 0; offset < key.size();) {
        if (utf8::next(key, offset) > 0xFF) {
            return "'latin-1' codec can't encode character in position 7: ordinal not in range(256)";
        }
    }
    return {};
}

}  // namespace

boost::asio::awaitable<ServerReply> PluginRoute::answer(ServerRequest request) {
    const Query query = read_query(request);
    if (query.key.empty()) {
        co_return failure_reply(hands_none_on() ? kNoneHandedOn : kNoKey);
    }
    const auto cache_key = std::make_pair(query.base_url, query.key);
    if (!query.refresh) {
        const auto cached = cache_.find(cache_key);
        if (cached != cache_.end()) {
            co_return success(cached->second, query, true);
        }
        json::object nothing{{"success", false}, {"message", kNothingCached}, {"cached", false}, {"stale", true}};
        co_return plugin_reply(200, nothing);
    }
    if (const std::string refused = header_refusal(query.key); !refused.empty()) {
        log_failure("数据格式错误: " + refused);
        co_return failure_reply(is_v1() ? refused : std::string(kOpaque));
    }
    Query copy = query;
    const Exchange exchange = co_await ask_upstream(std::move(copy));
    const std::string failure = failure_of(exchange, query);
    if (!failure.empty()) {
        co_return failure_reply(failure);
    }
    const json::value body = json::parse(exchange.response->body);
    cache_.insert_or_assign(cache_key, body);
    co_return success(body, query, false);
}

}  // namespace banana::world
