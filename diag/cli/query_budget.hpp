// How often `--watch` may ask the upstream, which allows 20 queries in 20 minutes for one address, shared with the
// plugin: one in 10 seconds and 10 in 20 minutes.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>

namespace banana {

struct QueryLimits {
    std::chrono::seconds between{10};
    std::chrono::seconds window = std::chrono::minutes(20);
    std::size_t in_window = 10;  // at least one
};

class QueryBudget {
public:
    using Time = std::chrono::steady_clock::time_point;

    explicit QueryBudget(QueryLimits limits = {}) : limits_(limits) {}

    // Zero: now.
    [[nodiscard]] std::chrono::seconds wait(Time now) const;
    void spend(Time now);

private:
    QueryLimits limits_;
    std::deque<Time> spent_;
};

}  // namespace banana
