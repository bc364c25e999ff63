// What a test asks of a JSON report.
#pragma once

#include <boost/json/value.hpp>
#include <set>
#include <string>

namespace banana::test {

// The codes of its errors.
inline std::set<std::string> error_codes(const boost::json::value& report) {
    std::set<std::string> codes;
    for (const boost::json::value& check : report.at("checks").as_array()) {
        for (const boost::json::value& finding : check.at("findings").as_array()) {
            if (finding.at("severity").as_string() == "error") {
                codes.emplace(finding.at("code").as_string());
            }
        }
    }
    return codes;
}

}  // namespace banana::test
