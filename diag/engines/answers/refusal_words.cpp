#include "refusal_words.hpp"

#include "banana/ascii.hpp"
#include "banana/bounds.hpp"
#include "banana/json_member.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <initializer_list>

namespace banana {
namespace {

namespace json = boost::json;

bool contains_any(std::string_view text, std::initializer_list<std::string_view> parts) {
    for (const std::string_view part : parts) {
        if (contains_ignoring_case(text, part)) {
            return true;
        }
    }
    return false;
}

// 401 or "401" and the like.
bool is_failure_code(const json::value& code) {
    constexpr std::size_t kDigits = 3;
    const bool text = code.is_string() && code.get_string().size() >= kDigits && code.get_string()[0] >= '4' &&
                      std::all_of(code.get_string().begin(), code.get_string().end(), is_digit);
    return text || (code.is_int64() && code.get_int64() >= 400);
}

// The text before `end` without what stands between a subject and its state: "令牌[状态已被]禁用", "key [has been] …".
std::string_view before_fillers(std::string_view text) {
    static constexpr std::array<std::string_view, 14> kFillers{
        "已", "被", "状态", "狀態", "的", "在", "经", " has", " been", " is", " was", "\"", " status", " currently"};
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
    static constexpr std::array<std::string_view, 16> kSubjects{"令牌", "密钥",   "密鑰", "key",    "token", "用户",
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

// "Invalid Bearer token" is new-api's word for a header that does not begin with "Bearer".
bool says_no_key_arrived(std::string_view text) {
    return contains_any(text, {"未提供令牌",
                               "未提供 令牌",
                               "未提供 Authorization",
                               "未提供Authorization",
                               "未提供API",
                               "未提供 API",
                               "未提供 access token",
                               "未提供 token",
                               "未提供token",
                               "未提供密钥",
                               "未提供密鑰",
                               "未提供权杖",
                               "未提供權杖",
                               "缺少令牌",
                               "缺少 Authorization",
                               "缺少Authorization",
                               "Invalid Bearer token",
                               "Token not provided",
                               "no token provided",
                               "token was not provided",
                               "token is missing",
                               "missing token",
                               "no access token provided",
                               "No Authorization",
                               "missing authorization",
                               "authorization header is missing",
                               "authorization header is required",
                               "authorization header missing",
                               "authorization header not",
                               "missing bearer",
                               "bearer token is missing",
                               "bearer token is required",
                               "didn't provide an API key",
                               "did not provide an API key",
                               "missing api key",
                               "api key is missing",
                               "api key is required",
                               "api key not provided",
                               "no api key provided",
                               "no api key found",
                               "Jeton non fourni",
                               "Токен не предоставлен",
                               "トークンが提供されていません",
                               "Token không được cung cấp"});
}

// The console's own API, which asks for the account's access token and a user number.
bool asks_for_console_token(std::string_view text) {
    return contains_any(text, {"access token 无效", "access token 無效", "access token无效", "access token無效",
                               "Unauthorized, invalid access token", "New-Api-User"});
}

bool says_address_is_refused(std::string_view text) {
    return contains_any(text, {"IP 不在", "IP不在", "允许访问的列表", "允許訪問的列表", "not in the allowed",
                               "not in the token's allowed", "IP is not", "not allowed to access from"}) &&
           contains_any(text, {"令牌", "密钥", "token", "key"});
}

}  // namespace

std::optional<Refusal> refusal_of(const json::object& answer) {
    Refusal refusal;
    if (const json::object* error = object_member(answer, "error")) {
        refusal.message = text_member(*error, "message");
        refusal.type.append(text_member(*error, "type")).append(" ").append(text_member(*error, "code"));
        return refusal.message.empty() ? std::nullopt : std::optional(refusal);
    }
    for (const char* flag : {"success", "code"}) {
        if (flag_member(answer, flag) == false) {
            for (const char* name : {"message", "msg", "error"}) {
                if (refusal.message.empty()) {
                    refusal.message = text_member(answer, name);
                }
            }
            return refusal;
        }
    }
    return std::nullopt;
}

std::string words_of(const json::value& value) {
    if (!value.is_object()) {
        return json::serialize(value);
    }
    const json::object& object = value.get_object();
    for (const char* name :
         {"message", "msg", "error_msg", "error_description", "detail", "error", "title", "reason"}) {
        if (const std::string_view words = text_member(object, name); !words.empty()) {
            return std::string(words);
        }
    }
    return json::serialize(value);
}

std::optional<Refusal> foreign_failure_of(const json::object& answer) {
    Refusal refusal;
    const json::value* code = find_member(answer, "code");
    const bool numeric_failure = code != nullptr && is_failure_code(*code);
    for (const char* name : {"message", "msg", "error", "detail"}) {
        if (refusal.message.empty()) {
            refusal.message = text_member(answer, name);
        }
    }
    const bool named = !text_member(answer, "error").empty() || !text_member(answer, "detail").empty();
    return numeric_failure || named ? std::optional(refusal) : std::nullopt;
}

bool speaks_of_key(std::string_view text) {
    return contains_any(text, {"key", "token", "credential", "account", "令牌", "密钥", "密鑰", "账户", "账号", "帐户",
                               "帐号", "帳號", "帳戶", "用户", "用戶"});
}

bool says_quota_is_used_up(const Refusal& refusal) {
    return contains_any(
               refusal.message,
               {"额度已用尽", "額度已用盡", "额度不足", "額度不足", "余额不足", "餘額不足", "RemainQuota",
                "token quota exhausted", "quota is exhausted", "quota has been exhausted", "insufficient balance",
                "insufficient quota", "exceeded your current quota", "预扣费额度失败", "insufficient_user_quota"}) ||
           contains_any(refusal.type, {"insufficient_quota", "insufficient_user_quota", "token_quota_exhausted"});
}

std::optional<Judgement> judge(const Refusal& refusal) {
    const std::string& text = refusal.message;
    if (is_about_something_else(text)) {
        return std::nullopt;
    }
    if (says_no_key_arrived(text)) {
        return Judgement{UpstreamMeaning::key_not_received, ""};
    }
    if (asks_for_console_token(text)) {
        return Judgement{UpstreamMeaning::key_rejected, "console"};
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
    if (contains_any(text, {"无效的令牌", "無效的令牌", "令牌无效", "令牌無效", "Invalid token", "invalid api key",
                            "Incorrect API key", "Invalid API-key", "无效的 API", "无效的API", "密钥无效", "令牌不存在",
                            "令牌验证失败", "Jeton invalide", "Недействительный токен", "Неверный токен",
                            "無効なトークン", "Token không hợp lệ", "token is invalid"}) ||
        contains_any(refusal.type, {"invalid_api_key", "authentication_error"})) {
        return Judgement{UpstreamMeaning::key_rejected, "unknown"};
    }
    return std::nullopt;
}

std::string take_request_id(std::string& message) {
    constexpr std::string_view kMark = "(request id: ";
    const std::size_t start = message.find(kMark);
    const std::size_t end = start == std::string::npos ? start : message.find(')', start);
    if (end == std::string::npos) {
        return {};
    }
    std::string id = sanitize(message.substr(start + kMark.size(), end - start - kMark.size()), Lines::single,
                              bounds::kUpstreamIdTextBytes);
    message = std::string(trim_ascii(message.substr(0, start)));
    return id;
}

}  // namespace banana
