#include "self_test.hpp"

#include "assemble.hpp"
#include "banana/cause.hpp"
#include "banana/exit_code.hpp"
#include "banana/key_source.hpp"
#include "catalog.hpp"
#include "display_width.hpp"
#include "json.hpp"
#include "markdown.hpp"
#include "numbers.hpp"
#include "platform_host.hpp"
#include "redaction.hpp"
#include "runner.hpp"
#include "text.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <ostream>
#include <thread>

namespace banana {
namespace {

using Clock = std::chrono::steady_clock;

// Scenarios mostly wait: for time-outs and for each other's servers.
constexpr unsigned kAtOnce = 6;

double milliseconds_since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// Both keys of the world, in everything that a user would be shown.
bool shows_a_key(const Report& report) {
    const std::string outputs = write_json(report) + write_markdown(report);
    for (const unsigned number : {0U, 1U}) {
        const Secret key = world::demo_key(number);
        constexpr std::size_t kPrefix = 3;
        if (outputs.find(key.reveal().substr(kPrefix)) != std::string::npos) {
            return true;
        }
    }
    return false;
}

std::string shown(const std::optional<Cause>& primary, Verdict verdict, const Catalog& texts) {
    if (primary) {
        return std::string(code_of(*primary));
    }
    Arguments args;
    args["verdict"] = verdict == Verdict::healthy     ? "healthy"
                      : verdict == Verdict::attention ? "attention"
                      : verdict == Verdict::broken    ? "broken"
                                                      : "inconclusive";
    return texts.text("world.self-test.verdict", args);
}

std::string padded(std::string_view text, int columns) {
    std::string out(text);
    const int missing = columns - display_width(text);
    return missing > 0 ? out.append(static_cast<std::size_t>(missing), ' ') : out;
}

std::string coloured(std::string_view text, std::string_view code, const TerminalStyle& style) {
    return style.colour ? "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m" : std::string(text);
}

class SelfTest {
public:
    SelfTest(std::vector<const world::Scenario*> scenarios, std::string_view lang, const TerminalStyle& style,
             std::ostream& out)
        : scenarios_(std::move(scenarios)),
          outcomes_(scenarios_.size()),
          lang_(lang),
          texts_(catalog(lang)),
          style_(style),
          out_(out) {
        for (const world::Scenario* scenario : scenarios_) {
            name_width_ = std::max(name_width_, display_width(scenario->name));
        }
    }

    int run() {
        const Clock::time_point start = Clock::now();
        std::vector<std::thread> workers;
        workers_ = std::min<std::size_t>(kAtOnce, scenarios_.size());
        for (std::size_t worker = 0; worker < workers_; ++worker) {
            workers.emplace_back([this] { work(); });
        }
        std::size_t right = 0;
        for (std::size_t index = 0; index < scenarios_.size(); ++index) {
            const ScenarioOutcome* outcome = wait_for(index);
            if (outcome == nullptr) {
                break;
            }
            right += print(*scenarios_[index], *outcome) ? 1 : 0;
        }
        for (std::thread& worker : workers) {
            worker.join();
        }
        if (const int interrupt = platform::interrupt_received(); interrupt != 0) {
            return exit_code::signal_base + interrupt;
        }
        Arguments args;
        args["right"] = right;
        args["all"] = scenarios_.size();
        args["seconds"] = nearest_whole(milliseconds_since(start) / 100) / 10;
        out_ << texts_.text(right == scenarios_.size() ? "world.self-test.all-right" : "world.self-test.some-wrong",
                            args)
             << '\n';
        return right == scenarios_.size() ? exit_code::done : exit_code::problem_found;
    }

private:
    void work() {
        while (platform::interrupt_received() == 0) {
            const std::size_t index = next_.fetch_add(1);
            if (index >= scenarios_.size()) {
                break;
            }
            ScenarioOutcome outcome = attempt(*scenarios_[index]);
            const std::lock_guard lock(mutex_);
            outcomes_[index].emplace(std::move(outcome));
            changed_.notify_all();
        }
        const std::lock_guard lock(mutex_);
        ++ended_workers_;
        changed_.notify_all();
    }

    ScenarioOutcome attempt(const world::Scenario& scenario) const {
        ScenarioOutcome outcome;
        try {
            outcome = run_scenario(scenario, lang_);
        } catch (const std::exception& failure) {
            outcome.wrong.push_back(sanitize(failure.what()));
        }
        return outcome;
    }

