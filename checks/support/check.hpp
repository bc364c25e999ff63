// A check: a question about one link of the chain, asked once a run.
#pragma once

#include "banana/check_result.hpp"

#include <array>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string_view>

namespace banana {

struct RunContext;
struct RunOptions;

using CheckRun = boost::asio::awaitable<CheckResult> (*)(RunContext&);

// A few names of checks, written in place: {"install.plugin", "config.key"}.
class CheckIds {
public:
    constexpr CheckIds() = default;
    constexpr CheckIds(std::initializer_list<std::string_view> ids) {
        for (const std::string_view id : ids) {
            ids_.at(count_++) = id;
        }
    }
    [[nodiscard]] constexpr const std::string_view* begin() const { return ids_.data(); }
    [[nodiscard]] constexpr const std::string_view* end() const { return ids_.data() + count_; }
    [[nodiscard]] constexpr bool empty() const { return count_ == 0; }
    [[nodiscard]] constexpr std::string_view front() const { return ids_.front(); }

private:
    std::array<std::string_view, 6> ids_;
    std::size_t count_ = 0;
};

// One a file, `extern constinit const Check <id with underscores>`; checks/list.cpp names them in report order.
struct Check {
    std::string_view id;
    // Checks one of which must have found what it looks for; else this one is skipped, "need:<the first of them>".
    // They run too where this one is chosen by --only.
    CheckIds needs = {};
    // Checks whose outcome this one reads where it is there. They run too where this one is chosen by --only.
    CheckIds wants = {};
    // Checks that must have ended first for another reason than their outcome.
    CheckIds after = {};
    // Checks that this one starts beside and waits for within its run, by RunContext::until_ended; also those of
    // `wants`.
    CheckIds beside = {};
    std::chrono::seconds limit;
    bool deep = false;  // only with --deep
    // What it looks for was found: those that need it can run.
    bool (*found)(const RunContext&) = [](const RunContext&) { return true; };
    // The options hand in what it needs from others: it neither needs nor wants any.
    bool (*is_handed_in)(const RunOptions&) = [](const RunOptions&) { return false; };
    CheckRun run;
};

// Every check in report order; defined in checks/list.cpp.
std::span<const Check* const> all_checks();

}  // namespace banana
