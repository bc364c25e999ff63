#include "running_copy.hpp"

#include "banana/percent_encoding.hpp"
#include "comfyui_api.hpp"
#include "node_facts.hpp"
#include "web_url.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <set>

namespace banana {
namespace {

bool is_among(const std::vector<std::string>& folders, std::string_view name) {
    return std::find(folders.begin(), folders.end(), name) != folders.end();
}

// The folders that a balance script is listed below; `/extensions/<folder>/…`.
std::set<std::string> serving_folders(const std::vector<std::string>& extensions,
                                      const std::vector<std::string>& folders) {
    constexpr std::string_view kStart = "/extensions/";
    std::set<std::string> serving;
    for (const std::string& listed : extensions) {
        const std::string path = percent_decode(listed);
        if (!path.starts_with(kStart) || !path.ends_with("/token-balance.js")) {
            continue;
        }
        const std::string folder = path.substr(kStart.size(), path.find('/', kStart.size()) - kStart.size());
        if (is_among(folders, folder)) {
            serving.insert(folder);
        }
    }
    return serving;
}

}  // namespace

boost::asio::awaitable<std::string> running_copy(RunContext& context, std::string base_url,
                                                 std::vector<std::string> folders) {
    const std::optional<std::vector<std::string>> extensions = co_await web_extensions(context, base_url);
    const std::set<std::string> serving = extensions ? serving_folders(*extensions, folders) : std::set<std::string>();
    if (serving.size() == 1) {
        co_return *serving.begin();
    }
    if (serving.size() > 1) {
        co_return std::string();  // the class is that of the copy loaded last, the route that of the first
    }
    NodeLookup lookup = co_await look_up_node(context, std::move(base_url));
    const bool is_one = lookup.node && is_among(folders, lookup.node->folder);
    co_return is_one ? std::move(lookup.node->folder) : std::string();
}

}  // namespace banana
