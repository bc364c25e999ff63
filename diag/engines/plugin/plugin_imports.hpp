// Which modules the plugin is made of, and which of them it cannot load without.
#pragma once

#include "python_statements.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace banana {

struct PythonFile {
    std::string_view name;  // relative to the plugin's folder, with "/"
    std::vector<PythonStatement> statements;
};

// A module that the plugin itself consists of; its import name is global in ComfyUI's Python.
bool is_own_module(std::string_view name);

// Modules of the plugin's own folder that its package and its node file import where a failure ends the load, directly
// or through other own modules whose source is there. Sorted, without duplicates.
std::vector<std::string> required_modules(const std::vector<PythonFile>& files);

}  // namespace banana
