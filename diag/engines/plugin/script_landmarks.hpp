// Landmarks in the plugin's page script (JavaScript).
#pragma once

#include "plugin_source.hpp"

namespace banana {

// Adds script-query, script-request, script-fetch and script-error where found and not yet known.
void add_script_landmarks(const SourceFile& file, PluginSource& source);

}  // namespace banana
