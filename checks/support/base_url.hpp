// The upstream that the button of this install asks.
#pragma once

#include "run_context.hpp"

#include <string>
#include <vector>

namespace banana {

// Where an address is set, and can be corrected.
enum class AddressPlace { option, node_box, config, plugin };

struct UpstreamTarget {
    std::string base_url;                 // without a trailing slash; the documented default where nothing names one
    std::string service_line;             // V3: the label of the one under test; empty where none is named
    Provenance from = Provenance::known;  // of the host
    Provenance service_line_from = Provenance::known;  // of its choice
    AddressPlace place = AddressPlace::plugin;
    // A key may go only where this install's button sends it: false where the host is a guess.
    bool is_certain = false;
};

// --base-url; else V3: the host of --line or of the node's default line, by the source's own map, the labels that the
// server shows, or the known releases; V1: the address in the node's box; else the option of config.ini that the
// installed plugin reads, then the constant in its source.
UpstreamTarget upstream_target(const RunContext& context);

// The same as the plugin itself asks it: --base-url is this run's own, but where the page hands an address on to the
// plugin, or where nothing tells the plugin's.
UpstreamTarget plugin_target(const RunContext& context);

// The lines that this install offers beside the one under test, each with a host that is certain; labels as the page
// shows them. Empty for other families, and where --base-url names the address.
std::vector<OfferedLine> other_lines(const RunContext& context, const UpstreamTarget& target);

// Base URL of upstream_target.
std::string effective_base_url(const RunContext& context);

// No plugin, config or option names the address: it is the documented default, and this plugin may use another.
bool base_url_is_the_default(const RunContext& context);

}  // namespace banana
