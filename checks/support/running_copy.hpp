// Which of several copies of the plugin the running ComfyUI has loaded: not always the one that it would load now.
#pragma once

#include "run_context.hpp"

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

namespace banana {

// Of these folder names the one whose page script the server serves, else the one whose node it has loaded. Empty
// where the server names none of them, or several.
boost::asio::awaitable<std::string> running_copy(RunContext& context, std::string base_url,
                                                 std::vector<std::string> folders);

}  // namespace banana
