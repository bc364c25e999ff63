// The plugin as it lies on disk, one made-up source tree for each version family (tests/fixtures/families): the
// landmarks, names and version marks of contract.md, none of the real plugin's text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace banana::world {

enum class PluginKind {
    v1_report,  // November 2025: the source document's own; knows one sample key, ignores request keys
    v1_late,    // reads a key from the request, knows every spelling of the sample
    v2,
    v3,                 // December 2025: three lines, the first of them the default
    v3_2026,            // 0.2.10: the new line is the default, the version is computed
    v3_class,           // 0.3.4: its node class is BananaImageNodeV3 alone
    white_label,        // 0.1.3 under another name: its loader's lines differ
    fork,               // same node class, no balance query
    fork_with_address,  // the same, with its operator's address in config.ini
    fork_with_route,    // the same, and a balance query of its own
};

// Of another operator, whose address stands in config.ini in plain text.
constexpr bool is_fork(PluginKind kind) {
    return kind == PluginKind::fork || kind == PluginKind::fork_with_address || kind == PluginKind::fork_with_route;
}

// One of the compiled families.
constexpr bool is_v3(PluginKind kind) {
    return kind == PluginKind::v3 || kind == PluginKind::v3_2026 || kind == PluginKind::v3_class ||
           kind == PluginKind::white_label;
}

// The labels of the node's line box; empty for families without one.
std::vector<std::string> line_labels(PluginKind kind);
// What that box shows first.
std::string default_line(PluginKind kind);
// Its name in ComfyUI's menus.
std::string_view node_display_name(PluginKind kind);
// The first line of its loader in ComfyUI's log.
std::string_view loader_header(PluginKind kind);
// The class that the family's node file defines.
std::string_view node_class_name(PluginKind kind);

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
