#include "query_budget.hpp"

#include <algorithm>

namespace banana {
std::chrono::seconds QueryBudget::wait(Time now) const {
    if (spent_.empty()) {
        return std::chrono::seconds(0);
    }
    Time free = spent_.back() + limits_.between;
    if (spent_.size() >= limits_.in_window) {
        free = std::max(free, spent_[spent_.size() - limits_.in_window] + limits_.window);
    }
    return std::max(std::chrono::seconds(0), std::chrono::ceil<std::chrono::seconds>(free - now));
}

void QueryBudget::spend(Time now) {
    spent_.push_back(now);
    if (spent_.size() > limits_.in_window) {
        spent_.pop_front();
    }
}

}  // namespace banana
