// What Linux shows of a process of the same user: whose environment counts is ComfyUI's, not our shell's.
#pragma once

#include "banana/context.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace banana {

// The environment that the process was started with (/proc/PID/environ). None where it cannot be read.
std::optional<Environment> process_environment(int process);

// When the process was started. None where it cannot be seen.
std::optional<std::chrono::system_clock::time_point> process_start(int process);

struct Listener {
    int process = 0;
    std::uint16_t port = 0;
    std::vector<std::string> hosts;  // numeric addresses to reach it at from here, IPv6 without brackets
};

// One look at the machine's TCP listeners. Which process listens on a port is found out no further than is asked for:
// on Linux that takes a look at one process after the other.
// Not seen: those of processes whose name and command line cannot be ComfyUI's, another user's, another container's,
// and those of a system without /proc (macOS).
class ListenerLook {
public:
    ListenerLook();
    ~ListenerLook();
    ListenerLook(ListenerLook&&) noexcept;
    ListenerLook& operator=(ListenerLook&&) noexcept;

    // Who listens on the port.
    std::optional<int> process_at(std::uint16_t port);

    // Each port once, by port.
    const std::vector<Listener>& all();

private:
    struct State;
    std::unique_ptr<State> state_;
};

// Every process that this account can see.
std::vector<int> all_processes();

// What the process was started with (/proc/PID/cmdline) and its working directory; empty where it cannot be read.
std::vector<std::string> command_line(int process);
std::filesystem::path working_directory(int process);

// A path at which this program sees the root folder of the process: another than ours where it runs in a container or
// behind chroot. Empty where that cannot be seen.
std::filesystem::path root_folder(int process);

// The program's own file, links resolved; empty where it cannot be read.
std::filesystem::path executable(int process);

}  // namespace banana
