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

// What V3 logs when it finds its route taken.
constexpr std::string_view kRouteLeftToTheFirst = "检测到已有 /banana/token_usage GET 路由";

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

// Where the log says that the second of two copies left the route to the first, both have loaded their nodes: the class
// is then that of the second. Empty where the log does not say it, or the server does not name the class's folder.
boost::asio::awaitable<std::string> copy_behind_the_route(RunContext& context, std::string base_url,
                                                          std::vector<std::string> folders) {
    std::string server = base_url;
    const std::optional<std::string> log = co_await log_ring(context, std::move(server));
    const std::size_t said = log ? log->find(kRouteLeftToTheFirst) : std::string::npos;
    const bool said_once = said != std::string::npos && log->find(kRouteLeftToTheFirst, said + 1) == std::string::npos;
    if (folders.size() != 2 || !said_once) {
        co_return std::string();
    }
    const std::vector<std::string> loaded = co_await folders_of_loaded_classes(context, std::move(base_url));
    // Copies with classes of their own leave the order open.
    const std::string second = loaded.size() == 1 ? loaded.front() : std::string();
    co_return !is_among(folders, second) ? std::string() : second == folders.front() ? folders.back() : folders.front();
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
        std::string answering = co_await copy_behind_the_route(context, std::move(base_url), std::move(folders));
        co_return answering;
    }
    NodeLookup lookup = co_await look_up_node(context, std::move(base_url));
    const bool is_one = lookup.node && is_among(folders, lookup.node->folder);
    co_return is_one ? std::move(lookup.node->folder) : std::string();
}

}  // namespace banana
