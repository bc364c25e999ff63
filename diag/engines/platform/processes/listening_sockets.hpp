// The TCP sockets that listen in this network namespace, as Linux tells them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace banana {

struct ListeningSocket {
    std::uint16_t port = 0;
    std::uint64_t inode = 0;         // as "socket:[inode]" names it among a process's descriptors
    std::vector<std::string> hosts;  // numeric addresses to reach it at from here, IPv6 without brackets
};

// Asked of the kernel by sock_diag(7), which tells listeners alone; from /proc/net where that is not to be had: its
// tables hold every connection of the machine and are walked anew for each piece that is read. Empty on a system that
// has neither.
std::vector<ListeningSocket> listening_sockets();

// The second way, for a test that compares the two.
std::vector<ListeningSocket> listening_sockets_of_tables();

}  // namespace banana
