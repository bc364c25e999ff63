// How often `--watch` may ask the upstream, which allows 20 queries in 20 minutes for one address, shared with the
// plugin: one in 10 seconds and 10 in 20 minutes.
#pragma once

#include <chrono>
#include <deque>

namespace banana {

class QueryBudget {
public:
    using Time = std::chrono::steady_clock::time_point;

    // Zero: now.
    [[nodiscard]] std::chrono::seconds wait(Time now) const;
    void spend(Time now);

private:
    std::deque<Time> spent_;
};

}  // namespace banana
