// The exception by which the balance route's code ended, as ComfyUI's log has it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace banana {

struct HandlerCrash {
    std::string file;       // the plugin's, as the traceback names it, from the plugin's folder on
    int line = 0;           // in that file: the last of the plugin's own
    std::string exception;  // Python's text; sanitized and bounded, may still hold a secret: scrub before showing
};

// The last request of which aiohttp says that its handler failed; none where no line of the traceback is the plugin's,
// which `folder` is the name of: another route failed then.
std::optional<HandlerCrash> last_handler_crash(std::string_view log, std::string_view folder);

}  // namespace banana
