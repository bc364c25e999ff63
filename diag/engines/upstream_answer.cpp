#include "engines/upstream_answer.hpp"

#include "engines/gateway_page.hpp"
#include "engines/text.hpp"

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cmath>
#include <initializer_list>

namespace banana {
namespace {

namespace json = boost::json;

constexpr std::size_t kQuoteLimit = 300;
constexpr std::array<std::string_view, 5> kBalanceMembers{"total_granted", "total_used", "total_available",
                                                          "unlimited_quota", "expires_at"};

bool contains_any(std::string_view text, std::initializer_list<std::string_view> parts) {
    for (const std::string_view part : parts) {
        if (contains_ignoring_case(text, part)) {
            return true;
        }
    }
    return false;
}

// The API's own report of a failure.
struct Refusal {
    std::string message;
    std::string type;  // OpenAI-style `error.type` and `error.code`
};

std::string text_of(const json::object& object, std::string_view name) {
    const json::value* member = object.if_contains(name);
    return member != nullptr && member->is_string() ? std::string(member->get_string()) : std::string();
}

// new-api's two envelopes, and nobody else's: `error` with a message, or a false `success` or `code` with one.
std::optional<Refusal> refusal_of(const json::object& answer) {
    Refusal refusal;
    if (const json::value* error = answer.if_contains("error"); error != nullptr && error->is_object()) {
        const json::object& inner = error->get_object();
        refusal.message = text_of(inner, "message");
        refusal.type = text_of(inner, "type") + " " + text_of(inner, "code");
        return refusal.message.empty() ? std::nullopt : std::optional(refusal);
    }
    for (const char* flag : {"success", "code"}) {
        const json::value* value = answer.if_contains(flag);
        if (value != nullptr && value->is_bool() && !value->get_bool()) {
            for (const char* name : {"message", "msg", "error"}) {
                refusal.message = refusal.message.empty() ? text_of(answer, name) : refusal.message;
            }
            return refusal;
        }
    }
    return std::nullopt;
}

// 401 or "401" and the like.
bool is_failure_code(const json::value& code) {
    constexpr std::size_t kDigits = 3;
    const bool text =
        code.is_string() && code.get_string().size() >= kDigits && code.get_string()[0] >= '4' &&
        std::all_of(code.get_string().begin(), code.get_string().end(), [](char c) { return c >= '0' && c <= '9'; });
    return text || (code.is_int64() && code.get_int64() >= 400);
}

// What any JSON says in words, for quoting only.
std::string words_of(const json::value& value) {
    if (!value.is_object()) {
        return json::serialize(value);
    }
    const json::object& object = value.get_object();
    for (const char* name :
         {"message", "msg", "error_msg", "error_description", "detail", "error", "title", "reason"}) {
        if (std::string words = text_of(object, name); !words.empty()) {
            return words;
        }
    }
    return json::serialize(value);
}

// Other gateways: a numeric `code` of 400 and more, or a `detail` or `error` text, without data.
std::optional<Refusal> foreign_failure_of(const json::object& answer) {
    Refusal refusal;
    const json::value* code = answer.if_contains("code");
    const bool numeric_failure = code != nullptr && is_failure_code(*code);
    for (const char* name : {"message", "msg", "error", "detail"}) {
        if (refusal.message.empty()) {
            refusal.message = text_of(answer, name);
        }
    }
    const bool named = !text_of(answer, "error").empty() || !text_of(answer, "detail").empty();
    return numeric_failure || named ? std::optional(refusal) : std::nullopt;
}

struct Judgement {
    UpstreamMeaning kind;
    std::string_view reason;
};

// The text before `end` without what stands between a subject and its state: "令牌[状态已被]禁用", "key [has been] …".
std::string_view before_fillers(std::string_view text) {
    constexpr std::array<std::string_view, 14> kFillers{"已",   "被",    "状态", "狀態", "的", "在",      "经",
                                                        " has", " been", " is",  " was", "\"", " status", " currently"};
    while (true) {
        const std::size_t length = text.size();
        text = text.substr(0, text.find_last_not_of(' ') + 1);
        for (const std::string_view filler : kFillers) {
            if (text.size() >= filler.size() && equal_ignoring_case(text.substr(text.size() - filler.size()), filler)) {
                text.remove_suffix(filler.size());
            }
        }
        if (text.size() == length) {
            return text;
        }
    }
}

// Whether the key or its account is what one of the states is said of. "管理员已禁用令牌用量查询功能" and
// "系统授权已过期" are about something else.
bool says_of_key(std::string_view text, std::initializer_list<std::string_view> states) {
    constexpr std::array<std::string_view, 16> kSubjects{"令牌", "密钥",   "密鑰", "key",    "token", "用户",
                                                         "用戶", "使用者", "账户", "账号",   "帐户",  "帐号",
                                                         "帳號", "帳戶",   "user", "account"};
    const std::string lower = to_lower_ascii(text);
    for (const std::string_view state : states) {
        for (std::size_t at = lower.find(state); at != std::string::npos; at = lower.find(state, at + 1)) {
            const std::string_view head = before_fillers(std::string_view(lower).substr(0, at));
            const bool about_key = std::any_of(kSubjects.begin(), kSubjects.end(),
                                               [&](std::string_view subject) { return head.ends_with(subject); });
            if (about_key) {
                return true;
            }
        }
    }
    return false;
}

// Other tokens than the API's, and lookups that failed before they could tell anything of the key.
bool is_about_something_else(std::string_view text) {
    return contains_any(text, {"turnstile", "captcha", "csrf", "session", "数据库", "資料庫", "database", "redis"});
}

bool says_quota_is_used_up(const Refusal& refusal) {
    return contains_any(refusal.message,
                        {"额度已用尽", "額度已用盡", "额度不足", "額度不足", "余额不足", "餘額不足", "RemainQuota",
                         "token quota exhausted", "quota is exhausted", "quota has been exhausted",
                         "insufficient balance", "insufficient quota", "exceeded your current quota"}) ||
           contains_any(refusal.type, {"insufficient_quota", "insufficient_user_quota", "token_quota_exhausted"});
}

bool says_key_expired(std::string_view text) {
    return says_of_key(text, {"过期", "過期", "expired"}) ||
           contains_any(text, {"トークンは期限切れ", "expired token", "expired api key", "jeton a expiré"}) ||
           (contains_any(text, {"срок действия"}) && contains_any(text, {"токен"}));
}

// new-api: "无权访问 vip 分组", "分组 vip 已被弃用", "令牌分组 vip 已被禁用".
bool says_group_is_shut(std::string_view text) {
    const bool chinese = contains_any(text, {"分组", "分組"}) &&
                         contains_any(text, {"无权", "無權", "弃用", "棄用", "令牌", "用户", "用戶", "已被禁用"});
    const bool english = contains_any(text, {"group"}) &&
                         contains_any(text, {"token", "api key", "user", "your account", "permission to access",
                                             "access to the group", "deprecated"});
    return chinese || english;
}

bool says_address_is_refused(std::string_view text) {
    return contains_any(text, {"IP 不在", "IP不在", "允许访问的列表", "允許訪問的列表", "not in the allowed",
                               "not in the token's allowed", "IP is not", "not allowed to access from"}) &&
           contains_any(text, {"令牌", "密钥", "token", "key"});
}

// By the sentences of new-api's versions in its languages, then by those of similar gateways.
std::optional<Judgement> judge(const Refusal& refusal) {
    const std::string& text = refusal.message;
    if (is_about_something_else(text)) {
        return std::nullopt;
    }
    if (says_quota_is_used_up(refusal)) {
        return Judgement{UpstreamMeaning::quota_exhausted, ""};
    }
    if (says_key_expired(text)) {
        return Judgement{UpstreamMeaning::key_expired, ""};
    }
    if (says_of_key(text, {"不可用", "禁用", "停用", "unavailable", "disabled", "not enabled", "deactivated"})) {
        return Judgement{UpstreamMeaning::key_rejected, "disabled"};
    }
    if (says_of_key(text, {"封禁", "封停", "banned", "suspended"})) {
        return Judgement{UpstreamMeaning::key_rejected, "banned"};
    }
    if (says_address_is_refused(text)) {
        return Judgement{UpstreamMeaning::key_rejected, "address"};
    }
    if (says_group_is_shut(text)) {
        return Judgement{UpstreamMeaning::key_rejected, "group"};
    }
    if (contains_any(text,
                     {"未提供令牌", "未提供 Authorization", "未提供Authorization", "未提供API", "Token not provided",
                      "No Authorization", "didn't provide an API key", "missing api key"})) {
        return Judgement{UpstreamMeaning::key_rejected, "missing"};
    }
    if (contains_any(text, {"无效的令牌",      "無效的令牌",           "令牌无效",           "令牌無效",
                            "Invalid token",   "Invalid Bearer token", "invalid api key",    "Incorrect API key",
                            "Invalid API-key", "无效的 API",           "无效的API",          "密钥无效",
                            "令牌不存在",      "令牌验证失败",         "Jeton invalide",     "Недействительный токен",
                            "Неверный токен",  "無効なトークン",       "Token không hợp lệ", "token is invalid"}) ||
        contains_any(refusal.type, {"invalid_api_key", "authentication_error"})) {
        return Judgement{UpstreamMeaning::key_rejected, "unknown"};
    }
    return std::nullopt;
}

// "(request id: 2025…)" at the end of new-api's messages, of use to its operator only.
std::string take_request_id(std::string& message) {
    constexpr std::string_view kMark = "(request id: ";
    const std::size_t start = message.find(kMark);
    const std::size_t end = start == std::string::npos ? start : message.find(')', start);
    if (end == std::string::npos) {
        return {};
    }
    std::string id = sanitize(message.substr(start + kMark.size(), end - start - kMark.size()), Lines::single, 64);
    message = std::string(trim_ascii(message.substr(0, start)));
    return id;
}

void set_refusal(UpstreamAnswer& answer, Refusal refusal, Judgement otherwise) {
    const Judgement judgement = judge(refusal).value_or(otherwise);
    answer.kind = judgement.kind;
    answer.reason = judgement.reason;
    answer.request_id = take_request_id(refusal.message);
    answer.quoted = sanitize(refusal.message, Lines::single, kQuoteLimit);
}

std::optional<double> number_of(const json::object& data, std::string_view name) {
    const json::value* member = data.if_contains(name);
    if (member == nullptr || !member->is_number()) {
        return std::nullopt;
    }
    const double number = member->to_number<double>();
    return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

bool is_absent(const json::object& data, std::string_view name) {
    const json::value* member = data.if_contains(name);
    return member == nullptr || member->is_null();
}

json::object documented_members(const json::object& data) {
    json::object found;
    for (const std::string_view name : kBalanceMembers) {
        const json::value* member = data.if_contains(name);
        // Text or structures in their place are not shown at length: nobody documented them.
        if (member != nullptr && (member->is_number() || member->is_bool() || member->is_null())) {
            found[name] = *member;
        } else if (member != nullptr && member->is_string()) {
            found[name] = sanitize(std::string_view(member->get_string()), Lines::single, 64);
        }
    }
    return found;
}

void set_bad_shape(UpstreamAnswer& answer, std::string_view reason, std::string_view member = {}) {
    answer.kind = UpstreamMeaning::bad_shape;
    answer.reason = reason;
    answer.member = member;
}

void read_balance(UpstreamAnswer& answer, const json::object& data) {
    answer.shown = documented_members(data);
    Balance balance;
    balance.raw = answer.shown;
    if (const json::value* unlimited = data.if_contains("unlimited_quota"); unlimited && unlimited->is_bool()) {
        balance.unlimited_quota = unlimited->get_bool();
    } else if (!is_absent(data, "unlimited_quota")) {
        return set_bad_shape(answer, "no-numbers", "unlimited_quota");
    }
    balance.total_granted = number_of(data, "total_granted");
    balance.total_used = number_of(data, "total_used");
    balance.total_available = number_of(data, "total_available");
    const std::array<std::pair<std::string_view, bool>, 3> totals{
        {{"total_available", balance.total_available.has_value()},
         {"total_granted", balance.total_granted.has_value()},
         {"total_used", balance.total_used.has_value()}}};
    for (const auto& [name, known] : totals) {
        const bool dispensable = balance.unlimited_quota.value_or(false) && is_absent(data, name);
        if (!known && !dispensable) {
            return set_bad_shape(answer, "no-numbers", name);
        }
    }
    if (!is_absent(data, "expires_at")) {
        balance.expires_at = expiry_seconds(data.at("expires_at"));
        if (!balance.expires_at) {
            return set_bad_shape(answer, "no-numbers", "expires_at");
        }
    }
    answer.kind = UpstreamMeaning::balance;
    answer.balance = std::move(balance);
}

// The names that came instead of the documented ones, for who has to tell which service answered.
std::string names_in(const json::object& object) {
    constexpr std::size_t kNames = 12;
    constexpr std::size_t kNameLimit = 40;
    std::string names;
    for (std::size_t index = 0; index < std::min(object.size(), kNames); ++index) {
        const std::string_view name = (object.begin() + static_cast<std::ptrdiff_t>(index))->key();
        names += (names.empty() ? "" : ", ") + sanitize(name, Lines::single, kNameLimit);
    }
    return object.size() > kNames ? names + ", …" : names;
}

void read_json(UpstreamAnswer& answer, const json::value& value) {
    if (!value.is_object()) {
        return set_bad_shape(answer, "not-object");
    }
    const json::object& object = value.get_object();
    const json::value* data = object.if_contains("data");
    if (auto refusal = refusal_of(object)) {
        const std::string_view reason = refusal->message.empty() ? "silent" : "";
        return set_refusal(answer, std::move(*refusal), {UpstreamMeaning::api_error, reason});
    }
    if (data != nullptr && data->is_object()) {
        answer.names = "data: " + names_in(data->get_object());
        return read_balance(answer, data->get_object());
    }
    answer.names = names_in(object);
    if (auto failure = foreign_failure_of(object)) {
        return set_refusal(answer, std::move(*failure), {UpstreamMeaning::api_error, ""});
    }
    set_bad_shape(answer, "no-data", "data");
}

void read_success(UpstreamAnswer& answer, const HttpResponse& response) {
    const JsonReading reading = read_python_json(response.body);
    if (reading.value) {
        return read_json(answer, *reading.value);
    }
    if (reading.too_deep) {
        return set_bad_shape(answer, "too-deep");
    }
    const GatewayPage page = read_gateway_page(response);
    answer.kind = page.challenge ? UpstreamMeaning::blocked : UpstreamMeaning::not_json;
    answer.gateway = page.product;
    answer.quoted = page.title;
    if (page.challenge) {
        answer.reason = "challenge";
    } else if (trim_ascii(response.body).empty()) {
        answer.reason = "empty";
    } else if (response.body.starts_with("\xEF\xBB\xBF")) {
        answer.reason = "bom";
    } else if (!page.notice.empty()) {
        answer.reason = page.notice;
    } else if (page.html) {
        answer.reason = "html";
    } else {
        const std::string_view body = trim_ascii(response.body);
        answer.reason = body.front() == '{' || body.front() == '[' ? "cut" : "other";
    }
}

// 401 and 403: the API's own JSON speaks of the key, anything else stands in front of the API.
void read_refused(UpstreamAnswer& answer, const HttpResponse& response) {
    const JsonReading reading = read_python_json(response.body);
    const GatewayPage page = read_gateway_page(response);
    if (reading.value && reading.value->is_object()) {
        if (auto refusal = refusal_of(reading.value->get_object()); refusal && !refusal->message.empty()) {
            const bool forbidden = answer.status == 403;
            const std::string_view reason = !forbidden ? "other" : page.notice.empty() ? "refused" : page.notice;
            return set_refusal(answer, std::move(*refusal),
                               {forbidden ? UpstreamMeaning::blocked : UpstreamMeaning::key_rejected, reason});
        }
    }
    answer.kind = UpstreamMeaning::blocked;
    answer.reason = page.challenge         ? "challenge"
                    : !page.notice.empty() ? page.notice
                    : !reading.value       ? "page"
                    : answer.status == 401 ? "unauthorized"
                                           : "json";
    answer.gateway = page.product;
    answer.quoted = reading.value ? sanitize(words_of(*reading.value), Lines::single, kQuoteLimit) : page.title;
}

// 520 to 527 and 530 are a CDN's own, about the machine behind it; 566 and 567 are those of EdgeOne's firewall. Other
// pages of such products tell of faults as well as of refusals.
std::string_view server_error_reason(int status, const GatewayPage& page) {
    if (status == 511) {
        return "portal";
    }
    if (page.challenge || status == 566 || status == 567) {
        return "firewall";
    }
    return (status >= 520 && status <= 527) || status == 530 ? "origin" : "";
}

void read_other_status(UpstreamAnswer& answer, const HttpResponse& response) {
    const GatewayPage page = read_gateway_page(response);
    answer.gateway = page.product;
    answer.quoted = page.title;
    bool spent = false;
    bool says_more = !page.html && !page.title.empty();
    const JsonReading reading = read_python_json(response.body);
    if (reading.value && reading.value->is_object()) {
        const json::object& object = reading.value->get_object();
        auto failure = refusal_of(object);
        failure = failure ? failure : foreign_failure_of(object);
        answer.quoted = sanitize(words_of(*reading.value), Lines::single, kQuoteLimit);
        if (failure && !failure->message.empty()) {
            says_more = true;
            spent = says_quota_is_used_up(*failure);
            answer.request_id = take_request_id(failure->message);
            answer.quoted = sanitize(failure->message, Lines::single, kQuoteLimit);
        }
    }
    // A header, so not the body against the status: Cloudflare marks every challenge by it.
    if (equal_ignoring_case(response.header("cf-mitigated"), "challenge")) {
        answer.kind = UpstreamMeaning::blocked;
        answer.reason = "challenge";
    } else if (answer.status == 429) {
        answer.kind = UpstreamMeaning::rate_limited;
        answer.reason = says_more ? "quoted" : "";
    } else if (answer.status >= 500) {
        answer.kind = UpstreamMeaning::server_error;
        answer.reason = server_error_reason(answer.status, page);
    } else if (answer.status == 404) {
        answer.kind = UpstreamMeaning::not_found;
    } else if (page.challenge || page.refusal) {
        answer.kind = UpstreamMeaning::blocked;
        answer.reason = page.challenge ? "challenge" : !page.notice.empty() ? page.notice : "page";
    } else {
        answer.kind = UpstreamMeaning::unexpected_status;
        answer.reason = answer.status == 402 && spent ? "spent" : "";
    }
}

// U+FFFD in place of what is no UTF-8, as bytes.decode(errors="replace") does; all else untouched.
std::string replace_invalid_utf8(std::string_view body) {
    std::string out;
    out.reserve(body.size());
    std::size_t index = 0;
    while (index < body.size()) {
        const auto first = static_cast<unsigned char>(body[index]);
        const std::size_t length = first < 0x80   ? 1
                                   : first < 0xC2 ? 0
                                   : first < 0xE0 ? 2
                                   : first < 0xF0 ? 3
                                   : first < 0xF5 ? 4
                                                  : 0;
        bool valid = length > 0 && index + length <= body.size();
        for (std::size_t next = 1; valid && next < length; ++next) {
            valid = (static_cast<unsigned char>(body[index + next]) & 0xC0U) == 0x80U;
        }
        if (valid && length > 2) {
            const auto second = static_cast<unsigned char>(body[index + 1]);
            valid = !(first == 0xE0 && second < 0xA0) && !(first == 0xED && second > 0x9F) &&
                    !(first == 0xF0 && second < 0x90) && !(first == 0xF4 && second > 0x8F);
        }
        out += valid ? body.substr(index, length) : std::string_view("\xEF\xBF\xBD");
        index += valid ? length : 1;
    }
    return out;
}

bool is_word(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// Python takes NaN, Infinity and -Infinity for numbers and lone surrogate escapes for characters; Boost.JSON takes
// neither. Their places are filled: a number out of range, and U+FFFD.
std::string without_python_extras(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    bool in_string = false;
    for (std::size_t index = 0; index < text.size(); ++index) {
        const char c = text[index];
        if (in_string && c == '\\' && index + 1 < text.size()) {
            const auto is_surrogate = [&](std::size_t at, std::string_view thirds) {
                return at + 5 < text.size() && text[at] == '\\' && text[at + 1] == 'u' &&
                       (text[at + 2] == 'd' || text[at + 2] == 'D') &&
                       thirds.find(text[at + 3]) != std::string_view::npos;
            };
            constexpr std::string_view kHigh = "89abAB";
            constexpr std::string_view kLow = "cdefCDEF";
            if (is_surrogate(index, kHigh) && is_surrogate(index + 6, kLow)) {
                out += text.substr(index, 12);
                index += 11;
            } else if (is_surrogate(index, kHigh) || is_surrogate(index, kLow)) {
                out += "\\ufffd";
                index += 5;
            } else {
                out += text.substr(index, 2);
                ++index;
            }
            continue;
        }
        if (c == '"') {
            in_string = !in_string;
        }
        if (!in_string && (c == 'N' || c == 'I') && (index == 0 || !is_word(text[index - 1]))) {
            const std::string_view word = c == 'N' ? "NaN" : "Infinity";
            if (text.substr(index).starts_with(word)) {
                out += "1e999";
                index += word.size() - 1;
                continue;
            }
        }
        out += c;
    }
    return out;
}

}  // namespace

bool UpstreamAnswer::is_from_api() const {
    switch (kind) {
        case UpstreamMeaning::balance:
        case UpstreamMeaning::key_rejected:
        case UpstreamMeaning::key_expired:
        case UpstreamMeaning::quota_exhausted:
        case UpstreamMeaning::api_error: return true;
        default: return false;
    }
}

std::optional<std::int64_t> expiry_seconds(const json::value& value) {
    if (!value.is_number()) {
        return std::nullopt;
    }
    // No account runs past the year 5138; a later number counts milliseconds.
    constexpr double kLatestSeconds = 1e11;
    constexpr double kLatestMilliseconds = 1e14;
    double number = value.to_number<double>();
    if (!std::isfinite(number) || number > kLatestMilliseconds) {
        return std::nullopt;
    }
    if (number <= 0) {
        return 0;
    }
    return static_cast<std::int64_t>(number > kLatestSeconds ? number / 1000 : number);
}

std::optional<bool> is_exhausted(const Balance& balance) {
    if (balance.unlimited_quota.value_or(false)) {
        return false;
    }
    return balance.total_available ? std::optional(*balance.total_available <= 0) : std::nullopt;
}

JsonReading read_python_json(std::string_view body) {
    JsonReading reading;
    const std::string text = without_python_extras(replace_invalid_utf8(body));
    json::parse_options options;
    options.max_depth = kJsonDepth;
    json::error_code error;
    json::value value = json::parse(text, error, {}, options);
    if (!error) {
        reading.value = std::move(value);
    }
    reading.too_deep = error == json::error::too_deep;
    return reading;
}

UpstreamAnswer read_upstream_answer(const HttpResponse& response) {
    UpstreamAnswer answer;
    answer.status = response.status;
    if (response.status >= 200 && response.status < 300) {
        read_success(answer, response);
    } else if (response.status == 401 || response.status == 403) {
        read_refused(answer, response);
    } else {
        read_other_status(answer, response);
    }
    return answer;
}

}  // namespace banana
