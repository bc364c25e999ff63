// Reads the served token-balance.js for what it would ask: which route, with which parameters.
//
// No JavaScript engine: comments are skipped, string and template literals are read, and the names are
// collected that the query of the route's request is built from (in the literal itself, joined to it, or
// through URLSearchParams). Bounded and tolerant: any bytes give an answer, perhaps an empty one.
#pragma once

#include "script_tokens.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banana {

struct ScriptReading {
    std::string called_path;              // as in the script, without query; empty: no call of the route found
    int line = 0;                         // one-based, of that call
    std::vector<std::string> parameters;  // in order of appearance, each once
    // The query is built by something that was not understood, or sent in a body: `parameters` may be incomplete.
    bool query_unclear = false;
    // Another method than GET, or another path than that of the known releases.
    bool is_unknown_question = false;
};

ScriptReading read_balance_script(std::string_view script);
// Of a script that is in tokens already.
ScriptReading read_balance_script(const std::vector<script::Token>& tokens);

enum class ScriptContent {
    may_ask,   // it names the route, or loads another file that may
    no_query,  // nothing in it can ask for a balance
    damaged,   // empty, filled with zeros, or a page instead of a script
};

// What a script that is not understood can be.
ScriptContent judge_script_content(std::string_view script);

// The parameters that carry the node's key, of those the script sends, in its order: `banana_api_key`, `api_key` or
// both; where it sends neither, the first whose name speaks of a key. Empty where it sends none.
std::vector<std::string> key_parameters_in(const std::vector<std::string>& parameters);

}  // namespace banana
