#include "upstream_service.hpp"

#include "key_text.hpp"
#include "time_text.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace banana::world {
namespace {

namespace json = boost::json;

constexpr std::string_view kUsagePath = "/api/usage/token/";
constexpr std::string_view kJson = "application/json; charset=utf-8";

ServerReply upstream_reply(int status, const json::object& body) {
    return make_reply(status, std::string(kJson), json::serialize(body));
}

ServerReply html_reply(int status, std::string body) {
    return make_reply(status, "text/html; charset=utf-8", std::move(body));
}

// gin's answer for the path without its slash, given before any middleware.
ServerReply slash_redirect(const ServerRequest& request) {
    const std::string query = request.raw_query.empty() ? "" : "?" + request.raw_query;
    const std::string target = std::string(kUsagePath) + query;
    ServerReply reply = html_reply(301, "<a href=\"" + target + "\">Moved Permanently</a>.\n\n");
    reply.headers.emplace_back("Location", target);
    return reply;
}

ServerReply invalid_url(const ServerRequest& request) {
    json::object error{{"message", "Invalid URL (" + request.method + " " + request.path + ")"},
                       {"type", "invalid_request_error"},
                       {"param", ""},
                       {"code", ""}};
    return upstream_reply(404, {{"error", std::move(error)}});
}

// "Bearer sk-…" or "sk-…"; what is not a key at all comes back as it is.
std::string presented_key(const ServerRequest& request) {
    std::string_view value = request.header("Authorization");
    constexpr std::string_view kBearer = "Bearer ";
    if (value.starts_with(kBearer)) {
        value.remove_prefix(kBearer.size());
    }
    return std::string(value);
}

std::string_view without_prefix(std::string_view key) {
    return key.substr(key.starts_with(key_text::kKeyPrefix) ? key_text::kKeyPrefix.size() : 0);
}

}  // namespace

void UpstreamService::stamp(ServerReply& reply) const {
    reply.headers.emplace_back("Date", http_date(std::chrono::system_clock::now() + faults_.clock));
    reply.headers.emplace_back("Server", "new-api");
}

ServerReply UpstreamService::refusal(int status, std::string_view chinese, std::string_view english) const {
    if (faults_.generation < 2026) {
        json::object error{{"message", std::string(chinese) + " (request id: 20251112164900123456789)"},
                           {"type", "new_api_error"}};
        return upstream_reply(status, {{"error", std::move(error)}});
    }
    return upstream_reply(status, {{"success", false}, {"message", english}});
}

ServerReply UpstreamService::balance(const Account& account) const {
    json::object data{{"object", "token_usage"},
                      {"name", "demo"},
                      {"total_granted", account.available + account.used},
                      {"total_used", account.used},
                      {"total_available", account.available},
                      {"unlimited_quota", account.unlimited},
                      {"model_limits", json::object()},
                      {"model_limits_enabled", false},
                      {"expires_at", account.expires_at}};
    return upstream_reply(200, {{"code", true}, {"message", "ok"}, {"data", std::move(data)}});
}

bool UpstreamService::knows(const std::string& presented, std::string_view host) const {
    const auto& hosts = faults_.hosts_that_know_the_key;
    const bool here = hosts.empty() || std::find(hosts.begin(), hosts.end(), host) != hosts.end();
    return here && without_prefix(presented) == without_prefix(key_);
}

const Account& UpstreamService::account_at(std::string_view host) const {
    const auto found = faults_.account_at_host.find(std::string(host));
    return found != faults_.account_at_host.end() ? found->second : faults_.account;
}

ServerReply UpstreamService::usage(const ServerRequest& request) {
    const std::string presented = presented_key(request);
    const bool direct = !request.header("X-Banana-Diag").empty();
    if (direct ? faults_.refuses_direct : plugin_queries_++ < faults_.refused_plugin_queries) {
        return refusal(401, "无效的令牌", "Invalid token");
    }
    const std::string_view authority = request.header("Host");
    const std::string_view host = authority.substr(0, authority.find(':'));
    if (presented.empty()) {
        return refusal(401, "未提供令牌", "Token not provided");
    }
    if (!knows(presented, host)) {
        return refusal(401, "无效的令牌", "Invalid token");
    }
    const Account& account = account_at(host);
    switch (account.state) {
        case AccountState::banned: return refusal(403, "用户已被封禁", "User has been banned");
        case AccountState::address_not_listed:
            return refusal(403, "您的 IP 不在令牌允许访问的列表中", "Your IP is not in the token's allowed list");
        case AccountState::disabled: return refusal(401, "该令牌状态不可用", "This token status is unavailable");
        case AccountState::expired:
            return faults_.generation < 2026 ? refusal(401, "该令牌已过期", "") : balance(account);
        case AccountState::exhausted:
            return faults_.generation < 2026
                       ? refusal(401, "该令牌额度已用尽 !token.UnlimitedQuota && token.RemainQuota = 0", "")
                       : balance(account);
        case AccountState::active: break;
    }
    return balance(account);
}

std::set<std::string> UpstreamService::hosts_that_saw_a_key() const {
    const std::lock_guard lock(mutex_);
    return key_hosts_;
}

void UpstreamService::note_key(const ServerRequest& request) {
    if (request.header("Authorization").empty() && request.header("X-API-Key").empty()) {
        return;
    }
    const std::string_view authority = request.header("Host");
    const std::lock_guard lock(mutex_);
    key_hosts_.emplace(authority.substr(0, authority.find(':')));
}

ServerReply UpstreamService::answer(const ServerRequest& request) {
    note_key(request);
    ServerReply reply;
    const bool is_usage = request.path == kUsagePath || request.path + "/" == kUsagePath;
    if (is_usage && request.method != "GET") {
        reply = invalid_url(request);
    } else if (is_usage && request.path != kUsagePath && (!faults_.reply || faults_.only_once)) {
        reply = slash_redirect(request);
    } else if (is_usage) {
        ++queries_;
        if (faults_.reply && (!faults_.only_once || queries_ > 1)) {
            const ScriptedReply& scripted = *faults_.reply;
            reply.status = scripted.status;
            reply.headers = scripted.headers;
            if (!scripted.content_type.empty()) {
                reply.headers.emplace_back("Content-Type", scripted.content_type);
            }
            reply.body = scripted.body;
            reply.delivery = scripted.delivery;
        } else {
            reply = usage(request);
        }
    } else if (request.path.starts_with("/api") || request.path.starts_with("/v1")) {
        reply = invalid_url(request);
    } else {
        reply = html_reply(200, "<!doctype html><html><head><title>New API</title></head><body></body></html>\n");
    }
    stamp(reply);
    return reply;
}

}  // namespace banana::world
