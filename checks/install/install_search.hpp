// Where ComfyUI and the plugin are: by the options, by what lies on this machine, by what the running server says.
#pragma once

#include "install_finder.hpp"
#include "run_context.hpp"

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

namespace banana {

// What the search came to.
struct Located {
    std::optional<ExaminedPlace> place;
    bool given = false;            // an option named it, rightly or wrongly
    bool remote = false;           // the URL names another machine
    std::string folder_elsewhere;  // the server's custom_nodes, which is not on this machine
    bool running_first = false;    // of several copies the first is the one that the running server has loaded
};

boost::asio::awaitable<Located> locate(RunContext& context);

// Whatever would be loaded first now: the copy that runs is the one whose config.ini counts.
// True where the server told which it is.
boost::asio::awaitable<bool> put_running_copy_first(RunContext& context, ExaminedPlace& place);

}  // namespace banana
