// What the addresses of a public host name give away: a local program or a filter that answers name queries.
#pragma once

#include "banana/http.hpp"

#include <string_view>
#include <vector>

namespace banana {

enum class AddressKind {
    ordinary,
    made_up,   // of a range that proxy programs hand out for names (fake-ip)
    loopback,  // this machine itself
    nowhere,   // 0.0.0.0 or ::
    local,     // of a private network
};

// By the number alone; `ordinary` for what is no address.
AddressKind kind_of_address(std::string_view address);

// Of all addresses that were tried for the host: made_up where one is, another kind where all are of it. A name that is
// not for the public (an address, localhost, one without a dot, under .local, .lan …) is always ordinary.
AddressKind kind_of_addresses(std::string_view host, const std::vector<AddressAttempt>& attempts);

// "made-up", "loopback" …; empty for an ordinary one.
std::string_view name_of(AddressKind kind);

}  // namespace banana
