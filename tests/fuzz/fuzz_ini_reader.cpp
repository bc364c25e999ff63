// Any bytes as config.ini: reading must end, stay within bounds, and give the options of the gemini section.
#include "ini_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const banana::IniFile file = banana::IniFile::parse(bytes);
    for (const char* option : {"api_key", "balance_cost_factor", "max_workers", "bypass_proxy"}) {
        const banana::IniValue value = file.get("gemini", option);
        require(!value.value || !value.error);
        require(!value.value || value.option != nullptr);
        require(value.option == nullptr || value.option->line > 0);
    }
    if (file.error() && file.error()->kind == banana::IniErrorKind::decode) {
        require(file.error()->bad_byte && *file.error()->bad_byte < size);
    }
    return 0;
}
