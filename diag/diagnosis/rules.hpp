// The rules from findings to causes: three tables, side by side in rules.cpp.
#pragma once

#include "banana/cause.hpp"
#include "conditions.hpp"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

namespace banana {

// A set of codes.
class Codes {
public:
    constexpr Codes() = default;
    constexpr Codes(std::initializer_list<Cause> all) {
        for (const Cause cause : all) {
            add(cause);
        }
    }
    static constexpr Codes with(Trait trait) {
        Codes codes;
        for (const CauseInfo& entry : kCauses) {
            if (entry.traits.has(trait)) {
                codes.add(entry.cause);
            }
        }
        return codes;
    }
    static constexpr Codes in(Area area) {
        Codes codes;
        for (const CauseInfo& entry : kCauses) {
            if (area_of(entry.cause) == area) {
                codes.add(entry.cause);
            }
        }
        return codes;
    }
    [[nodiscard]] constexpr bool contains(Cause cause) const {
        const auto index = static_cast<std::size_t>(cause);
        return ((words_[index / kWord] >> (index % kWord)) & 1u) != 0;
    }
    friend constexpr Codes operator|(Codes a, const Codes& b) {
        for (std::size_t word = 0; word < a.words_.size(); ++word) {
            a.words_[word] |= b.words_[word];
        }
        return a;
    }

private:
    constexpr void add(Cause cause) {
        const auto index = static_cast<std::size_t>(cause);
        words_[index / kWord] |= std::uint64_t{1} << (index % kWord);
    }
    static constexpr std::size_t kWord = 64;
    std::array<std::uint64_t, (kCauses.size() + kWord - 1) / kWord> words_{};
};

// What an explanation rests on.
enum class Basis {
    seen,            // every condition was observed
    inferred,        // one was not: what is a cause only by what it explains is likely then, not proved
    inferred_alone,  // the same, and nothing else makes this finding a cause
};

// "Each of `from` explains each of `to`": the other is an effect of it, not a cause of its own.
struct Explanation {
    Codes from;
    Codes to;
    const Condition* condition;
    Basis basis = Basis::seen;
};

// "In this circumstance an error of these codes breaks nothing": it is a warning then, with the sentence that says why.
// The first row whose circumstance holds decides.
struct Refutation {
    Codes what;
    const Circumstance* circumstance;
    std::string_view sentence;  // catalog id; empty: the error stands, whatever the rows below say
    Arguments (*arguments)(const Finding& finding, const Situation& run) = nullptr;
};

// "In this circumstance a finding of these codes is of that severity", whatever its check said.
struct Relenting {
    Codes what;
    const Circumstance* circumstance;
    Severity severity;
};

std::span<const Explanation> explanations();
std::span<const Refutation> refutations();
std::span<const Relenting> relentings();

// The first row by which the one explains the other in this run; null where none does.
const Explanation* explanation_of(const Finding& explaining, const Finding& explained, const Situation& run);
// What shows that this error breaks nothing; none where nothing does.
std::optional<Message> refutation_of(const Finding& finding, const Situation& run);
// The row that changes its severity; null where none does.
const Relenting* relenting_of(const Finding& finding, const Situation& run);

}  // namespace banana
