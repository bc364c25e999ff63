// The landmarks of plugin_source.hpp in the plugin's Python files.
#pragma once

#include "plugin_imports.hpp"
#include "plugin_source.hpp"

namespace banana {

// Those around the route and its handler, and what the handler takes from a request.
void find_landmarks(const PythonFile& file, PluginSource& result);

// Landmarks that the handler's own file may lack because it only passes the work on.
void find_landmarks_elsewhere(const PythonFile& file, PluginSource& result);

}  // namespace banana
