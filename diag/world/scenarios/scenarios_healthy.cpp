// Worlds in which nothing is wrong, though some look unusual: they must raise nothing.
#include "scenario.hpp"

namespace banana::world::table {

std::vector<Scenario> healthy_scenarios() {
    return {
        {"healthy.v1", healthy(), [](WorldFaults&) {}},
        {"healthy.v2", healthy(), [](WorldFaults& world) { world.plugin.kind = PluginKind::v2; }},
        {"healthy.v3", healthy(), [](WorldFaults& world) { world.plugin.kind = PluginKind::v3; }},
        {"healthy.v3-other-line", healthy(),
         [](WorldFaults& world) {
             world.plugin.kind = PluginKind::v3;
             world.run.service_line = "us";
             world.upstream.hosts_that_know_the_key = {"api.aabao.top"};
         }},
        {"healthy.v3-2026", healthy(),
         [](WorldFaults& world) {
             world.plugin.kind = PluginKind::v3_2026;
             world.upstream.hosts_that_know_the_key = {"api.xinbao-ai.com"};
         }},
        {"healthy.v3-class", healthy(),
         [](WorldFaults& world) {
             world.plugin.kind = PluginKind::v3_class;
             world.upstream.hosts_that_know_the_key = {"api.xinbao-ai.com"};
         }},
        {"healthy.other-errors-in-log", healthy(),
         [](WorldFaults& world) {
             world.comfyui.log_before = {
                 "Traceback (most recent call last):",
                 "  File \"custom_nodes/some-other-node/__init__.py\", line 3, in <module>",
                 "ModuleNotFoundError: No module named 'insightface'",
                 "Cannot import custom_nodes/some-other-node module for custom nodes: No module named 'insightface'"};
             world.comfyui.log_after = {"[ERROR] some-other-node: cannot reach https://example.net"};
         }},
        {"healthy.slow", healthy(),
         [](WorldFaults& world) {
             world.upstream.delay = std::chrono::milliseconds(300);
             world.comfyui.delay = std::chrono::milliseconds(100);
         }},
        {"healthy.unlimited-quota", healthy(),
         [](WorldFaults& world) {
             world.upstream.account.unlimited = true;
             world.upstream.account.available = -730'000;
         }},
        {"healthy.ipv6-only", healthy(),
         [](WorldFaults& world) {
             world.upstream.ipv6_only = true;
             world.comfyui.address = "::1";
         }},
        {"healthy.folder-name", healthy(), [](WorldFaults& world) { world.plugin.folder = "_香蕉 节点 (新)"; }},
        {"healthy.chinese-path", healthy(), [](WorldFaults& world) { world.tree = "秋叶 整合包/ComfyUI 工作区"; }},
        {"healthy.proxy", healthy(),
         [](WorldFaults& world) { world.run.environment["https_proxy"] = "http://127.0.0.1:{proxy-port}"; }},
        {"healthy.system-proxy", healthy(),
         [](WorldFaults& world) {
             world.run.system_proxy = {"http=127.0.0.1:{closed-port};https=127.0.0.1:{proxy-port}", "<local>"};
         }},
        {"healthy.proxy-bypassed", healthy(),
         [](WorldFaults& world) {
             world.run.environment["HTTPS_PROXY"] = "http://127.0.0.1:{closed-port}";
             world.run.environment["NO_PROXY"] = "localhost,feng1994.xin";
         }},
        {"healthy.odd-config", healthy(),
         [](WorldFaults& world) {
             world.plugin.config =
                 "; written by hand\r\n\r\n[other]\r\nname = 50%\r\n\r\n[gemini]\r\n# key\r\nAPI_KEY : {key}\r\n"
                 "balance_cost_factor=0.5\r\n";
         }},
        {"healthy.default-section", healthy(),
         [](WorldFaults& world) { world.plugin.config = "[DEFAULT]\napi_key = {key}\n[gemini]\nmax_workers = 4\n"; }},
        {"healthy.key-without-prefix", healthy(),
         [](WorldFaults& world) { world.plugin.config = "[gemini]\napi_key = {bare-key}\n"; }},
        {"healthy.newer-upstream", healthy(), [](WorldFaults& world) { world.upstream.generation = 2026; }},
        {"healthy.newer-comfyui", healthy(), [](WorldFaults& world) { world.comfyui.year = 2026; }},
        {"healthy.https", healthy(), [](WorldFaults& world) { world.comfyui.wire = Wire::tls; }},
        {"healthy.no-log", healthy(),
         [](WorldFaults& world) {
             world.comfyui.year = 2024;
             world.comfyui.writes_log_file = false;
         }},
        {"healthy.netrc-for-another-host", healthy(),
         [](WorldFaults& world) { world.run.netrc = "machine github.com login somebody password something\n"; }},
        {"healthy.same-key-given", healthy(), [](WorldFaults& world) { world.run.give_key = true; }},
        {"healthy.node-key", healthy(),
         [](WorldFaults& world) {
             world.plugin.kind = PluginKind::v2;
             world.run.give_key = true;
             world.run.as_node = true;
         }},
    };
}

}  // namespace banana::world::table
