#include "next_steps.hpp"

#include "names.hpp"

namespace banana {

Message what_next(const Report& report, const Catalog& texts) {
    const std::string id = "verdict." + std::string(verdict_name(report.diagnosis.verdict)) + ".next";
    std::string open;
    for (const std::string& check : report.diagnosis.narrative.open) {
        open += (open.empty() ? "" : texts.text("report.list-comma")) + check_name(check, texts);
    }
    if (report.diagnosis.verdict == Verdict::inconclusive && open.empty()) {
        return Message(id + ".nothing-ran");
    }
    return Message(id, Arguments{{"checks", std::move(open)}});
}

}  // namespace banana
