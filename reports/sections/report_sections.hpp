// The sections of a report, one function each, and what they share.
#pragma once

#include "banana/lookup.hpp"
#include "banana/report.hpp"
#include "catalog.hpp"
#include "document.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace banana::sections {

// A report with the language it is written in.
struct View {
    const Report& report;
    const Catalog& texts;

    [[nodiscard]] Inline say(std::string_view id, const Arguments& args = {}) const { return texts.rich(id, args); }
    [[nodiscard]] Checks checks() const { return report.checks; }
    // A field of a cause's texts, filled from the finding.
    [[nodiscard]] Inline of(const Finding& finding, std::string_view field) const;
    [[nodiscard]] std::string id_of(const Finding& finding, std::string_view field) const;
    // Arguments with the plugin's files named from its folder on: the head has the whole path.
    [[nodiscard]] Arguments brief(const Arguments& args) const;
    [[nodiscard]] Inline brief(const Message& message) const { return say(message.id, brief(message.args)); }
};

// Name and value of a fact: "**Name**: value".
Inline labelled(const View& view, std::string_view label, Inline value);
// Steps as a numbered list; lines of commands become code blocks below their step.
Block steps_list(const View& view, std::string_view id, const Arguments& args);
// The first evidence of that id; null when there is none.
const Evidence* evidence_of(const Finding& finding, std::string_view id);
// "file, line 3" as far as known; empty without a file.
Inline place_of(const View& view, const Evidence& evidence);
// One of `by_key`: where its key comes from, and its figures; empty and null where they are not there.
std::string_view key_source_of(const boost::json::object& entry);
const boost::json::object* balance_of(const boost::json::object& entry);
// The figures that the direct query returned for the key under test; null where it returned none.
const boost::json::object* tested_balance(const View& view);

// What the user can do instead: by this run's facts where the diagnosis found such a way, else the cause's own texts.
std::vector<Inline> alternatives_of(const DiagnosedCause& cause, const Catalog& texts);

// "2025-11-12T16:49:00+08:00" as "2025-11-12 16:49 (UTC+08:00)"; another text as it is.
std::string readable_time(const std::string& rfc3339);
// A source line or the like, cut to what fits on a line.
std::string shortened(std::string text);

// Under the title: the ticket head.
Block head_box(const View& view);
Blocks test_results(const View& view);
// Problem 1 is the primary cause; then the others; what was ruled out and what else was noticed, briefly.
Blocks possible_causes(const View& view);
Blocks warnings(const View& view);
// Checks that a selected run could not finish.
Blocks open_questions(const View& view);
Blocks diagnosis_steps(const View& view);
// The plugin's own lines on the way of the query; only where the cause lies on it and the source was read.
Blocks code_analysis(const View& view);
Blocks most_likely_cause(const View& view);
Blocks solution(const View& view);
// For Windows, whose users start this program by a double click: below the first block that names a command of it
// stands how to run one.
void explain_own_commands(const View& view, Blocks& blocks);
Blocks footer(const View& view);

// The chain of calls with the place where it breaks.
SequenceDiagram chain_diagram(const View& view);

}  // namespace banana::sections
