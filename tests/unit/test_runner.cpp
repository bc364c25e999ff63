#include "banana/cause.hpp"
#include "runner.hpp"

#include "support/temporary_folder.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

using namespace banana;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

std::vector<std::string> started_order;

asio::awaitable<void> pause(std::chrono::milliseconds duration) {
    asio::steady_timer timer(co_await asio::this_coro::executor, duration);
    co_await timer.async_wait(asio::use_awaitable);
}

asio::awaitable<CheckResult> passes(RunContext&) {
    started_order.emplace_back("passes");
    co_return CheckResult{};
}
asio::awaitable<CheckResult> slow(RunContext&) {
    started_order.emplace_back("slow");
    co_await pause(150ms);
    co_return CheckResult{};
}
asio::awaitable<CheckResult> compares(RunContext& context) {
    started_order.emplace_back("compares");
    const CheckIds others{"a.first"};
    co_await context.until_ended(others);
    started_order.emplace_back("compared");
    co_return CheckResult{};
}
asio::awaitable<CheckResult> hangs(RunContext&) {
    co_await pause(1h);
    co_return CheckResult{};
}
asio::awaitable<CheckResult> throws(RunContext&) {
    co_await pause(1ms);
    throw std::runtime_error("broken \x1b[31minside");
}
asio::awaitable<CheckResult> fails(RunContext&) {
    CheckResult result;
    result.findings.emplace_back(Cause::config_bom);
    co_return result;
}
asio::awaitable<CheckResult> warns(RunContext&) {
    CheckResult result;
    result.findings.emplace_back(Cause::config_value_invalid);
    co_return result;
}
asio::awaitable<CheckResult> shows_the_key(RunContext& context) {
    CheckResult result;
    result.facts["echo"] = std::string(context.given_key->key.reveal());
    co_return result;
}
asio::awaitable<CheckResult> shows_the_exceptions(RunContext& context) {
    CheckResult result;
    result.facts["echo"] = context.surroundings.system_proxy->exceptions;
    co_return result;
}

bool no(const RunContext&) {
    return false;
}

Check make(std::string_view id, CheckRun run) {
    return Check{.id = id, .limit = 10s, .run = run};
}

struct Fixture {
    RunOptions options;
    Surroundings surroundings;
    Redactor redactor;
    RunObserver observer;

