// The embedded scenarios: each makes a world with one fault, two faults or none, and says what a right diagnosis of
// it is.
//
// A scenario is named after the cause code that it provokes; two faults are joined by "+" in the order of the
// diagnosis, a further way to the same code stands behind ":". Worlds without a problem are named "healthy.…".
#pragma once

#include "banana/message.hpp"
#include "banana/report.hpp"
#include "faults.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banana::world {

struct Expectation {
    Verdict verdict = Verdict::healthy;
    std::optional<Cause> primary;
    std::vector<Cause> others;  // what else the diagnosis lists, in any order: no more and no less
    std::vector<Cause> found;   // codes that a check must have raised, though they are effects of the primary
};

struct Scenario {
    std::string_view name;
    Expectation expected;
    void (*inject)(WorldFaults&);  // changes a healthy world
};

// The source document's case.
inline constexpr std::string_view kDefaultScenario = "config.key-placeholder";

// In the order of the cause codes, then those with two faults, then the healthy ones.
const std::vector<Scenario>& all_scenarios();
// None for an unknown name.
const Scenario* find_scenario(std::string_view name);

WorldFaults faults_of(const Scenario& scenario);
// What is wrong in it, for people: one text a fault.
std::vector<Message> titles_of(const Scenario& scenario);
// The codes in the name; empty for a healthy one.
std::vector<Cause> causes_in_name(std::string_view name);

// How a diagnosis differs from what was expected; empty where it is right. Codes and words of the interface only.
std::vector<std::string> differences(const Expectation& expected, const std::vector<CheckResult>& checks,
                                     const Diagnosis& diagnosis);

namespace table {

// Used by the scenarios_*.cpp files.
Expectation broken(Cause primary, std::vector<Cause> others = {}, std::vector<Cause> found = {});
Expectation attention(std::vector<Cause> others);
Expectation healthy();

std::vector<Scenario> install_scenarios();
std::vector<Scenario> config_scenarios();
std::vector<Scenario> upstream_scenarios();
std::vector<Scenario> local_scenarios();
std::vector<Scenario> plugin_scenarios();
std::vector<Scenario> double_scenarios();
std::vector<Scenario> healthy_scenarios();

// Faults that several scenarios share.
void expire_certificate(WorldFaults& world);
void use_sample_key(WorldFaults& world);
void let_nothing_answer_in_time(WorldFaults& world);
void reply_with(WorldFaults& world, int status, std::string_view content_type, std::string_view body);
void run_without_files(WorldFaults& world);
void start_dies(WorldFaults& world);
// The page script that this kind of plugin brings.
std::string page_script_of(PluginKind kind);
// config.ini of V2 with this base URL.
std::string config_with_base_url(std::string_view url);

}  // namespace table

}  // namespace banana::world
