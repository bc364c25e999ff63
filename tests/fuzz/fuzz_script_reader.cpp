// Any bytes give a reading with bounded names.
#include "script_reader.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view script(reinterpret_cast<const char*>(data), size);
    const banana::ScriptReading reading = banana::read_balance_script(script);
    // A script that names the route may ask it.
    if (!reading.called_path.empty() && banana::judge_script_content(script) == banana::ScriptContent::no_query) {
        std::abort();
    }
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
