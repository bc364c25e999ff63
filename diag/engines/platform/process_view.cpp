#include "process_view.hpp"

#include "banana/bounds.hpp"

#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>
#include <charconv>
#include <chrono>
#include <cstring>
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

constexpr std::string_view kListening = "0A";  // TCP_LISTEN in /proc/net/tcp

struct ListeningSocket {
    std::string inode;
    std::vector<std::string> hosts;
};

// Each 32-bit word of the address stands there in hexadecimal, as this machine reads it from memory.
template <typename Address>
std::optional<Address> address_of(std::string_view text) {
    typename Address::bytes_type bytes{};
    if (text.size() != bytes.size() * 2) {
        return std::nullopt;
    }
    for (std::size_t at = 0; at < bytes.size(); at += 4) {
        std::uint32_t word = 0;
        const char* const start = text.data() + at * 2;
        if (std::from_chars(start, start + 8, word, 16).ptr != start + 8) {
            return std::nullopt;
        }
        std::memcpy(bytes.data() + at, &word, sizeof word);
    }
    return Address(bytes);
}

// Where to connect to for a listener at this address: loopback stands for every address of the machine.
std::vector<std::string> hosts_of(std::string_view text) {
    namespace ip = boost::asio::ip;
    if (const auto v4 = address_of<ip::address_v4>(text)) {
        return {v4->is_unspecified() ? "127.0.0.1" : v4->to_string()};
    }
    const auto v6 = address_of<ip::address_v6>(text);
    if (!v6) {
        return {};
    }
    return v6->is_unspecified() ? std::vector<std::string>{"127.0.0.1", "::1"}
                                : std::vector<std::string>{v6->to_string()};
}

using ListeningSockets = std::multimap<std::uint16_t, ListeningSocket>;

// The listening sockets per port, from a table in the format of proc(5) "/proc/net/tcp".
void read_listeners(const char* table, ListeningSockets& sockets) {
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
            sockets.emplace(port, ListeningSocket{inode, hosts_of(std::string_view(local).substr(0, colon))});
        }
    }
}

// Calls `visit(process, socket)` for each socket of the processes whose descriptors we may read, until it returns
// true.
template <typename Visit>
void visit_sockets(const Visit& visit) {
    for (const int id : all_processes()) {
        std::error_code unreadable;
        for (fs::directory_iterator entry("/proc/" + std::to_string(id) + "/fd", unreadable), last;
             !unreadable && entry != last; entry.increment(unreadable)) {
            std::error_code gone;
            const std::string target = fs::read_symlink(entry->path(), gone).string();
            if (target.starts_with("socket:[") && visit(id, target)) {
                return;
            }
        }
    }
}

ListeningSockets listening_sockets() {
    ListeningSockets sockets;
    read_listeners("/proc/net/tcp", sockets);
    read_listeners("/proc/net/tcp6", sockets);
    return sockets;
}

// The strings of a file in which each ends with a zero byte; bounded. None where it cannot be opened.
std::optional<std::vector<std::string>> zero_ended_strings(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return std::nullopt;
    }
    std::vector<std::string> strings;
    std::string entry;
    std::size_t total = 0;
    while (std::getline(file, entry, '\0')) {
        total += entry.size();
        if (total > bounds::kProcessStringsBytes) {
            break;
        }
        strings.push_back(entry);
    }
    if (strings.empty() && file.bad()) {
        return std::nullopt;
    }
    return strings;
}

std::string proc_file(int process, std::string_view name) {
    return "/proc/" + std::to_string(process) + "/" + std::string(name);
}

}  // namespace

std::vector<int> all_processes() {
    std::vector<int> ids;
    std::error_code ignored;
    for (fs::directory_iterator process("/proc", ignored), end; !ignored && process != end;
         process.increment(ignored)) {
        const std::string name = process->path().filename().string();
        int id = 0;
        const auto [rest, error] = std::from_chars(name.data(), name.data() + name.size(), id);
        if (error == std::errc{} && rest == name.data() + name.size()) {
            ids.push_back(id);
        }
    }
    return ids;
}

