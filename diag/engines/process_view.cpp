#include "engines/process_view.hpp"

#include <charconv>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <system_error>

namespace banana {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kEnvironmentLimit = 1024 * 1024;
constexpr std::string_view kListening = "0A";  // TCP_LISTEN in /proc/net/tcp

// Inodes of the listening sockets per port, from a table in the format of proc(5) "/proc/net/tcp".
void read_listeners(const char* table, std::multimap<std::uint16_t, std::string>& inodes) {
    std::ifstream file(table);
    std::string line;
    std::getline(file, line);  // the heading
    while (std::getline(file, line)) {
        std::istringstream fields(line);
        std::string slot, local, remote, state, queues, timer, retransmits, user, timeout, inode;
        fields >> slot >> local >> remote >> state >> queues >> timer >> retransmits >> user >> timeout >> inode;
        const std::size_t colon = local.rfind(':');
        if (state != kListening || colon == std::string::npos) {
            continue;
        }
        std::uint16_t port = 0;
        const char* const end = local.data() + local.size();
        if (std::from_chars(local.data() + colon + 1, end, port, 16).ec == std::errc{}) {
            inodes.emplace(port, inode);
        }
    }
}

// Owner of the socket among the processes whose descriptors we may read.
std::optional<int> owner_of(const std::set<std::string>& sockets) {
    std::error_code ignored;
    for (fs::directory_iterator process("/proc", ignored), end; process != end; process.increment(ignored)) {
        const std::string name = process->path().filename().string();
        int id = 0;
        const auto [rest, error] = std::from_chars(name.data(), name.data() + name.size(), id);
        if (error != std::errc{} || rest != name.data() + name.size()) {
            continue;
        }
        std::error_code unreadable;
        for (fs::directory_iterator entry(process->path() / "fd", unreadable), last; !unreadable && entry != last;
             entry.increment(unreadable)) {
            std::error_code gone;
            if (sockets.contains(fs::read_symlink(entry->path(), gone).string())) {
                return id;
            }
        }
        if (ignored) {
            break;
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<int> listening_process(std::uint16_t port) {
    return listening_process(std::vector<std::uint16_t>{port});
}

std::optional<int> listening_process(const std::vector<std::uint16_t>& ports) {
    std::multimap<std::uint16_t, std::string> inodes;
    read_listeners("/proc/net/tcp", inodes);
    read_listeners("/proc/net/tcp6", inodes);
    for (const std::uint16_t port : ports) {
        std::set<std::string> sockets;
        const auto [first, last] = inodes.equal_range(port);
        for (auto entry = first; entry != last; ++entry) {
            sockets.insert("socket:[" + entry->second + "]");
        }
        if (sockets.empty()) {
            continue;
        }
        if (const std::optional<int> process = owner_of(sockets)) {
            return process;
        }
    }
    return std::nullopt;
}

std::optional<Environment> process_environment(int process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/environ", std::ios::binary);
    if (!file) {
        return std::nullopt;
    }
    std::map<std::string, std::string> values;
    std::string entry;
    std::size_t total = 0;
    while (std::getline(file, entry, '\0')) {
        total += entry.size();
        if (total > kEnvironmentLimit) {
            break;
        }
        const std::size_t equals = entry.find('=');
        if (equals != std::string::npos && equals > 0) {
            values.emplace(entry.substr(0, equals), entry.substr(equals + 1));
        }
    }
    if (values.empty() && file.bad()) {
        return std::nullopt;
    }
    return Environment(std::move(values));
}

}  // namespace banana
