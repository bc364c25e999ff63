// Scenarios of local.*, route.*, frontend.*, proxy.* and security.*.
#include "banana/cause.hpp"
#include "scenario.hpp"

#include <string>

namespace banana::world::table {
namespace {

// The plugin's route answers with these words, as they stand in JSON.
void let_the_route_fail(WorldFaults& world, const std::string& message) {
    world.comfyui.route_reply.emplace();
    world.comfyui.route_reply->status = 400;
    world.comfyui.route_reply->body = R"({"success": false, "message": ")" + message + "\"}";
}

}  // namespace

std::vector<Scenario> local_scenarios() {
    return {
        {"local.server-down", broken(Cause::local_server_down),
         [](WorldFaults& world) { world.comfyui.state = ComfyuiState::down; }},
        // A key of another line than the assumed one does not hide that nothing listens.
        {"local.server-down:assumed-line", broken(Cause::local_server_down, {}, {Cause::upstream_key_of_other_line}),
         [](WorldFaults& world) {
             world.plugin.kind = PluginKind::v3;
             world.upstream.hosts_that_know_the_key = {"api.aabao.top"};
             world.comfyui.state = ComfyuiState::down;
         }},
        {"local.crashed-at-start", broken(Cause::local_crashed_at_start), start_dies},
        {"local.server-unresponsive", broken(Cause::local_server_unresponsive),
         [](WorldFaults& world) {
             world.comfyui.state = ComfyuiState::silent;
             let_nothing_answer_in_time(world);
         }},
        {"local.server-unresponsive:no-folder",
         broken(Cause::local_server_unresponsive, {}, {Cause::install_comfyui_not_found}),
         [](WorldFaults& world) {
             run_without_files(world);
             world.comfyui.state = ComfyuiState::silent;
             let_nothing_answer_in_time(world);
         }},
        // Nothing of this machine's tells which address the button asks: what that one met comes second.
        {"local.server-unresponsive:nothing-answers",
         broken(Cause::local_server_unresponsive, {Cause::upstream_connect_timeout},
                {Cause::install_comfyui_not_found}),
         [](WorldFaults& world) {
             run_without_files(world);
             world.comfyui.state = ComfyuiState::silent;
             world.upstream.reach = Reach::connect_hangs;
             let_nothing_answer_in_time(world);
         }},
        {"local.not-comfyui", broken(Cause::local_not_comfyui),
         [](WorldFaults& world) { world.comfyui.state = ComfyuiState::other_program; }},
        {"local.access-denied", broken(Cause::local_access_denied),
         [](WorldFaults& world) { world.comfyui.state = ComfyuiState::forbidden; }},
        {"local.access-denied:no-folder", broken(Cause::local_access_denied, {}, {Cause::install_comfyui_not_found}),
         [](WorldFaults& world) {
             run_without_files(world);
             world.comfyui.state = ComfyuiState::forbidden;
         }},
        {"local.access-denied:login", broken(Cause::local_access_denied),
         [](WorldFaults& world) { world.comfyui.state = ComfyuiState::login_page; }},
        {"local.access-denied:login-form", broken(Cause::local_access_denied),
         [](WorldFaults& world) { world.comfyui.state = ComfyuiState::login_form; }},
        {"local.scheme-mismatch", broken(Cause::local_scheme_mismatch),
         [](WorldFaults& world) {
             world.comfyui.wire = Wire::tls;
             world.run.give_comfyui_url = true;
         }},
        {"local.scheme-mismatch:https-asked", broken(Cause::local_scheme_mismatch),
         [](WorldFaults& world) { world.run.https_comfyui_url = true; }},
    };
}

