// The plugin as it lies on disk, one made-up source tree for each version family: the landmarks, names and
// version marks of contract.md, none of the real plugin's text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace banana::world {

enum class PluginKind {
    v1_report,  // November 2025: the source document's own; knows one sample key, ignores request keys
    v1_late,    // reads a key from the request, knows every spelling of the sample
    v2,
    v3,
    fork,  // same node class, no balance query
};

struct PluginFile {
    std::string path;  // relative to the plugin's folder, with "/"
    std::string text;
};

// Everything but config.ini. V3's binaries are for the platform this program runs on.
std::vector<PluginFile> plugin_files(PluginKind kind);

// The start of a native library for this platform (ELF, PE or Mach-O), enough to be recognised.
std::string native_library_stub();
// ".so", ".pyd" or ".darwin.so".
std::string_view native_library_suffix();

// The file that defines the node class, relative to the plugin's folder.
std::string node_file_name(PluginKind kind);

// The modules of the plugin's own that the node file imports.
std::vector<std::string> required_modules(PluginKind kind);

// The V2 option `api_base_url_enc`: base64 of the URL's bytes XOR 7.
std::string encode_base_url(std::string_view url);

}  // namespace banana::world
