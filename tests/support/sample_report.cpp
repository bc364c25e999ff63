#include "support/sample_report.hpp"
#include "banana/cause.hpp"

#include "diagnosis.hpp"

#include <algorithm>
#include <stdexcept>

namespace banana::samples {
namespace {

namespace json = boost::json;

json::object landmark(std::string file, int line, std::string text) {
    return {{"file", std::move(file)}, {"line", line}, {"text", std::move(text)}};
}

json::object balance() {
    return {{"expires_at", 0},
            {"total_available", 4585000},
            {"total_granted", 5000000},
            {"total_used", 415000},
            {"unlimited_quota", false}};
}

json::object landmarks() {
    const std::string node = "Gemini_Imagen_Generator.py";
    const std::string script = "web/extensions/token-balance.js";
    return {{"ensure-route-call", landmark(node, 1193, "BananaImageNode.ensure_balance_route()")},
            {"ensure-route-definition", landmark(node, 254, "def ensure_balance_route(cls):")},
            {"route-decorator", landmark(node, 262, "@prompt_server.routes.get(\"/banana/token_usage\")")},
            {"retry-timer", landmark(node, 243, "timer = threading.Timer(1.0, cls.ensure_balance_route)")},
            {"handler", landmark(node, 263, "async def handle_token_usage(request):")},
            {"load-config", landmark(node, 266, "api_key = cls.load_config()")},
            {"fetch-usage", landmark(node, 295, "cls.fetch_token_usage(base_url, api_key)")},
            {"store-snapshot", landmark(node, 426, "cls._store_balance_snapshot(base_url, api_key, data)")},
            {"error-response", landmark(node, 310, "return web.json_response({\"success\": False})")},
            {"node-key-priority", landmark(node, 973, "api_key = api_key or cls.load_config()")},
            {"script-query", landmark(script, 317, "async function queryBalance()")},
            {"script-request", landmark(script, 289, "async function requestBalance()")},
            {"script-fetch", landmark(script, 292, "const response = await api.fetchApi(")},
            {"script-error", landmark(script, 327, "node.balanceText = message;")}};
}

Status status_of(const CheckResult& check) {
    Status status = Status::pass;
    for (const Finding& finding : check.findings) {
        if (finding.severity == Severity::error) {
            return Status::fail;
        }
        status = finding.severity == Severity::warning ? Status::warn : status;
    }
    return status;
}

MaskedKey key_under_test() {
    MaskedKey key;
    key.masked = "sk-AbC…wXyZ";
    key.length = 51;
    key.sha256_8 = "1a2b3c4d";
    key.source = "api-key-file";
    return key;
}

Subject subject() {
    Subject subject;
    subject.comfyui_dir = "/opt/ComfyUI";
    subject.comfyui_url = "http://127.0.0.1:8188";
    subject.comfyui_version = "0.3.29";
    subject.plugin_dir = "/opt/ComfyUI/custom_nodes/comfyui-banana-gemini";
    subject.plugin_version = "V0.02";
    subject.plugin_family = "V1";
    subject.config_file = subject.plugin_dir + "/config.ini";
    subject.base_url = "https://xinbaoapi.feng1994.xin";
    subject.environment = {{"os", "Linux 6.1"}, {"python", "3.11.2"}, {"comfyui_argv", json::array{"main.py"}}};
    subject.key_under_test = key_under_test();
    return subject;
}

}  // namespace

std::vector<CheckResult> passing_checks() {
    std::vector<CheckResult> checks;
    double start = 0.1;
    for (const std::string_view id :
         {check_id::install_plugin, check_id::config_key, check_id::upstream_api, check_id::local_server,
          check_id::route_registration, check_id::frontend_extension, check_id::startup_log, check_id::proxy_round_trip,
          check_id::deep_key_override, check_id::deep_key_destination}) {
        CheckResult result;
        result.id = id;
        result.started_ms = start;
        result.duration_ms = 12.3;
        result.summary = Message("summary.skip.not-applicable");
        start += 5;
        checks.push_back(std::move(result));
    }
    skip(checks, check_id::deep_key_override, "not-selected");
    skip(checks, check_id::deep_key_destination, "not-selected");
    check(checks, check_id::install_plugin).facts = {{"family", "V1"}, {"compiled", false}, {"landmarks", landmarks()}};
    check(checks, check_id::config_key).facts = {{"options", json::object{{"balance_cost_factor", "0.5"}}}};
    check(checks, check_id::upstream_api).facts = {
        {"url", "https://xinbaoapi.feng1994.xin/api/usage/token"},
        {"http_status", 200},
        {"phases_ms", json::object{{"dns", 3.1}, {"tcp", 8.2}, {"tls", 21.5}, {"first_byte", 40.0}, {"total", 73.0}}},
        {"tls", json::object{{"version", "TLSv1.3"}, {"days_left", 61}}},
        {"balance", balance()}};
    check(checks, check_id::route_registration).facts = {{"with_api_prefix", true}, {"without_api_prefix", true}};
    check(checks, check_id::frontend_extension).facts = {
        {"path", "/extensions/comfyui-banana-gemini/extensions/token-balance.js"},
        {"called_path", "/banana/token_usage"},
        {"sends_node_key", false}};
    return checks;
}

CheckResult& check(std::vector<CheckResult>& checks, std::string_view id) {
    const auto found = std::find_if(checks.begin(), checks.end(), [&](const CheckResult& one) { return one.id == id; });
    if (found == checks.end()) {
        throw std::out_of_range(std::string(id));
    }
    return *found;
}

Finding& add(std::vector<CheckResult>& checks, std::string_view id, Finding finding) {
    CheckResult& one = check(checks, id);
    one.findings.push_back(std::move(finding));
    one.status = status_of(one);
    return one.findings.back();
}

void skip(std::vector<CheckResult>& checks, std::string_view id, std::string reason) {
    CheckResult& one = check(checks, id);
    one.skip_reason = std::move(reason);
    one.status = Status::skip;
    one.summary = Message("summary.skip.not-selected");
    one.facts = {};
}

void round_trip_succeeds(std::vector<CheckResult>& checks) {
    check(checks, check_id::proxy_round_trip).facts = {
        {"url", "http://127.0.0.1:8188/api/banana/token_usage?refresh=1"},
        {"http_status", 200},
        {"success", true},
        {"balance", balance()},
        {"summary_lines", json::array{"🔑 查询时间 16:49", "估算费用: 可用 ¥4.5850 / 已用 ¥0.4150 (仅参考)"}}};
}

void round_trip_fails(std::vector<CheckResult>& checks, Finding finding, std::string message) {
    check(checks, check_id::proxy_round_trip).facts = {
        {"url", "http://127.0.0.1:8188/api/banana/token_usage?refresh=1"},
        {"http_status", 400},
        {"success", false},
        {"message", std::move(message)}};
    add(checks, check_id::proxy_round_trip, std::move(finding));
}

Report diagnosed(std::vector<CheckResult> checks, std::string lang) {
    Report report;
    report.tool_version = "0.1.0";
    report.generated_at = "2025-11-12T16:49:00+08:00";
    report.lang = std::move(lang);
    report.checks = std::move(checks);
    report.subject = subject();
    report.diagnosis = diagnose(report.checks, report.subject);
    report.exit_code = exit_code_of(report.diagnosis.verdict);
    return report;
}

Report source_document(std::string lang) {
    std::vector<CheckResult> checks = passing_checks();
    Finding sample(Cause::config_key_placeholder);
    sample.args = {{"sample", "YOUR_API_KEY_HERE"}, {"file", "config.ini"}, {"line", 2}, {"variant", "sent"}};
    sample.key_source = "config.ini";
    sample.evidence.emplace_back("current-value", "YOUR_API_KEY_HERE", "config.ini", 2);
    sample.evidence.emplace_back(
        "corrected-file", "[gemini]\napi_key = <YOUR-KEY>\nbalance_cost_factor = 0.5\nmax_workers = 8\n", "config.ini");
    add(checks, check_id::config_key, std::move(sample));
    Finding rejected(Cause::proxy_key_rejected);
    rejected.args = {{"status", 401}, {"message", "余额查询失败: HTTP 401"}};
    round_trip_fails(checks, std::move(rejected), "余额查询失败: HTTP 401");
    return diagnosed(std::move(checks), std::move(lang));
}

Report healthy(std::string lang) {
    std::vector<CheckResult> checks = passing_checks();
    round_trip_succeeds(checks);
    return diagnosed(std::move(checks), std::move(lang));
}

}  // namespace banana::samples
