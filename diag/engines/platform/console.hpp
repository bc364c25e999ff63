// The terminal that this program is used from, a key at a time. Part of the platform layer: one interface, an
// implementation for POSIX and one for Windows.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace banana::platform {

// True where the program was started without a shell and its window closes with it: a double click (Windows).
bool started_by_double_click();

struct KeyPress {
    enum class Kind {
        character,
        none,  // nothing was pressed in time
        end,   // no more keys will come: Escape, an interrupt, a closed terminal
    };
    Kind kind = Kind::none;
    char character = 0;  // printable ASCII, in lower case, or Enter's line end
};

// Waits for a key of the terminal on standard input, without Enter and without showing it. Other keys than Enter
// and printable ones of ASCII are passed over.
KeyPress read_key(std::chrono::milliseconds patience);
// A line that is typed or pasted into the terminal on standard input, without its end. None where no line will come:
// its end, an interrupt. Of a longer line the rest is left out. `ask` puts the question, once the terminal shows typed
// characters or not; what was typed before is forgotten.
enum class Echo { shown, hidden };
std::optional<std::string> read_line(Echo echo, const std::function<void()>& ask);
// Those that were typed before there was anything to answer.
void forget_typed_keys();

}  // namespace banana::platform
