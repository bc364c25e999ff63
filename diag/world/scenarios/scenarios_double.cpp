// Scenarios with two faults at once: one must not hide the other, nor be taken for its effect. A warning beside an
// error is no cause of it: it is found, and not listed among the causes.
#include "banana/cause.hpp"
#include "scenario.hpp"

namespace banana::world::table {

std::vector<Scenario> double_scenarios() {
    return {
        {"install.plugin-duplicate+config.key-placeholder",
         broken(Cause::install_plugin_duplicate, {Cause::config_key_placeholder}),
         [](WorldFaults& world) {
             world.plugin.second_folder = "comfyui-banana-li";
             use_sample_key(world);
         }},
        {"install.files-missing+config.key-empty", broken(Cause::install_files_missing, {Cause::config_key_empty}),
         [](WorldFaults& world) {
             world.plugin.kind = PluginKind::v2;
             world.plugin.removed_files = {"config_manager.py"};
             world.plugin.config = "[gemini]\napi_key =\n";
         }},
        {"install.plugin-disabled+upstream.redirected",
         broken(Cause::install_plugin_disabled, {Cause::upstream_redirected}),
         [](WorldFaults& world) {
             world.plugin.folder = "comfyui-banana-gemini.disabled";
             reply_with(world, 302, "text/html", "");
             world.upstream.reply->headers.emplace_back("Location", "https://portal.example.net/login");
         }},
        {"install.no-balance-feature+upstream.tls-hostname",
         broken(Cause::install_no_balance_feature, {}, {Cause::upstream_tls_hostname}),
         // No button asks the address: what is met there is listed, and breaks nothing.
         [](WorldFaults& world) {
             world.plugin.kind = PluginKind::fork;
             world.upstream.certificate = Certificate::other_name;
         }},
        {"config.key-placeholder+upstream.tls-expired",
         broken(Cause::config_key_placeholder, {Cause::upstream_tls_expired}),
         [](WorldFaults& world) {
             use_sample_key(world);
             expire_certificate(world);
         }},
        {"config.key-placeholder+upstream.dns-failure",
         broken(Cause::config_key_placeholder, {Cause::upstream_dns_failure}),
         [](WorldFaults& world) {
             use_sample_key(world);
             world.upstream.reach = Reach::no_such_name;
         }},
        {"config.key-placeholder+local.server-down", broken(Cause::config_key_placeholder, {Cause::local_server_down}),
         [](WorldFaults& world) {
             use_sample_key(world);
             world.comfyui.state = ComfyuiState::down;
         }},
        {"config.key-placeholder+route.load-failed", broken(Cause::config_key_placeholder, {Cause::route_load_failed}),
         [](WorldFaults& world) {
             use_sample_key(world);
             world.plugin.import_error = "No module named 'requests'";
         }},
        {"config.bom+config.key-placeholder", broken(Cause::config_bom, {Cause::config_key_placeholder}),
         [](WorldFaults& world) {
             world.plugin.config = "\xef\xbb\xbf[gemini]\napi_key = YOUR_API_KEY_HERE\n";
             world.run.give_key = true;
         }},
        {"config.key-empty+upstream.rate-limited", broken(Cause::config_key_empty, {Cause::upstream_rate_limited}),
         [](WorldFaults& world) {
             world.plugin.config = "[gemini]\napi_key =\n";
             world.run.give_key = true;
             reply_with(world, 429, "", "");
         }},
        {"config.syntax+route.registered-late", broken(Cause::config_syntax, {Cause::route_registered_late}),
         [](WorldFaults& world) {
             world.plugin.config = "[gemini]\nmy key\napi_key = {key}\n";
             world.plugin.late_route = true;
         }},
        {"config.section-missing+upstream.server-error",
         broken(Cause::config_section_missing, {Cause::upstream_server_error}),
         [](WorldFaults& world) {
             world.plugin.config = "[Gemini]\napi_key = {key}\n";
             world.run.give_key = true;
             reply_with(world, 503, "text/html", "<html></html>");
         }},
        {"config.file-missing+upstream.connection-refused",
         broken(Cause::config_file_missing, {Cause::upstream_connection_refused}),
         [](WorldFaults& world) {
             world.plugin.config.reset();
             world.upstream.reach = Reach::refused;
         }},
        {"config.encoding+local.access-denied", broken(Cause::config_encoding, {Cause::local_access_denied}),
         [](WorldFaults& world) {
             world.plugin.config = "# \xc3\xdc\xd4\xbf\n[gemini]\napi_key = {key}\n";
             world.comfyui.state = ComfyuiState::forbidden;
         }},
        {"config.key-malformed+upstream.tls-untrusted",
         broken(Cause::config_key_malformed, {Cause::upstream_tls_untrusted}),
         [](WorldFaults& world) {
             world.plugin.config = "[gemini]\napi_key = '{key}'\n";
             world.upstream.certificate = Certificate::self_signed;
         }},
        {"config.interpolation+route.api-prefix-missing",
         broken(Cause::config_interpolation, {Cause::route_api_prefix_missing}),
         [](WorldFaults& world) {
             world.plugin.config = "[gemini]\napi_key = %{key}\n";
             world.comfyui.year = 2023;
         }},
        {"config.value-invalid+upstream.quota-exhausted",
         broken(Cause::upstream_quota_exhausted, {}, {Cause::config_value_invalid}),
         [](WorldFaults& world) {
             world.plugin.config = "[gemini]\napi_key = {key}\nbalance_cost_factor = half\n";
             world.upstream.account.state = AccountState::exhausted;
         }},
        {"config.key-exposed+upstream.proxy-failure",
         broken(Cause::upstream_proxy_failure, {}, {Cause::config_key_exposed}),
         [](WorldFaults& world) {
             world.plugin.readable_by_all = true;
             world.run.environment["ALL_PROXY"] = "http://127.0.0.1:{closed-port}";
         }},
        {"system.clock-skew+upstream.key-rejected",
         broken(Cause::upstream_key_rejected, {}, {Cause::system_clock_skew}),
         [](WorldFaults& world) {
             world.upstream.clock = std::chrono::hours(-3);
             world.plugin.config = "[gemini]\napi_key = {other-key}\n";
         }},
        // This clock is two years behind: for it the certificate is not valid yet.
        {"system.clock-skew+upstream.tls-expired", broken(Cause::system_clock_skew, {}, {Cause::upstream_tls_expired}),
         [](WorldFaults& world) { world.upstream.clock = std::chrono::hours(24 * 730); }},
        {"upstream.tls-untrusted+local.server-down", broken(Cause::upstream_tls_untrusted, {Cause::local_server_down}),
         [](WorldFaults& world) {
             world.upstream.certificate = Certificate::unknown_authority;
             world.comfyui.state = ComfyuiState::down;
         }},
        {"upstream.connect-timeout+local.server-unresponsive",
         broken(Cause::upstream_connect_timeout, {Cause::local_server_unresponsive}),
         [](WorldFaults& world) {
             let_nothing_answer_in_time(world);
             world.upstream.reach = Reach::connect_hangs;
             world.comfyui.state = ComfyuiState::silent;
         }},
        {"upstream.blocked+upstream.tls-expiring", broken(Cause::upstream_blocked, {}, {Cause::upstream_tls_expiring}),
         [](WorldFaults& world) {
             reply_with(world, 403, "text/html", "<!doctype html><title>Just a moment...</title>");
             world.upstream.certificate = Certificate::expires_soon;
         }},
        {"upstream.not-json+frontend.extension-missing",
         broken(Cause::upstream_not_json, {}, {Cause::frontend_extension_missing}),
         [](WorldFaults& world) {
             reply_with(world, 200, "text/html", "<!doctype html><title>Welcome</title>");
             world.plugin.removed_files = {"web"};
         }},
        {"upstream.key-expired+security.key-in-log",
         broken(Cause::upstream_key_expired, {}, {Cause::security_key_in_log}),
         [](WorldFaults& world) {
             world.upstream.account.state = AccountState::expired;
             world.comfyui.log_after = {"[other-node] request with {key} failed"};
         }},
        {"frontend.key-not-sent+proxy.netrc-override",
         broken(Cause::proxy_netrc_override, {}, {Cause::frontend_key_not_sent}),
         [](WorldFaults& world) {
             world.plugin.kind = PluginKind::v1_report;
             world.run.netrc = "default login somebody password something\n";
         }},
    };
}

}  // namespace banana::world::table
