// Many runs in one process, one after another: the same right diagnosis each time, and neither memory nor descriptors
// are left behind. BANANA_LOAD_RUNS says how many (tests/full.sh: 1,000).
#include "scenario.hpp"
#include "self_test.hpp"
#include "support/sanitized.hpp"

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace {

using namespace banana;

constexpr int kRuns = 60;
constexpr std::array kScenarios{"healthy.v1", "config.key-placeholder", "healthy.v3", "upstream.key-rejected",
                                "local.server-down"};

int runs_wanted() {
    const char* const wanted = std::getenv("BANANA_LOAD_RUNS");
    return wanted != nullptr ? std::max(kRuns, std::atoi(wanted)) : kRuns;
}

std::size_t open_descriptors() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

std::size_t resident_kilobytes() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        std::size_t kilobytes = 0;
        if (word == "VmRSS:" && status >> kilobytes) {
            return kilobytes;
        }
    }
    return 0;
}

// How many of the runs were diagnosed otherwise than expected.
int wrong_of(int runs) {
    int wrong = 0;
    for (int run = 0; run < runs; ++run) {
        const char* const name = kScenarios.at(static_cast<std::size_t>(run) % kScenarios.size());
        const world::Scenario* const scenario = world::find_scenario(name);
        BOOST_REQUIRE(scenario != nullptr);
        const ScenarioOutcome outcome = run_scenario(*scenario, "en");
        for (const std::string& difference : outcome.wrong) {
            BOOST_ERROR(name << " in run " << run << ": " << difference);
        }
        wrong += outcome.wrong.empty() ? 0 : 1;
    }
    return wrong;
}

}  // namespace

BOOST_AUTO_TEST_CASE(nothing_is_left_behind) {
    const int runs = runs_wanted();
    BOOST_TEST(wrong_of(runs / 4) == 0);
    const std::size_t descriptors = open_descriptors();
    const std::size_t memory = resident_kilobytes();
    BOOST_TEST(wrong_of(runs) == 0);
    BOOST_TEST(open_descriptors() == descriptors);
    const std::size_t grown = std::max(memory, resident_kilobytes()) - memory;
    BOOST_TEST_MESSAGE(runs << " runs: " << descriptors << " descriptors before and after, " << memory
                            << " kB resident, grown by " << grown << " kB");
    // What a run leaks, it leaks each time; the allocator's own reserve grows once. Sanitizers keep freed memory.
    constexpr std::size_t kReserve = 4'096;
    BOOST_TEST((test::kSanitized || grown < kReserve));
}