std::optional<int> listening_process(std::uint16_t port) {
    const ListeningSockets all = listening_sockets();
    std::set<std::string> sockets;
    const auto [first, last] = all.equal_range(port);
    for (auto entry = first; entry != last; ++entry) {
        sockets.insert("socket:[" + entry->second.inode + "]");
    }
    std::optional<int> owner;
    if (!sockets.empty()) {
        visit_sockets([&](int process, const std::string& socket) {
            if (!sockets.contains(socket)) {
                return false;
            }
            owner = process;
            return true;
        });
    }
    return owner;
}

std::vector<Listener> listening_processes() {
    const ListeningSockets sockets = listening_sockets();
    std::map<std::string, std::uint16_t> ports;
    for (const auto& [port, socket] : sockets) {
        ports.emplace("socket:[" + socket.inode + "]", port);
    }
    std::map<std::uint16_t, int> owners;
    visit_sockets([&](int process, const std::string& socket) {
        if (const auto found = ports.find(socket); found != ports.end()) {
            owners.emplace(found->second, process);
        }
        return false;
    });
    std::vector<Listener> listeners;
    for (const auto& [port, process] : owners) {
        Listener listener{process, port, {}};
        const auto [first, last] = sockets.equal_range(port);
        for (auto entry = first; entry != last; ++entry) {
            const std::vector<std::string>& hosts = entry->second.hosts;
            listener.hosts.insert(listener.hosts.end(), hosts.begin(), hosts.end());
        }
        listeners.push_back(std::move(listener));
    }
    return listeners;
}

std::vector<std::string> command_line(int process) {
    return zero_ended_strings(proc_file(process, "cmdline")).value_or(std::vector<std::string>{});
}

fs::path working_directory(int process) {
    std::error_code error;
    fs::path directory = fs::read_symlink(proc_file(process, "cwd"), error);
    return error ? fs::path() : directory;
}

fs::path executable(int process) {
    std::error_code error;
    fs::path file = fs::read_symlink(proc_file(process, "exe"), error);
    return error ? fs::path() : file;
}

std::optional<Environment> process_environment(int process) {
    const auto entries = zero_ended_strings(proc_file(process, "environ"));
    if (!entries) {
        return std::nullopt;
    }
    std::map<std::string, std::string> values;
    for (const std::string& entry : *entries) {
        const std::size_t equals = entry.find('=');
        if (equals != std::string::npos && equals > 0) {
            values.emplace(entry.substr(0, equals), entry.substr(equals + 1));
        }
    }
    return Environment(std::move(values));
}

std::optional<std::chrono::system_clock::time_point> process_start(int process) {
    using std::chrono::system_clock;
    constexpr double kTicksPerSecond = 100;  // what Linux counts in towards programs, on every processor of today
    constexpr int kFieldsBetween = 19;       // behind the name in brackets: the state, then 18 others
    std::ifstream uptime_file("/proc/uptime");
    double uptime = 0;
    std::ifstream stat_file(proc_file(process, "stat"));
    std::string stat;
    std::getline(stat_file, stat);
    const std::size_t name_end = stat.rfind(')');
    if (!(uptime_file >> uptime) || name_end == std::string::npos) {
        return std::nullopt;
    }
    std::istringstream fields(stat.substr(name_end + 1));
    std::string skipped;
    for (int field = 0; field < kFieldsBetween; ++field) {
        fields >> skipped;
    }
    double ticks = 0;
    const bool read = static_cast<bool>(fields >> ticks);
    const double age = uptime - ticks / kTicksPerSecond;
    // In a container the machine's uptime may be made up.
    if (!read || age < 0) {
        return std::nullopt;
    }
    return system_clock::now() - std::chrono::duration_cast<system_clock::duration>(std::chrono::duration<double>(age));
}

}  // namespace banana
