#include "explained_rows.hpp"

#include "banana/cause.hpp"
#include "rules.hpp"

namespace banana {

ExplainedRows explained_rows(Cause code) {
    ExplainedRows rows;
    for (const Explanation& row : explanations()) {
        for (const CauseInfo& other : kCauses) {
            if (row.from.contains(code) && row.to.contains(other.cause)) {
                rows.effects.push_back({other.cause, row.condition->name});
            }
            if (row.from.contains(other.cause) && row.to.contains(code)) {
                rows.causes.push_back({other.cause, row.condition->name});
            }
        }
    }
    for (const Refutation& row : refutations()) {
        if (row.what.contains(code) && !row.sentence.empty() &&
            (rows.harmless.empty() || rows.harmless.back() != row.circumstance->name)) {
            rows.harmless.push_back(row.circumstance->name);
        }
    }
    for (const Relenting& row : relentings()) {
        if (row.what.contains(code)) {
            (row.severity == Severity::error ? rows.harmful : rows.harmless).push_back(row.circumstance->name);
        }
    }
    return rows;
}

}  // namespace banana
