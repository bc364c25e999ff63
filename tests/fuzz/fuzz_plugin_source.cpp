// The plugin's source is read, never run: any bytes must give landmarks that lie within it.
#include "plugin_source.hpp"
#include "python_statements.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto lines = 1 + static_cast<std::ptrdiff_t>(
                               std::count_if(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }));
    const std::array<banana::SourceFile, 2> files{
        {{"Gemini_Imagen_Generator.py", text}, {"web/extensions/token-balance.js", text}}};
    const banana::PluginSource source = banana::scan_plugin_source(files);
    for (const auto& [name, where] : source.landmarks) {
        if (where.line < 1 || where.line > lines || where.text.size() > 210) {
            std::abort();
        }
    }
    banana::pyproject_version(text);
    return 0;
}
