// What a check found, and the names of checks. Apart from checks/check.hpp, so that report writers need no network
// library.
#pragma once

#include "banana/finding.hpp"

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace banana {

namespace check_id {
inline constexpr std::string_view install_plugin = "install.plugin";
inline constexpr std::string_view config_key = "config.key";
inline constexpr std::string_view upstream_api = "upstream.api";
inline constexpr std::string_view local_server = "local.server";
inline constexpr std::string_view route_registration = "route.registration";
inline constexpr std::string_view frontend_extension = "frontend.extension";
inline constexpr std::string_view startup_log = "startup.log";
inline constexpr std::string_view proxy_round_trip = "proxy.round-trip";
inline constexpr std::string_view deep_key_override = "deep.key-override";
inline constexpr std::string_view deep_key_destination = "deep.key-destination";
}  // namespace check_id

enum class Status { pass, warn, fail, skip };

// Why a check has no answer. Written to JSON as it stands, "need:" with the id behind it.
namespace skip_reason {
inline constexpr std::string_view not_selected = "not-selected";      // never makes a verdict inconclusive
inline constexpr std::string_view not_applicable = "not-applicable";  // neither does this
inline constexpr std::string_view deadline = "deadline";
inline constexpr std::string_view interrupted = "interrupted";
inline constexpr std::string_view need_prefix = "need:";
}  // namespace skip_reason

struct CheckResult {
    std::string id;                // set by the runner
    Status status = Status::pass;  // set by the runner from the findings unless skip_reason is set
    double started_ms = 0;         // since the start of the run
    double duration_ms = 0;
    Message summary;          // one line: what was found, catalog id "summary.<check id>.<outcome>"
    std::string skip_reason;  // non-empty: the check has no answer
    // True: the check ran but part of its question stayed open, so that without any error
    // the verdict is inconclusive rather than healthy.
    bool incomplete = false;
    std::vector<Finding> findings;
    boost::json::object facts;  // their names are part of the interface: scripts read them
};

}  // namespace banana
