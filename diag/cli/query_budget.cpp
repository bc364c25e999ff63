#include "query_budget.hpp"

#include <algorithm>

namespace banana {
namespace {

constexpr std::chrono::seconds kBetween{10};
constexpr std::chrono::minutes kWindow{20};
constexpr std::size_t kInWindow = 10;

}  // namespace

std::chrono::seconds QueryBudget::wait(Time now) const {
    if (spent_.empty()) {
        return std::chrono::seconds(0);
    }
    Time free = spent_.back() + kBetween;
    if (spent_.size() >= kInWindow) {
        free = std::max(free, spent_[spent_.size() - kInWindow] + kWindow);
    }
    return std::max(std::chrono::seconds(0), std::chrono::ceil<std::chrono::seconds>(free - now));
}

void QueryBudget::spend(Time now) {
    spent_.push_back(now);
    if (spent_.size() > kInWindow) {
        spent_.pop_front();
    }
}

}  // namespace banana
