// `self-test`: every embedded scenario through the runner and the diagnosis, compared with what is expected.
#pragma once

#include "banana/report.hpp"
#include "scenario.hpp"
#include "terminal.hpp"
#include "world.hpp"

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace banana {

struct ScenarioOutcome {
    Report report;
    std::vector<std::string> wrong;  // empty: diagnosed rightly and no key shown
    double milliseconds = 0;
};

// Runs every check in the world and diagnoses.
Report diagnose_world(const world::World& world, std::string_view lang);

// Makes the scenario's world, runs every check in it and diagnoses. Throws std::system_error where the world cannot
// be made.
ScenarioOutcome run_scenario(const world::Scenario& scenario, std::string_view lang);

// Runs the scenarios whose name contains `filter`, some at once, and prints a line each in the table's order.
// 0: all right; 1: at least one is wrong; 2: no scenario has such a name.
int run_self_test(std::string_view filter, std::string_view lang, const TerminalStyle& style, std::ostream& out);

}  // namespace banana