    // Null where the test ended without it.
    const ScenarioOutcome* wait_for(std::size_t index) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return outcomes_[index].has_value() || ended_workers_ == workers_; });
        return outcomes_[index] ? &*outcomes_[index] : nullptr;
    }

    bool print(const world::Scenario& scenario, const ScenarioOutcome& outcome) {
        const bool right = outcome.wrong.empty();
        const Diagnosis& diagnosis = outcome.report.diagnosis;
        std::optional<Cause> primary;
        if (diagnosis.primary) {
            primary = diagnosis.primary->finding.code;
        }
        const std::string mark = style_.unicode ? (right ? "✔" : "✘") : (right ? "ok" : "!!");
        Arguments args;
        args["expected"] = shown(scenario.expected.primary, scenario.expected.verdict, texts_);
        args["got"] = shown(primary, diagnosis.verdict, texts_);
        args["milliseconds"] = static_cast<std::int64_t>(nearest_whole(outcome.milliseconds));
        if (!right || style_.detail != TerminalStyle::Detail::quiet) {
            out_ << coloured(mark, right ? "32" : "31", style_) << ' ' << padded(scenario.name, name_width_) << "  "
                 << texts_.text(right ? "world.self-test.right" : "world.self-test.wrong", args) << '\n';
        }
        if (style_.detail == TerminalStyle::Detail::verbose) {
            for (const Message& title : world::titles_of(scenario)) {
                out_ << "    " << texts_.text(title) << '\n';
            }
        }
        for (const std::string& difference : outcome.wrong) {
            out_ << "    " << difference << '\n';
        }
        out_.flush();
        return right;
    }

    std::vector<const world::Scenario*> scenarios_;
    std::vector<std::optional<ScenarioOutcome>> outcomes_;
    std::string lang_;
    const Catalog& texts_;
    TerminalStyle style_;
    std::ostream& out_;
    int name_width_ = 0;
    std::atomic<std::size_t> next_{0};
    std::size_t workers_ = 0;
    std::size_t ended_workers_ = 0;
    std::mutex mutex_;
    std::condition_variable changed_;
};

}  // namespace

Report diagnose_world(const world::World& world, std::string_view lang) {
    const RunOptions options = world.options();
    const Surroundings surroundings = world.surroundings();
    Redactor redactor;
    redactor.set_home(surroundings.home.string());
    RunInput input(options, surroundings, redactor);
    input.name_overrides = world.overrides();
    if (std::optional<Secret> key = world.given_key()) {
        input.given_key.emplace(std::move(*key), std::string(key_source::key_file));
    }
    RunOutcome run = run_checks(input, RunObserver());

    Report report;
    report.tool_version = BANANA_VERSION;
    report.lang = std::string(lang);
    report.subject = std::move(run.subject);
    report.checks = std::move(run.checks);
    assemble(report);
    return report;
}

ScenarioOutcome run_scenario(const world::Scenario& scenario, std::string_view lang) {
    const Clock::time_point start = Clock::now();
    const world::World world(world::faults_of(scenario));
    ScenarioOutcome outcome;
    outcome.report = diagnose_world(world, lang);
    const Report& report = outcome.report;
    outcome.wrong = world::differences(scenario.expected, report.checks, report.diagnosis);
    if (shows_a_key(report)) {
        outcome.wrong.emplace_back("secret");
    }
    if (scenario.expected.verdict == Verdict::healthy && world.key_hosts().size() > 1) {
        outcome.wrong.emplace_back("key at more than one host");
    }
    for (const std::string& host : world.foreign_key_hosts()) {
        outcome.wrong.push_back("key at " + host);
    }
    outcome.milliseconds = milliseconds_since(start);
    return outcome;
}

int run_self_test(std::string_view filter, std::string_view lang, const TerminalStyle& style, std::ostream& out) {
    std::vector<const world::Scenario*> chosen;
    for (const world::Scenario& scenario : world::all_scenarios()) {
        if (scenario.name.find(filter) != std::string_view::npos) {
            chosen.push_back(&scenario);
        }
    }
    if (chosen.empty()) {
        out << catalog(lang).text("usage.unknown-scenario") << '\n';
        return exit_code::wrong_usage;
    }
    return SelfTest(std::move(chosen), lang, style, out).run();
}

}  // namespace banana
