// `explain`: what a cause code means, how it is detected, how it is fixed, and which codes are related.
#pragma once

#include "catalog.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banana {

enum class Cause : int;  // banana/cause.hpp

// A row of the diagnosis' rules: the other code, and the name of the condition ("explain.when.<name>").
struct ExplainedRow {
    Cause cause;
    std::string_view when;
};

// The rows of one code: what it explains, what explains it, and the names of the circumstances ("explain.given.<name>")
// in which it breaks nothing, or does break the query.
struct ExplainedRows {
    std::vector<ExplainedRow> effects, causes;
    std::vector<std::string_view> harmless, harmful;
};

// None for an unknown code.
[[nodiscard]] std::optional<std::string> explain(std::string_view code, const ExplainedRows& rows, const Catalog& texts,
                                                 int width = 80);
// By what people have: a text of the button or of a log, an HTTP status. The codes it can mean, likeliest first, and
// the question that tells them apart. None where no symptom is recognised.
[[nodiscard]] std::optional<std::string> explain_symptom(std::string_view what, const Catalog& texts, int width = 80);
// Every code with its title, a line each, grouped by area.
[[nodiscard]] std::string explain_list(const Catalog& texts, int width = 80);

}  // namespace banana
