// Any text of a ~/.netrc gives no entry, or one on a line that is there.
#include "netrc.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto entry = banana::netrc_entry_in(text, "api.example.net");
    if (!entry) {
        return 0;
    }
    const auto lines = std::count(text.begin(), text.end(), '\n') + 1;
    const bool named = text.find(entry->is_default ? "default" : "machine") != std::string_view::npos;
    if (entry->line < 1 || entry->line > lines || !named || (!entry->is_default && entry->machine.empty())) {
        std::abort();
    }
    return 0;
}
