// Start-up logs are whatever a console wrote: any bytes must be read without fault, within bounds.
#include "log_scanner.hpp"
#include "log_text.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    const std::string text = banana::decode_log(bytes);
    const banana::LogScan scan = banana::scan_log(text, "comfyui-banana-gemini", size % 2 == 0);
    const bool bounded = scan.notes.size() <= 40 && scan.failure_summary.size() <= 500;
    const bool consistent = !(scan.load_error && scan.node_file_loaded.value_or(false));
    if (!bounded || !consistent || text.size() > bytes.size() * 3 + 3) {
        std::abort();
    }
    return 0;
}
