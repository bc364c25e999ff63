// The balance query as the web page would send it.
#pragma once

#include "run_context.hpp"

#include <boost/asio/awaitable.hpp>
#include <string>

namespace banana {

// Why the question is not put: the plugin would send its key where the button may not, or in the clear.
enum class Withheld { no, line_unknown, insecure_address };

struct PageQuestion {
    Withheld withheld = Withheld::no;
    std::string url;           // to be asked; may hold the given key
    std::string masked_url;    // for people: without it
    std::string service_line;  // of V3, asked for; empty: the plugin's default
    bool key_sent = false;
    bool key_withheld = false;  // asked for, but the way to ComfyUI is not safe
};

// refresh=1 with the parameters that the served script sends. Needs found.server and found.route. The given key goes
// along with --as-node only, only where the script sends one, and only to this machine.
boost::asio::awaitable<PageQuestion> page_question(RunContext& context);

// The host that the plugin will ask for it; empty when unknown.
std::string host_asked(const RunContext& context);

}  // namespace banana
