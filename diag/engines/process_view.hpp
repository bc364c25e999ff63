// What Linux shows of a process of the same user: whose environment counts is ComfyUI's, not our shell's.
#pragma once

#include "banana/context.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace banana {

// The process that listens on the TCP port, any address. None where it cannot be seen: another user's,
// another container's, or a system without /proc (Windows, macOS).
std::optional<int> listening_process(std::uint16_t port);

// The environment that the process was started with (/proc/PID/environ). None where it cannot be read.
std::optional<Environment> process_environment(int process);

// The first one listening on a port of `ports`, in that order.
std::optional<int> listening_process(const std::vector<std::uint16_t>& ports);

}  // namespace banana
