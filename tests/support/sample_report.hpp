// Reports for tests of the diagnosis and the writers, made by hand: what the checks would have found.
#pragma once

#include "banana/report.hpp"

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace banana::samples {

// All ten checks as passed, the deep ones not selected.
std::vector<CheckResult> passing_checks();
// The check of that id; it must be there.
CheckResult& check(std::vector<CheckResult>& checks, std::string_view id);
// Adds a finding and sets the check's status as the runner would.
Finding& add(std::vector<CheckResult>& checks, std::string_view id, Finding finding);
// Turns it into a skip.
void skip(std::vector<CheckResult>& checks, std::string_view id, std::string reason);

// Facts of a round trip that returned a balance.
void round_trip_succeeds(std::vector<CheckResult>& checks);
// The route's error answer.
void round_trip_fails(std::vector<CheckResult>& checks, Finding finding, std::string message);

// The hand-written document's case: a sample key in config.ini that this version sends upstream.
Report source_document(std::string lang);
Report healthy(std::string lang);

// Diagnosed as `run` would.
Report diagnosed(std::vector<CheckResult> checks, std::string lang = "en");

}  // namespace banana::samples
