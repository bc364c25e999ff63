// Every embedded scenario's report and terminal output in both languages: a text that the catalog lacks would show as
// its id, an argument that a finding lacks as <name>.
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

#include "catalog.hpp"
#include "scenario.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace banana;

constexpr unsigned kAtOnce = 4;

// What a scenario showed, by what showed it.
using Outputs = std::map<std::string, std::string>;

Outputs outputs_of(const std::string& scenario) {
    const test::TemporaryFolder folder;
    const std::string json = (folder.path() / "report.json").string();
    const auto run = test::run_banana({"demo", scenario, "-v", "--lang", "zh-CN", "--output", json});
    Outputs shown{{"terminal", run.out + run.err}};
    for (const char* language : {"zh-CN", "en"}) {
        for (const char* format : {"markdown", "html"}) {
            const auto rendered =
                test::run_banana({"render", json, "--lang", language, "--format", format, "--output", "-"});
            shown[std::string(language) + " " + format] = rendered.out;
        }
    }
    return shown;
}

const std::map<std::string, Outputs>& all_outputs() {
    static const std::map<std::string, Outputs> all = [] {
        const auto& scenarios = world::all_scenarios();
        std::vector<Outputs> gathered(scenarios.size());
        std::atomic<std::size_t> next{0};
        std::vector<std::thread> workers;
        for (unsigned worker = 0; worker < kAtOnce; ++worker) {
            workers.emplace_back([&] {
                for (std::size_t index = next++; index < scenarios.size(); index = next++) {
                    gathered[index] = outputs_of(std::string(scenarios[index].name));
                }
            });
        }
        for (std::thread& worker : workers) {
            worker.join();
        }
        std::map<std::string, Outputs> by_name;
        for (std::size_t index = 0; index < scenarios.size(); ++index) {
            by_name.emplace(scenarios[index].name, std::move(gathered[index]));
        }
        return by_name;
    }();
    return all;
}

template <typename Test>
void for_each_output(Test test) {
    for (const auto& [scenario, outputs] : all_outputs()) {
        for (const auto& [writer, text] : outputs) {
            BOOST_TEST_CONTEXT(scenario << ", " << writer) {
                test(text);
            }
        }
    }
}

}  // namespace

BOOST_AUTO_TEST_CASE(no_output_shows_the_id_of_a_text) {
    const std::regex id(
        R"((^|[^A-Za-z0-9_./-])((report|word|mark|summary|evidence|because|chain|flow|verdict|terminal|alternative)"
        R"(|cause|failure-kind|proof|key-holder|listener-use|upstream\.(short|source|direct|store|clock|phase|validity)"
        R"(|key-source)|config\.(line-mistake|key-defect|value-kind))\.[a-z][a-z0-9_.-]*))");
    for_each_output([&](const std::string& text) {
        std::smatch found;
        // What is found is read only where there is something: an empty match has no parts.
        const std::string shown = std::regex_search(text, found, id) ? found[2].str() : std::string();
        BOOST_TEST(shown.empty(), shown);
    });
}

BOOST_AUTO_TEST_CASE(no_output_shows_the_name_of_a_missing_argument) {
    std::set<std::string> names;
    for (const CatalogEntry& entry : catalogs().front().entries()) {
        for (const std::string& placeholder : placeholders(entry.text)) {
            names.insert(placeholder.substr(0, placeholder.find('|')));
        }
    }
    for_each_output([&](const std::string& text) {
        const bool html = text.starts_with("<!DOCTYPE");
        for (const std::string& name : names) {
            const std::string shown = html ? "&lt;" + name + "&gt;" : "<" + name + ">";
            BOOST_TEST(text.find(shown) == std::string::npos, shown);
        }
    });
}

BOOST_AUTO_TEST_CASE(lines_to_paste_hold_no_masked_key) {
    const std::regex masked(R"(api_key *= *[^\n]*…)");
    for (const auto& [scenario, outputs] : all_outputs()) {
        for (const char* writer : {"zh-CN markdown", "en markdown"}) {
            const std::string& text = outputs.at(writer);
            for (std::size_t at = text.find("```"); at != std::string::npos;) {
                const std::size_t end = text.find("```", at + 3);
                BOOST_REQUIRE(end != std::string::npos);
                const std::string block = text.substr(at, end - at);
                BOOST_TEST(!std::regex_search(block, masked), scenario << ": " << block);
                at = text.find("```", end + 3);
            }
        }
    }
}

// A route that hangs returns nothing, and where a handler crashed is not known: the report must not say otherwise.
BOOST_AUTO_TEST_CASE(a_query_without_the_plugins_own_answer_is_told_as_it_was_seen) {
    for (const char* scenario : {"proxy.response-timeout", "proxy.bad-response"}) {
        for (const auto& [writer, text] : all_outputs().at(scenario)) {
            BOOST_TEST_CONTEXT(scenario << ", " << writer) {
                for (const char* untrue :
                     {"The route returns a failure", "路由会返回失败信息", "Operation canceled", "Operation aborted",
                      "(`/api/banana/token_usage` answers)", "（`/api/banana/token_usage` 有应答）"}) {
                    BOOST_TEST(text.find(untrue) == std::string::npos, untrue);
                }
            }
        }
    }
    const Outputs& hanging = all_outputs().at("proxy.response-timeout");
    BOOST_TEST(hanging.at("en markdown").find("it breaks here") == std::string::npos);
    BOOST_TEST(hanging.at("en markdown").find("a slow proxy or a service that hangs") == std::string::npos);
}

// One step of the source is marked: the one that the cause is about.
BOOST_AUTO_TEST_CASE(a_plugin_without_a_key_breaks_where_it_reads_one) {
    const std::string& report = all_outputs().at("proxy.no-key").at("en markdown");
    const std::size_t mark = report.find("it breaks here");
    if (mark != std::string::npos) {
        const std::size_t line = report.rfind('\n', mark);
        BOOST_TEST(report.substr(line, mark - line).find("reads the API key") != std::string::npos);
    }
}
