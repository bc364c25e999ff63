// Custom nodes that put something of their own in the place of ComfyUI's registration of routes.
#pragma once

#include "banana/context.hpp"

#include <filesystem>
#include <vector>

namespace banana {

// Statements that assign `PromptServer.add_routes`, or set it by setattr, in the Python sources of the folders below
// `custom_nodes` (two levels deep), in files that name PromptServer; `file` relative to it. Bounded: the first few.
std::vector<SourceLocation> find_route_replacers(const std::filesystem::path& custom_nodes);

}  // namespace banana