std::vector<Scenario> plugin_scenarios() {
    return {
        {"route.not-registered", broken(Cause::route_not_registered),
         [](WorldFaults& world) {
             world.plugin.import_error = "No module named 'requests'";
             world.comfyui.writes_log_file = false;
             world.comfyui.year = 2024;
         }},
        {"route.load-failed", broken(Cause::route_load_failed),
         [](WorldFaults& world) { world.plugin.import_error = "No module named 'requests'"; }},
        {"route.load-failed:other-logger", broken(Cause::route_load_failed),
         [](WorldFaults& world) {
             world.plugin.import_error = "module 'logger' has no attribute 'info'";
             world.comfyui.writes_log_file = false;
         }},
        {"route.registered-late", broken(Cause::route_registered_late),
         [](WorldFaults& world) { world.plugin.late_route = true; }},
        {"route.duplicate", broken(Cause::route_duplicate),
         [](WorldFaults& world) {
             world.plugin.kind = PluginKind::v3;
             world.comfyui.foreign_route = true;
         }},
        {"route.api-prefix-missing", broken(Cause::route_api_prefix_missing),
         [](WorldFaults& world) { world.comfyui.year = 2023; }},
        {"route.api-prefix-missing:replaced-routes", broken(Cause::route_api_prefix_missing),
         [](WorldFaults& world) { world.comfyui.node_replacing_routes = "comfyui-own-routes"; }},
        {"route.load-failed:google", broken(Cause::route_load_failed),
         [](WorldFaults& world) {
             world.plugin.import_error = "cannot import name 'genai' from 'google' (unknown location)";
         }},
        {"local.origin-refused", attention({Cause::local_origin_refused}),
         [](WorldFaults& world) {
             world.comfyui.log_after = {
                 "WARNING: request with non matching host and origin 127.0.0.1 != localhost, returning 403"};
         }},
        {"frontend.extension-missing", attention({Cause::frontend_extension_missing}),
         [](WorldFaults& world) { world.plugin.removed_files = {"web"}; }},
        {"frontend.extension-missing:empty", attention({Cause::frontend_extension_missing}),
         [](WorldFaults& world) {
             world.plugin.replaced_files = {{"web/extensions/token-balance.js", ""}};
         }},
        {"frontend.script-stale", attention({Cause::frontend_script_stale}),
         [](WorldFaults& world) {
             world.plugin.kind = PluginKind::v2;
             world.comfyui.cached_script = page_script_of(PluginKind::v1_report);
         }},
        {"frontend.script-stale:node-key", broken(Cause::frontend_script_stale, {}, {Cause::frontend_key_not_sent}),
         [](WorldFaults& world) {
             world.plugin.kind = PluginKind::v2;
             world.run.give_key = true;
             world.run.as_node = true;
             world.comfyui.cached_script = page_script_of(PluginKind::v1_report);
         }},
        {"frontend.key-not-sent", attention({Cause::frontend_key_not_sent}),
         [](WorldFaults& world) { world.plugin.kind = PluginKind::v1_report; }},
        {"frontend.key-not-sent:newer-script", attention({Cause::frontend_key_not_sent}),
         [](WorldFaults& world) {
             world.plugin.kind = PluginKind::v2;
             for (const PluginFile& file : plugin_files(PluginKind::v3)) {
                 if (file.path.starts_with("web/")) {
                     world.plugin.replaced_files.push_back(file);
                 }
             }
         }},
        {"proxy.no-key", broken(Cause::proxy_no_key),
         [](WorldFaults& world) {
             run_without_files(world);
             world.plugin.config = "[gemini]\napi_key = YOUR_API_KEY_HERE\n";
         }},
        {"proxy.key-rejected", broken(Cause::proxy_key_rejected),
         [](WorldFaults& world) {
             run_without_files(world);
             world.plugin.config = "[gemini]\napi_key = {other-key}\n";
         }},
        // One of the service's servers does not know the key.
        {"proxy.key-rejected:comes-and-goes", broken(Cause::proxy_key_rejected),
         [](WorldFaults& world) { world.upstream.refused_plugin_queries = 1; }},
        {"proxy.upstream-failed:comes-and-goes", broken(Cause::proxy_upstream_failed),
         [](WorldFaults& world) {
             world.plugin.kind = PluginKind::v3;
             world.upstream.refused_plugin_queries = 1;
         }},
        {"upstream.key-rejected:comes-and-goes", attention({Cause::upstream_key_rejected}),
         [](WorldFaults& world) { world.upstream.refuses_direct = true; }},
        {"proxy.netrc-override", broken(Cause::proxy_netrc_override),
         [](WorldFaults& world) {
             world.run.netrc = "machine xinbaoapi.feng1994.xin\n  login somebody\n  password something\n";
         }},
        {"proxy.upstream-failed", broken(Cause::proxy_upstream_failed),
         [](WorldFaults& world) {
             world.run.plugin_environment =
                 std::map<std::string, std::string>{{"HTTPS_PROXY", "http://127.0.0.1:{closed-port}"}};
         }},
        {"proxy.upstream-failed:no-certificate-list", broken(Cause::proxy_upstream_failed),
         [](WorldFaults& world) {
             let_the_route_fail(world,
                                "Could not find a suitable TLS CA certificate bundle, invalid path: "
                                R"(D:\\AI\\python_embeded\\Lib\\site-packages\\certifi\\cacert.pem)");
         }},
        {"proxy.upstream-failed:named-list-missing", broken(Cause::proxy_upstream_failed),
         [](WorldFaults& world) {
             let_the_route_fail(world,
                                "Could not find a suitable TLS CA certificate bundle, invalid path: "
                                R"(D:\\certs\\company.pem)");
         }},
        {"proxy.upstream-failed:own-certificate-list", broken(Cause::proxy_upstream_failed),
         [](WorldFaults& world) {
             let_the_route_fail(world,
                                "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate "
                                "verify failed: unable to get local issuer certificate'))");
         }},
        {"proxy.upstream-failed:empty-certificate-list", broken(Cause::proxy_upstream_failed),
         [](WorldFaults& world) {
             let_the_route_fail(world,
                                "SSLError(SSLError(136, '[X509: NO_CERTIFICATE_OR_CRL_FOUND] no certificate or crl "
                                "found'))");
         }},
        {"proxy.response-timeout", broken(Cause::proxy_response_timeout),
         [](WorldFaults& world) {
             let_nothing_answer_in_time(world);
             world.comfyui.route_reply.emplace();
             world.comfyui.route_reply->delivery = Delivery::never;
         }},
        {"proxy.bad-response", broken(Cause::proxy_bad_response),
         [](WorldFaults& world) {
             world.comfyui.route_reply.emplace();
             world.comfyui.route_reply->status = 500;
             world.comfyui.route_reply->content_type = "text/html; charset=utf-8";
             world.comfyui.route_reply->headers = {{"Server", "Python/3.11 aiohttp/3.9.5"}};
             world.comfyui.route_reply->body = "<html><h1>500 Internal Server Error</h1></html>";
         }},
        {"proxy.balance-mismatch", attention({Cause::proxy_balance_mismatch}),
         [](WorldFaults& world) {
             world.plugin.kind = PluginKind::v2;
             world.run.base_url = "https://mirror.example.net";
             world.upstream.account_at_host["mirror.example.net"].available = 100'000;
         }},
        {"proxy.key-override-ignored",
         attention(
             {Cause::proxy_key_override_ignored, Cause::frontend_key_not_sent, Cause::security_key_sent_anywhere}),
         [](WorldFaults& world) {
             world.plugin.kind = PluginKind::v1_report;
             world.run.deep = true;
         }},
        {"security.key-in-log", attention({Cause::security_key_in_log}),
         [](WorldFaults& world) { world.comfyui.log_after = {"[other-node] request with {key} failed"}; }},
        {"security.key-sent-anywhere", attention({Cause::security_key_sent_anywhere}),
         [](WorldFaults& world) { world.run.deep = true; }},
    };
}

}  // namespace banana::world::table
