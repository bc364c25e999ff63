// Any bytes give a reading with bounded names.
#include "engines/script_reader.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const banana::ScriptReading reading =
        banana::read_balance_script(std::string_view(reinterpret_cast<const char*>(data), size));
    if (reading.parameters.size() > 64 ||
        (reading.called_path.empty() && !reading.parameters.empty() && reading.line == 0)) {
        std::abort();
    }
    for (const std::string& name : reading.parameters) {
        if (name.empty() || name.size() > 64) {
            std::abort();
        }
    }
    return 0;
}
