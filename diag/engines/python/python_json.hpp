// JSON as Python's `response.json()` of requests reads it.
#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string_view>

namespace banana {

struct JsonReading {
    std::optional<boost::json::value> value;  // none where Python raises, and where it is too deep
    bool too_deep = false;                    // deeper than bounds::kUpstreamJsonDepth
};

// Invalid UTF-8 is replaced, NaN and Infinity are numbers, a lone surrogate is a character, a BOM is an error.
JsonReading read_python_json(std::string_view body);

}  // namespace banana
