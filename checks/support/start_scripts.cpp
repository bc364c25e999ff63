#include "start_scripts.hpp"

#include "banana/ascii.hpp"
#include "banana/bounds.hpp"
#include "bounded_file.hpp"
#include "comfyui_places.hpp"
#include "line_range.hpp"
#include "platform.hpp"
#include "text.hpp"

#include <algorithm>

namespace banana {
namespace {

namespace fs = std::filesystem;

constexpr bool kBatch = platform::kShell == Shell::windows;

bool is_proxy_name(std::string_view name) {
    const std::string lower = to_lower_ascii(name);
    return lower == "https_proxy" || lower == "all_proxy";
}

bool is_whole(std::string_view value) {
    return !value.empty() && value.find_first_of("%!$`") == std::string_view::npos;
}

// The name that ends at `equals`; empty where none does.
std::string_view name_before(std::string_view line, std::size_t equals) {
    std::size_t begin = equals;
    while (begin > 0 && (is_alphanumeric(line[begin - 1]) || line[begin - 1] == '_')) {
        --begin;
    }
    return line.substr(begin, equals - begin);
}

// Up to what ends a value: the quote around the assignment or the value, else a separator of the shell's. cmd.exe takes
// a blank for a part of the value.
std::string_view value_at(std::string_view line, std::size_t begin, char quote, bool is_batch) {
    if (quote == '\0' && begin < line.size() && !is_batch && (line[begin] == '"' || line[begin] == '\'')) {
        quote = line[begin++];
    }
    const std::string_view rest = line.substr(begin);
    const std::string_view ends = is_batch ? "&|)" : " \t;&|)";
    const std::size_t end = quote != '\0' ? rest.find(quote) : rest.find_first_of(ends);
    return rest.substr(0, end);
}

// cmd.exe assigns by `set` alone; a shell's assignment may stand anywhere.
bool is_assignment(std::string_view before, bool is_batch) {
    const std::string_view blanks = " \t\"";
    const std::size_t end = before.find_last_not_of(blanks);
    before = before.substr(0, end == std::string_view::npos ? 0 : end + 1);
    return !is_batch || (before.size() >= 3 && equal_ignoring_case(before.substr(before.size() - 3), "set"));
}

bool is_comment(std::string_view line, bool is_batch) {
    return is_batch ? line.starts_with("::") || starts_with_ignoring_case(line, "rem ") ||
                          starts_with_ignoring_case(line, "@rem ")
                    : line.starts_with('#');
}

void read_line(std::string_view line, bool is_batch, std::vector<ScriptProxy>& found) {
    for (std::size_t at = line.find('='); at != std::string_view::npos; at = line.find('=', at + 1)) {
        const std::string_view name = name_before(line, at);
        const std::string_view before = line.substr(0, at - name.size());
        if (!is_proxy_name(name) || !is_assignment(before, is_batch)) {
            continue;
        }
        const char quote = before.ends_with('"') ? '"' : '\0';
        const std::string_view value = value_at(line, at + 1, quote, is_batch);
        if (is_whole(value)) {
            found.push_back({{}, std::string(name), std::string(value)});
        }
    }
}

// Whether the text holds the name as a whole part of a path.
bool names_folder(std::string_view text, std::string_view name) {
    const auto goes_on = [&](std::size_t at) {
        return at < text.size() && (is_alphanumeric(text[at]) || text[at] == '_' || text[at] == '-' ||
                                    text[at] == '.' || static_cast<unsigned char>(text[at]) >= 0x80);
    };
    for (std::size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
        if ((at == 0 || !goes_on(at - 1)) && !goes_on(at + name.size())) {
            return true;
        }
    }
    return false;
}

bool is_script(const fs::path& file) {
    const std::string ending = to_lower_ascii(path_text(file.extension()));
    return kBatch ? ending == ".bat" || ending == ".cmd" : ending == ".sh";
}

// By name.
std::vector<fs::path> scripts_in(const fs::path& folder) {
    std::vector<fs::path> files = list_folder(folder, bounds::kStartFolderEntries);
    std::erase_if(files, [](const fs::path& file) { return !is_script(file); });
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace

std::vector<ScriptProxy> proxies_in_script(std::string_view text, bool is_batch) {
    std::vector<ScriptProxy> found;
    for (std::string_view line : LineRange(text)) {
        line = line.substr(0, line.find('\r'));
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
        if (!is_comment(line, is_batch)) {
            read_line(line, is_batch, found);
        }
    }
    return found;
}

std::optional<ScriptProxy> proxy_of_start_scripts(const fs::path& comfyui_dir) {
    const std::string name = path_text(comfyui_dir.filename());
    if (name.empty()) {
        return std::nullopt;
    }
    for (const fs::path& folder : {comfyui_dir, comfyui_dir.parent_path()}) {
        for (const fs::path& file : scripts_in(folder)) {
            const std::string script = read_bounded(file, bounds::kStartScriptBytes).bytes;
            const bool is_of_it = folder == comfyui_dir || names_folder(script, name);
            if (!is_of_it || script.find("main.py") == std::string::npos) {
                continue;
            }
            for (ScriptProxy& proxy : proxies_in_script(script, kBatch)) {
                proxy.script = file;
                return std::move(proxy);
            }
        }
    }
    return std::nullopt;
}

}  // namespace banana
