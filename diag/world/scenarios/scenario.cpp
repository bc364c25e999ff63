#include "scenario.hpp"

#include "banana/cause.hpp"

#include <algorithm>
#include <set>

namespace banana::world {
namespace {

std::string joined(const std::set<std::string_view>& codes) {
    std::string text;
    for (const std::string_view code : codes) {
        text += (text.empty() ? "" : ", ") + std::string(code);
    }
    return text.empty() ? "-" : text;
}

// The name's parts between "+", each without what stands behind ":".
std::vector<std::string_view> codes_in(std::string_view name) {
    std::vector<std::string_view> codes;
    while (!name.empty()) {
        const std::string_view part = name.substr(0, name.find('+'));
        name.remove_prefix(std::min(name.size(), part.size() + 1));
        codes.push_back(part.substr(0, part.find(':')));
    }
    return codes;
}

}  // namespace

const std::vector<Scenario>& all_scenarios() {
    static const std::vector<Scenario> scenarios = [] {
        std::vector<Scenario> all;
        for (auto* part :
             {table::install_scenarios, table::config_scenarios, table::upstream_scenarios, table::local_scenarios,
              table::plugin_scenarios, table::double_scenarios, table::healthy_scenarios}) {
            std::vector<Scenario> some = part();
            std::move(some.begin(), some.end(), std::back_inserter(all));
        }
        return all;
    }();
    return scenarios;
}

const Scenario* find_scenario(std::string_view name) {
    const std::vector<Scenario>& all = all_scenarios();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Scenario& scenario) { return scenario.name == name; });
    return found == all.end() ? nullptr : &*found;
}

WorldFaults faults_of(const Scenario& scenario) {
    WorldFaults faults;
    scenario.inject(faults);
    return faults;
}

std::vector<Cause> causes_in_name(std::string_view name) {
    std::vector<Cause> causes;
    for (const std::string_view code : codes_in(name)) {
        if (const std::optional<Cause> cause = cause_from_code(code)) {
            causes.push_back(*cause);
        }
    }
    return causes;
}

std::vector<Message> titles_of(const Scenario& scenario) {
    std::vector<Message> titles;
    for (const Cause cause : causes_in_name(scenario.name)) {
        titles.emplace_back("cause." + std::string(code_of(cause)) + ".title");
    }
    if (titles.empty()) {
        titles.emplace_back("world.scenario." + std::string(scenario.name));
    }
    return titles;
}

std::vector<std::string> differences(const Expectation& expected, const std::vector<CheckResult>& checks,
                                     const Diagnosis& diagnosis) {
    std::vector<std::string> wrong;
    if (diagnosis.verdict != expected.verdict) {
        wrong.push_back("verdict " + std::string(verdict_name(diagnosis.verdict)) + " instead of " +
                        std::string(verdict_name(expected.verdict)));
    }
    const std::string_view got = diagnosis.primary ? code_of(diagnosis.primary->finding.code) : "-";
    const std::string_view wanted = expected.primary ? code_of(*expected.primary) : "-";
    if (got != wanted) {
        wrong.push_back("primary " + std::string(got) + " instead of " + std::string(wanted));
    }
    std::set<std::string_view> others;
    for (const DiagnosedCause& other : diagnosis.others) {
        others.insert(code_of(other.finding.code));
    }
    std::set<std::string_view> wanted_others;
    for (const Cause cause : expected.others) {
        wanted_others.insert(code_of(cause));
    }
    if (others != wanted_others) {
        wrong.push_back("others " + joined(others) + " instead of " + joined(wanted_others));
    }
    for (const Cause cause : expected.found) {
        const bool raised = std::any_of(checks.begin(), checks.end(), [&](const CheckResult& check) {
            return std::any_of(check.findings.begin(), check.findings.end(),
                               [&](const Finding& finding) { return finding.code == cause; });
        });
        if (!raised) {
            wrong.push_back("not found: " + std::string(code_of(cause)));
        }
    }
    return wrong;
}

namespace table {

Expectation broken(Cause primary, std::vector<Cause> others, std::vector<Cause> found) {
    Expectation expected;
    expected.verdict = Verdict::broken;
    expected.primary = primary;
    expected.others = std::move(others);
    expected.found = std::move(found);
    return expected;
}

Expectation attention(std::vector<Cause> others) {
    Expectation expected;
    expected.verdict = Verdict::attention;
    expected.others = std::move(others);
    return expected;
}

Expectation healthy() {
    return {};
}

void expire_certificate(WorldFaults& world) {
    world.upstream.certificate = Certificate::expired;
}

std::string page_script_of(PluginKind kind) {
    for (PluginFile& file : plugin_files(kind)) {
        if (file.path.ends_with("/token-balance.js")) {
            return std::move(file.text);
        }
    }
    return {};
}

void use_sample_key(WorldFaults& world) {
    world.plugin.config = "[gemini]\napi_key = YOUR_API_KEY_HERE\nbalance_cost_factor = 0.5\nmax_workers = 8\n";
    world.run.give_key = true;
}

void let_nothing_answer_in_time(WorldFaults& world) {
    world.run.timeout = std::chrono::milliseconds(1'000);
    world.plugin.patience = std::chrono::milliseconds(1'300);
}

void reply_with(WorldFaults& world, int status, std::string_view content_type, std::string_view body) {
    ScriptedReply reply;
    reply.status = status;
    reply.content_type = content_type;
    reply.body = body;
    world.upstream.reply = std::move(reply);
}

void run_without_files(WorldFaults& world) {
    world.run.without_comfyui_dir = true;
    world.run.give_comfyui_url = true;
    world.run.give_key = true;
    world.comfyui.foreign_paths = true;
}

void start_dies(WorldFaults& world) {
    world.comfyui.fatal =
        "Traceback (most recent call last):\n"
        "  File \"main.py\", line 139, in <module>\n"
        "    print(header)\n"
        "UnicodeEncodeError: 'gbk' codec can't encode character '\\U0001f34c' in position 24: illegal multibyte "
        "sequence";
}

std::string config_with_base_url(std::string_view url) {
    return "[gemini]\napi_key = {key}\nbalance_cost_factor = 0.6\napi_base_url_enc = " + encode_base_url(url) + "\n";
}

}  // namespace table
}  // namespace banana::world
