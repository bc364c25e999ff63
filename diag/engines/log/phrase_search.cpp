#include "phrase_search.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace banana {

PhraseSearch::PhraseSearch(std::vector<std::string> phrases) : phrases_(std::move(phrases)) {
    const auto by_size = [](const std::string& a, const std::string& b) { return a.size() < b.size(); };
    const auto [shortest, longest] = std::minmax_element(phrases_.begin(), phrases_.end(), by_size);
    if (shortest == phrases_.end()) {
        return;
    }
    shortest_ = std::min<std::size_t>(shortest->size(), std::numeric_limits<std::uint8_t>::max());
    longest_ = longest->size();
    shift_.fill(static_cast<std::uint8_t>(shortest_ - kBlock + 1));
    for (const std::string& phrase : phrases_) {
        for (std::size_t end = kBlock; end <= shortest_; ++end) {
            std::uint8_t& shift = shift_[slot(phrase, end)];
            shift = std::min(shift, static_cast<std::uint8_t>(shortest_ - end));
        }
    }
}

std::size_t PhraseSearch::last_in(std::string_view text) const {
    std::size_t last = std::string_view::npos;
    std::size_t end = shortest_;
    while (shortest_ >= kBlock && end <= text.size()) {
        const std::size_t shift = shift_[slot(text, end)];
        if (shift > 0) {
            end += shift;
            continue;
        }
        const std::string_view rest = text.substr(end - shortest_);
        const auto begins = [&](const std::string& phrase) {
            return phrase.front() == rest.front() && rest.starts_with(phrase);
        };
        if (std::any_of(phrases_.begin(), phrases_.end(), begins)) {
            last = end - shortest_;
        }
        ++end;
    }
    return last;
}

}  // namespace banana
