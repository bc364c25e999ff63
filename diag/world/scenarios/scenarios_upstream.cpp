// Scenarios of system.* and upstream.*.
#include "banana/cause.hpp"
#include "scenario.hpp"

namespace banana::world::table {
namespace {

constexpr std::string_view kJson = "application/json; charset=utf-8";
constexpr std::string_view kHtml = "text/html; charset=utf-8";

void set_reach(WorldFaults& world, Reach reach) {
    world.upstream.reach = reach;
}

void set_delivery(WorldFaults& world, Delivery delivery) {
    reply_with(world, 200, kJson, R"({"code":true,"message":"ok"})");
    world.upstream.reply->delivery = delivery;
}

std::vector<Scenario> transport_scenarios() {
    const std::vector<Cause> effect{Cause::proxy_upstream_failed};
    return {
        {"system.clock-skew", attention({Cause::system_clock_skew}),
         [](WorldFaults& world) { world.upstream.clock = std::chrono::hours(2); }},
        {"upstream.url-invalid", broken(Cause::upstream_url_invalid, {}, effect),
         [](WorldFaults& world) {
             world.plugin.kind = PluginKind::v2;
             world.plugin.config = config_with_base_url("ftp://api.aabao.top");
         }},
        {"upstream.insecure-url", attention({Cause::upstream_insecure_url}),
         [](WorldFaults& world) {
             world.plugin.kind = PluginKind::v2;
             world.plugin.config = config_with_base_url("http://mirror.example.net");
             world.upstream.wire = Wire::plain;
         }},
        {"upstream.dns-failure", broken(Cause::upstream_dns_failure, {}, effect),
         [](WorldFaults& world) { set_reach(world, Reach::no_such_name); }},
        {"upstream.dns-failure:proxy-script", broken(Cause::upstream_dns_failure, {}, effect),
         [](WorldFaults& world) {
             set_reach(world, Reach::no_such_name);
             world.run.has_proxy_script = true;
         }},
        // ComfyUI is off: whether it is started with the file that names the way out was not seen.
        {"upstream.dns-failure:start-script", broken(Cause::upstream_dns_failure, {Cause::local_server_down}),
         [](WorldFaults& world) {
             set_reach(world, Reach::no_such_name);
             world.comfyui.state = ComfyuiState::down;
             world.run.start_script_proxy = "http://127.0.0.1:{proxy-port}";
         }},
        {"upstream.network-unreachable", broken(Cause::upstream_network_unreachable, {}, effect),
         [](WorldFaults& world) { set_reach(world, Reach::unreachable); }},
        {"upstream.connection-refused", broken(Cause::upstream_connection_refused, {}, effect),
         [](WorldFaults& world) { set_reach(world, Reach::refused); }},
        {"upstream.connect-timeout", broken(Cause::upstream_connect_timeout, {}, effect),
         [](WorldFaults& world) {
             set_reach(world, Reach::connect_hangs);
             let_nothing_answer_in_time(world);
         }},
        {"upstream.connection-reset", broken(Cause::upstream_connection_reset, {}, effect),
         [](WorldFaults& world) { set_delivery(world, Delivery::reset); }},
        {"upstream.connection-reset:cut-short", broken(Cause::upstream_connection_reset, {}, effect),
         [](WorldFaults& world) { set_delivery(world, Delivery::cut_short); }},
        {"upstream.proxy-failure", broken(Cause::upstream_proxy_failure, {}, effect),
         [](WorldFaults& world) { world.run.environment["HTTPS_PROXY"] = "http://127.0.0.1:{closed-port}"; }},
        {"upstream.proxy-failure:system", broken(Cause::upstream_proxy_failure, {}, effect),
         [](WorldFaults& world) {
             world.run.system_proxy = {"127.0.0.1:{closed-port}", "localhost;127.*;192.168.*;<local>"};
         }},
        {"upstream.proxy-failure:password", broken(Cause::upstream_proxy_failure, {}, effect),
         [](WorldFaults& world) {
             world.run.environment["https_proxy"] = "http://127.0.0.1:{proxy-port}";
             world.run.proxy_refusal = 407;
         }},
        {"upstream.response-timeout", broken(Cause::upstream_response_timeout, {}, effect),
         [](WorldFaults& world) {
             set_delivery(world, Delivery::never);
             let_nothing_answer_in_time(world);
         }},
        {"upstream.response-timeout:drip", broken(Cause::upstream_response_timeout, {}, effect),
         [](WorldFaults& world) {
             set_delivery(world, Delivery::drip);
             let_nothing_answer_in_time(world);
         }},
    };
}

std::vector<Scenario> tls_scenarios() {
    const std::vector<Cause> effect{Cause::proxy_upstream_failed};
    return {
        {"upstream.tls-untrusted", broken(Cause::upstream_tls_untrusted, {}, effect),
         [](WorldFaults& world) { world.upstream.certificate = Certificate::unknown_authority; }},
        {"upstream.tls-untrusted:self-signed", broken(Cause::upstream_tls_untrusted, {}, effect),
         [](WorldFaults& world) { world.upstream.certificate = Certificate::self_signed; }},
        {"upstream.tls-untrusted:missing-intermediate", broken(Cause::upstream_tls_untrusted, {}, effect),
         [](WorldFaults& world) { world.upstream.certificate = Certificate::missing_intermediate; }},
        {"upstream.tls-hostname", broken(Cause::upstream_tls_hostname, {}, effect),
         [](WorldFaults& world) { world.upstream.certificate = Certificate::other_name; }},
        {"upstream.tls-expired", broken(Cause::upstream_tls_expired, {}, effect), expire_certificate},
        {"upstream.tls-expiring", attention({Cause::upstream_tls_expiring}),
         [](WorldFaults& world) { world.upstream.certificate = Certificate::expires_soon; }},
        {"upstream.tls-handshake", broken(Cause::upstream_tls_handshake, {}, effect),
         [](WorldFaults& world) { world.upstream.wire = Wire::plain; }},
        {"upstream.tls-handshake:old-protocol", broken(Cause::upstream_tls_handshake, {}, effect),
         [](WorldFaults& world) { world.upstream.wire = Wire::tls_1_1_only; }},
        {"upstream.tls-handshake:cut", broken(Cause::upstream_tls_handshake, {}, effect),
         [](WorldFaults& world) { world.upstream.wire = Wire::tls_cut; }},
        // The plugin's Python trusts the authority, this system does not.
        {"upstream.intercepted", attention({Cause::upstream_intercepted}),
         [](WorldFaults& world) { world.run.trust_by_environment = true; }},
    };
}

std::vector<Scenario> answer_scenarios() {
    const std::vector<Cause> effect{Cause::proxy_upstream_failed};
    return {
        {"upstream.server-error", broken(Cause::upstream_server_error, {}, effect),
         [](WorldFaults& world) { reply_with(world, 502, kHtml, "<html><h1>502 Bad Gateway</h1></html>"); }},
        {"upstream.rate-limited", broken(Cause::upstream_rate_limited, {}, effect),
         [](WorldFaults& world) { reply_with(world, 429, "", ""); }},
        {"upstream.server-error:origin", broken(Cause::upstream_server_error, {}, effect),
         [](WorldFaults& world) { reply_with(world, 522, kHtml, ""); }},
        {"upstream.rate-limited:retry-after", broken(Cause::upstream_rate_limited, {}, effect),
         [](WorldFaults& world) {
             reply_with(world, 429, "", "error code: 1015");
             world.upstream.reply->headers = {{"Server", "cloudflare"}, {"Retry-After", "90"}};
         }},
        {"upstream.blocked", broken(Cause::upstream_blocked),
         [](WorldFaults& world) {
             reply_with(world, 403, kHtml, "<!doctype html><title>Just a moment...</title><p>cf-chl-bypass</p>");
         }},
        {"upstream.unexpected-status", broken(Cause::upstream_unexpected_status, {}, effect),
         [](WorldFaults& world) { reply_with(world, 418, kHtml, "<html></html>"); }},
        {"upstream.not-found", broken(Cause::upstream_not_found, {}, effect),
         [](WorldFaults& world) {
             reply_with(
                 world, 404, kJson,
                 R"json({"error":{"message":"Invalid URL (GET /api/usage/token)","type":"invalid_request_error"}})json");
         }},
        {"upstream.not-found:base-path", broken(Cause::upstream_not_found, {}, effect),
         [](WorldFaults& world) {
             world.plugin.kind = PluginKind::v2;
             world.plugin.config = config_with_base_url("https://api.aabao.top/v1");
         }},
        {"upstream.redirected", broken(Cause::upstream_redirected),
         [](WorldFaults& world) {
             reply_with(world, 302, kHtml, "");
             world.upstream.reply->headers.emplace_back("Location", "https://portal.example.net/login");
         }},
        {"upstream.redirected:loop", broken(Cause::upstream_redirected),
         [](WorldFaults& world) {
             reply_with(world, 302, kHtml, "");
             world.upstream.reply->headers.emplace_back("Location", "/api/usage/token/");
         }},
        {"upstream.not-json", broken(Cause::upstream_not_json),
         [](WorldFaults& world) { reply_with(world, 200, kHtml, "<!doctype html><title>Welcome</title>"); }},
        {"upstream.bad-shape", broken(Cause::upstream_bad_shape),
         [](WorldFaults& world) { reply_with(world, 200, kJson, R"([4585000, 415000])"); }},
        {"upstream.api-error", broken(Cause::upstream_api_error),
         [](WorldFaults& world) {
             reply_with(world, 200, kJson, R"({"success":false,"message":"获取令牌信息失败，请稍后重试"})");
         }},
    };
}

std::vector<Scenario> account_scenarios() {
    const std::vector<Cause> effect{Cause::proxy_key_rejected};
    return {
        {"upstream.key-rejected", broken(Cause::upstream_key_rejected, {}, effect),
         [](WorldFaults& world) { world.plugin.config = "[gemini]\napi_key = {other-key}\n"; }},
        {"upstream.key-rejected:banned", broken(Cause::upstream_key_rejected),
         [](WorldFaults& world) { world.upstream.account.state = AccountState::banned; }},
        {"upstream.key-rejected:2026", broken(Cause::upstream_key_rejected),
         [](WorldFaults& world) {
             world.plugin.kind = PluginKind::v2;
             world.upstream.generation = 2026;
             world.plugin.config = "[gemini]\napi_key = {other-key}\n";
         }},
        {"upstream.key-rejected:node-key", broken(Cause::upstream_key_rejected, {}, effect),
         [](WorldFaults& world) {
             // A sample that the plugin sends stands in the file, but the node has a key of its own.
             world.plugin.kind = PluginKind::v2;
             world.plugin.config = "[gemini]\napi_key = YOUR_API_KEY\n";
             world.run.give_other_key = true;
             world.run.as_node = true;
         }},
        {"upstream.key-rejected:console", broken(Cause::upstream_key_rejected),
         [](WorldFaults& world) {
             reply_with(world, 200, kJson, R"({"success":false,"message":"无权进行此操作，access token 无效"})");
         }},
        {"upstream.key-not-received", broken(Cause::upstream_key_not_received, {}, effect),
         [](WorldFaults& world) {
             reply_with(world, 401, kJson, R"({"error":{"message":"Invalid Bearer token","type":"new_api_error"}})");
         }},
        {"upstream.key-rejected:drawing-only", broken(Cause::upstream_key_rejected, {}, {Cause::proxy_key_rejected}),
         [](WorldFaults& world) {
             world.plugin.kind = PluginKind::v3;
             world.plugin.config = "[gemini]\napi_key = fix{other-key}\n";
         }},
        {"upstream.key-of-other-line", broken(Cause::upstream_key_of_other_line),
         [](WorldFaults& world) {
             world.plugin.kind = PluginKind::v3;
             world.run.service_line = "香港专线";
             world.upstream.hosts_that_know_the_key = {"api.aabao.top"};
         }},
        {"upstream.key-of-other-line:assumed", broken(Cause::upstream_key_of_other_line),
         [](WorldFaults& world) {
             world.plugin.kind = PluginKind::v3;
             world.upstream.hosts_that_know_the_key = {"api.aabao.top"};
         }},
        // After an update whose default is the new line: a key of an old one, and the other way round.
        {"upstream.key-of-other-line:update", broken(Cause::upstream_key_of_other_line),
         [](WorldFaults& world) {
             world.plugin.kind = PluginKind::v3_2026;
             world.upstream.hosts_that_know_the_key = {"hk-api.aabao.top"};
         }},
        {"upstream.key-of-other-line:new-key", broken(Cause::upstream_key_of_other_line),
         [](WorldFaults& world) {
             world.plugin.kind = PluginKind::v3_2026;
             world.run.service_line = "直连美区(旧渠道)";
             world.upstream.hosts_that_know_the_key = {"api.xinbao-ai.com"};
         }},
        {"upstream.key-expired", broken(Cause::upstream_key_expired, {}, effect),
         [](WorldFaults& world) { world.upstream.account.state = AccountState::expired; }},
        {"upstream.key-expired:2026", attention({Cause::upstream_key_expired}),
         [](WorldFaults& world) {
             world.upstream.generation = 2026;
             world.upstream.account.state = AccountState::expired;
             world.upstream.account.expires_at = 1'700'000'000;
         }},
        {"upstream.quota-exhausted", broken(Cause::upstream_quota_exhausted, {}, effect),
         [](WorldFaults& world) { world.upstream.account.state = AccountState::exhausted; }},
        {"upstream.quota-exhausted:2026", attention({Cause::upstream_quota_exhausted}),
         [](WorldFaults& world) {
             world.upstream.generation = 2026;
             world.upstream.account.state = AccountState::exhausted;
             world.upstream.account.available = 0;
             world.upstream.account.used = 5'000'000;
         }},
    };
}

}  // namespace

std::vector<Scenario> upstream_scenarios() {
    std::vector<Scenario> all = transport_scenarios();
    for (auto* part : {tls_scenarios, answer_scenarios, account_scenarios}) {
        std::vector<Scenario> some = part();
        all.insert(all.end(), some.begin(), some.end());
    }
    return all;
}

}  // namespace banana::world::table
