// What is known of each version family of the plugin: base URLs, lines, sample keys, request parameters.
#pragma once

#include "banana/context.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace banana {

// A V3 line of service: the `route` value of the node maps to a host.
struct ServiceLine {
    std::string_view name;   // as the page shows it
    std::string_view alias;  // what the plugin also accepts; empty when none
    std::string_view base_url;
};

// Every line of the V3 family; the first is the one used for an unknown or absent `route` in 2025 builds.
std::span<const ServiceLine> service_lines();
// None for a name that no line has. Case-blind; the suffix "(旧渠道)" is ignored.
const ServiceLine* find_service_line(std::string_view name);

std::string_view family_name(Family family);  // "V1", "V2", "V3", "fork", "unknown"

// Whether the plugin's own table takes this value (after strip) for a sample and sends nothing upstream.
// `knows_spellings`: Install::knows_sample_spellings, else the family's usual behaviour.
bool plugin_knows_sample(Family family, std::optional<bool> knows_spellings, std::string_view value);

// The parameters that the family's route reads beside `refresh`.
std::vector<std::string> route_parameters_of(const Install* install);

// How the key the node would use is passed in the query; empty when the family's route reads none.
std::string_view key_parameter_of(const Install* install);

}  // namespace banana
