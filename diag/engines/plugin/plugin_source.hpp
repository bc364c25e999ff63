// What the installed plugin's own source says: landmarks with their lines, version, base URL, sample keys.
//
// Landmarks are found by what a statement does, so that they follow when lines are inserted or moved:
//   route-decorator          routes.get("/banana/token_usage")
//   ensure-route-call        ensure_balance_route() while the module loads
//   ensure-route-definition  def ensure_balance_route
//   retry-timer              threading.Timer that tries the registration again
//   handler                  the function behind the route
//   load-config              where the handler reads the key of config.ini
//   load-config-definition   def load_config
//   fetch-usage              where the handler calls the upstream
//   store-snapshot           where the balance is kept: the handler's call, else the definition
//   error-response           the handler's answer for a failed query
//   node-key-priority        where the key of the node's own box wins over the file's
//   script-query, script-request  the page's functions queryBalance and requestBalance
//   script-fetch             the page's request to the route
//   script-error             where queryBalance shows the mark of a failure
//
// A landmark that is not sure is left out.
#pragma once

#include "banana/context.hpp"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace banana {

inline constexpr std::string_view kBalanceRoute = "/banana/token_usage";
inline constexpr std::string_view kPageRoute = "/api/banana/token_usage";  // as the page asks for it
inline constexpr std::string_view kNodeClass = "BananaImageNode";

struct SourceFile {
    std::string name;  // relative to the plugin's folder, with "/"
    std::string text;  // bytes as read; UTF-8 is expected and not required
};

struct PluginSource {
    std::map<std::string, SourceLocation, std::less<>> landmarks;
    std::string version;                                       // `__version__` in __init__.py, else in another file
    bool version_is_computed = false;                          // `V` and the version of pyproject.toml, since 0.1.4
    std::vector<std::string> addresses;                        // every http(s) address in a literal
    std::vector<OfferedLine> service_lines;                    // labels of a dictionary with the address behind each
    bool address_from_elsewhere = false;                       // see Install
    bool reads_encoded_url = false;                            // see Install
    std::string plain_url_option;                              // see Install
    std::vector<std::string> script_classes;                   // see Install
    PageTraits page;                                           // see Install
    std::string node_name;                                     // see Install
    std::string loader_header;                                 // see Install
    std::string default_base_url;                              // a string constant, or one spelled as code points
    std::optional<bool> knows_sample_spellings;                // none: the source holds no sample key at all
    std::optional<std::vector<std::string>> route_parameters;  // beside `refresh`; none: not recognised
    std::vector<std::string> route_files;                      // Python files that define the node and its route
    bool defines_node = false;                                 // class BananaImageNode
    bool reads_other_option = false;                           // see Install
    bool reads_other_file = false;                             // see Install
    bool parses_otherwise = false;                             // see Install
    bool replaces_binaries = false;                            // see PluginDescription
    bool names_route = false;                                  // the route's path stands in Python code
    // Modules of the plugin's own folder imported where a failure ends the load, sorted, without duplicates.
    std::vector<std::string> required_modules;
};

// Files of other kinds than .py and .js are ignored. The first file that shows a landmark wins.
PluginSource scan_plugin_source(std::span<const SourceFile> files);

// The first `version = "…"` line of a pyproject.toml, as the plugin reads it since 0.1.4; empty when none.
std::string pyproject_version(std::string_view toml);

}  // namespace banana
