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
    std::string_view name;   // as the page of 2025 shows it
    std::string_view alias;  // what the plugin also accepts; empty when none
    std::string_view base_url;
};

// Every line that a V3 release offers.
std::span<const ServiceLine> service_lines();

// How a V3 release maps labels to hosts. `old_lines`: the releases up to 0.1.x, which ask the first line for every
// label that they do not know. `new_line`: 0.2.10 and later, whose default is the new line, and which map the labels of
// old workflows to it.
enum class LineRules { unknown, old_lines, new_line };

// By the labels that the install offers, else by its version.
LineRules line_rules(std::span<const std::string> offered, std::string_view version);

// Newer than every release that these tables were made from.
bool is_newer_than_known(std::string_view version);

// The host that a release with these rules asks for the label (empty: the request names no line). None where that is
// not known. `hidden` included; case-blind as the plugin is.
std::optional<std::string> base_url_of_line(std::string_view label, LineRules rules);

// A label or alias of the lines above.
bool is_known_line(std::string_view label);

// The label of the line that the page of such a release shows first.
std::string_view default_line_of(LineRules rules);

std::string_view family_name(Family family);  // "V1", "V2", "V3", "fork", "unknown"

// Whether the plugin's own table takes this value (after strip) for a sample and sends nothing upstream.
// `knows_spellings`: Install::knows_sample_spellings, else the family's usual behaviour.
bool plugin_knows_sample(Family family, std::optional<bool> knows_spellings, std::string_view value);

// The node's box for a key, and the first line of the loader in ComfyUI's log; empty where the family has none.
std::string_view key_box_of(Family family);
std::string_view loader_header_of(Family family);

// A key that the plugin sends to hosts of its own when it draws, known by a prefix that it takes off there: V3's
// "fixsk-…", V2's "fix…" and "666…". Its balance query sends such a key whole, and it is refused.
bool is_key_for_drawing_only(Family family, std::string_view key);

// The parameters that the family's route reads beside `refresh`.
std::vector<std::string> route_parameters_of(const Install* install);

// How the key the node would use is passed in the query; empty when the family's route reads none.
std::string_view key_parameter_of(const Install* install);

}  // namespace banana
