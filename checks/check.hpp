// A check: a question about one link of the chain, asked once a run.
#pragma once

#include "banana/check_result.hpp"

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <span>
#include <string_view>

namespace banana {

struct RunContext;

using CheckRun = boost::asio::awaitable<CheckResult> (*)(RunContext&);

struct Check {
    std::string_view id;
    // Checks whose outcome this one reads. It starts when all of them have ended or are not selected.
    std::span<const std::string_view> needs;
    // Whether what it needs was found; when false the check is skipped with "need:<needs[0]>".
    bool (*ready)(const RunContext&);
    // Checks that must have ended first for another reason than their outcome.
    std::span<const std::string_view> after;
    std::chrono::seconds limit;
    bool deep;  // only with --deep
    CheckRun run;
};

// Every check in report order; defined in checks/list.cpp.
std::span<const Check> all_checks();

}  // namespace banana
