// The files that start ComfyUI, and the proxy and trust that they give it. Read only while its process cannot be seen:
// what a running program was started with outranks what a file would start it with.
#pragma once

#include "banana/context.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace banana {

struct StartScript {
    std::filesystem::path file;
    // `…_proxy`, REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE as they stand when main.py is called; none: taken out.
    VariableChanges variables;
};

// What a script sets before it calls main.py: `set NAME=value` of a batch file (the blank before `&&` belongs to the
// value, as cmd.exe has it), `export NAME=value` and `NAME=value python main.py` of a shell's. None where it calls no
// main.py, or where a value is only known when it runs.
std::optional<VariableChanges> variables_of_script(std::string_view text, bool is_batch);

// The .bat, .cmd and .sh files in ComfyUI's folder, and those one folder above that name it, by name.
std::vector<StartScript> start_scripts(const std::filesystem::path& comfyui_dir);

// What all of them set alike; null where there is none, or where they differ.
const StartScript* agreed_script(const std::vector<StartScript>& scripts);

}  // namespace banana
