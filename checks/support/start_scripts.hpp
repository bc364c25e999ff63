// The files that start ComfyUI, and the proxies that they name. A file that was only found decides nothing: what it
// names is a way that can be tried, without a key, where there is no other.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banana {

struct ScriptProxy {
    std::filesystem::path script;
    std::string variable;  // as written: "HTTPS_PROXY", "https_proxy", "ALL_PROXY" …
    std::string url;       // may hold a password: not for showing
};

// What the script assigns to `https_proxy` or `all_proxy`, in whatever case, in its order: `set NAME=value` and
// `set "NAME=value"` of a batch file, `NAME=value` of a shell's. Only whole values: what `%…%`, `!…!`, `$…` or
// backquotes complete when the script runs, and empty ones, are left out.
std::vector<ScriptProxy> proxies_in_script(std::string_view text, bool is_batch);

// The first of the scripts of this system (.bat and .cmd, or .sh) that call main.py, by name: in ComfyUI's folder, then
// one folder above where they name that folder.
std::optional<ScriptProxy> proxy_of_start_scripts(const std::filesystem::path& comfyui_dir);

}  // namespace banana
