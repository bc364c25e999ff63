#ifndef _WIN32

#include "listening_sockets.hpp"

#include "line_range.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>

#ifdef __linux__
#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#endif

namespace banana {
namespace {

namespace ip = boost::asio::ip;

// Where to connect to for a listener at this address: loopback stands for every address of the machine.
std::vector<std::string> hosts_of(const ip::address_v4& address) {
    return {address.is_unspecified() ? "127.0.0.1" : address.to_string()};
}

std::vector<std::string> hosts_of(const ip::address_v6& address) {
    return address.is_unspecified() ? std::vector<std::string>{"127.0.0.1", "::1"}
                                    : std::vector<std::string>{address.to_string()};
}

class Opened {
public:
    explicit Opened(int number) : number_(number) {}
    ~Opened() {
        if (number_ >= 0) {
            ::close(number_);
        }
    }
    Opened(const Opened&) = delete;
    Opened& operator=(const Opened&) = delete;
    [[nodiscard]] int number() const { return number_; }
    [[nodiscard]] bool usable() const { return number_ >= 0; }

private:
    int number_;
};

#ifdef __linux__

constexpr std::uint32_t kListening = 1U << 10;  // TCP_LISTEN of the kernel's states

ListeningSocket socket_of(const inet_diag_msg& row) {
    ListeningSocket socket;
    socket.port = ntohs(row.id.idiag_sport);
    socket.inode = row.idiag_inode;
    if (row.idiag_family == AF_INET) {
        ip::address_v4::bytes_type bytes{};
        std::memcpy(bytes.data(), row.id.idiag_src, bytes.size());
        socket.hosts = hosts_of(ip::address_v4(bytes));
    } else {
        ip::address_v6::bytes_type bytes{};
        std::memcpy(bytes.data(), row.id.idiag_src, bytes.size());
        socket.hosts = hosts_of(ip::address_v6(bytes));
    }
    return socket;
}

// Reads a dump to its end. False where the kernel refuses it, as one without inet_diag does.
bool read_dump(int netlink, std::vector<ListeningSocket>& sockets) {
    alignas(nlmsghdr) std::array<char, 16 * 1024> buffer;
    for (;;) {
        const ssize_t size = ::recv(netlink, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (size <= 0) {
            return false;
        }
        auto left = static_cast<unsigned>(size);
        for (const auto* head = reinterpret_cast<const nlmsghdr*>(buffer.data()); NLMSG_OK(head, left);
             head = NLMSG_NEXT(head, left)) {
            if (head->nlmsg_type == NLMSG_DONE) {
                return true;
            }
            if (head->nlmsg_type != SOCK_DIAG_BY_FAMILY || head->nlmsg_len < NLMSG_LENGTH(sizeof(inet_diag_msg))) {
                return false;
            }
            sockets.push_back(socket_of(*static_cast<const inet_diag_msg*>(NLMSG_DATA(head))));
        }
    }
}

std::optional<std::vector<ListeningSocket>> ask_kernel() {
    const Opened netlink(::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
    if (!netlink.usable()) {
        return std::nullopt;
    }
    std::vector<ListeningSocket> sockets;
    for (const int family : {AF_INET, AF_INET6}) {
        struct {
            nlmsghdr head;
            inet_diag_req_v2 question;
        } request{};
        request.head.nlmsg_len = sizeof(request);
        request.head.nlmsg_type = SOCK_DIAG_BY_FAMILY;
        request.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
        request.question.sdiag_family = static_cast<std::uint8_t>(family);
        request.question.sdiag_protocol = IPPROTO_TCP;
        request.question.idiag_states = kListening;
        if (::send(netlink.number(), &request, sizeof(request), 0) != sizeof(request) ||
            !read_dump(netlink.number(), sockets)) {
            return std::nullopt;
        }
    }
    return sockets;
}

#else

std::optional<std::vector<ListeningSocket>> ask_kernel() {
    return std::nullopt;
}

#endif

// A table of proc(5) in as few pieces as possible.
std::string read_table(const char* path) {
    constexpr std::size_t kPiece = 1024 * 1024;
    constexpr std::size_t kLargest = 64 * kPiece;
    const Opened file(::open(path, O_RDONLY | O_CLOEXEC));
    std::string text;
    for (std::size_t size = 0; file.usable() && size < kLargest;) {
        text.resize(size + kPiece);
        const ssize_t count = ::read(file.number(), text.data() + size, kPiece);
        size += count > 0 ? static_cast<std::size_t>(count) : 0;
        text.resize(size);
        if (count <= 0) {
            break;
        }
    }
    return text;
}

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

std::vector<std::string> hosts_of(std::string_view text) {
    if (const auto v4 = address_of<ip::address_v4>(text)) {
        return hosts_of(*v4);
    }
    const auto v6 = address_of<ip::address_v6>(text);
    return v6 ? hosts_of(*v6) : std::vector<std::string>();
}

template <typename Number>
bool read_number(std::string_view text, int base, Number& number) {
    return std::from_chars(text.data(), text.data() + text.size(), number, base).ec == std::errc{};
}

// "slot: local remote state queues timer retransmits user timeout inode …", see proc(5) on /proc/net/tcp.
std::optional<ListeningSocket> socket_of(std::string_view row) {
    constexpr std::size_t kLocal = 1;
    constexpr std::size_t kState = 3;
    constexpr std::size_t kInode = 9;
    std::array<std::string_view, kInode + 1> fields;
    for (std::string_view& field : fields) {
        row.remove_prefix(std::min(row.find_first_not_of(' '), row.size()));
        field = row.substr(0, row.find(' '));
        row.remove_prefix(field.size());
    }
    const std::string_view local = fields[kLocal];
    const std::size_t colon = local.rfind(':');
    ListeningSocket socket;
    if (fields[kState] != "0A" || colon == std::string_view::npos ||
        !read_number(local.substr(colon + 1), 16, socket.port) || !read_number(fields[kInode], 10, socket.inode)) {
        return std::nullopt;
    }
    socket.hosts = hosts_of(local.substr(0, colon));
    return socket;
}

}  // namespace

std::vector<ListeningSocket> listening_sockets_of_tables() {
    std::vector<ListeningSocket> sockets;
    for (const char* path : {"/proc/net/tcp", "/proc/net/tcp6"}) {
        const std::string table = read_table(path);
        for (const std::string_view row : LineRange(table)) {
            if (std::optional<ListeningSocket> socket = socket_of(row)) {
                sockets.push_back(std::move(*socket));
            }
        }
    }
    return sockets;
}

std::vector<ListeningSocket> listening_sockets() {
    std::optional<std::vector<ListeningSocket>> listed = ask_kernel();
    return listed ? std::move(*listed) : listening_sockets_of_tables();
}

}  // namespace banana

#endif
