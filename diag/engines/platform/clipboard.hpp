// The clipboard of the user's desktop. Part of the platform layer: one interface, an implementation for POSIX and one
// for Windows.
#pragma once

#include "banana/context.hpp"
#include "platform_host.hpp"

#include <string_view>

namespace banana::platform {

enum class ClipboardOutcome {
    copied,
    offered,      // to the terminal, by OSC 52: whether it obeys cannot be seen
    unavailable,  // there is none, or it refused
};

// Puts UTF-8 text of a few kilobytes on the clipboard. POSIX: wl-copy under Wayland, xclip or xsel under X, pbcopy on a
// Mac, else the terminal behind `stream`. Waits two seconds at most.
ClipboardOutcome copy_to_clipboard(std::string_view utf8, const Environment& environment, Stream stream);

}  // namespace banana::platform
