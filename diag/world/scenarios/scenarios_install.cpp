// Scenarios of install.* and config.*.
#include "banana/cause.hpp"
#include "scenario.hpp"

namespace banana::world::table {

std::vector<Scenario> install_scenarios() {
    return {
        {"install.comfyui-not-found", broken(Cause::install_comfyui_not_found),
         [](WorldFaults& world) {
             world.run.missing_comfyui_dir = true;
             world.comfyui.state = ComfyuiState::down;
         }},
        {"install.plugin-not-found", broken(Cause::install_plugin_not_found),
         [](WorldFaults& world) { world.plugin.installed = false; }},
        {"install.server-mismatch", broken(Cause::install_server_mismatch, {}, {Cause::proxy_no_key}),
         [](WorldFaults& world) { world.comfyui.other_tree_config = "[gemini]\napi_key = YOUR_API_KEY_HERE\n"; }},
        {"install.plugin-disabled", broken(Cause::install_plugin_disabled),
         [](WorldFaults& world) { world.plugin.folder = "comfyui-banana-gemini.disabled"; }},
        {"install.plugin-disabled:manager", broken(Cause::install_plugin_disabled),
         [](WorldFaults& world) { world.plugin.folder = ".disabled/comfyui-banana-gemini"; }},
        {"install.plugin-disabled:command-line", broken(Cause::install_plugin_disabled),
         [](WorldFaults& world) { world.comfyui.custom_nodes_off = true; }},
        {"install.plugin-duplicate", broken(Cause::install_plugin_duplicate),
         [](WorldFaults& world) { world.plugin.second_folder = "comfyui-banana-li"; }},
        {"install.plugin-duplicate:v3", attention({Cause::install_plugin_duplicate}),
         [](WorldFaults& world) {
             world.plugin.kind = PluginKind::v3;
             world.plugin.second_folder = "comfyui-banana-li";
         }},
        {"install.no-balance-feature", broken(Cause::install_no_balance_feature),
         [](WorldFaults& world) { world.plugin.kind = PluginKind::fork; }},
        {"install.no-balance-feature:sample-key",
         broken(Cause::install_no_balance_feature, {}, {Cause::config_key_placeholder}),
         [](WorldFaults& world) {
             world.plugin.kind = PluginKind::fork;
             world.plugin.config = "[gemini]\napi_key = you api_key\n";
         }},
        {"install.files-missing", broken(Cause::install_files_missing),
         [](WorldFaults& world) {
             world.plugin.kind = PluginKind::v2;
             world.plugin.removed_files = {"balance_service.py"};
         }},
    };
}

std::vector<Scenario> config_scenarios() {
    return {
        {"config.file-missing", broken(Cause::config_file_missing, {}, {Cause::proxy_no_key}),
         [](WorldFaults& world) { world.plugin.config.reset(); }},
        {"config.file-unreadable", broken(Cause::config_file_unreadable, {}, {Cause::proxy_no_key}),
         [](WorldFaults& world) { world.plugin.config_is_a_folder = true; }},
        {"config.bom", broken(Cause::config_bom, {}, {Cause::proxy_no_key}),
         [](WorldFaults& world) { world.plugin.config = "\xef\xbb\xbf[gemini]\napi_key = {key}\n"; }},
        {"config.encoding", broken(Cause::config_encoding, {}, {Cause::proxy_no_key}),
         [](WorldFaults& world) {
             // A comment of two characters in GBK.
             world.plugin.config = "# \xc3\xdc\xd4\xbf\n[gemini]\napi_key = {key}\n";
         }},
        {"config.syntax", broken(Cause::config_syntax, {}, {Cause::proxy_no_key}),
         [](WorldFaults& world) { world.plugin.config = "[gemini]\n// my key\napi_key = {key}\n"; }},
        {"config.interpolation", broken(Cause::config_interpolation, {}, {Cause::proxy_no_key}),
         [](WorldFaults& world) { world.plugin.config = "[gemini]\napi_key = {key}%\n"; }},
        {"config.section-missing", broken(Cause::config_section_missing, {}, {Cause::proxy_no_key}),
         [](WorldFaults& world) { world.plugin.config = "[Gemini]\napi_key = {key}\n"; }},
        {"config.key-missing", broken(Cause::config_key_missing, {}, {Cause::proxy_no_key}),
         [](WorldFaults& world) { world.plugin.config = "[gemini]\napi-key = {key}\n"; }},
        {"config.key-empty", broken(Cause::config_key_empty, {}, {Cause::proxy_no_key}),
         [](WorldFaults& world) { world.plugin.config = "[gemini]\napi_key =\nmax_workers = 8\n"; }},
        // The source document's case: this plugin sends the sample key, so the upstream refuses it.
        {kDefaultScenario,
         broken(Cause::config_key_placeholder, {}, {Cause::proxy_key_rejected, Cause::frontend_key_not_sent}),
         [](WorldFaults& world) {
             world.plugin.kind = PluginKind::v1_report;
             use_sample_key(world);
         }},
        // A list of samples somewhere in the source: what the plugin was seen to do stands before it.
        {"config.key-placeholder:listed-but-sent",
         broken(Cause::config_key_placeholder, {}, {Cause::proxy_key_rejected, Cause::frontend_key_not_sent}),
         [](WorldFaults& world) {
             world.plugin.kind = PluginKind::v1_report;
             world.plugin.replaced_files = {{"api_samples.py",
                                             "API_SAMPLES = (\"your-api-key-here\", \"your_api_key_here\", "
                                             "\"yourapikeyhere\")\n"}};
             use_sample_key(world);
         }},
        {"config.key-placeholder:known", broken(Cause::config_key_placeholder, {}, {Cause::proxy_no_key}),
         [](WorldFaults& world) {
             world.plugin.kind = PluginKind::v3;
             use_sample_key(world);
         }},
        {"config.key-malformed", broken(Cause::config_key_malformed, {}, {Cause::proxy_key_rejected}),
         [](WorldFaults& world) { world.plugin.config = "[gemini]\napi_key = \"{key}\"\n"; }},
        {"config.syntax:broken-key", broken(Cause::config_syntax, {}, {Cause::proxy_no_key}),
         [](WorldFaults& world) { world.plugin.config = "[gemini]\napi_key = {key-start}\n{key-end}\n"; }},
        {"config.key-malformed:broken", broken(Cause::config_key_malformed),
         [](WorldFaults& world) { world.plugin.config = "[gemini]\napi_key = {key-start}\n    {key-end}\n"; }},
        {"config.key-malformed:masked-copy", broken(Cause::config_key_malformed),
         [](WorldFaults& world) { world.plugin.config = "[gemini]\napi_key = {key-start}·····{key-end}\n"; }},
        {"config.key-malformed:curly-quotes", broken(Cause::config_key_malformed),
         [](WorldFaults& world) { world.plugin.config = "[gemini]\napi_key = “{key}”\n"; }},
        {"config.key-placeholder:backup", broken(Cause::config_key_placeholder, {}, {Cause::proxy_no_key}),
         [](WorldFaults& world) {
             use_sample_key(world);
             world.plugin.replaced_files = {{"config.ini.bak", "[gemini]\napi_key = {key}\n"}};
         }},
        {"config.value-invalid", attention({Cause::config_value_invalid}),
         [](WorldFaults& world) { world.plugin.config = "[gemini]\napi_key = {key}\nbalance_cost_factor = 0,6\n"; }},
        {"config.key-exposed", attention({Cause::config_key_exposed}),
         [](WorldFaults& world) { world.plugin.readable_by_all = true; }},
    };
}

}  // namespace banana::world::table
