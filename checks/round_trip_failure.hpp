// Why the plugin's own query failed, by its answer, its log, the direct query and what is known of its surroundings.
#pragma once

#include "banana/finding.hpp"
#include "page_question.hpp"
#include "route_answer.hpp"
#include "run_context.hpp"

#include <string>

namespace banana {

// The direct call had the balance of the very key that this query makes the plugin use, be it of another host.
bool key_is_good_directly(const RunContext& context, const PageQuestion& question);

// The direct call asked the same host with the same key and got the balance.
bool is_same_question(const RunContext& context, const PageQuestion& question);

// Where the key that this query makes the plugin use comes from.
std::string key_in_question(const RunContext& context, const PageQuestion& question);

// What the route answered, as arguments and evidence.
void add_answer(const RunContext& context, const RouteAnswer& answer, const PageQuestion& question, Finding& finding);

// `summary`: the log's last word on the failure, written for this query; empty where there is none.
Finding failure_finding(const RunContext& context, const RouteAnswer& answer, const PageQuestion& question,
                        const std::string& summary);

}  // namespace banana
