// Every embedded scenario's report in both languages: how long it is, that it says each thing once, and that no two
// of its sentences exclude each other.
#include "catalog.hpp"
#include "html.hpp"
#include "markdown.hpp"
#include "scenario.hpp"
#include "self_test.hpp"
#include "ticket_head.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <map>
#include <regex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace banana;

struct Written {
    std::string_view scenario;
    std::string language, markdown, head;
    const Report* report = nullptr;
};

const std::vector<Report>& reports() {
    static const std::vector<Report> all = [] {
        constexpr unsigned kAtOnce = 4;
        const auto& scenarios = world::all_scenarios();
        std::vector<Report> made(scenarios.size());
        std::atomic<std::size_t> next{0};
        std::vector<std::thread> workers;
        for (unsigned worker = 0; worker < kAtOnce; ++worker) {
            workers.emplace_back([&] {
                for (std::size_t index = next++; index < made.size(); index = next++) {
                    made[index] = run_scenario(scenarios[index], "en").report;
                }
            });
        }
        for (std::thread& worker : workers) {
            worker.join();
        }
        return made;
    }();
    return all;
}

const std::vector<Written>& written() {
    static const std::vector<Written> all = [] {
        std::vector<Written> texts;
        for (std::size_t index = 0; index < reports().size(); ++index) {
            for (const char* language : {"zh-CN", "en"}) {
                Report report = reports()[index];
                report.lang = language;
                texts.push_back({world::all_scenarios()[index].name, language, write_markdown(report, Data::left_out),
                                 ticket_head_text(report, catalog(language)), &reports()[index]});
            }
        }
        return texts;
    }();
    return all;
}

