// Whether the ComfyUI that answers has loaded the plugin that was examined.
#pragma once

#include "banana/check_result.hpp"
#include "run_context.hpp"

#include <string>

namespace banana {

// The server names a folder that the install, or the plugin by a link, lies in.
bool loads_install(const Server& server, const Install& install);

// Fills Server::is_examined_install, and reports a server that loads from elsewhere.
void compare_with_install(RunContext& context, Server& server, CheckResult& result);

// The plugin's folder may have been renamed or deleted since the server loaded it: what was examined in its place is
// not what runs. `loaded` is the folder that the server says the node's class came from, empty where it does not tell.
// Folders that are still there are told apart by the scripts that they serve.
void look_for_lost_folder(const RunContext& context, const Server& server, const std::string& loaded,
                          CheckResult& result);

}  // namespace banana
