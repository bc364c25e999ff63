#ifndef _WIN32

#include "process_view.hpp"

#include "banana/ascii.hpp"
#include "banana/bounds.hpp"
#include "listening_sockets.hpp"
#include "text.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <system_error>

namespace banana {
namespace {

namespace fs = std::filesystem;

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

// What of a command line tells whose it is; its program comes first.
constexpr std::size_t kCommandLineStart = 4096;

// The beginning of a file of /proc, read at once; empty where it cannot be.
std::string file_start(const std::string& path) {
    std::array<char, kCommandLineStart> buffer;
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const ssize_t count = file >= 0 ? ::read(file, buffer.data(), buffer.size()) : 0;
    if (file >= 0) {
        ::close(file);
    }
    return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
}

// Python, which runs ComfyUI, or a program or argument with ComfyUI's name or its main file's.
bool may_be_comfyui(int process) {
    const std::string line = to_lower_ascii(file_start(proc_file(process, "cmdline")));
    if (line.empty()) {
        return false;  // gone, or a thread of the kernel's
    }
    const std::string_view program = std::string_view(line).substr(0, line.find('\0'));
    return program.substr(program.rfind('/') + 1).starts_with("py") || line.find("comfy") != std::string::npos ||
           line.find("main.py") != std::string::npos;
}

// The processes of /proc, one after the other.
class ProcessFolder {
public:
    ProcessFolder() : folder_(::opendir("/proc")) {}
    ProcessFolder(const ProcessFolder&) = delete;
    ProcessFolder& operator=(const ProcessFolder&) = delete;
    ~ProcessFolder() { close(); }

    std::optional<int> next() {
        while (const dirent* entry = folder_ != nullptr ? ::readdir(folder_) : nullptr) {
            const std::string_view name(entry->d_name);
            int id = 0;
            const auto [rest, error] = std::from_chars(name.data(), name.data() + name.size(), id);
            if (error == std::errc{} && rest == name.data() + name.size()) {
                return id;
            }
        }
        close();
        return std::nullopt;
    }

private:
    void close() {
        if (folder_ != nullptr) {
            ::closedir(folder_);
            folder_ = nullptr;
        }
    }

    DIR* folder_;
};

// The processes in the order in which ComfyUI is likely to be met soon: the latest first; in a container, whose first
// processes are no threads of the kernel's, the latest and the first in turn, for it was started before what fills the
// container. Among many, the system's order, which needs no whole list.
class LikelyOrder {
public:
    std::optional<int> next() {
        if (!is_begun_) {
            begin();
        }
        if (first_ == ids_.size()) {
            return processes_.next();
        }
        is_last_turn_ = is_whole_ && (begins_with_kernel_ || !is_last_turn_);
        if (is_last_turn_) {
            const int last = ids_.back();
            ids_.pop_back();
            return last;
        }
        return ids_[first_++];
    }

private:
    void begin() {
        constexpr std::size_t kFew = 512;  // as many as one system call lists
        is_begun_ = true;
        while (ids_.size() <= kFew && !is_whole_) {
            const std::optional<int> process = processes_.next();
            is_whole_ = !process;
            if (process) {
                ids_.push_back(*process);
            }
        }
        constexpr int kFirstKernelThread = 2;  // proc(5): a thread of the kernel's has no command line
        begins_with_kernel_ = std::find(ids_.begin(), ids_.end(), kFirstKernelThread) != ids_.end() &&
                              file_start(proc_file(kFirstKernelThread, "cmdline")).empty();
    }

    ProcessFolder processes_;
    std::vector<int> ids_;
    std::size_t first_ = 0;
    bool is_begun_ = false;
    bool is_whole_ = false;  // `ids_` are all there are
    bool begins_with_kernel_ = false;
    bool is_last_turn_ = false;
};

// proc(5), stat: what stands behind the name in brackets, which may hold anything; from the state on.
std::string fields_behind_name(int process) {
    const std::string stat = file_start(proc_file(process, "stat"));
    const std::size_t name_end = stat.rfind(") ");
    return name_end == std::string::npos ? std::string() : stat.substr(name_end + 2);
}

// 0 where it cannot be told.
int parent_of(int process) {
    const std::string fields = fields_behind_name(process);
    constexpr std::size_t kParent = 2;  // behind the state and a blank
    int parent = 0;
    if (fields.size() > kParent) {
        std::from_chars(fields.data() + kParent, fields.data() + fields.size(), parent);
    }
    return parent;
}

// The inodes of the sockets that the process holds; none where its descriptors may not be read.
std::vector<std::uint64_t> sockets_of(int process) {
    constexpr std::string_view kSocket = "socket:[";
    std::vector<std::uint64_t> inodes;
    DIR* const folder = ::opendir(proc_file(process, "fd").c_str());
    if (folder == nullptr) {
        return inodes;
    }
    while (const dirent* entry = ::readdir(folder)) {
        std::array<char, 64> target{};
        const ssize_t size = ::readlinkat(::dirfd(folder), entry->d_name, target.data(), target.size());
        const std::string_view text(target.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
        std::uint64_t inode = 0;
        if (text.starts_with(kSocket) &&
            std::from_chars(text.data() + kSocket.size(), text.data() + text.size(), inode).ec == std::errc{}) {
            inodes.push_back(inode);
        }
    }
    ::closedir(folder);
    return inodes;
}

}  // namespace

struct ListenerLook::State {
    std::vector<ListeningSocket> sockets = listening_sockets();
    std::map<std::uint64_t, std::uint16_t> ports;
    std::map<std::uint16_t, int> owners;
    LikelyOrder processes;
    std::optional<std::vector<Listener>> listeners;

