#include "demo.hpp"

#include "banana/exit_code.hpp"
#include "banana/key_source.hpp"
#include "display_width.hpp"
#include "given_key.hpp"
#include "nearest_word.hpp"
#include "platform.hpp"
#include "platform_host.hpp"
#include "scenario.hpp"
#include "session.hpp"
#include "world.hpp"

#include <algorithm>
#include <iostream>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace banana {
namespace {

// The world's servers live in this process: without descriptors and memory for both sides they would show faults of
// their own.
constexpr std::size_t kDescriptorsNeeded = 64;
constexpr std::size_t kMemoryNeeded = 32UL * 1024 * 1024;

bool has_memory(std::size_t bytes) {
    const std::unique_ptr<volatile char[]> room(new (std::nothrow) volatile char[bytes]);
    if (room != nullptr) {
        room[0] = 1;
    }
    return room != nullptr;
}

// What the user may change in the world's options: how long, which checks, with experiments or without.
RunOptions with_wishes(RunOptions options, const RunOptions& wishes) {
    const RunOptions usual;
    if (wishes.timeout != usual.timeout) {
        options.timeout = wishes.timeout;
    }
    if (wishes.deadline != usual.deadline) {
        options.deadline = wishes.deadline;
    }
    if (wishes.wait != usual.wait) {
        options.wait = wishes.wait;
    }
    if (!wishes.only.empty()) {
        options.only = wishes.only;
    }
    options.skip.insert(options.skip.end(), wishes.skip.begin(), wishes.skip.end());
    options.deep = options.deep || wishes.deep;
    options.as_node = options.as_node || wishes.as_node;
    return options;
}

int refuse_scenario(const Catalog& texts, const Message& message, std::string_view nearest = {}) {
    std::cerr << "banana-diag: " << texts.text(message) << '\n';
    if (!nearest.empty()) {
        std::cerr << texts.text("usage.did-you-mean", Arguments{{"nearest", nearest}}) << '\n';
    }
    return exit_code::wrong_usage;
}

std::vector<std::string_view> scenario_names() {
    std::vector<std::string_view> names;
    for (const world::Scenario& scenario : world::all_scenarios()) {
        names.push_back(scenario.name);
    }
    return names;
}

// A line a scenario: its name, and what is wrong in it.
void list_scenarios(const Catalog& texts, int width, std::ostream& out) {
    constexpr int kColumn = 40;
    for (const world::Scenario& scenario : world::all_scenarios()) {
        std::string title;
        for (const Message& fault : world::titles_of(scenario)) {
            title += (title.empty() ? "" : " + ") + texts.text(fault);
        }
        const std::string name(scenario.name);
        const int missing = std::max(kColumn - display_width(name), 2);
        out << name << std::string(static_cast<std::size_t>(missing), ' ') << fit(title, std::max(width - kColumn, 20))
            << '\n';
    }
}

}  // namespace

int run_demo(const CommandLine& line, const Surroundings& surroundings, const Catalog& texts) {
    if (line.list) {
        list_scenarios(texts, terminal_style(line, surroundings.environment, false).width, std::cout);
        return exit_code::done;
    }
    const std::string name = line.argument.empty() ? std::string(world::kDefaultScenario) : line.argument;
    const world::Scenario* scenario = world::find_scenario(name);
    if (scenario == nullptr) {
        const auto nearest = nearest_word(name, scenario_names());
        return refuse_scenario(texts, Message("usage.unknown-scenario"), nearest.value_or(""));
    }
    if (!platform::has_descriptors(kDescriptorsNeeded)) {
        std::cerr << "banana-diag: "
                  << texts.text("program.too-few-descriptors", Arguments{{"count", kDescriptorsNeeded}}) << '\n';
        return exit_code::tool_failed;
    }
    if (!has_memory(kMemoryNeeded)) {
        throw std::bad_alloc();
    }
    platform::hold_interrupts();  // the world's folder is taken away at the end
    const world::World world(world::faults_of(*scenario));
    const Surroundings embedded = world.surroundings();
    SessionInput session(line, embedded, texts);
    // The report goes where the user is, and the terminal is theirs.
    session.report_folder = surroundings.working_directory;
    session.terminal = surroundings.environment;
    session.options = with_wishes(world.options(), line.run);
    session.name_overrides = world.overrides();
    if (auto key = world.given_key()) {
        session.given_key.emplace(std::move(*key), std::string(key_source::key_file));
    }
    if (const auto message = refuse_as_node(session.options, session.given_key.has_value())) {
        return refuse_scenario(texts, *message);
    }
    if (line.verbosity != Verbosity::quiet) {
        Arguments args;
        args["scenario"] = std::string(scenario->name);
        (standard_output_is_taken(line) ? std::cerr : std::cout) << texts.text("program.demo-intro", args) << "\n\n";
    }
    return run_session(std::move(session));
}

}  // namespace banana