std::size_t lines_of(std::string_view text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

struct Bounds {
    std::size_t lines, bytes;
};

// Those of the interface; 250 and 8.5 kB for what it names no bound for, which is two faults at once.
Bounds bounds_of(std::string_view scenario) {
    if (scenario.starts_with("healthy.")) {
        return {45, 3'500};
    }
    if (scenario.starts_with("install.comfyui-not-found")) {
        return {80, 4'500};
    }
    const bool single = scenario.find('+') == std::string_view::npos;
    if (single && (scenario.starts_with("upstream.") || scenario.starts_with("system."))) {
        return {130, 7'000};
    }
    return single ? Bounds{210, 7'168} : Bounds{250, 8'500};
}

// Lines of prose, without what begins a list or a heading; code is left out.
std::vector<std::string> prose_lines(const std::string& markdown) {
    std::vector<std::string> lines;
    bool in_code = false;
    std::size_t at = 0;
    while (at < markdown.size()) {
        const std::size_t end = std::min(markdown.find('\n', at), markdown.size());
        const std::string line = markdown.substr(at, end - at);
        at = end + 1;
        const std::size_t text = line.find_first_not_of(" >-*#0123456789.");
        const bool fence = text != std::string::npos && line.compare(text, 3, "```") == 0;
        in_code = fence ? !in_code : in_code;
        if (!fence && !in_code && text != std::string::npos && line[text] != '|') {
            lines.push_back(line.substr(text));
        }
    }
    return lines;
}

// What two causes may both bring about is named by its code in each.
std::string without_code(const std::string& line) {
    return std::regex_replace(line, std::regex("`[^`]*`"), "");
}

// Two patterns that no one report may match both.
struct Exclusion {
    std::string_view language, one, other;
};

constexpr Exclusion kExclusions[] = {
    // A step to restart, beside a fix that says none is needed; with several problems each speaks for itself.
    {"zh-CN", "### 步骤[0-9]+: 重启ComfyUI", "不用重启|不需要重启"},
    {"en", "### Step [0-9]+: Restart ComfyUI", "need not be restarted|[Nn]o restart (is )?needed"},
    // Nothing is broken, and something is.
    {"zh-CN", "一切正常", "❌|查不了余额"},
    {"en", "All is well", "❌|the balance query cannot"},
    // The heading of a test against the mark of its check.
    {"zh-CN", "API接口测试 - \\*\\*正常", "\\| 余额接口 \\| ❌"},
    {"zh-CN", "API接口测试 - \\*\\*异常", "\\| 余额接口 \\| ✅"},
    {"zh-CN", "插件实际查询一次） - \\*\\*正常", "\\| 通过插件查询 \\| ❌"},
    {"en", "API test - \\*\\*works", "\\| Balance API \\| ❌"},
    {"en", "API test - \\*\\*fails", "\\| Balance API \\| ✅"},
    // How sure the cause is.
    {"zh-CN", "还不能确定", "已证实"},
    {"en", "the cause is not certain yet", "Cause found|proved"},
};

bool matches(const std::string& text, std::string_view pattern) {
    return std::regex_search(text, std::regex(std::string(pattern)));
}

}  // namespace

BOOST_AUTO_TEST_CASE(no_report_is_longer_than_its_bound) {
    for (const Written& text : written()) {
        BOOST_TEST_CONTEXT(text.scenario << " " << text.language) {
            const Bounds bounds = bounds_of(text.scenario);
            BOOST_TEST(lines_of(text.markdown) <= bounds.lines);
            BOOST_TEST(text.markdown.size() <= bounds.bytes);
            BOOST_TEST(lines_of(text.head) <= 12U);
        }
    }
}

BOOST_AUTO_TEST_CASE(each_thing_is_said_once) {
    constexpr std::size_t kSentence = 40;  // bytes; shorter ones are labels
    for (const Written& text : written()) {
        std::map<std::string, int> counted;
        for (const std::string& line : prose_lines(text.markdown)) {
            if (without_code(line).size() >= kSentence) {
                ++counted[line];
            }
        }
        for (const auto& [line, count] : counted) {
            BOOST_TEST(count == 1, text.scenario << " " << text.language << ": " << line);
        }
    }
}

BOOST_AUTO_TEST_CASE(no_report_contradicts_itself) {
    for (const Exclusion& pair : kExclusions) {
        std::size_t met = 0;
        for (const Written& text : written()) {
            if (pair.language != text.language || !text.report->diagnosis.others.empty() ||
                !matches(text.markdown, pair.one)) {
                continue;
            }
            ++met;
            BOOST_TEST(!matches(text.markdown, pair.other), text.scenario << ": " << pair.one << " and " << pair.other);
        }
        BOOST_TEST(met > 0U, pair.one << " is written nowhere: the row shows nothing");
    }
}

// What one table, one heading and one list say of a check is one thing.
BOOST_AUTO_TEST_CASE(a_verdict_fits_the_marks_of_its_checks) {
    for (const Report& report : reports()) {
        const bool failed = std::any_of(report.checks.begin(), report.checks.end(),
                                        [](const CheckResult& check) { return check.status == Status::fail; });
        BOOST_TEST(failed == (report.diagnosis.verdict == Verdict::broken));
    }
}

// What a key's prefix does is known of the plugin's family; the compiled install does not show it.
BOOST_AUTO_TEST_CASE(what_is_known_of_the_family_only_is_no_proof) {
    const auto& scenarios = world::all_scenarios();
    const auto found = std::find_if(scenarios.begin(), scenarios.end(), [](const world::Scenario& each) {
        return each.name == "upstream.key-rejected:drawing-only";
    });
    BOOST_REQUIRE(found != scenarios.end());
    const auto& primary = reports()[static_cast<std::size_t>(found - scenarios.begin())].diagnosis.primary;
    BOOST_REQUIRE(primary.has_value());
    BOOST_TEST((primary->confidence == Confidence::likely));
}

BOOST_AUTO_TEST_CASE(steps_for_a_failed_query_go_by_what_the_direct_one_showed) {
    const auto says = [](std::string_view scenario, std::string_view words) {
        return std::any_of(written().begin(), written().end(), [&](const Written& text) {
            return text.scenario == scenario && text.markdown.find(words) != std::string::npos;
        });
    };
    BOOST_TEST(says("proxy.upstream-failed", "returned a balance, so key and service are good"));
    BOOST_TEST(!says("proxy.upstream-failed", "If the direct query works"));
    // What has steps of its own keeps them.
    BOOST_TEST(says("proxy.upstream-failed:named-list-missing", "Remove it where ComfyUI is started"));
    BOOST_TEST(says("proxy.upstream-failed:comes-and-goes", "Leave the key as it is"));
    BOOST_TEST(says("proxy.upstream-failed:own-certificate-list", "does not trust the certificate that it was shown"));
    BOOST_TEST(says("proxy.upstream-failed:empty-certificate-list", "is empty or damaged"));
}
