// What a start-up log says of the plugin: the last start in it, the loader's lines, failures, a fatal end.
#pragma once

#include "log_failures.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace banana {

struct FatalEnd {
    LogLine line;  // the exception
    FatalKind kind = FatalKind::other;
    bool certain = true;  // nothing follows it, and it came through ComfyUI's main file: nobody caught it
};

// ComfyUI answered a page of another host name than the one it was asked by with 403.
struct RefusedOrigin {
    LogLine line;
    std::string host, origin;  // as the log names them
};

struct LogScan {
    bool start_seen = false;                      // the beginning of the last start is within the text
    bool server_ready = false;                    // the last start came as far as listening
    int loader_titles = 0;                        // how often the plugin's loader began
    std::optional<bool> node_file_loaded;         // the file that defines the node and the route
    std::optional<LoadError> load_error;          // only where the node's file did not load after all
    std::optional<LogLine> route_taken;           // V3: the route was there already and was not registered again
    std::optional<FatalEnd> fatal;                // the text ends in it
    std::optional<LogLine> config_error;          // the plugin could not read config.ini
    std::string failure_summary;                  // last summary of a failed balance query
    std::string python;                           // the interpreter, where the log names it
    std::string comfyui_dir;                      // that started, where the log names it
    std::optional<RefusedOrigin> refused_origin;  // the last one
    bool numpy_1_module = false;                  // a module was compiled using NumPy 1.x and meets NumPy 2
    bool custom_nodes_skipped = false;            // --disable-all-custom-nodes
    std::vector<LogLine> notes;                   // the plugin's own loader lines, failures of optional parts included
};

// `text`: as decode_log gives it. `folder`: the plugin's folder name, empty when not known. `complete`: the
// text begins where the log does, so that lines can be numbered.
LogScan scan_log(std::string_view text, std::string_view folder, bool complete);

// What ComfyUI prints while it sets itself up: each beginning of a start has one of them.
std::span<const std::string_view> start_marks();

// The address that the last start in the text gave for ComfyUI's page; empty where none did.
std::string address_of_page(std::string_view text);

// One-based numbers of the lines that contain `value`, at most 20.
std::vector<int> lines_containing(std::string_view text, std::string_view value);

}  // namespace banana