    State() {
        for (const ListeningSocket& socket : sockets) {
            ports.emplace(socket.inode, socket.port);
        }
    }

    // Whose socket it is: a process that it has started may hold it, too.
    static int opener_of(std::uint64_t inode, int process) {
        for (int parent = parent_of(process); parent > 0 && may_be_comfyui(parent); parent = parent_of(parent)) {
            const std::vector<std::uint64_t> held = sockets_of(parent);
            if (std::find(held.begin(), held.end(), inode) == held.end()) {
                break;
            }
            process = parent;
        }
        return process;
    }

    // False where there is no further process.
    bool look_at_next() {
        const std::optional<int> process = ports.empty() ? std::nullopt : processes.next();
        if (process && may_be_comfyui(*process)) {
            for (const std::uint64_t inode : sockets_of(*process)) {
                const auto found = ports.find(inode);
                if (found != ports.end() && !owners.contains(found->second)) {
                    owners.emplace(found->second, opener_of(inode, *process));
                }
            }
        }
        return process.has_value();
    }

    void list_all() {
        listeners.emplace();
        for (const auto& [port, process] : owners) {
            Listener listener{process, port, {}};
            for (const ListeningSocket& socket : sockets) {
                if (socket.port == port) {
                    listener.hosts.insert(listener.hosts.end(), socket.hosts.begin(), socket.hosts.end());
                }
            }
            listeners->push_back(std::move(listener));
        }
    }
};

ListenerLook::ListenerLook() : state_(std::make_unique<State>()) {}
ListenerLook::~ListenerLook() = default;
ListenerLook::ListenerLook(ListenerLook&&) noexcept = default;
ListenerLook& ListenerLook::operator=(ListenerLook&&) noexcept = default;

std::optional<int> ListenerLook::process_at(std::uint16_t port) {
    const auto& sockets = state_->sockets;
    const bool is_open =
        std::any_of(sockets.begin(), sockets.end(), [&](const ListeningSocket& socket) { return socket.port == port; });
    if (!is_open) {
        return std::nullopt;
    }
    auto owner = state_->owners.find(port);
    while (owner == state_->owners.end() && state_->look_at_next()) {
        owner = state_->owners.find(port);
    }
    return owner == state_->owners.end() ? std::nullopt : std::optional(owner->second);
}

const std::vector<Listener>& ListenerLook::all() {
    while (state_->look_at_next()) {
    }
    if (!state_->listeners) {
        state_->list_all();
    }
    return *state_->listeners;
}

std::vector<int> all_processes() {
    std::vector<int> ids;
    ProcessFolder processes;
    while (const std::optional<int> process = processes.next()) {
        ids.push_back(*process);
    }
    return ids;
}

std::vector<std::string> command_line(int process) {
    return zero_ended_strings(proc_file(process, "cmdline")).value_or(std::vector<std::string>{});
}

fs::path working_directory(int process) {
    std::error_code error;
    fs::path directory = fs::read_symlink(proc_file(process, "cwd"), error);
    return error ? fs::path() : directory;
}

fs::path root_folder(int process) {
    const fs::path root = proc_file(process, "root");
    std::error_code error;
    const fs::directory_iterator entries(root, error);
    return error ? fs::path() : root;
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
    constexpr int kFieldsBetween = 19;       // the state, then 18 others
    std::ifstream uptime_file("/proc/uptime");
    double uptime = 0;
    if (!(uptime_file >> uptime)) {
        return std::nullopt;
    }
    std::istringstream fields(fields_behind_name(process));
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

#endif