    RunOutcome run(std::span<const Check> checks, std::string key = {}) {
        started_order.clear();
        std::vector<const Check*> list;
        for (const Check& check : checks) {
            list.push_back(&check);
        }
        RunInput input(options, surroundings, redactor);
        input.checks = list;
        if (!key.empty()) {
            input.given_key.emplace(Secret(key), "environment");
        }
        return run_checks(input, observer);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(results_come_in_declared_order_whatever_ends_first, Fixture) {
    const std::array checks{make("a.first", slow), make("b.second", passes)};
    std::vector<std::string> told;
    observer.finished = [&](const CheckResult& check) { told.push_back(check.id); };
    const RunOutcome outcome = run(checks);
    BOOST_TEST(outcome.checks.size() == 2U);
    BOOST_TEST(told == (std::vector<std::string>{"a.first", "b.second"}), boost::test_tools::per_element());
    // It did not wait for the first.
    BOOST_TEST(outcome.checks[1].started_ms < outcome.checks[0].started_ms + outcome.checks[0].duration_ms);
    BOOST_TEST((outcome.checks[0].status == Status::pass));
    for (const double time : {outcome.checks[0].duration_ms, outcome.checks[1].started_ms}) {
        BOOST_TEST(time == std::round(time * 1000) / 1000);  // as JSON keeps it
    }
}

BOOST_FIXTURE_TEST_CASE(a_check_waits_for_what_it_needs_or_comes_after, Fixture) {
    std::array checks{make("a.first", slow), make("b.second", passes), make("c.third", passes)};
    checks[1].needs = {"a.first"};
    checks[2].after = {"a.first"};
    const RunOutcome outcome = run(checks);
    BOOST_TEST(started_order.front() == "slow");
    BOOST_TEST(outcome.checks[1].started_ms >= 140);
    BOOST_TEST(outcome.checks[2].started_ms >= 140);
}

BOOST_FIXTURE_TEST_CASE(a_check_starts_beside_another_and_waits_for_it_midway, Fixture) {
    std::array checks{make("a.first", slow), make("b.second", compares), make("c.third", passes)};
    checks[1].beside = {"a.first"};
    checks[2].after = {"a.first"};
    const RunOutcome outcome = run(checks);
    const std::vector<std::string> expected{"slow", "compares", "compared", "passes"};
    BOOST_TEST(std::is_permutation(started_order.begin(), started_order.end(), expected.begin(), expected.end()));
    BOOST_TEST(started_order[1] == "compares");
    BOOST_TEST(outcome.checks[1].started_ms < outcome.checks[0].duration_ms);
    BOOST_TEST(outcome.checks[1].started_ms + outcome.checks[1].duration_ms >= outcome.checks[0].duration_ms);
}

BOOST_FIXTURE_TEST_CASE(what_is_wanted_beside_is_chosen_too_but_not_waited_for_before, Fixture) {
    std::array checks{make("a.first", slow), make("b.second", compares)};
    checks[1].wants = {"a.first"};
    checks[1].beside = {"a.first"};
    options.only = {"b.second"};
    const RunOutcome outcome = run(checks);
    BOOST_TEST((outcome.checks[0].status == Status::pass));
    BOOST_TEST(outcome.checks[1].started_ms < outcome.checks[0].duration_ms);
    BOOST_TEST(outcome.checks[1].started_ms + outcome.checks[1].duration_ms >= outcome.checks[0].duration_ms);
}

BOOST_FIXTURE_TEST_CASE(who_waits_for_a_check_that_does_not_run_goes_on, Fixture) {
    options.skip = {"a.first"};
    std::array checks{make("a.first", slow), make("b.second", compares)};
    checks[1].beside = {"a.first"};
    const RunOutcome outcome = run(checks);
    BOOST_TEST((outcome.checks[1].status == Status::pass));
}

BOOST_FIXTURE_TEST_CASE(status_follows_from_the_findings, Fixture) {
    const std::array checks{make("a.first", fails), make("b.second", warns), make("c.third", passes)};
    const RunOutcome outcome = run(checks);
    BOOST_TEST((outcome.checks[0].status == Status::fail));
    BOOST_TEST((outcome.checks[1].status == Status::warn));
    BOOST_TEST((outcome.checks[2].status == Status::pass));
}

BOOST_FIXTURE_TEST_CASE(what_is_not_ready_is_skipped_with_the_need, Fixture) {
    std::array checks{make("a.first", passes), make("b.second", passes)};
    checks[1].needs = {"a.first"};
    checks[0].found = no;
    const RunOutcome outcome = run(checks);
    BOOST_TEST((outcome.checks[1].status == Status::skip));
    BOOST_TEST(outcome.checks[1].skip_reason == "need:a.first");
}

BOOST_FIXTURE_TEST_CASE(a_check_that_throws_is_reported_and_the_run_goes_on, Fixture) {
    const std::array checks{make("a.first", throws), make("b.second", passes)};
    const RunOutcome outcome = run(checks);
    BOOST_REQUIRE(outcome.checks[0].findings.size() == 1U);
    BOOST_TEST((outcome.checks[0].findings[0].code == Cause::internal_check_failed));
    BOOST_TEST(outcome.checks[0].findings[0].args.at("what").as_string() == "broken inside");
    BOOST_TEST((outcome.checks[1].status == Status::pass));
}

BOOST_FIXTURE_TEST_CASE(the_deadline_ends_what_hangs, Fixture) {
    options.deadline = 200ms;
    const std::array checks{make("a.first", passes), make("b.second", hangs)};
    const RunOutcome outcome = run(checks);  // or it would hang for an hour
    BOOST_TEST((outcome.checks[0].status == Status::pass));
    BOOST_TEST(outcome.checks[1].skip_reason == "deadline");
}

BOOST_FIXTURE_TEST_CASE(a_check_over_its_own_limit_does_not_hold_up_the_others, Fixture) {
    std::array checks{make("a.first", hangs), make("b.second", passes)};
    checks[0].limit = 0s;
    checks[1].after = {"a.first"};
    const RunOutcome outcome = run(checks);
    BOOST_TEST(outcome.checks[0].skip_reason == "deadline");
    BOOST_TEST((outcome.checks[1].status == Status::pass));
}

BOOST_FIXTURE_TEST_CASE(only_runs_what_is_named_and_what_that_needs, Fixture) {
    std::array checks{make("a.first", passes), make("b.second", passes), make("c.third", passes)};
    checks[1].needs = {"a.first"};
    options.only = {"b"};
    const RunOutcome outcome = run(checks);
    BOOST_TEST((outcome.checks[0].status == Status::pass));
    BOOST_TEST((outcome.checks[1].status == Status::pass));
    BOOST_TEST(outcome.checks[2].skip_reason == "not-selected");
}

BOOST_FIXTURE_TEST_CASE(only_runs_what_the_named_check_wants_too_but_for_what_is_handed_in, Fixture) {
    std::array checks{make("a.first", passes), make("b.second", passes), make("c.third", passes)};
    checks[0].found = no;
    checks[1].wants = {"a.first"};
    checks[1].is_handed_in = [](const RunOptions& given) { return !given.base_url.empty(); };
    options.only = {"b"};
    BOOST_TEST((run(checks).checks[0].status == Status::pass));
    BOOST_TEST((run(checks).checks[1].status == Status::pass));  // wanted, not needed: found or not
    BOOST_TEST(run(checks).checks[2].skip_reason == "not-selected");
    options.base_url = "https://api.example.net";
    BOOST_TEST(run(checks).checks[0].skip_reason == "not-selected");
}

BOOST_FIXTURE_TEST_CASE(what_is_handed_in_needs_nothing, Fixture) {
    std::array checks{make("a.first", passes), make("b.second", passes)};
    checks[0].found = no;
    checks[1].needs = {"a.first"};
    BOOST_TEST(run(checks).checks[1].skip_reason == "need:a.first");
    checks[1].is_handed_in = [](const RunOptions&) { return true; };
    BOOST_TEST((run(checks).checks[1].status == Status::pass));
}

BOOST_FIXTURE_TEST_CASE(what_needs_a_check_left_out_is_left_out_too, Fixture) {
    std::array checks{make("a.first", passes), make("b.second", passes)};
    checks[1].needs = {"a.first"};
    checks[0].found = no;
    options.skip = {"a.first"};
    const RunOutcome outcome = run(checks);
    BOOST_TEST(outcome.checks[0].skip_reason == "not-selected");
    BOOST_TEST(outcome.checks[1].skip_reason == "not-selected");
}

BOOST_FIXTURE_TEST_CASE(deep_checks_run_only_when_asked_for, Fixture) {
    std::array checks{make("a.first", passes)};
    checks[0].deep = true;
    BOOST_TEST(run(checks).checks[0].skip_reason == "not-selected");
    options.deep = true;
    BOOST_TEST((run(checks).checks[0].status == Status::pass));
}

BOOST_FIXTURE_TEST_CASE(results_are_scrubbed, Fixture) {
    const std::string key = banana::test::made_up_key(5);
    const std::array checks{make("a.first", shows_the_key)};
    const RunOutcome outcome = run(checks, key);
    BOOST_TEST(boost::json::serialize(outcome.checks[0].facts).find(key.substr(10, 12)) == std::string::npos);
}

// Something that repeats the password of the proxy: here the list of exceptions.
BOOST_FIXTURE_TEST_CASE(passwords_of_the_system_proxy_are_scrubbed, Fixture) {
    const std::array checks{make("a.first", shows_the_exceptions)};
    for (const char* start : {"", "http://", "http=127.0.0.1:1;https=", "socks="}) {
        surroundings.system_proxy = {start + std::string("someone:open-sesame-9@127.0.0.1:7890"), "open-sesame-9"};
        BOOST_TEST(boost::json::serialize(run(checks).checks[0].facts).find("sesame") == std::string::npos, start);
    }
}

BOOST_AUTO_TEST_CASE(prefixes_end_at_a_dot) {
    BOOST_TEST(matches_any("config.key", {"config"}));
    BOOST_TEST(matches_any("config.key", {"config."}));
    BOOST_TEST(matches_any("config.key", {"config.key"}));
    BOOST_TEST(!matches_any("config.key", {"conf"}));
    BOOST_TEST(!matches_any("config.key", {}));
}

BOOST_AUTO_TEST_CASE(the_list_of_checks_is_in_report_order_and_needs_only_earlier_ones) {
    std::vector<std::string_view> seen;
    for (const Check* check : all_checks()) {
        for (const CheckIds& others : {check->needs, check->after, check->beside}) {
            for (const std::string_view other : others) {
                const bool is_wanted = std::find(check->wants.begin(), check->wants.end(), other) != check->wants.end();
                BOOST_TEST((is_wanted || std::find(seen.begin(), seen.end(), other) != seen.end()),
                           check->id << ": " << other);
            }
        }
        seen.push_back(check->id);
    }
    BOOST_TEST(!seen.empty());
    // What is wanted may stand further down, but does not want the same in turn.
    for (const Check* check : all_checks()) {
        for (const std::string_view wanted : check->wants) {
            const auto other = std::find_if(all_checks().begin(), all_checks().end(),
                                            [&](const Check* candidate) { return candidate->id == wanted; });
            BOOST_REQUIRE_MESSAGE(other != all_checks().end(), wanted);
            for (const CheckIds& others : {(*other)->needs, (*other)->wants, (*other)->after}) {
                BOOST_TEST((std::find(others.begin(), others.end(), check->id) == others.end()), wanted);
            }
        }
    }
}
