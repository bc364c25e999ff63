// The plugin's node as the running server describes it.
#pragma once

#include "run_context.hpp"

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <vector>

namespace banana {

// What the answering server shows of the examined plugin's node; null where it loads another folder, as far as is
// known.
const NodeFacts* node_of_examined_plugin(const RunContext& context);

struct NodeLookup {
    bool is_described = false;      // the server describes its classes
    std::optional<NodeFacts> node;  // none: no class of the plugin is loaded, or it does not tell
};

// Asks /object_info for the class that the page's script names, then for those that releases are known to have; the
// first that is loaded.
boost::asio::awaitable<NodeLookup> look_up_node(RunContext& context, std::string base_url);

// The folders below custom_nodes that the plugin's loaded classes came from, each once; of a class that several copies
// bring, that of the copy loaded last.
boost::asio::awaitable<std::vector<std::string>> folders_of_loaded_classes(RunContext& context, std::string base_url);

}  // namespace banana
