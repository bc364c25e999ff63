// The report's first lines: what a support engineer closes a ticket from, readable pasted into a chat.
#pragma once

#include "banana/report.hpp"
#include "catalog.hpp"

#include <string>
#include <vector>

namespace banana {

struct HeadLine {
    std::string label;  // "Cause"; empty for the first line, the verdict
    Inline text;
};

// At most nine lines: verdict with code and confidence, cause, what to do, further causes, the chain with a mark for
// each link, environment, service with amount and key, tool and time. What is not known is left out.
[[nodiscard]] std::vector<HeadLine> ticket_head(const Report& report, const Catalog& texts);

// The same as plain text, a line each: for a clipboard.
[[nodiscard]] std::string ticket_head_text(const Report& report, const Catalog& texts);

// The amount as the button shows it, in the plugin's own words; empty where the plugin returned none.
[[nodiscard]] std::string amount_shown(const Report& report);

}  // namespace banana
