#include "address_kind.hpp"

#include "text.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

namespace banana {
namespace {

namespace ip = boost::asio::ip;

struct Range {
    const char* network;
    AddressKind kind;
};

// 198.18.0.0/15 is what Clash, sing-box, Surge and others take, 240.0.0.0/4 what older Xray does: neither is routed on
// the Internet. RFC 1918, 3927 and 6598 for the rest.
constexpr std::array kRanges{
    Range{"198.18.0.0/15", AddressKind::made_up}, Range{"240.0.0.0/4", AddressKind::made_up},
    Range{"127.0.0.0/8", AddressKind::loopback},  Range{"0.0.0.0/8", AddressKind::nowhere},
    Range{"10.0.0.0/8", AddressKind::local},      Range{"172.16.0.0/12", AddressKind::local},
    Range{"192.168.0.0/16", AddressKind::local},  Range{"169.254.0.0/16", AddressKind::local},
    Range{"100.64.0.0/10", AddressKind::local},
};

// fc00::/18 is sing-box's and Xray's, fdfe:dcba:9876::/48 mihomo's.
constexpr std::array kRanges6{
    Range{"fc00::/18", AddressKind::made_up}, Range{"fdfe:dcba:9876::/48", AddressKind::made_up},
    Range{"::1/128", AddressKind::loopback},  Range{"::/128", AddressKind::nowhere},
    Range{"fc00::/7", AddressKind::local},    Range{"fe80::/10", AddressKind::local},
};

AddressKind kind_of_v4(const ip::address_v4& address) {
    for (const Range& range : kRanges) {
        const ip::network_v4 network = ip::make_network_v4(range.network);
        if (ip::network_v4(address, network.prefix_length()).canonical() == network.canonical()) {
            return range.kind;
        }
    }
    return AddressKind::ordinary;
}

AddressKind kind_of_v6(const ip::address_v6& address) {
    if (address.is_v4_mapped()) {
        return kind_of_v4(ip::make_address_v4(ip::v4_mapped, address));
    }
    // The zone of a link-local address belongs to no network.
    const ip::address_v6 plain(address.to_bytes());
    for (const Range& range : kRanges6) {
        const ip::network_v6 network = ip::make_network_v6(range.network);
        if (ip::network_v6(plain, network.prefix_length()).canonical() == network.canonical()) {
            return range.kind;
        }
    }
    return AddressKind::ordinary;
}

bool is_public_name(std::string_view host) {
    static constexpr std::array<std::string_view, 10> kPrivateEnds{".local",       ".lan",  ".internal", ".localhost",
                                                                   ".localdomain", ".home", ".corp",     ".intranet",
                                                                   ".private",     ".arpa"};
    const std::string lower = to_lower_ascii(host.substr(0, host.find_last_not_of('.') + 1));
    boost::system::error_code not_numeric;
    ip::make_address(lower, not_numeric);
    return not_numeric && lower.find('.') != std::string::npos &&
           std::none_of(kPrivateEnds.begin(), kPrivateEnds.end(),
                        [&](std::string_view end) { return lower.ends_with(end); });
}

}  // namespace

AddressKind kind_of_address(std::string_view text) {
    boost::system::error_code error;
    const ip::address address = ip::make_address(std::string(text), error);
    if (error) {
        return AddressKind::ordinary;
    }
    return address.is_v4() ? kind_of_v4(address.to_v4()) : kind_of_v6(address.to_v6());
}

AddressKind kind_of_addresses(std::string_view host, const std::vector<AddressAttempt>& attempts) {
    if (attempts.empty() || !is_public_name(host)) {
        return AddressKind::ordinary;
    }
    const AddressKind first = kind_of_address(attempts.front().address);
    bool all_alike = true;
    for (const AddressAttempt& attempt : attempts) {
        const AddressKind kind = kind_of_address(attempt.address);
        if (kind == AddressKind::made_up) {
            return kind;
        }
        all_alike = all_alike && kind == first;
    }
    return all_alike ? first : AddressKind::ordinary;
}

std::string_view name_of(AddressKind kind) {
    switch (kind) {
        case AddressKind::ordinary: return {};
        case AddressKind::made_up: return "made-up";
        case AddressKind::loopback: return "loopback";
        case AddressKind::nowhere: return "nowhere";
        case AddressKind::local: return "private";
    }
    return {};
}

}  // namespace banana
